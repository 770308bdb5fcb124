//! What an account is, without I/O.
use std::collections::BTreeMap;

use channels::{Driver, Field, FieldKind, drivers};
use sqlx::FromRow;

use super::AccountError;
use crate::kernel::references::is_reference;
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
