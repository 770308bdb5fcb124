//! SQL of idempotency keys.
use jiff::SignedDuration;
use sqlx::FromRow;

use crate::kernel::database::{Db, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// What is known of a key; status 0 is an attempt under way.
#[derive(Debug, Clone, FromRow)]
pub struct Earlier {
    pub body_hash: String,
    pub status: i64,
    pub answer: String,
}

/// Takes a key; answers what is known of it when it was taken before.
pub async fn reserve(
    db: &Db,
    name: &str,
    body_hash: &str,
    now: Instant,
    under_way: SignedDuration,
    kept: SignedDuration,
) -> Result<Option<Earlier>, StoreError> {
    let (name, body_hash) = (name.to_owned(), body_hash.to_owned());
    db.write(move |tx| {
        Box::pin(async move {
            on!(tx, c => sqlx::query("DELETE FROM idempotency WHERE created_at < $1 OR (key_hash = $2 AND status = 0 AND created_at < $3)")
                .bind(now.minus(kept)).bind(&name).bind(now.minus(under_way)).execute(c).await.map(drop))?;
            let taken = on!(tx, c => sqlx::query(
                "INSERT INTO idempotency (key_hash, body_hash, status, answer, created_at) VALUES ($1, $2, 0, '', $3)
                 ON CONFLICT DO NOTHING")
                .bind(&name).bind(&body_hash).bind(now).execute(c).await?.rows_affected());
            if taken == 1 {
                return Ok(None);
            }
            let earlier = on!(tx, c => sqlx::query_as::<_, Earlier>(
                "SELECT body_hash, status, answer FROM idempotency WHERE key_hash = $1")
                .bind(&name).fetch_optional(c).await)?;
            Ok(earlier)
        })
    })
    .await
}

/// Keeps the answer under its key.
pub async fn settle(db: &Db, name: &str, status: i64, answer: String) -> Result<(), StoreError> {
    let name = name.to_owned();
    db.write(move |tx| {
        Box::pin(async move {
            on!(tx, c => sqlx::query("UPDATE idempotency SET status = $2, answer = $3 WHERE key_hash = $1")
                .bind(name).bind(status).bind(answer).execute(c).await.map(drop))?;
            Ok(())
        })
    })
    .await
}

/// Frees a key whose request was refused.
pub async fn release(db: &Db, name: &str) -> Result<(), StoreError> {
    let name = name.to_owned();
    db.write(move |tx| {
        Box::pin(async move {
            on!(tx, c => sqlx::query("DELETE FROM idempotency WHERE key_hash = $1").bind(name).execute(c).await.map(drop))?;
            Ok(())
        })
    })
    .await
}
