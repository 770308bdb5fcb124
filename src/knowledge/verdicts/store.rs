//! The SQL of agents' verdicts, which are feedback with the agent's name on it.
use sqlx::FromRow;

use super::Report;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::knowledge::feedback::model::NewFeedback;
use crate::on;

/// Row id of the ticket with a code; `None` without one.
///
/// # Errors
/// When the database cannot be read.
pub async fn ticket_id(conn: &mut Conn, code: &str) -> Result<Option<i64>, StoreError> {
    if code.is_empty() {
        return Ok(None);
    }
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM tickets WHERE code = $1")
        .bind(code).fetch_optional(c).await)?)
}

/// A verdict that stands.
#[derive(Debug, Clone, FromRow)]
pub struct Earlier {
    id: i64,
    sheet_id: i64,
    version: i64,
    lang: String,
    reason: String,
}

/// The verdict that a new one takes the place of, unless it was settled.
///
/// # Errors
/// When the database cannot be read.
pub async fn earlier(conn: &mut Conn, new: &NewFeedback) -> Result<Option<Earlier>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Earlier>(
        "SELECT id, sheet_id, version, lang, reason FROM sheet_feedback
         WHERE sheet_id = $1 AND version = $2 AND source = 'agent' AND user_id = $3
           AND COALESCE(ticket_id, 0) = $4 AND settled_at IS NULL
         ORDER BY id DESC LIMIT 1")
        .bind(new.sheet).bind(new.version).bind(new.user).bind(new.ticket.unwrap_or(0)).fetch_optional(c).await)?)
}

/// Removes a verdict, and what it was counted as.
///
/// # Errors
/// When the database refuses.
pub async fn take_back(tx: &mut Tx, earlier: &Earlier) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM sheet_feedback WHERE id = $1").bind(earlier.id).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "UPDATE sheet_feedback_counts SET n = n - 1
         WHERE sheet_id = $1 AND version = $2 AND lang = $3 AND source = 'agent' AND rate = 0 AND reason = $4")
        .bind(earlier.sheet_id).bind(earlier.version).bind(&earlier.lang).bind(&earlier.reason)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// How many reports on a sheet nobody settled.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_reports(conn: &mut Conn, sheet: i64) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM sheet_feedback
         WHERE sheet_id = $1 AND source = 'agent' AND reason = 'out_of_date' AND settled_at IS NULL")
        .bind(sheet).fetch_one(c).await)?)
}

/// The reports on a sheet that nobody settled, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn reports(conn: &mut Conn, sheet: i64) -> Result<Vec<Report>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Report>(
        "SELECT f.at, f.version, f.comment AS remark, COALESCE(u.name, '') AS who
         FROM sheet_feedback f LEFT JOIN users u ON u.id = f.user_id
         WHERE f.sheet_id = $1 AND f.source = 'agent' AND f.reason = 'out_of_date' AND f.settled_at IS NULL
         ORDER BY f.id DESC LIMIT 50")
        .bind(sheet).fetch_all(c).await)?)
}

/// Marks what agents said of a sheet as settled; answers how many reports that were.
///
/// # Errors
/// When the database refuses.
pub async fn settle(tx: &mut Tx, sheet: i64, user: Option<i64>, now: Instant) -> Result<u64, StoreError> {
    Ok(on!(tx, c => sqlx::query(
        "UPDATE sheet_feedback SET settled_at = $2, settled_by = $3
         WHERE sheet_id = $1 AND source = 'agent' AND reason = 'out_of_date' AND settled_at IS NULL")
        .bind(sheet).bind(now).bind(user).execute(c).await?.rows_affected()))
}

/// How often agents said what of a sheet.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(conn: &mut Conn, sheet: i64) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, i64)>(
        "SELECT reason, CAST(SUM(n) AS BIGINT) FROM sheet_feedback_counts
         WHERE sheet_id = $1 AND source = 'agent' GROUP BY reason ORDER BY reason")
        .bind(sheet).fetch_all(c).await)?)
}
