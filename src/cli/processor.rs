//! Processor time of processes, as Linux accounts for it: what benches count.

/// Hundredths of a second: what Linux reports processor time in.
const TICKS: f64 = 100.0;

/// Seconds of processor, user and system, that a process (an id, or `self`) has used so far; 0 when there is none.
pub fn seconds(process: &str) -> f64 {
    sum(process, &[11, 12])
}

/// The same with all processes that it started and that ended.
pub fn seconds_with_children(process: &str) -> f64 {
    sum(process, &[11, 12, 13, 14])
}

/// Fields of `/proc/<process>/stat` after the name, which may itself have spaces and brackets.
fn sum(process: &str, fields: &[usize]) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let all: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.iter().filter_map(|&at| all.get(at)?.parse::<f64>().ok()).sum::<f64>() / TICKS
}
