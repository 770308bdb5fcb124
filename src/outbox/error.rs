use channels::paper::ProgramError;

use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};

/// Why a change of a message in the outbox was refused.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    #[error("there is no such message")]
    NotFound,
    /// A worker has it in hand, or it left already.
    #[error("the message is being sent or has left already")]
    NotWaiting,
    #[error("this is not an address the message can be sent to")]
    Address,
    #[error("this is not the number of a registered letter")]
    Tracking,
    /// The program that joins pages is missing, or refused.
    #[error("the letters cannot be put into one file: {0}")]
    Pages(#[from] ProgramError),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for OutboxError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::NotWaiting => Kind::Conflict,
            Self::Address | Self::Tracking => Kind::Invalid,
            Self::Pages(_) => Kind::Unavailable,
            Self::Blobs(e) => e.kind(),
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NotWaiting => "outbox_not_waiting",
            Self::Address => "outbox_address",
            Self::Tracking => "outbox_tracking",
            Self::Pages(_) => "outbox_pages",
            Self::Blobs(e) => e.code(),
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }
}
