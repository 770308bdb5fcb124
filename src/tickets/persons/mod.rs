//! What agents put right about persons: two that are one are merged, and parted again; identifiers claimed
//! without proof are confirmed or rejected (C19). `people` moves the identifiers; here move the tickets and the
//! contacts, in the same transaction, each told in the ticket's history.
mod claims;
mod consent;
mod error;
mod merge;
mod store;
mod undo;

pub use claims::{confirm, reject};
pub use consent::set_consent;
pub use error::PersonError;
pub use merge::merge;
pub use undo::part;

use crate::kernel::database::Tx;
use crate::people::merging::store as people_store;

/// Locks two persons, the lower row id first; answers who goes on in the place of each.
async fn lock_two(tx: &mut Tx, a: i64, b: i64) -> Result<(Option<i64>, Option<i64>), PersonError> {
    let (low, high) = (a.min(b), a.max(b));
    let first = people_store::lock(tx, low).await?.ok_or(PersonError::NotFound)?;
    let second = people_store::lock(tx, high).await?.ok_or(PersonError::NotFound)?;
    Ok(if a == low { (first, second) } else { (second, first) })
}
