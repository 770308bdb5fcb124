use channels::paper::ProgramError;
use serde_json::{Value, json};

use crate::intake::IntakeError;
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::TicketError;

/// Why a letter was not changed.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    #[error("there is no such letter")]
    NotFound,
    #[error("the letter was changed meanwhile")]
    Stale { current: i64 },
    /// Its pages are in another letter now.
    #[error("the pages of the letter were joined to another")]
    Joined,
    /// What is registered stays as it is.
    #[error("the letter is registered: its pages stay as they are")]
    Registered,
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    /// The programs that pages need are not there, or refused.
    #[error("the pages cannot be put together: {0}")]
    Pages(#[from] ProgramError),
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Intake(#[from] IntakeError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for LetterError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for LetterError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Stale { .. } => Kind::Stale,
            Self::Joined | Self::Registered => Kind::Conflict,
            Self::Invalid { .. } => Kind::Invalid,
            Self::Pages(_) => Kind::Unavailable,
            Self::Ticket(e) => e.kind(),
            Self::Intake(e) => e.kind(),
            Self::Forbidden(e) => e.kind(),
            Self::Blobs(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Stale { .. } => "letter_stale",
            Self::Joined => "letter_joined",
            Self::Registered => "letter_registered",
            Self::Invalid { .. } => "invalid",
            Self::Pages(_) => "letter_pages",
            Self::Ticket(e) => e.code(),
            Self::Intake(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Stale { current } => vec![("current_version", json!(current))],
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Ticket(e) => e.facts(),
            Self::Intake(e) => e.facts(),
            Self::NotFound
            | Self::Joined
            | Self::Registered
            | Self::Pages(_)
            | Self::Forbidden(_)
            | Self::Blobs(_)
            | Self::Store(_) => Vec::new(),
        }
    }
}
