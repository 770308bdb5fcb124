use serde_json::{Value, json};

use crate::intake::IntakeError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::TicketError;

/// Why something about visits was not done.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    #[error("there is no such visit")]
    NotFound,
    /// Somebody may have worked on it meanwhile, or it counts already.
    #[error("the visit can no longer be undone")]
    TooLate,
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    #[error(transparent)]
    Intake(#[from] IntakeError),
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for VisitError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for VisitError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::TooLate => Kind::Conflict,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Intake(e) => e.kind(),
            Self::Ticket(e) => e.kind(),
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::TooLate => "visit_too_late",
            Self::Invalid { .. } => "invalid",
            Self::Intake(e) => e.code(),
            Self::Ticket(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Intake(e) => e.facts(),
            Self::Ticket(e) => e.facts(),
            Self::NotFound | Self::TooLate | Self::Forbidden(_) | Self::Store(_) => Vec::new(),
        }
    }
}
