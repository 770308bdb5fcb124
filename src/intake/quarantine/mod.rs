//! What came and could not be taken in: kept whole, shown with its reason, tried again, made a ticket by hand,
//! or dismissed. Dismissing keeps the bytes too.
mod dismiss;
mod download;
mod make_ticket;
mod measure;
mod original;
pub mod pages;
mod retry;
mod sender;

pub use dismiss::dismiss;
pub use download::download;
pub use make_ticket::make_ticket;
pub use measure::measure;
pub use original::{Original, original};
pub use retry::retry;
pub use sender::{sender, sender_on};

use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Refusal};

use super::IntakeError;

/// The right to see and move what is in quarantine: it may hold anybody's mail.
pub const RIGHT: Permission = Permission::TakeOver;

/// Why something in quarantine was not moved.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    #[error("there is no such item")]
    NotFound,
    /// Somebody moved it before.
    #[error("the item is no longer in quarantine")]
    Gone,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Intake(#[from] IntakeError),
    #[error(transparent)]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for QuarantineError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Gone => Kind::Conflict,
            Self::Forbidden(e) => e.kind(),
            Self::Intake(e) => e.kind(),
            Self::Blobs(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Gone => "quarantine_gone",
            Self::Forbidden(e) => e.code(),
            Self::Intake(e) => e.code(),
            Self::Blobs(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }
}
