//! Daily reconciliation: for each account and local day, what its peer says it handed over is compared with what is
//! stored, and what was sent with what was reported. Each thing that differs is named, and fetched again on request
//! where the peer allows it. Counting only what came in would never show what did not.
pub mod api;
mod compare;
mod daily;
mod gateways;
mod model;
pub mod pages;
mod recover;
mod store;
mod totals;

pub use compare::{Subject, compare, subjects};
pub use daily::{compare_days, follow, run_due};
pub use gateways::follow as follow_gateways;
pub use model::{Day, Item, Kind, Sheet};
pub use recover::recover;

use jiff::ToSpan;

use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::{Forbidden, Permission};
use crate::kernel::problem::{Kind as ProblemKind, Refusal};

/// The right to see what differs and to have it fetched: it goes with quarantine.
pub const RIGHT: Permission = Permission::TakeOver;
/// Days that pages, metrics and warnings look back.
const SHOWN_DAYS: i64 = 14;

/// Why something was not compared or fetched.
#[derive(Debug, thiserror::Error)]
pub enum ReconciliationError {
    #[error("there is no such account")]
    NotFound,
    #[error("that is no day that can be compared")]
    NoSuchDay,
    /// Another node, or another request, does it now.
    #[error("a comparison is under way")]
    UnderWay,
    /// The peer's own words.
    #[error("the peer does not give it: {0}")]
    Peer(String),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Intake(#[from] crate::intake::IntakeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for ReconciliationError {
    fn kind(&self) -> ProblemKind {
        match self {
            Self::NotFound => ProblemKind::NotFound,
            Self::NoSuchDay => ProblemKind::Invalid,
            Self::UnderWay | Self::Peer(_) => ProblemKind::Conflict,
            Self::Forbidden(e) => e.kind(),
            Self::Intake(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoSuchDay => "invalid_day",
            Self::UnderWay => "reconciliation_under_way",
            Self::Peer(_) => "peer_refuses",
            Self::Forbidden(e) => e.code(),
            Self::Intake(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }
}

/// Differences of each account in the days that are shown; accounts without any are not in it.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(kernel: &Kernel) -> Result<Vec<(String, i64)>, StoreError> {
    let mut conn = kernel.db.read().await?;
    store::standing(&mut conn, &first_shown(kernel)).await
}

fn first_shown(kernel: &Kernel) -> String {
    let today = kernel.now().zoned(&kernel.config.zone()).date();
    today.saturating_sub((SHOWN_DAYS - 1).days()).to_string()
}
