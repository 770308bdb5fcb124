//! What a way is, without I/O.
use std::collections::BTreeMap;

use reqwest::Url;
use sqlx::FromRow;

use super::WayError;
use crate::kernel::names::{read_stored, stored_enum};
use crate::kernel::references::is_reference;
use crate::kernel::time::Instant;

stored_enum! {
    /// How legs travel to a unit.
    WayKind {
        /// None of its own: the agency's, else e-mail, else the accounts of its referents.
        Default = "default",
        /// Only the page of its referents.
        Portal = "portal",
        /// E-mail with a link.
        Email = "email",
        /// Certified mail.
        Pec = "pec",
        /// A letter.
        Print = "print",
        /// A signed call of the body's own system.
        Webhook = "webhook",
        /// The body's Open311 endpoint.
        Open311 = "open311",
    }
}

read_stored!(WayKind);

/// What may be written in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Line,
    /// Some lines.
    Lines,
    /// An e-mail address.
    Address,
    /// An address of the web.
    Url,
    /// A reference to a secret.
    Secret,
    /// Yes or no.
    Flag,
    /// A whole number in these bounds.
    Number { least: u32, most: u32 },
    /// Name of an account that sends certified mail.
    PecAccount,
    /// Name of an account that prints letters.
    PrintAccount,
    /// Lines of `name = value`.
    Pairs,
}

/// One thing a way needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Stored, and part of message keys (`way-field-<name>`).
    pub name: &'static str,
    pub kind: FieldKind,
    pub required: bool,
    pub default: &'static str,
}

const fn field(name: &'static str, kind: FieldKind, required: bool, default: &'static str) -> Field {
    Field { name, kind, required, default }
}

impl WayKind {
    /// What a way of this kind needs to know, in the order in which a person fills it in.
    pub const fn fields(self) -> &'static [Field] {
        use FieldKind as K;
        match self {
            Self::Default | Self::Portal => &[],
            Self::Email => &const { [field("address", K::Address, true, "")] },
            Self::Pec => &const { [field("account", K::PecAccount, true, ""), field("address", K::Address, true, "")] },
            Self::Print => {
                &const { [field("account", K::PrintAccount, true, ""), field("postal", K::Lines, true, "")] }
            }
            Self::Webhook => &const { [field("url", K::Url, true, ""), field("secret", K::Secret, true, "")] },
            Self::Open311 => {
                &const {
                    [
                        field("url", K::Url, true, ""),
                        field("jurisdiction", K::Line, false, ""),
                        field("api_key", K::Secret, false, ""),
                        field("service", K::Line, true, ""),
                        field("services", K::Pairs, false, ""),
                        field("attributes", K::Pairs, false, ""),
                        field("place", K::Line, false, ""),
                        field("updates", K::Flag, false, "true"),
                        field("minutes", K::Number { least: 1, most: 1440 }, false, "5"),
                    ]
                }
            }
        }
    }

    /// Whether legs leave to a system that is called.
    pub const fn is_called(self) -> bool {
        matches!(self, Self::Webhook | Self::Open311)
    }
}

/// A way as stored.
#[derive(Debug, Clone, FromRow)]
pub struct Way {
    pub id: i64,
    pub unit_id: Option<i64>,
    pub agency_id: Option<i64>,
    #[sqlx(try_from = "String")]
    pub kind: WayKind,
    /// JSON object by field.
    pub settings: String,
    pub version: i64,
    pub changed_at: Instant,
}

impl Way {
    /// The settings by field name.
    pub fn values(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.settings).unwrap_or_default()
    }

    /// A setting; empty when there is none.
    pub fn setting(&self, name: &str) -> String {
        self.values().remove(name).unwrap_or_default()
    }

    /// The lane of its calls.
    pub fn lane(&self) -> String {
        lane_of(self.id)
    }
}

/// The lane of the calls of a way.
pub fn lane_of(way: i64) -> String {
    format!("way:{way}")
}

/// Whose way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Unit(i64),
    Agency(i64),
}

/// The pairs of lines `name = value`.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

