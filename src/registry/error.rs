use serde_json::{Value, json};

use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};

/// Why something was not registered, or a registration not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("there is nothing here")]
    NotFound,
    /// Notes and messages to other offices are no documents of the citizen's.
    #[error("only what came from outside or left can be registered")]
    NoDocument,
    #[error("it is registered already as {number}")]
    Registered { number: String, id: i64 },
    /// The register of the body gave this number to something else.
    #[error("the number belongs to another document")]
    NumberTaken,
    #[error("it is cancelled already")]
    Cancelled,
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RegistryError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for RegistryError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Registered { .. } | Self::NumberTaken | Self::Cancelled | Self::NoDocument => Kind::Conflict,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoDocument => "no_document",
            Self::Registered { .. } => "already_registered",
            Self::NumberTaken => "registration_number_taken",
            Self::Cancelled => "registration_cancelled",
            Self::Invalid { .. } => "invalid",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Registered { number, id } => vec![("number", json!(number)), ("registration", json!(id))],
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::NotFound
            | Self::NoDocument
            | Self::NumberTaken
            | Self::Cancelled
            | Self::Forbidden(_)
            | Self::Store(_) => Vec::new(),
        }
    }
}
