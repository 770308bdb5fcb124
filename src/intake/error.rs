use serde_json::{Value, json};

use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::TicketError;

/// Why a contact was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// No unit receives contacts yet.
    #[error("no unit «{slug}» receives contacts: load the organisation first")]
    NoEntryUnit { slug: String },
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for IntakeError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for IntakeError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoEntryUnit { .. } => Kind::Unavailable,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Ticket(e) => e.kind(),
            Self::Blobs(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoEntryUnit { .. } => "not_set_up",
            Self::Invalid { .. } => "invalid",
            Self::Ticket(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Ticket(e) => e.facts(),
            Self::NoEntryUnit { .. } | Self::Blobs(_) | Self::Store(_) => Vec::new(),
        }
    }
}