/// Checks the settings of a way and fills in defaults; what no field names is dropped.
///
/// # Errors
/// Names the first field at fault.
pub fn tidy(kind: WayKind, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, WayError> {
    let mut settings = BTreeMap::new();
    for field in kind.fields() {
        let value = match given.get(field.name).map(|v| v.trim()) {
            None | Some("") => field.default,
            Some(value) => value,
        };
        check(field, value)?;
        if !value.is_empty() {
            settings.insert(field.name.to_owned(), value.replace('\r', ""));
        }
    }
    Ok(settings)
}

fn check(field: &Field, value: &str) -> Result<(), WayError> {
    let wrong = |wrong| Err(WayError::Invalid { field: field.name, wrong });
    if value.is_empty() {
        return if field.required { wrong("missing") } else { Ok(()) };
    }
    let lines = matches!(field.kind, FieldKind::Lines | FieldKind::Pairs);
    if value.len() > 8000 || value.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r'))) {
        return wrong("text");
    }
    match field.kind {
        FieldKind::Line | FieldKind::PecAccount | FieldKind::PrintAccount => Ok(()),
        FieldKind::Lines if value.lines().count() < 2 => wrong("postal"),
        FieldKind::Lines => Ok(()),
        FieldKind::Address if crate::people::Identifier::email(value).is_err() => wrong("address"),
        FieldKind::Address => Ok(()),
        FieldKind::Url => match Url::parse(value) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.password().is_none() => {
                Ok(())
            }
            Ok(_) | Err(_) => wrong("url"),
        },
        FieldKind::Secret if is_reference(value) => Ok(()),
        FieldKind::Secret => wrong("secret"),
        FieldKind::Flag if matches!(value, "true" | "false") => Ok(()),
        FieldKind::Flag => wrong("flag"),
        FieldKind::Number { least, most } => match value.parse::<u32>() {
            Ok(n) if n >= least && n <= most => Ok(()),
            Ok(_) | Err(_) => wrong("number"),
        },
        FieldKind::Pairs if value.lines().filter(|l| !l.trim().is_empty()).count() == pairs(value).len() => Ok(()),
        FieldKind::Pairs => wrong("pairs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    fn fault(kind: WayKind, pairs: &[(&str, &str)]) -> Option<(&'static str, &'static str)> {
        match tidy(kind, &given(pairs)) {
            Err(WayError::Invalid { field, wrong }) => Some((field, wrong)),
            _ => None,
        }
    }

    #[test]
    fn a_way_says_which_of_its_fields_is_wrong() {
        use WayKind as W;
        assert_eq!(fault(W::Pec, &[("account", "pec")]), Some(("address", "missing")));
        assert_eq!(fault(W::Webhook, &[("url", "ftp://x.it"), ("secret", "file:x")]), Some(("url", "url")));
        assert_eq!(fault(W::Webhook, &[("url", "https://x.it"), ("secret", "hunter2")]), Some(("secret", "secret")));
        assert_eq!(fault(W::Print, &[("account", "p"), ("postal", "Ente")]), Some(("postal", "postal")));
        let open = [("url", "https://x.it/open311"), ("service", "001"), ("services", "buche")];
        assert_eq!(fault(W::Open311, &open), Some(("services", "pairs")));
        assert_eq!(fault(W::Portal, &[]), None);
    }

    #[test]
    fn defaults_are_filled_in_and_strangers_dropped() {
        let open = [("url", "https://x.it"), ("service", "001"), ("colour", "red"), ("services", "a/b = 7\n\nc=8")];
        let settings = tidy(WayKind::Open311, &given(&open)).unwrap();
        assert_eq!(settings.get("minutes").map(String::as_str), Some("5"));
        assert_eq!(settings.get("updates").map(String::as_str), Some("true"));
        assert!(!settings.contains_key("colour"));
        assert_eq!(
            pairs(&settings["services"]),
            [("a/b".to_owned(), "7".to_owned()), ("c".to_owned(), "8".to_owned())]
        );
    }
}
