//! What the clock brings: publications, withdrawals, reviews.
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Codes of the sheets whose draft is due to come into force.
///
/// # Errors
/// When the database cannot be read.
pub async fn due_to_publish(conn: &mut Conn, now: Instant, limit: i64) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT s.code FROM sheet_drafts d JOIN sheets s ON s.id = d.sheet_id
         WHERE d.publish_at IS NOT NULL AND d.publish_at <= $1 AND d.state = 'scheduled' ORDER BY d.publish_at LIMIT $2")
        .bind(now).bind(limit).fetch_all(c).await)?)
}

/// Codes of the sheets whose last day is over.
///
/// # Errors
/// When the database cannot be read.
pub async fn due_to_withdraw(conn: &mut Conn, now: Instant, limit: i64) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT code FROM sheets WHERE withdraw_at IS NOT NULL AND withdraw_at <= $1 AND retired_at IS NULL
         ORDER BY withdraw_at LIMIT $2")
        .bind(now).bind(limit).fetch_all(c).await)?)
}

/// Row ids of the sheets in use whose review day has come and was not reminded of; days are `YYYY-MM-DD`.
///
/// # Errors
/// When the database cannot be read.
pub async fn due_to_review(conn: &mut Conn, today: &str, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM sheets WHERE review_on <> '' AND review_on <= $1 AND reminded_for <> review_on
           AND retired_at IS NULL AND version > 0 ORDER BY review_on, id LIMIT $2")
        .bind(today).bind(limit).fetch_all(c).await)?)
}

/// Remembers that the review day of a sheet was reminded of; `false` when that was done meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn mark_reminded(tx: &mut Tx, sheet: i64, day: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE sheets SET reminded_for = $2 WHERE id = $1 AND review_on = $2 AND reminded_for <> $2")
        .bind(sheet).bind(day).execute(c).await?.rows_affected());
    Ok(rows == 1)
}
