//! A site and its hours, without I/O.
use std::fmt;

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::ToSchema;

use crate::kernel::hours::{Band, Hours, Rest, parse_patron};
use crate::kernel::language::Language;
use crate::kernel::opening::{Closure, Opening, WrongClosure, written_day};
use crate::kernel::time::Instant;

/// How far the next opening is looked for, in days: one beyond is no news for a citizen.
const FAR: i32 = 60;
/// Most lines of each kind.
const LINES: usize = 100;

/// Hours that hold from one day to another, instead of the ordinary ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Season {
    /// `YYYY-MM-DD`.
    #[schema(value_type = String)]
    pub from: Date,
    /// `YYYY-MM-DD`, the last day.
    #[schema(value_type = String)]
    pub to: Date,
    /// `mon-fri 08:00-13:00`
    #[schema(value_type = String)]
    pub opening: Opening,
}

/// When a site is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SiteHours {
    /// `mon-fri 08:30-13:00`, `mar 14.30-17`: a line a band. None where nothing is said of hours.
    #[schema(value_type = Vec<String>)]
    pub ordinary: Vec<Opening>,
    /// On the days of a season only the lines of seasons hold.
    pub seasons: Vec<Season>,
    /// Closed on the national holidays of Italy.
    pub holidays: bool,
    /// The patron saint as `MM-DD`; empty for none.
    pub patron: String,
    /// Extraordinary closures.
    pub closures: Vec<Closure>,
}

/// What cannot be read in hours, and in which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongHours {
    /// `hours`, `seasons`, `patron` or `closures`.
    pub field: &'static str,
    pub wrong: &'static str,
}

impl Season {
    /// Reads `01/06/2026 31/08/2026 lun-ven 8-13`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, rest) = text.trim().split_once(char::is_whitespace)?;
        let (to, opening) = rest.trim_start().split_once(char::is_whitespace)?;
        let (from, to) = (written_day(from)?, written_day(to)?);
        Some(Self { from, to, opening: Opening::parse(opening).ok()? }).filter(|_| from <= to)
    }

    /// As [`Season::parse`] reads it, with the weekdays of a language.
    pub fn short(self, language: Language) -> String {
        format!("{} {} {}", self.from, self.to, self.opening.short(language))
    }

    fn has(self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

impl fmt::Display for Season {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.from, self.to, self.opening)
    }
}

/// The lines of a text, parted by line ends, semicolons or bars.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ';', '|']).map(str::trim).filter(|line| !line.is_empty())
}

impl SiteHours {
    /// Reads texts as people write them: a line a band, a line a season, a line a closure.
    ///
    /// # Errors
    /// Names the field that cannot be read.
    pub fn read(ordinary: &str, seasons: &str, closures: &str, patron: &str) -> Result<Self, WrongHours> {
        let wrong = |field| move || WrongHours { field, wrong: "unreadable" };
        let ordinary = lines(ordinary).map(|line| Opening::parse(line).ok()).collect::<Option<_>>();
        let seasons = lines(seasons).map(Season::parse).collect::<Option<_>>();
        let closures = lines(closures).map(Closure::parse).collect::<Option<_>>();
        let patron = patron.trim();
        let hours = Self {
            ordinary: ordinary.ok_or_else(wrong("hours"))?,
            seasons: seasons.ok_or_else(wrong("seasons"))?,
            holidays: true,
            patron: patron.split_once('/').map_or_else(|| patron.to_owned(), |(d, m)| format!("{m:0>2}-{d:0>2}")),
            closures: closures.ok_or_else(wrong("closures"))?,
        };
        hours.check()?;
        Ok(hours)
    }

    /// Whether it can be counted with.
    ///
    /// # Errors
    /// Names the first field that cannot.
    pub fn check(&self) -> Result<(), WrongHours> {
        let wrong = |field, wrong| Err(WrongHours { field, wrong });
        if self.ordinary.len() > LINES {
            return wrong("hours", "too_many");
        }
        if self.seasons.len() > LINES {
            return wrong("seasons", "too_many");
        }
        if self.seasons.iter().any(|season| season.to < season.from) {
            return wrong("seasons", "unreadable");
        }
        if self.closures.len() > LINES {
            return wrong("closures", "too_many");
        }
        if !self.patron.is_empty() && parse_patron(&self.patron).is_none() {
            return wrong("patron", "unreadable");
        }
        match Closure::days(&self.closures) {
            Ok(_) => Ok(()),
            Err(WrongClosure::Backwards) => wrong("closures", "unreadable"),
            Err(WrongClosure::TooLong) => wrong("closures", "too_long"),
        }
    }

    /// Whether nothing is said of when it is open.
    pub fn is_silent(&self) -> bool {
        self.ordinary.is_empty() && self.seasons.is_empty()
    }

    /// The hours that hold on a day.
    fn on(&self, day: Date, zone: &TimeZone) -> Hours {
        let of_season: Vec<Opening> = self.seasons.iter().filter(|s| s.has(day)).map(|s| s.opening).collect();
        let lines = if of_season.is_empty() { &self.ordinary } else { &of_season };
        let week: [Vec<Band>; 7] =
            std::array::from_fn(|weekday| lines.iter().filter(|o| o.is_on(weekday)).map(|o| o.band()).collect());
        // What was stored was checked.
        let closed = Closure::days(&self.closures).unwrap_or_default();
        let rest = Rest { holidays: self.holidays, patron: parse_patron(&self.patron), closed };
        Hours::weekly(week, rest, zone.clone())
    }

