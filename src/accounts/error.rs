use serde_json::{Value, json};

use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};

/// Why an account was not opened, changed or tried.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("there is no such account")]
    NotFound,
    #[error("an account of this name exists")]
    Taken,
    /// Somebody changed it since it was read.
    #[error("the account was changed by somebody else")]
    Stale,
    /// `wrong`: `missing`, `shape`, `unknown`, `text`, `number`, `flag`, `choice`, `secret` or `path`.
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: String, wrong: &'static str },
    /// The driver's own words about a setting.
    #[error("{field}: {why}")]
    Refused { field: String, why: String },
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountError {
    /// A field that is not acceptable.
    pub fn field(field: &str, wrong: &'static str) -> Self {
        Self::Invalid { field: field.to_owned(), wrong }
    }
}

impl From<sqlx::Error> for AccountError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for AccountError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Taken => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Invalid { .. } | Self::Refused { .. } => Kind::Invalid,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Taken => "account_taken",
            Self::Stale => "stale_version",
            Self::Invalid { .. } | Self::Refused { .. } => "invalid_account",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("field", json!(field)), ("wrong", json!(wrong))],
            Self::Refused { field, why } => vec![("field", json!(field)), ("why", json!(why))],
            _ => Vec::new(),
        }
    }
}
