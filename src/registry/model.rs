//! What a registration says.
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::RegistryError;
use crate::kernel::time::Instant;

/// Digits that a number has at least (art. 53).
const DIGITS: usize = 7;
/// Longest text of a field, in characters.
const LONGEST: usize = 2000;

/// A number as it is printed.
pub fn padded(number: i64) -> String {
    format!("{number:0DIGITS$}")
}

/// A file that is part of what was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub name: String,
    pub size: i64,
    /// Hexadecimal.
    pub sha256: String,
}

/// A number that the register of the body gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Code of that register.
    pub register: String,
    pub number: String,
    /// `YYYY-MM-DD`.
    pub day: String,
}

/// What somebody wants to be registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registration {
    pub sender: String,
    pub recipients: String,
    pub subject: String,
    /// Number and day that the received document itself bears; empty when it bears none.
    pub received_number: String,
    pub received_day: String,
    /// `None`: a number of our own register.
    pub given: Option<Given>,
}

impl Registration {
    /// The same without blanks around its texts.
    ///
    /// # Errors
    /// Names the field that is missing or not acceptable.
    pub fn checked(mut self, own: bool) -> Result<Self, RegistryError> {
        let wrong = |field, wrong| Err(RegistryError::Invalid { field, wrong });
        for text in [&mut self.sender, &mut self.recipients, &mut self.subject, &mut self.received_number] {
            *text = text.trim().replace(['\r', '\0'], "");
        }
        for (field, text) in [("sender", &self.sender), ("recipients", &self.recipients), ("subject", &self.subject)] {
            if text.is_empty() {
                return wrong(field, "missing");
            }
            if text.chars().count() > LONGEST {
                return wrong(field, "too_long");
            }
        }
        if !self.received_day.is_empty() && !is_day(&self.received_day) {
            return wrong("received_day", "not_a_date");
        }
        match &mut self.given {
            None if !own => return wrong("number", "missing"),
            None => {}
            Some(given) => {
                given.number = given.number.trim().to_owned();
                given.register = given.register.trim().to_owned();
                if given.number.len() > 15
                    || given.number.is_empty()
                    || !given.number.bytes().all(|b| b.is_ascii_digit())
                {
                    return wrong("number", "not_a_number");
                }
                given.number = format!("{:0>DIGITS$}", given.number.trim_start_matches('0'));
                if !is_code(&given.register) {
                    return wrong("register", "unknown");
                }
                if !is_day(&given.day) {
                    return wrong("day", "not_a_date");
                }
            }
        }
        Ok(self)
    }
}

/// Whether a text may name a register, as the rules for exchange between administrations have it.
pub(super) fn is_code(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    (1..=16).contains(&text.len()) && text.bytes().all(allowed)
}

/// Whether a text is a day.
pub(super) fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// A registration as stored, with its cancellation if there is one.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct RegistrationRow {
    pub id: i64,
    pub contact_id: i64,
    /// `own`, or `external` when the number was given by the register of the body.
    pub origin: String,
    pub register: String,
    pub year: i64,
    pub number: String,
    pub day: String,
    pub registered_at: Instant,
    /// Name of who registered it; empty for a program.
    pub registered_by: String,
    pub direction: String,
    pub channel: String,
    pub sender: String,
    pub recipients: String,
    pub subject: String,
    pub received_number: String,
    pub received_day: String,
    /// JSON; see [`RegistrationRow::files`].
    pub documents: String,
    pub sha256: String,
    pub cancelled_at: Option<Instant>,
    pub cancelled_by: String,
    pub cancel_reason: String,
    pub cancel_act: String,
}

impl RegistrationRow {
    /// What was registered, the document itself first.
    pub fn files(&self) -> Vec<Document> {
        serde_json::from_str(&self.documents).unwrap_or_default()
    }

    /// Whether it holds.
    pub const fn holds(&self) -> bool {
        self.cancelled_at.is_none()
    }

    /// Day, month and year as Italian documents write them.
    pub fn written_day(&self) -> String {
        written(&self.day)
    }
}

/// A day as Italian documents write it.
pub(super) fn written(day: &str) -> String {
    day.split('-').rev().collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(given: Option<Given>) -> Registration {
        Registration {
            sender: " Anna Bianchi ".to_owned(),
            recipients: "Comune di Prova".to_owned(),
            subject: "Richiesta".to_owned(),
            given,
            ..Registration::default()
        }
    }

    fn given(number: &str, register: &str, day: &str) -> Option<Given> {
        Some(Given { register: register.to_owned(), number: number.to_owned(), day: day.to_owned() })
    }

    #[test]
    fn numbers_have_seven_digits_and_grow_beyond() {
        assert_eq!(padded(1), "0000001");
        assert_eq!(padded(12_345_678), "12345678");
        let kept = asked(given("0042", "PROT", "2026-03-02")).checked(true).map(|r| r.given);
        assert_eq!(kept.ok().flatten().map(|g| g.number), Some("0000042".to_owned()));
    }

    #[test]
    fn what_is_missing_or_misshapen_is_named() {
        let field = |r: Registration, own| match r.checked(own) {
            Err(RegistryError::Invalid { field, .. }) => field,
            _ => "",
        };
        assert_eq!(field(Registration { sender: " ".to_owned(), ..asked(None) }, true), "sender");
        assert_eq!(field(asked(None), false), "number");
        assert_eq!(field(asked(given("12a", "PROT", "2026-03-02")), true), "number");
        assert_eq!(field(asked(given("12", "PROT 1", "2026-03-02")), true), "register");
        assert_eq!(field(asked(given("12", "PROT", "2026-02-30")), true), "day");
        assert_eq!(field(asked(given("12", "PROT", "2026-02-28")), false), "");
    }
}
