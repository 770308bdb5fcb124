//! Why a change of something that is edited on a form was refused: the same few reasons wherever nothing else is asked.
use serde_json::{Value, json};

use super::database::StoreError;
use super::permissions::Forbidden;
use super::problem::{Kind, Refusal};

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("there is nothing of that name")]
    NotFound,
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    /// Somebody changed it meanwhile.
    #[error("it was changed meanwhile")]
    Stale,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for EditError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Stale => Kind::Stale,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Invalid { .. } => "invalid",
            Self::Stale => "stale",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::NotFound | Self::Stale | Self::Forbidden(_) | Self::Store(_) => Vec::new(),
        }
    }
}
