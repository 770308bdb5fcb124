//! When an office is open, as people write it in either language (`lun-ven 9-13`, `mon-fri 09:00-13:00`) and
//! as each language shows it.
use std::fmt;

use serde::{Deserialize, Serialize};

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
        let name = |day: u8| ENGLISH.get(usize::from(day)).copied().unwrap_or_default();
        f.write_str(name(self.first))?;
        if self.last > self.first {
            write!(f, "-{}", name(self.last))?;
        }
        let (from, to) = (self.from, self.to);
        write!(f, " {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
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
