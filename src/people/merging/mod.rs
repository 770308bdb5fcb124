//! Two persons that are one: the identifiers of one go to the other, and a tombstone remembers whose they were.
//! What they asked and wrote is moved by the capability that owns it, under the same merge.
pub mod store;

pub use store::{MergedPerson, PersonMerge};

use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;

/// Gives the identifiers of a person to another and leaves a tombstone; answers the merge. Both must be locked.
///
/// # Errors
/// When the database refuses.
pub async fn merge(tx: &mut Tx, person: i64, into: i64, actor: &Actor, now: Instant) -> Result<i64, StoreError> {
    let merge = store::insert(tx, person, into, actor, now).await?;
    store::move_identifiers(tx, person, into, merge, now).await?;
    store::repoint(tx, person, into).await?;
    Ok(merge)
}

/// Takes back what the merge moved and is still with the other. Both must be locked.
///
/// # Errors
/// When the database refuses.
pub async fn part(tx: &mut Tx, merge: &PersonMerge, now: Instant) -> Result<(), StoreError> {
    store::return_identifiers(tx, merge).await?;
    store::repoint_below(tx, merge.person_id).await?;
    store::end(tx, merge.id, now).await
}
