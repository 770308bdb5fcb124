use serde_json::{Value, json};

use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::TicketError;

/// Why a setting or an absence was refused.
#[derive(Debug, thiserror::Error)]
pub enum AssignmentError {
    /// There is no such unit, agent or absence.
    #[error("there is no such unit, agent or absence")]
    NotFound,
    /// A value the caller chose does not exist or does not fit.
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AssignmentError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<AssignmentError> for TicketError {
    fn from(e: AssignmentError) -> Self {
        match e {
            AssignmentError::NotFound => Self::NotFound,
            AssignmentError::Invalid { field, wrong } => Self::Invalid { field, wrong },
            AssignmentError::Forbidden(e) => Self::Forbidden(e),
            AssignmentError::Store(e) => Self::Store(e),
        }
    }
}

impl Refusal for AssignmentError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Invalid { .. } => "invalid",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::NotFound | Self::Forbidden(_) | Self::Store(_) => Vec::new(),
        }
    }
}
