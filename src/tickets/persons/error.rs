use serde_json::{Value, json};

use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};

/// Why a change of a person was refused.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    #[error("there is no such person")]
    NotFound,
    #[error("the two are the same person")]
    Same,
    /// Goes on as another; says who, by row id.
    #[error("the person was merged into another")]
    Merged { into: i64 },
    /// What was joined last is parted first.
    #[error("the other was merged too since")]
    Nested,
    #[error("the person was not merged")]
    NotMerged,
    /// The claimed identifier is another person's, by row id.
    #[error("the identifier belongs to another person")]
    Taken { by: i64 },
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for PersonError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for PersonError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Same => Kind::Invalid,
            Self::Merged { .. } | Self::Nested | Self::NotMerged | Self::Taken { .. } => Kind::Conflict,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Same => "person_same",
            Self::Merged { .. } => "person_merged",
            Self::Nested => "person_nested",
            Self::NotMerged => "person_not_merged",
            Self::Taken { .. } => "identifier_taken",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Merged { into } => vec![("merged_into", json!(into))],
            Self::Taken { by } => vec![("person", json!(by))],
            Self::NotFound | Self::Same | Self::Nested | Self::NotMerged | Self::Forbidden(_) | Self::Store(_) => {
                Vec::new()
            }
        }
    }
}
