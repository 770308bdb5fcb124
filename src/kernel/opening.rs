//! When an office is open, as people write it in either language (`lun-ven 9-13`, `mon-fri 09:00-13:00`) and
//! as each language shows it; and the days on which it is closed all the same.
use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::hours::Band;
use super::language::Language;
use super::page::Page;

/// Hours of some days of the week: `mon-fri 09:00-13:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Opening {
    /// Days from Monday, 0 to 6.
    first: u8,
    last: u8,
    /// Minutes of the day.
    from: u16,
    to: u16,
}

/// A text that names no opening.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0:?} is not as \"mon-fri 09:00-13:00\"")]
pub struct NoOpening(String);

const ENGLISH: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ITALIAN: [&str; 7] = ["lun", "mar", "mer", "gio", "ven", "sab", "dom"];
const DAY: u16 = 24 * 60;

impl Opening {
    /// Reads `mon-fri 09:00-13:00`, `lun 9-13`, `sabato 9.00-12.30`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str) -> Result<Self, NoOpening> {
        Self::read(text).ok_or_else(|| NoOpening(text.to_owned()))
    }

    fn read(text: &str) -> Option<Self> {
        let (days, times) = text.trim().split_once(char::is_whitespace)?;
        let (first, last) = days.split_once(['-', '–']).unwrap_or((days, days));
        let (first, last) = (day(first)?, day(last)?);
        let (from, to) = times.trim().split_once(['-', '–'])?;
        let (from, to) = (minute(from)?, minute(to)?);
        (first <= last && from < to).then_some(Self { first, last, from, to })
    }

    /// Whether it is about a day of the week, Monday being 0.
    pub fn is_on(self, weekday: usize) -> bool {
        (usize::from(self.first)..=usize::from(self.last)).contains(&weekday)
    }

    /// Minutes of the day.
    pub const fn band(self) -> Band {
        (self.from, self.to)
    }

    /// `lun-ven 08:30-13:00`: as it is written in a language, and read in any.
    pub fn short(self, language: Language) -> String {
        match language {
            Language::English => self.to_string(),
            Language::Italian => self.written(&ITALIAN),
        }
    }

    fn written(self, names: &[&str; 7]) -> String {
        let name = |day: u8| names.get(usize::from(day)).copied().unwrap_or_default();
        let last = if self.last > self.first { format!("-{}", name(self.last)) } else { String::new() };
        let (from, to) = (self.from, self.to);
        format!("{}{last} {:02}:{:02}-{:02}:{:02}", name(self.first), from / 60, from % 60, to / 60, to % 60)
    }

    /// `lunedì-venerdì 9:00-13:00`, in the page's language.
    pub fn words(self, page: &Page) -> String {
        let day = |place: u8| page.t(&format!("weekday-{}", place + 1));
        let days = if self.first == self.last {
            day(self.first)
        } else {
            page.t2("knowledge-days", "first", day(self.first), "last", day(self.last))
        };
        format!("{days} {}", self.times())
    }

    /// The days, from Monday as 0.
    pub const fn days(self) -> (u8, u8) {
        (self.first, self.last)
    }

    /// `9:00-13:00`
    pub fn times(self) -> String {
        let time = |minutes: u16| format!("{}:{:02}", minutes / 60, minutes % 60);
        format!("{}-{}", time(self.from), time(self.to))
    }
}

/// Days on which an office is closed out of the ordinary, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Closure {
    /// `YYYY-MM-DD`.
    #[schema(value_type = String)]
    pub from: Date,
    /// `YYYY-MM-DD`; the same day for a single one.
    #[schema(value_type = String)]
    pub to: Date,
}

/// The longest closure that is taken, in days: a longer one is a mistyped year.
const LONGEST: i32 = 366;

/// Why closures are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongClosure {
    /// It ends before it begins.
    Backwards,
    TooLong,
}

impl Closure {
    /// Reads a day, or the first and the last of several, as [`written_day`] reads them.
    pub fn parse(text: &str) -> Option<Self> {
        let mut days = text.split_whitespace().map(written_day);
        let from = days.next()??;
        let to = match days.next() {
            Some(to) => to?,
            None => from,
        };
        days.next().is_none().then_some(Self { from, to })
    }

    /// All the days of some closures.
    ///
    /// # Errors
    /// For one that runs backwards or lasts longer than a year.
    pub fn days(all: &[Self]) -> Result<BTreeSet<Date>, WrongClosure> {
        let mut closed = BTreeSet::new();
        for closure in all {
            if closure.to < closure.from {
                return Err(WrongClosure::Backwards);
            }
            if closure.to.since(closure.from).map_or(i32::MAX, |span| span.get_days()) > LONGEST {
                return Err(WrongClosure::TooLong);
            }
            let mut day = closure.from;
            while day <= closure.to {
                closed.insert(day);
                let Ok(next) = day.tomorrow() else { break };
                day = next;
            }
        }
        Ok(closed)
    }
}

impl fmt::Display for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.from)?;
        if self.to != self.from {
            write!(f, " {}", self.to)?;
        }
        Ok(())
    }
}

/// `2026-08-14`, or as people write it: `14/08/2026`.
pub fn written_day(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| parts.next().is_none())
}

fn day(name: &str) -> Option<u8> {
    let name = name.trim().to_lowercase();
    let short: String = name.chars().take(3).collect();
    let place = |days: &[&str; 7]| days.iter().position(|day| *day == short);
    // «mar» is a Tuesday in Italian only, as «mer», «gio»: no short name is in both lists with two meanings.
    place(&ENGLISH).or_else(|| place(&ITALIAN)).and_then(|place| u8::try_from(place).ok())
}

fn minute(text: &str) -> Option<u16> {
    let text = text.trim();
    let (hours, minutes) = text.split_once([':', '.']).unwrap_or((text, "0"));
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 24 && minutes < 60 && hours * 60 + minutes <= DAY).then_some(hours * 60 + minutes)
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(&ENGLISH))
    }
}

impl From<Opening> for String {
    fn from(opening: Opening) -> Self {
        opening.to_string()
    }
}

impl TryFrom<String> for Opening {
    type Error = NoOpening;

    fn try_from(text: String) -> Result<Self, NoOpening> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        for text in ["mon-fri 09:00-13:00", "lun-ven 9-13", "Lunedì-Venerdì 9.00-13.00", " lun–ven  9:00–13:00 "]
        {
            assert_eq!(Opening::parse(text).unwrap().to_string(), "mon-fri 09:00-13:00", "{text}");
        }
        assert_eq!(Opening::parse("sabato 9-12.30").unwrap().to_string(), "sat 09:00-12:30");
        for text in ["", "mon", "ven-lun 9-13", "lun 13-9", "lun 9-25", "sempre 9-13", "lun 9"] {
            assert!(Opening::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_tried(text: String) {
            if let Ok(opening) = Opening::parse(&text) {
                prop_assert_eq!(Opening::parse(&opening.to_string()).unwrap(), opening);
            }
        }
    }
}
