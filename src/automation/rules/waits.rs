//! When a wait ends.
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::model::WaitUnit;
use crate::clocks::arithmetic::Term;
use crate::clocks::{Calendar, Roll, TermUnit};
use crate::kernel::time::Instant;

/// The local hour at which a wait for a day ends: nobody is written to at night.
const MORNING: i8 = 8;

/// The end of a duration that begins now; `None` for working days without a calendar.
pub fn after(now: Instant, amount: i64, unit: WaitUnit, calendar: Option<&Calendar>) -> Option<Instant> {
    Some(match unit {
        WaitUnit::Minutes => now.plus(SignedDuration::from_mins(amount)),
        WaitUnit::Hours => now.plus(SignedDuration::from_hours(amount)),
        WaitUnit::Days => now.plus(SignedDuration::from_hours(amount.saturating_mul(24))),
        WaitUnit::WorkingDays => {
            let term = Term { amount, unit: TermUnit::WorkingDays, roll: Roll::Stays };
            return term.due(calendar?, now, &[]);
        }
    })
}

/// The morning of a day that an answer names, moved by some days; `None` when it names none.
pub fn on_day(answer: &str, days: i64, zone: &TimeZone) -> Option<Instant> {
    let day: Date = answer.trim().parse().ok()?;
    let span = jiff::Span::new().try_days(days).ok()?;
    let at = day.checked_add(span).ok()?.at(MORNING, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(at.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_its_wait_in_the_morning_also_when_clocks_change() {
        let zone = TimeZone::get("Europe/Rome").unwrap();
        let at = |answer, days| on_day(answer, days, &zone).map(Instant::rfc3339);
        assert_eq!(at("2026-03-27", 3).as_deref(), Some("2026-03-30T06:00:00Z"));
        assert_eq!(at(" 2026-03-27 ", -1).as_deref(), Some("2026-03-26T07:00:00Z"));
        assert_eq!(at("domani", 0), None);
    }

    #[test]
    fn working_days_need_a_calendar() {
        assert_eq!(after(Instant(0), 1, WaitUnit::WorkingDays, None), None);
        assert_eq!(after(Instant(0), 2, WaitUnit::Minutes, None), Some(Instant(120_000_000)));
    }
}
