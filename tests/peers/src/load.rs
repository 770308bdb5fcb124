//! Many calls at once, to measure: sipp places one whenever another has ended.

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::{free_port, open_directory, write};
use crate::sipp::{CALLER, SDP, optional, receive, request, send, sipp};

/// Longest time that the calls of one measurement may take.
const PATIENCE: Duration = Duration::from_secs(180);

/// How calls went.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Those that were to be placed.
    pub placed: usize,
    /// Those that were answered and ended as they should.
    pub completed: usize,
    /// How long all of them took.
    pub took: Duration,
    /// From each caller's INVITE to the answer, in whole milliseconds, the shortest first.
    pub setup: Vec<Duration>,
    /// What sipp says of those that went wrong: the beginning.
    pub complaints: String,
}

/// Places `calls` calls to a number at the edge on `port`, `at_once` at the same time, each from a number of its own;
/// each ends as soon as it is answered. Blocks.
///
/// # Panics
/// When sipp is not installed, or the calls do not end.
#[must_use]
pub fn carry(calls: usize, at_once: usize, number: &str, port: u16) -> Carried {
    let dir = open_directory();
    let callers: String = (0..calls).map(|n| format!("+39333{n:07}\n")).collect();
    write(&dir.path().join("callers"), format!("SEQUENTIAL\n{callers}"));
    let mut command = sipp(&scenario(), free_port(), dir.path());
    command.args(["-s", number, "-m", &calls.to_string(), "-l", &at_once.to_string(), "-r", "5000"]);
    command.args(["-inf", "callers", "-trace_rtt", "-rtt_freq", "1", &format!("127.0.0.1:{port}")]);
    // What rings and what answers may overtake each other on their way.
    command.args(["-default_behaviors", "all,-abortunexp", "-recv_timeout", "30000"]);
    let screens = std::fs::File::create(dir.path().join("screens"));
    let screens = screens.unwrap_or_else(|e| panic!("{}: {e}", dir.path().display()));
    command.current_dir(dir.path()).stdin(Stdio::null()).stdout(screens).stderr(Stdio::null());
    let start = Instant::now();
    let complaints = || {
        let said = std::fs::read_to_string(dir.path().join("errors")).unwrap_or_default();
        // What comes for calls that are over, or in another order, is no complaint.
        let mut harmless = false;
        let said = said.lines().filter(|line| {
            // Each begins with its instant, perhaps behind the end of the one before.
            if line.trim_start_matches('\'').starts_with("20") {
                harmless = line.contains("Dead call") || line.contains("Continuing call");
            }
            !harmless
        });
        said.take(20).collect::<Vec<_>>().join("\n")
    };
    let mut child = command.spawn().unwrap_or_else(|e| panic!("sipp does not start: {e}"));
    while child.try_wait().is_ok_and(|ended| ended.is_none()) {
        if start.elapsed() > PATIENCE {
            let _gone = child.kill();
            let _collected = child.wait();
            panic!("calls do not end: {}", complaints());
        }
        sleep(Duration::from_millis(10));
    }
    let took = start.elapsed();
    let files = std::fs::read_dir(dir.path()).into_iter().flatten().flatten().map(|file| file.path());
    let times = files.filter(|path| path.to_string_lossy().ends_with("_rtt.csv"));
    let times: String = times.filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let milliseconds = |line: &str| line.split(';').nth(1)?.trim().parse().ok();
    let mut setup: Vec<Duration> = times.lines().filter_map(milliseconds).map(Duration::from_millis).collect();
    setup.sort_unstable();
    // The last of the screens that it wrote.
    let screens = std::fs::read_to_string(dir.path().join("screens")).unwrap_or_default();
    let completed = screens.lines().rfind(|line| line.contains("Successful call"));
    let completed = completed.and_then(|line| line.rsplit('|').next()?.trim().parse().ok()).unwrap_or(0);
    Carried { placed: calls, completed, took, setup, complaints: complaints() }
}

fn scenario() -> String {
    let of = |message: String| message.replace(CALLER, &CALLER.replace("+393331234567", "[field0]"));
    let invite = send(&of(request("INVITE", 1, false, SDP))).replacen("<send ", "<send start_rtd=\"1\" ", 1);
    let answered = receive(200, "rrs=\"true\" rtd=\"1\"");
    let ack = of(request("ACK", 1, true, ""));
    let bye = send(&of(request("BYE", 2, true, "")));
    format!(
        "{invite}{}{answered}<send><![CDATA[\n{ack}\n]]></send>{bye}{}",
        optional(&[100, 180, 182, 183]),
        receive(200, "")
    )
}
