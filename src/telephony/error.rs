use serde_json::{Value, json};

use crate::intake::IntakeError;
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::TicketError;

/// Why something about calls was not done.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    #[error("there is no such call, telephone or promise")]
    NotFound,
    #[error("another agent has this extension")]
    ExtensionTaken,
    #[error("nobody talks in this call, or nobody records it")]
    NotRecorded,
    #[error("the recorder of this call does not obey")]
    RecorderRefuses,
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    #[error(transparent)]
    Intake(#[from] IntakeError),
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for PhoneError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for PhoneError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::ExtensionTaken | Self::NotRecorded => Kind::Conflict,
            Self::RecorderRefuses => Kind::Unavailable,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Intake(e) => e.kind(),
            Self::Ticket(e) => e.kind(),
            Self::Blobs(e) => e.kind(),
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::ExtensionTaken => "extension_taken",
            Self::NotRecorded => "not_recorded",
            Self::RecorderRefuses => "recorder_refuses",
            Self::Invalid { .. } => "invalid",
            Self::Intake(e) => e.code(),
            Self::Ticket(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Intake(e) => e.facts(),
            Self::Ticket(e) => e.facts(),
            _ => Vec::new(),
        }
    }
}