    /// The opening of a day as instants, earliest first.
    pub fn spans(&self, day: Date, zone: &TimeZone) -> Vec<(Instant, Instant)> {
        self.on(day, zone).spans(day).collect()
    }

    /// The opening that holds at an instant, else the next one; `None` when there is none in the next two months.
    pub fn next(&self, at: Instant, zone: &TimeZone) -> Option<(Instant, Instant)> {
        let today = at.zoned(zone).date();
        (0..=FAR).find_map(|days| {
            let day = today.checked_add(Span::new().days(days)).ok()?;
            self.spans(day, zone).into_iter().find(|(_, to)| *to > at)
        })
    }
}

/// A site as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Site {
    pub id: i64,
    pub slug: String,
    pub unit_id: i64,
    pub name: String,
    pub address: String,
    pub phone: String,
    pub email: String,
    /// How to get in, whether by appointment.
    pub note: String,
    /// Empty when the Italian note serves for both languages.
    pub note_en: String,
    #[sqlx(rename = "hours")]
    raw: String,
    /// First day, `YYYY-MM-DD`; empty: always.
    pub valid_from: String,
    /// Last day; empty: until further notice.
    pub valid_to: String,
}

impl Site {
    /// When it is open; silent when another program wrote it.
    pub fn hours(&self) -> SiteHours {
        serde_json::from_str(&self.raw).unwrap_or_default()
    }

    /// Whether its last day is before a day.
    pub fn is_over(&self, day: Date) -> bool {
        !self.valid_to.is_empty() && self.valid_to < day.to_string()
    }

    /// Whether it is in use on a day.
    pub fn is_in_use(&self, day: Date) -> bool {
        let day = day.to_string();
        self.valid_from <= day && (self.valid_to.is_empty() || day <= self.valid_to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Europe/Rome").unwrap()
    }

    fn rome(text: &str) -> Instant {
        text.parse::<jiff::civil::DateTime>().unwrap().in_tz("Europe/Rome").unwrap().timestamp().into()
    }

    fn hours() -> SiteHours {
        SiteHours::read(
            "lun-ven 8.30-13\nmar 14:30-17:00; gio 14:30-17:00",
            "01/07/2026 31/08/2026 lun-ven 8-12",
            "14/08/2026\n24/12/2026 31/12/2026",
            "10/06",
        )
        .unwrap()
    }

    fn opens(at: &str) -> Option<(Instant, Instant)> {
        hours().next(rome(at), &zone())
    }

    #[test]
    fn several_bands_a_day_are_open_one_after_the_other() {
        assert_eq!(opens("2026-03-10T12:59"), Some((rome("2026-03-10T08:30"), rome("2026-03-10T13:00"))));
        assert_eq!(opens("2026-03-10T13:00"), Some((rome("2026-03-10T14:30"), rome("2026-03-10T17:00"))));
        assert_eq!(opens("2026-03-10T17:00"), Some((rome("2026-03-11T08:30"), rome("2026-03-11T13:00"))));
    }

    #[test]
    fn a_season_takes_the_place_of_the_ordinary_hours() {
        assert_eq!(opens("2026-07-07T12:30"), Some((rome("2026-07-08T08:00"), rome("2026-07-08T12:00"))));
        assert_eq!(opens("2026-09-01T12:30"), Some((rome("2026-09-01T08:30"), rome("2026-09-01T13:00"))));
    }

    #[test]
    fn closures_holidays_and_the_patron_saint_are_skipped() {
        assert_eq!(opens("2026-06-09T17:30"), Some((rome("2026-06-11T08:30"), rome("2026-06-11T13:00"))), "the patron");
        assert_eq!(opens("2026-08-13T12:30").unwrap().0, rome("2026-08-17T08:00"), "a day off before Assumption");
        assert_eq!(opens("2026-12-23T18:00").unwrap().0, rome("2027-01-04T08:30"), "closed over Christmas");
        assert_eq!(SiteHours::default().next(rome("2026-03-10T10:00"), &zone()), None);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let wrong = |o, s, c, p| SiteHours::read(o, s, c, p).unwrap_err().field;
        assert_eq!(wrong("quando capita", "", "", ""), "hours");
        assert_eq!(wrong("", "31/08/2026 01/06/2026 lun 8-12", "", ""), "seasons");
        assert_eq!(wrong("", "", "32/13/2026", ""), "closures");
        assert_eq!(wrong("", "", "", "31/02"), "patron");
    }

    proptest! {
        #[test]
        fn the_next_opening_is_never_over_and_lies_on_a_day_that_is_open(minutes in 0_i64..1_000_000) {
            let at = Instant(rome("2026-01-01T00:00").0 + minutes * 60_000_000);
            if let Some((from, to)) = hours().next(at, &zone()) {
                prop_assert!(from < to && at < to);
                let day = from.zoned(&zone()).date();
                prop_assert!(hours().spans(day, &zone()).contains(&(from, to)));
            }
        }
    }
}
