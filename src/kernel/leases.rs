//! Background work that only one node does at a time: a named lease in the database, renewed while the work
//! goes on, free again soon after a node dies.
use jiff::SignedDuration;

use super::database::{Db, StoreError};
use super::time::Instant;
use crate::on;

/// Takes or renews the lease `name` for `holder` until `now + span`; `false` when another holder has it.
///
/// # Errors
/// When the database refuses.
pub async fn hold(db: &Db, name: &str, holder: &str, now: Instant, span: SignedDuration) -> Result<bool, StoreError> {
    let (name, holder, until) = (name.to_owned(), holder.to_owned(), now.plus(span));
    db.write(move |tx| {
        Box::pin(async move {
            let rows = on!(tx, c => sqlx::query(
                "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                 WHERE leases.holder = excluded.holder OR leases.until < $4")
                .bind(name).bind(holder).bind(until).bind(now)
                .execute(c).await?.rows_affected());
            Ok(rows == 1)
        })
    })
    .await
}

/// Gives a lease back early, at shutdown.
///
/// # Errors
/// When the database refuses.
pub async fn release(db: &Db, name: &str, holder: &str) -> Result<(), StoreError> {
    let (name, holder) = (name.to_owned(), holder.to_owned());
    db.write(move |tx| {
        Box::pin(async move {
            on!(tx, c => sqlx::query("DELETE FROM leases WHERE name = $1 AND holder = $2")
                .bind(name).bind(holder).execute(c).await.map(drop))?;
            Ok(())
        })
    })
    .await
}
