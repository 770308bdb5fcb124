use serde_json::{Value, json};

use super::incidents::IncidentRefusal;
use super::model::State;
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::time::Instant;

/// Why a change of a ticket was refused.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    #[error("there is no such ticket")]
    NotFound,
    /// Made on an older version; says which is current and what changed it.
    #[error("the ticket was changed meanwhile")]
    Stale { current: i64, changed_by: String, what: String },
    /// Somebody else took it first (C16).
    #[error("somebody else has taken the ticket")]
    TakenBy { name: String },
    /// A colleague is writing an answer, and this agency lets only one write at a time (C16).
    #[error("{name} is writing an answer")]
    HeldBy { name: String, since: Instant },
    #[error("a ticket that is {} cannot become {}", from.as_str(), to.as_str())]
    State { from: State, to: State },
    /// The ticket is over; it must be reopened first.
    #[error("the ticket is closed")]
    Over,
    /// A value the caller chose does not exist or does not fit.
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    /// Whoever wants to take it is written down as absent: what they take would be passed on at once.
    #[error("you are written down as absent")]
    Away,
    #[error("the person has no address for this channel")]
    NoAddress,
    /// Another ticket goes on in its place; says which.
    #[error("the ticket was merged into another")]
    Merged { into: String },
    #[error(transparent)]
    Merging(#[from] MergeRefusal),
    #[error(transparent)]
    Incident(#[from] IncidentRefusal),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why tickets, persons or messages were not joined, moved or parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefusal {
    #[error("the two are the same")]
    Same,
    #[error("there is none with that code")]
    Unknown,
    /// What joins a closed ticket would be seen by nobody.
    #[error("the other ticket is closed")]
    TargetOver,
    /// A unit is asked and would answer on a ticket that is no more.
    #[error("a unit has still to answer")]
    OpenLegs,
    /// What is below it would be seen by nobody.
    #[error("other tickets are gathered below it")]
    HasBelow,
    /// What was joined last is parted first.
    #[error("it was joined with a further one since")]
    Nested,
    #[error("it was not joined with another")]
    NotMerged,
    #[error("the message belongs to a referral leg")]
    OfLeg,
    /// A ticket without a contact of its citizen would be left.
    #[error("nothing of the citizen would be left")]
    LastContact,
    #[error("no message was chosen")]
    NothingChosen,
}

impl MergeRefusal {
    /// The stable name, for programs and for the message catalogues.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "merge_same",
            Self::Unknown => "merge_unknown",
            Self::TargetOver => "merge_target_closed",
            Self::OpenLegs => "merge_open_legs",
            Self::HasBelow => "merge_has_below",
            Self::Nested => "merge_nested",
            Self::NotMerged => "not_merged",
            Self::OfLeg => "contact_of_leg",
            Self::LastContact => "last_contact",
            Self::NothingChosen => "nothing_chosen",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Same | Self::Unknown | Self::NothingChosen => Kind::Invalid,
            Self::TargetOver
            | Self::OpenLegs
            | Self::HasBelow
            | Self::Nested
            | Self::NotMerged
            | Self::OfLeg
            | Self::LastContact => Kind::Conflict,
        }
    }
}

impl From<sqlx::Error> for TicketError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for TicketError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Stale { .. } => Kind::Stale,
            Self::TakenBy { .. }
            | Self::HeldBy { .. }
            | Self::State { .. }
            | Self::Over
            | Self::Away
            | Self::Merged { .. } => Kind::Conflict,
            Self::Invalid { .. } | Self::NoAddress => Kind::Invalid,
            Self::Merging(e) => e.kind(),
            Self::Incident(e) if e.is_invalid() => Kind::Invalid,
            Self::Incident(_) => Kind::Conflict,
            Self::Forbidden(e) => e.kind(),
            Self::Blobs(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Stale { .. } => "stale_version",
            Self::TakenBy { .. } => "taken_by_another",
            Self::HeldBy { .. } => "held_by_another",
            Self::State { .. } => "state_not_allowed",
            Self::Over => "ticket_closed",
            Self::Away => "absent",
            Self::Invalid { .. } => "invalid",
            Self::NoAddress => "no_address",
            Self::Merged { .. } => "ticket_merged",
            Self::Merging(e) => e.code(),
            Self::Incident(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Stale { current, changed_by, what } => {
                vec![("current_version", json!(current)), ("changed_by", json!(changed_by)), ("what", json!(what))]
            }
            Self::TakenBy { name } => vec![("taken_by", json!(name))],
            Self::HeldBy { name, since } => vec![("held_by", json!(name)), ("since", json!(since.rfc3339()))],
            Self::State { from, to } => vec![("state", json!(from)), ("wanted", json!(to))],
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Merged { into } => vec![("merged_into", json!(into))],
            Self::NotFound
            | Self::Over
            | Self::Away
            | Self::NoAddress
            | Self::Merging(_)
            | Self::Incident(_)
            | Self::Forbidden(_)
            | Self::Blobs(_)
            | Self::Store(_) => Vec::new(),
        }
    }
}
