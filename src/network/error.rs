use serde_json::{Value, json};

use super::model::LegState;
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::TicketError;

/// Why a use case of the network was refused.
#[derive(Debug, thiserror::Error)]
pub enum LegError {
    #[error("there is no such leg")]
    NotFound,
    /// The front office took the leg back: nobody waits for an answer.
    #[error("the leg was withdrawn by the front office")]
    Withdrawn,
    /// The leg is over, so that it cannot be returned or withdrawn.
    #[error("the leg is already {}", state.as_str())]
    Over { state: LegState },
    /// The routing rule forbids it (004-09).
    #[error("a back office receives only from units of its own agency or from an entry point")]
    Scope,
    /// The unit has neither an address nor a referent with an account: nobody would read it.
    #[error("the unit has no address and no referent")]
    Unreachable,
    /// The unit's way leads nowhere as it is set.
    #[error("the way of the unit does not work: {wrong}")]
    Way { wrong: &'static str },
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for LegError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for LegError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Withdrawn | Self::Over { .. } | Self::Scope => Kind::Conflict,
            Self::Unreachable | Self::Way { .. } | Self::Invalid { .. } => Kind::Invalid,
            Self::Ticket(e) => e.kind(),
            Self::Forbidden(e) => e.kind(),
            Self::Blobs(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Withdrawn => "leg_withdrawn",
            Self::Over { .. } => "leg_over",
            Self::Scope => "leg_scope",
            Self::Unreachable => "unit_unreachable",
            Self::Way { .. } => "unit_way",
            Self::Invalid { .. } => "invalid",
            Self::Ticket(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Over { state } => vec![("state", json!(state))],
            Self::Way { wrong } => vec![("wrong", json!(wrong))],
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Ticket(e) => e.facts(),
            Self::NotFound
            | Self::Withdrawn
            | Self::Scope
            | Self::Unreachable
            | Self::Forbidden(_)
            | Self::Blobs(_)
            | Self::Store(_) => Vec::new(),
        }
    }
}
