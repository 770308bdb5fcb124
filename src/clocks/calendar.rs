//! A calendar: when an office works, by date. What an administrator edits is a [`CalendarBody`]; what the arithmetic
//! counts by is a [`Calendar`], made of all bodies in force one after the other.
use std::sync::Arc;

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::kernel::hours::{Band, Hours, Rest, parse_patron, parse_times};
pub use crate::kernel::opening::Closure;
use crate::kernel::opening::WrongClosure;
use crate::kernel::time::Instant;

/// Extraordinary closures of one version at most.
const CLOSURES: usize = 400;

/// A version of a calendar, as it is written and stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct CalendarBody {
    pub name: String,
    /// By weekday from Monday, each as `08:15-13:30, 14:30-17:00`; empty when nobody works.
    pub week: [String; 7],
    /// National holidays of Italy, with Easter Sunday.
    pub holidays: bool,
    /// The patron saint as `MM-DD`; empty for none.
    pub patron: String,
    pub closures: Vec<Closure>,
    /// Whether the desk answers by it in place of the configured hours: calls, call-backs, routing, terms of referrals.
    /// Of several calendars the one saved last holds.
    pub desk: bool,
}

/// Which field of a calendar cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable {
    /// `name`, `mon` … `sun`, `week`, `patron` or `closures`.
    pub field: &'static str,
    /// `missing`, `unreadable` or `too_long`.
    pub wrong: &'static str,
}

/// Weekdays from Monday, as fields are named.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl CalendarBody {
    /// Every day, at every hour: what an emergency structure counts by.
    pub fn always(name: &str) -> Self {
        Self { name: name.to_owned(), week: std::array::from_fn(|_| "00:00-24:00".to_owned()), ..Self::default() }
    }

    /// The office hours that it says.
    ///
    /// # Errors
    /// Names the first field that cannot be read.
    pub fn hours(&self, zone: &TimeZone) -> Result<Hours, Unreadable> {
        if self.name.trim().is_empty() {
            return Err(Unreadable { field: "name", wrong: "missing" });
        }
        let mut week: [Vec<Band>; 7] = Default::default();
        for ((bands, text), field) in week.iter_mut().zip(&self.week).zip(DAYS) {
            for part in text.split([',', ';']).map(str::trim).filter(|p| !p.is_empty()) {
                // People type a long dash, and a dot for the minutes.
                let part = part.replace(['–', '—'], "-").replace('.', ":");
                bands.push(parse_times(&part).ok_or(Unreadable { field, wrong: "unreadable" })?);
            }
        }
        if week.iter().all(Vec::is_empty) {
            return Err(Unreadable { field: "week", wrong: "missing" });
        }
        let patron = match self.patron.trim() {
            "" => None,
            text => Some(parse_patron(text).ok_or(Unreadable { field: "patron", wrong: "unreadable" })?),
        };
        if self.closures.len() > CLOSURES {
            return Err(Unreadable { field: "closures", wrong: "too_long" });
        }
        let closed = Closure::days(&self.closures).map_err(|wrong| Unreadable {
            field: "closures",
            wrong: match wrong {
                WrongClosure::Backwards => "unreadable",
                WrongClosure::TooLong => "too_long",
            },
        })?;
        Ok(Hours::weekly(week, Rest { holidays: self.holidays, patron, closed }, zone.clone()))
    }
}

/// When an office works, whatever the date.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Since which day, and what; in order, never empty.
    parts: Vec<(Date, Arc<Hours>)>,
    zone: TimeZone,
}

impl Calendar {
    /// One calendar of its parts; the first also holds for the time before it. `None` without any.
    pub fn of(mut parts: Vec<(Date, Arc<Hours>)>, zone: TimeZone) -> Option<Self> {
        // Stable, so that of two parts of one day the later given holds.
        parts.sort_by_key(|(since, _)| *since);
        (!parts.is_empty()).then_some(Self { parts, zone })
    }

    fn part(&self, day: Date) -> &Hours {
        let after = self.parts.partition_point(|(since, _)| *since <= day);
        &self.parts[after.saturating_sub(1)].1
    }

    /// Whether the office works on a day at all.
    pub fn works_on(&self, day: Date) -> bool {
        self.part(day).works_on(day)
    }

    /// Whether a day is a Sunday, a holiday or the patron saint (art. 2963 c.c.).
    pub fn is_festive(&self, day: Date) -> bool {
        self.part(day).is_festive(day)
    }

    /// The opening of a day as instants, earliest first.
    pub fn spans(&self, day: Date) -> impl Iterator<Item = (Instant, Instant)> + '_ {
        self.part(day).spans(day)
    }

    /// The local day of an instant.
    pub fn day(&self, at: Instant) -> Date {
        at.zoned(&self.zone).date()
    }

    /// The last instant of a local day; saturates at the end of time.
    pub fn end_of(&self, day: Date) -> Instant {
        let next = day.tomorrow().ok().and_then(|d| d.to_zoned(self.zone.clone()).ok());
        next.map_or(Instant(i64::MAX), |midnight| Instant(Instant::from(midnight.timestamp()).0 - 1))
    }

    /// The last instant of the day that comes so many calendar days later.
    pub fn end_of_days_after(&self, at: Instant, days: i64) -> Instant {
        let day = self.day(at);
        self.end_of(day.checked_add(Span::new().days(days.clamp(0, 3650))).unwrap_or(day))
    }
}
