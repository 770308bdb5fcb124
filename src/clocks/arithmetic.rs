//! The arithmetic of terms, without I/O. A term is a number of days or an amount of opening time; what of it is spent
//! is a pure function of its beginning, the calendar and the pauses, so that order, repetition and the hour of a job
//! change nothing.
//!
//! Days: the day on which a term or a pause begins is not counted (*dies a quo*, art. 2963 c.c.), and neither is the
//! day on which a pause ends; the term ends with its last day. Hours: only what lies in the bands counts.
use jiff::civil::Date;

use super::calendar::Calendar;
use super::protocol::{Roll, TermUnit};
use crate::kernel::time::Instant;

/// How far a term is followed, in days: beyond is no term but a mistake.
const FAR: i64 = 4_000;
const MINUTE: i64 = 60_000_000;

/// An amount of time in the unit of a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    pub amount: i64,
    pub unit: TermUnit,
    /// What a last day does on which nothing can be done.
    pub roll: Roll,
}

/// Time that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub from: Instant,
    /// When it ends or ended; `None` while nobody knows.
    pub until: Option<Instant>,
}

impl Pause {
    /// Whether it holds at an instant.
    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

impl Term {
    /// The whole of it, in the measure of [`spent`]: days or microseconds.
    pub const fn whole(&self) -> i64 {
        match self.unit {
            TermUnit::CalendarDays | TermUnit::WorkingDays => self.amount,
            TermUnit::WorkingHours => self.amount.saturating_mul(60 * MINUTE),
            TermUnit::WorkingMinutes => self.amount.saturating_mul(MINUTE),
        }
    }

    /// The instant at which it is over when it began at `start`: something done at that instant is in time. `None`
    /// when a pause without an end stands before it, or when it lies beyond all reason.
    pub fn due(&self, calendar: &Calendar, start: Instant, pauses: &[Pause]) -> Option<Instant> {
        let at = reach(calendar, self.unit, start, self.whole(), pauses)?;
        if !self.unit.is_days() {
            return Some(at);
        }
        let mut day = calendar.day(at);
        for _ in 0..FAR {
            let moves = match self.roll {
                Roll::Stays => false,
                Roll::Festive => calendar.is_festive(day),
                Roll::Closed => !calendar.works_on(day),
            };
            if !moves {
                return Some(calendar.end_of(day));
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// The instant at which so many hundredths of it are spent, rounded down to whole days; `None` as [`Term::due`].
    pub fn part(&self, calendar: &Calendar, start: Instant, percent: i64, pauses: &[Pause]) -> Option<Instant> {
        let some = i128::from(self.whole()) * i128::from(percent.clamp(0, 100)) / 100;
        reach(calendar, self.unit, start, i64::try_from(some).ok()?, pauses)
    }
}

/// The instant at which `amount` is spent.
fn reach(calendar: &Calendar, unit: TermUnit, start: Instant, amount: i64, pauses: &[Pause]) -> Option<Instant> {
    let first = calendar.day(start);
    if amount <= 0 {
        return Some(if unit.is_days() { calendar.end_of(first) } else { start });
    }
    let mut left = amount;
    let mut day = first;
    for _ in 0..FAR {
        if unit.is_days() {
            day = day.tomorrow().ok()?;
            if paused_for_good(calendar, day, pauses) {
                return None;
            }
            if counts(calendar, unit, day) && !is_paused(calendar, day, pauses) {
                left -= 1;
                if left == 0 {
                    return Some(calendar.end_of(day));
                }
            }
        } else {
            for (from, to) in open_time(calendar, day, (start, Instant(i64::MAX)), pauses) {
                let length = to.0 - from.0;
                if length >= left {
                    return Some(Instant(from.0 + left));
                }
                left -= length;
            }
            if paused_for_good(calendar, day, pauses) {
                return None;
            }
            day = day.tomorrow().ok()?;
        }
    }
    None
}

/// What was spent from `start` to `at`: days, or microseconds of opening time.
pub fn spent(calendar: &Calendar, unit: TermUnit, start: Instant, at: Instant, pauses: &[Pause]) -> i64 {
    let (mut day, last) = (calendar.day(start), calendar.day(at));
    let mut sum = 0;
    for _ in 0..=FAR {
        if day > last || at < start {
            break;
        }
        if unit.is_days() {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            sum += i64::from(day <= last && counts(calendar, unit, day) && !is_paused(calendar, day, pauses));
        } else {
            sum += open_time(calendar, day, (start, at), pauses).iter().map(|(from, to)| to.0 - from.0).sum::<i64>();
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
    }
    sum
}

fn counts(calendar: &Calendar, unit: TermUnit, day: Date) -> bool {
    unit == TermUnit::CalendarDays || calendar.works_on(day)
}

/// Whether a day lies in a pause: after the day it began, up to the day it ended.
fn is_paused(calendar: &Calendar, day: Date, pauses: &[Pause]) -> bool {
    pauses.iter().any(|p| calendar.day(p.from) < day && p.until.is_none_or(|until| day <= calendar.day(until)))
}

fn paused_for_good(calendar: &Calendar, day: Date, pauses: &[Pause]) -> bool {
    pauses.iter().any(|p| p.until.is_none() && calendar.day(p.from) < day)
}

/// The opening time of a day inside `from..to` and outside of all pauses.
fn open_time(
    calendar: &Calendar,
    day: Date,
    (from, to): (Instant, Instant),
    pauses: &[Pause],
) -> Vec<(Instant, Instant)> {
    let mut pieces: Vec<(Instant, Instant)> =
        calendar.spans(day).map(|(a, b)| (a.max(from), b.min(to))).filter(|(a, b)| a < b).collect();
    for pause in pauses {
        let until = pause.until.unwrap_or(Instant(i64::MAX));
        if until <= pause.from {
            continue;
        }
        pieces = pieces
            .into_iter()
            .flat_map(|(a, b)| [(a, b.min(pause.from)), (a.max(until), b)])
            .filter(|(a, b)| a < b)
            .collect();
    }
    pieces
}

#[cfg(test)]
#[path = "arithmetic_tests.rs"]
mod tests;
