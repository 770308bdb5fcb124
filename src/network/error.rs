use serde_json::{Value, json};

use super::model::LegState;
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::time::Instant;
use crate::organisation::OrganisationError;
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
    /// The leg stands where this cannot be done, such as telling a unit what it did not ask.
    #[error("this cannot be done while the leg is {}", state.as_str())]
    NotNow { state: LegState },
    /// The days in which a unit may refuse by itself are over (004-22): it has to ask the front office.
    #[error("the time in which the unit may refuse the leg is over")]
    RefuseLate { until: Instant },
    /// The kind of the leg does not permit it (D4).
    #[error("the kind of the leg does not permit this")]
    NotItsPart,
    /// Nothing is known that leads to the citizen: the front office has to find a way.
    #[error("nothing is known that leads to the citizen")]
    NoWayToCitizen,
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
    Organisation(#[from] OrganisationError),
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
            Self::Withdrawn
            | Self::Over { .. }
            | Self::NotNow { .. }
            | Self::RefuseLate { .. }
            | Self::NotItsPart
            | Self::NoWayToCitizen
            | Self::Scope => Kind::Conflict,
            Self::Unreachable | Self::Way { .. } | Self::Invalid { .. } => Kind::Invalid,
            Self::Organisation(e) => e.kind(),
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
            Self::NotNow { .. } => "leg_not_now",
            Self::RefuseLate { .. } => "leg_refuse_late",
            Self::NotItsPart => "leg_not_its_part",
            Self::NoWayToCitizen => "no_way_to_citizen",
            Self::Scope => "leg_scope",
            Self::Unreachable => "unit_unreachable",
            Self::Way { .. } => "unit_way",
            Self::Invalid { .. } => "invalid",
            Self::Organisation(e) => e.code(),
            Self::Ticket(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Over { state } | Self::NotNow { state } => vec![("state", json!(state))],
            Self::RefuseLate { until } => vec![("until", json!(until.rfc3339()))],
            Self::Way { wrong } => vec![("wrong", json!(wrong))],
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Organisation(e) => e.facts(),
            Self::Ticket(e) => e.facts(),
            Self::NotFound
            | Self::Withdrawn
            | Self::Scope
            | Self::NotItsPart
            | Self::NoWayToCitizen
            | Self::Unreachable
            | Self::Forbidden(_)
            | Self::Blobs(_)
            | Self::Store(_) => Vec::new(),
        }
    }
}
