use serde_json::{Value, json};

use crate::clocks::calendar::Unreadable;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::TicketError;

/// Why a use case of terms was refused.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    #[error("there is no such thing")]
    NotFound,
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    /// Somebody else saved a version meanwhile.
    #[error("the calendar or protocol was changed meanwhile")]
    Changed,
    /// The term is over, or not suspended, or not one that allows it.
    #[error("the term does not allow it: {wrong}")]
    Clock { wrong: &'static str },
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ProtocolError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<Unreadable> for ProtocolError {
    fn from(e: Unreadable) -> Self {
        Self::Invalid { field: e.field, wrong: e.wrong }
    }
}

impl Refusal for ProtocolError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Changed => Kind::Stale,
            Self::Clock { .. } => Kind::Conflict,
            Self::Ticket(e) => e.kind(),
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Invalid { .. } => "invalid",
            Self::Changed => "protocol_changed",
            Self::Clock { wrong } => wrong,
            Self::Ticket(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Ticket(e) => e.facts(),
            Self::NotFound | Self::Changed | Self::Clock { .. } | Self::Forbidden(_) | Self::Store(_) => Vec::new(),
        }
    }
}
