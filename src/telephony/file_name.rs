//! What answering machines write into the names of their files: when a message was left, and by whom.
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;

use crate::kernel::time::Instant;

/// What a name says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    pub number: Option<String>,
    pub at: Option<Instant>,
}

/// A local time as forms send it.
pub fn local(text: &str, zone: &TimeZone) -> Option<Instant> {
    let time: DateTime = text.trim().parse().ok()?;
    Some(time.to_zoned(zone.clone()).ok()?.timestamp().into())
}

/// Reads a name such as `2026-03-07_2310_+393331234567.wav`: the first date with a time, and the longest run of six
/// digits or more that is none of it.
pub fn read(name: &str, zone: &TimeZone) -> Told {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let runs = runs(stem);
    let found = (0..runs.len()).find_map(|first| time(&runs[first..]).map(|(at, count)| (first, count, at)));
    let used = found.map_or(0..0, |(first, count, _)| first..first + count);
    let others = runs.iter().enumerate().filter(|(place, _)| !used.contains(place)).map(|(_, run)| run);
    let number = others.filter(|run| (6..=15).contains(&run.trim_start_matches('+').len())).max_by_key(|run| run.len());
    let at = found.and_then(|(_, _, time)| time.to_zoned(zone.clone()).ok()).map(|at| at.timestamp().into());
    Told { number: number.cloned(), at }
}

/// The digits of a name, each run with a plus that stands before it.
fn runs(text: &str) -> Vec<String> {
    let mut runs = vec![String::new()];
    for c in text.chars() {
        match (c, runs.last_mut()) {
            ('0'..='9', Some(run)) => run.push(c),
            ('+', Some(run)) if run.is_empty() => run.push(c),
            (_, Some(run)) if !run.is_empty() => runs.push(if c == '+' { "+".to_owned() } else { String::new() }),
            _ => {}
        }
    }
    runs.retain(|run| !run.trim_start_matches('+').is_empty());
    runs
}

/// A date and a time at the beginning of some runs: together, apart, or in pieces; and how many runs they are.
fn time(runs: &[String]) -> Option<(DateTime, usize)> {
    let mut digits = String::new();
    for (count, run) in runs.iter().enumerate().take(6) {
        if run.starts_with('+') {
            return None;
        }
        digits.push_str(run);
        // Seconds of their own run belong to it, too.
        let seconds = runs.get(count + 1).filter(|next| digits.len() == 12 && next.len() == 2);
        if matches!(digits.len(), 12 | 14) && seconds.is_none() {
            return moment(&digits).map(|at| (at, count + 1));
        }
        if digits.len() > 14 {
            return None;
        }
    }
    None
}

fn moment(digits: &str) -> Option<DateTime> {
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize, to: usize| i8::try_from(part(from, to)?).ok();
    let year = part(0, 4).filter(|year| (1990..2100).contains(year))?;
    let (month, day) = (small(4, 6)?, small(6, 8)?);
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day);
    let _day = valid.then(|| jiff::civil::Date::new(year, month, day).ok()).flatten()?;
    let second = if digits.len() == 14 { small(12, 14)? } else { 0 };
    let time = jiff::civil::Time::new(small(8, 10)?, small(10, 12)?, second, 0).ok()?;
    Some(date(year, month, day).to_datetime(time))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(name: &str) -> (String, String) {
        let told = read(name, &TimeZone::get("Europe/Rome").unwrap());
        (told.number.unwrap_or_default(), told.at.map(|at| at.rfc3339()).unwrap_or_default())
    }

    #[test]
    fn number_and_time_are_read_however_the_machine_writes_them() {
        let saturday = "2026-03-07T22:10:00Z";
        for name in [
            "2026-03-07_2310_+393331234567.wav",
            "20260307-231000-+393331234567.mp3",
            "msg_+393331234567_20260307231000.ogg",
            "+393331234567 2026-03-07 23.10.00.wav",
        ] {
            assert_eq!(told(name), ("+393331234567".into(), saturday.into()), "{name}");
        }
        assert_eq!(told("msg0001.wav"), (String::new(), String::new()));
        assert_eq!(told("0862123456.wav"), ("0862123456".into(), String::new()));
        assert_eq!(told("20261399-991000.wav").1, "", "no such day");
    }

    proptest! {
        #[test]
        fn any_name_is_read(name in ".{0,80}") {
            let _either = told(&name);
        }

        #[test]
        fn what_was_written_is_read(at in 946_684_800_i64..2_000_000_000, number in "[3][0-9]{9}") {
            let zone = TimeZone::UTC;
            let at = jiff::Timestamp::from_second(at - at % 60).unwrap();
            let name = format!("{}_{number}.wav", at.strftime("%Y-%m-%d_%H%M"));
            prop_assert_eq!(read(&name, &zone), Told { number: Some(number), at: Some(at.into()) });
        }
    }
}
