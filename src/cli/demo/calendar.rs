//! The hours in which the demo's contact centre is open, counted in one line of seconds: a history laid out
//! on it falls into opening hours by itself.
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use crate::kernel::time::Instant;

/// Seconds of a full working day, 8:00 to 18:00.
pub const DAY: i64 = 10 * 3600;

/// The opening hours of a period that ends now.
#[derive(Debug)]
pub struct OpeningHours {
    spans: Vec<Span>,
    now: Instant,
}

#[derive(Debug)]
struct Span {
    start: Instant,
    end: Instant,
    /// Open seconds before this span.
    before: i64,
}

impl Span {
    fn seconds(&self) -> i64 {
        self.end.since(self.start).as_secs()
    }
}

impl OpeningHours {
    /// From a day until now. `patron` is the town's own holiday, as `MM-DD`.
    pub fn new(zone: &TimeZone, from: Date, now: Instant, patron: &str) -> Self {
        let today = now.zoned(zone).date();
        let mut spans: Vec<Span> = Vec::new();
        let mut before = 0;
        for day in from.series(1.day()).take_while(|day| *day <= today) {
            let closing = match day.weekday() {
                Weekday::Sunday => continue,
                Weekday::Saturday => 13,
                _ => 18,
            };
            if is_holiday(day, patron) {
                continue;
            }
            let at = |hour| day.at(hour, 0, 0, 0).to_zoned(zone.clone()).map(|z| Instant::from(z.timestamp()));
            let (Ok(start), Ok(end)) = (at(8), at(closing)) else { continue };
            if start < now {
                let span = Span { start, end: end.min(now), before };
                before += span.seconds();
                spans.push(span);
            }
        }
        Self { spans, now }
    }

    /// The instant at which the period ends.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// All open seconds.
    pub fn total(&self) -> i64 {
        self.spans.last().map_or(0, |s| s.before + s.seconds())
    }

    fn place(&self, second: i64) -> usize {
        self.spans.partition_point(|s| s.before <= second).saturating_sub(1)
    }

    /// The instant of an open second; never after now.
    pub fn instant(&self, second: i64) -> Instant {
        let Some(span) = self.spans.get(self.place(second)) else { return self.now };
        span.start.plus(SignedDuration::from_secs(second - span.before)).min(span.end)
    }

    /// An instant so many seconds after closing on the day of an open second, with the first open second
    /// after it; `None` when the day has not ended yet.
    pub fn after_closing(&self, second: i64, seconds: i64) -> Option<(Instant, i64)> {
        let place = self.place(second);
        let (span, next) = (self.spans.get(place)?, self.spans.get(place + 1)?);
        let at = span.end.plus(SignedDuration::from_secs(seconds));
        (at < next.start).then_some((at, next.before))
    }
}

fn is_holiday(day: Date, patron: &str) -> bool {
    const FIXED: [(i8, i8); 11] =
        [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (10, 4), (11, 1), (12, 8), (12, 25), (12, 26)];
    FIXED.contains(&(day.month(), day.day()))
        || format!("{:02}-{:02}", day.month(), day.day()) == patron
        || easter(day.year()).tomorrow().is_ok_and(|monday| monday == day)
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876).
fn easter(year: i16) -> Date {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    let part = |value: i32| i8::try_from(value).unwrap_or(1);
    date(i16::try_from(year).unwrap_or(0), part(n / 31), part(n % 31 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(now: &str) -> OpeningHours {
        let zone = TimeZone::get("Europe/Rome").unwrap();
        OpeningHours::new(&zone, date(2026, 4, 3), Instant::parse(now).unwrap(), "06-01")
    }

    #[test]
    fn easter_falls_where_it_did() {
        assert_eq!([2024, 2025, 2026].map(easter), [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5)]);
    }

    #[test]
    fn saturdays_are_short_and_holidays_are_left_out() {
        // Friday 10 h, Saturday 5 h, Easter Sunday and Monday closed, Tuesday until 10:00.
        let hours = hours("2026-04-07T08:00:00Z");
        assert_eq!(hours.total(), 17 * 3600);
        assert_eq!(hours.instant(15 * 3600), Instant::parse("2026-04-07T06:00:00Z").unwrap());
        assert_eq!(hours.instant(99 * 3600), Instant::parse("2026-04-07T08:00:00Z").unwrap(), "never after now");
    }

    #[test]
    fn an_evening_is_followed_by_the_next_opening() {
        let hours = hours("2026-04-07T08:00:00Z");
        let (at, next) = hours.after_closing(3600, 3600).unwrap();
        assert_eq!((at, next), (Instant::parse("2026-04-03T17:00:00Z").unwrap(), 10 * 3600));
        assert!(hours.after_closing(16 * 3600, 60).is_none(), "today is not over");
    }
}
