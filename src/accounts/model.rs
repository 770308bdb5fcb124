//! What an account is, without I/O.
use std::collections::BTreeMap;

use channels::{Driver, Field, FieldKind, drivers};
use sqlx::FromRow;

use super::AccountError;
use crate::kernel::time::Instant;

/// An account as stored.
#[derive(Debug, Clone, FromRow)]
pub struct AccountRow {
    pub id: i64,
    pub name: String,
    pub driver: String,
    /// JSON object by field.
    pub settings: String,
    /// Slug; empty for the desk's entry unit.
    pub unit: String,
    pub enabled: bool,
    pub version: i64,
    pub changed_at: Instant,
}

impl AccountRow {
    /// The settings by field name.
    pub fn values(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.settings).unwrap_or_default()
    }
}

/// An account as it shall be.
#[derive(Debug, Clone, Default)]
pub struct NewAccount {
    pub name: String,
    pub driver: String,
    pub settings: BTreeMap<String, String>,
    pub unit: String,
    pub enabled: bool,
}

/// A driver of this build by name.
pub fn driver(name: &str) -> Option<&'static dyn Driver> {
    drivers().iter().copied().find(|d| d.name() == name)
}

/// Prefix of the environment variables that accounts may refer to: an account must not be able to send any
/// other secret of the process to a server of its choice.
pub const SECRET_PREFIX: &str = "SPORTELLO_SECRET_";

/// Checks a new account and fills in defaults; what no field names is dropped.
///
/// # Errors
/// Names the first field at fault.
pub fn tidy(new: &NewAccount) -> Result<NewAccount, AccountError> {
    let name = new.name.trim().to_owned();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
        return Err(AccountError::field("name", "shape"));
    }
    let driver = driver(&new.driver).ok_or_else(|| AccountError::field("driver", "unknown"))?;
    let mut settings = BTreeMap::new();
    for field in driver.fields() {
        let value = new.settings.get(field.name).map_or("", |v| v.trim());
        let value = if value.is_empty() { field.default } else { value };
        check_field(field, value)?;
        if !value.is_empty() {
            settings.insert(field.name.to_owned(), value.to_owned());
        }
    }
    Ok(NewAccount {
        name,
        driver: new.driver.clone(),
        settings,
        unit: new.unit.trim().to_owned(),
        enabled: new.enabled,
    })
}

fn check_field(field: &Field, value: &str) -> Result<(), AccountError> {
    if value.is_empty() {
        return if field.required { Err(AccountError::field(field.name, "missing")) } else { Ok(()) };
    }
    let wrong = match field.kind {
        _ if value.len() > 2000 || value.chars().any(char::is_control) => Some("text"),
        FieldKind::Text => None,
        FieldKind::Number { least, most } => {
            let fits = value.parse::<i64>().is_ok_and(|n| n >= least && n <= most);
            (!fits).then_some("number")
        }
        FieldKind::Flag => (value != "true" && value != "false").then_some("flag"),
        FieldKind::Choice(names) => (!names.contains(&value)).then_some("choice"),
        FieldKind::Secret => (!is_reference(value)).then_some("secret"),
        FieldKind::Path => (!value.starts_with('/') || value.split('/').any(|part| part == "..")).then_some("path"),
    };
    wrong.map_or(Ok(()), |wrong| Err(AccountError::field(field.name, wrong)))
}

/// Whether a text refers to a secret, rather than being one.
fn is_reference(text: &str) -> bool {
    let word = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    match text.split_once(':') {
        Some(("env", name)) => name.starts_with(SECRET_PREFIX) && word(name),
        Some(("file", name)) => word(name) && !name.starts_with('.'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_reference_and_to_nothing_else_of_the_machine() {
        for good in ["env:SPORTELLO_SECRET_SMS", "file:sms-gateway"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["hunter2", "env:DATABASE_URL", "file:/etc/shadow", "file:../secret.key", "file:.x", "env:", ""] {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
