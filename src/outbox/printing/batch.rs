use channels::paper::{Programs, Sides, join};

use super::store::{self, Printing};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::{Permission, Principal};
use crate::outbox::OutboxError;

/// Letters of one file at most.
const MOST: usize = 300;

/// Letters in one file, in the order of their queue.
///
/// # Errors
/// When one of them is not there, or the program that joins them is missing.
pub async fn batch(kernel: &Kernel, who: &Principal, ids: &[i64], sides: Sides) -> Result<Vec<u8>, OutboxError> {
    who.require(Permission::WorkTickets)?;
    let mut rows = Vec::with_capacity(ids.len());
    let mut conn = kernel.db.read().await?;
    for &id in ids.iter().take(MOST) {
        rows.push(store::by_id(&mut conn, id).await?.ok_or(OutboxError::NotFound)?);
    }
    drop(conn);
    rows.sort_by_key(|row: &Printing| row.id);
    let mut files = Vec::with_capacity(rows.len());
    for row in &rows {
        files.push(kernel.blobs.get(&row.blob).await?);
    }
    match files.as_slice() {
        [] => return Err(OutboxError::NotFound),
        [only] => return Ok(only.to_vec()),
        _ => {}
    }
    let programs = Programs::with_scratch(&kernel.config.path("scratch").join("printing"));
    let joined = tokio::task::spawn_blocking(move || {
        let parts: Vec<&[u8]> = files.iter().map(AsRef::as_ref).collect();
        join(&parts, sides, &programs)
    });
    Ok(joined.await.map_err(|_| StoreError::Interrupted)??.pdf)
}
