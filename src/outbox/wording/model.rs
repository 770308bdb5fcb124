//! Which texts there are, what may stand in them, and how they meet an answer.
use channels::ChannelKind;
use serde_json::{Value, json};

use crate::kernel::database::StoreError;
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};

stored_enum! {
    /// How a text travels.
    Carrier {
        Email = "email",
        Pec = "pec",
        Sms = "sms",
        Fax = "fax",
        Letter = "letter",
    }
}

stored_enum! {
    /// Where a text stands.
    Part {
        /// What an answer begins with in the composer.
        Salutation = "salutation",
        /// The same for somebody without a name.
        SalutationUnnamed = "salutation_unnamed",
        /// What follows an answer.
        Signature = "signature",
        /// "We have received your request".
        Acknowledgement = "acknowledgement",
        /// Added to an answer that resolves the request.
        Resolved = "resolved",
        /// "There is an answer", by text message to those who want to be told.
        Notice = "notice",
    }
}

/// Longest text, in characters; of a short message, which is paid by its length, much less.
const LONGEST: usize = 4_000;
const LONGEST_SMS: usize = 320;

impl Carrier {
    /// How a channel carries texts; `None` for those by which nothing is written.
    pub const fn of(kind: ChannelKind) -> Option<Self> {
        match kind {
            ChannelKind::Email => Some(Self::Email),
            ChannelKind::Pec => Some(Self::Pec),
            ChannelKind::Sms => Some(Self::Sms),
            ChannelKind::Fax => Some(Self::Fax),
            ChannelKind::Letter => Some(Self::Letter),
            ChannelKind::Phone | ChannelKind::Voicemail | ChannelKind::WebForm | ChannelKind::Counter => None,
        }
    }

    /// Most characters of a text.
    pub const fn longest(self) -> usize {
        match self {
            Self::Sms => LONGEST_SMS,
            Self::Email | Self::Pec | Self::Fax | Self::Letter => LONGEST,
        }
    }
}

impl Part {
    /// The parts that a carrier has.
    pub fn of(carrier: Carrier) -> impl Iterator<Item = Self> {
        let acknowledged = matches!(carrier, Carrier::Email | Carrier::Pec | Carrier::Sms);
        Self::ALL.iter().copied().filter(move |part| match part {
            Self::Acknowledgement => acknowledged,
            Self::Notice => carrier == Carrier::Sms,
            Self::Salutation | Self::SalutationUnnamed | Self::Signature | Self::Resolved => true,
        })
    }

    /// What may stand in it between braces.
    pub const fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::Salutation => &["name"],
            Self::SalutationUnnamed => &[],
            Self::Signature => &["code", "link", "agency", "unit", "agent", "name"],
            Self::Acknowledgement => &["code", "link", "agency", "subject", "expected", "name"],
            Self::Resolved => &["date", "code", "link", "agency"],
            Self::Notice => &["code", "link", "agency", "name"],
        }
    }

    /// Key of the text that the program brings.
    pub const fn built_in(self, carrier: Carrier) -> &'static str {
        use Carrier as C;
        match (self, carrier) {
            (Self::Salutation, C::Sms) | (Self::SalutationUnnamed, C::Sms) => "wording-sms-salutation",
            (Self::Salutation, C::Email | C::Pec | C::Fax | C::Letter) => "desk-greeting-name",
            (Self::SalutationUnnamed, C::Email | C::Pec | C::Fax | C::Letter) => "desk-greeting",
            (Self::Signature, C::Email) => "wording-email-signature",
            (Self::Signature, C::Pec) => "wording-pec-signature",
            (Self::Signature, C::Sms) => "wording-sms-signature",
            // The program that makes the pages adds code, address and head by itself.
            (Self::Signature, C::Fax | C::Letter) => "wording-paper-signature",
            (Self::Acknowledgement, C::Sms) => "sms-acknowledgement",
            (Self::Acknowledgement, C::Email | C::Pec | C::Fax | C::Letter) => "mail-acknowledgement",
            (Self::Resolved, C::Email | C::Pec) => "mail-reply-resolved",
            (Self::Notice, C::Email | C::Pec | C::Sms | C::Fax | C::Letter) => "wording-sms-notice",
            (Self::Resolved, C::Sms) => "wording-sms-resolved",
            (Self::Resolved, C::Fax | C::Letter) => "wording-paper-resolved",
        }
    }

    /// The program's text with its placeholders shown as they are written.
    pub fn built_in_template(self, carrier: Carrier, language: Language) -> String {
        let values: Vec<(&str, String)> = self.placeholders().iter().map(|p| (*p, format!("{{{p}}}"))).collect();
        language.text_with(self.built_in(carrier), &values)
    }
}

/// Puts values where a template names them between braces; what it does not know stays as it is.
pub fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let named = rest.find('}').and_then(|close| {
            let value = values.iter().find(|(name, _)| *name == &rest[1..close])?;
            Some((close, &value.1))
        });
        match named {
            Some((close, value)) => {
                filled.push_str(value);
                rest = &rest[close + 1..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The first placeholder of a template that its part does not have.
pub fn unknown_placeholder(template: &str, part: Part) -> Option<String> {
    template.split('{').skip(1).find_map(|after| {
        let name = after.split('}').next().filter(|name| name.len() < after.len())?;
        (!part.placeholders().contains(&name)).then(|| name.to_owned())
    })
}

/// An answer with what follows it.
pub fn join(carrier: Carrier, parts: &[&str]) -> String {
    let gap = match carrier {
        Carrier::Sms => " ",
        Carrier::Email | Carrier::Pec | Carrier::Fax | Carrier::Letter => "\n\n",
    };
    parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(gap)
}

/// Why a text was not changed.
#[derive(Debug, thiserror::Error)]
pub enum WordingError {
    #[error("there is no such text")]
    NotFound,
    #[error("the text has more than {most} characters")]
    TooLong { most: usize },
    #[error("{{{name}}} cannot stand here")]
    Placeholder { name: String },
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for WordingError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::TooLong { .. } | Self::Placeholder { .. } => Kind::Invalid,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::TooLong { .. } => "wording_too_long",
            Self::Placeholder { .. } => "wording_placeholder",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::TooLong { most } => vec![("most", json!(most))],
            Self::Placeholder { name } => vec![("name", json!(name))],
            Self::NotFound | Self::Forbidden(_) | Self::Store(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_stand_where_they_are_named_and_are_not_read_again() {
        let values = [("code", "ABC".to_owned()), ("name", "{code}".to_owned())];
        assert_eq!(fill("{name}: {code} {other} {", &values), "{code}: ABC {other} {");
    }

    #[test]
    fn a_placeholder_that_the_part_does_not_have_is_named() {
        assert_eq!(unknown_placeholder("Pratica {code}, {codice}", Part::Signature), Some("codice".to_owned()));
        assert_eq!(unknown_placeholder("Pratica {code} { e basta", Part::Signature), None);
        assert_eq!(unknown_placeholder("{code}", Part::Salutation), Some("code".to_owned()));
    }

    #[test]
    fn every_part_has_a_built_in_text_in_both_languages() {
        for &carrier in Carrier::ALL {
            for part in Part::of(carrier) {
                for language in [Language::Italian, Language::English] {
                    assert!(language.has(part.built_in(carrier)), "{part:?} {carrier:?}");
                    let template = part.built_in_template(carrier, language);
                    assert_eq!(unknown_placeholder(&template, part), None, "{template}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_without_braces_stays_as_it_is(text in "[^{}]*") {
            prop_assert_eq!(fill(&text, &[("code", "ABC".to_owned())]), text);
        }
    }
}
