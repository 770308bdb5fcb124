//! SQL of takeovers.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A takeover that lasts.
#[derive(Debug, Clone, FromRow)]
pub struct Open {
    pub id: i64,
    pub unit_before_id: i64,
    pub assignee_before_id: Option<i64>,
    pub unit_id: i64,
}

/// A takeover about to be noted.
#[derive(Debug, Clone)]
pub struct New {
    pub ticket_id: i64,
    pub unit_before_id: i64,
    pub assignee_before_id: Option<i64>,
    pub unit_id: i64,
    pub taken_by: Option<i64>,
    pub reason_id: Option<i64>,
}

/// How a takeover ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Whoever had it has it again.
    GivenBack,
    /// Somebody else has it now.
    HandedOn,
}

/// The last takeover of a ticket that did not end.
pub async fn open(conn: &mut Conn, ticket: i64) -> Result<Option<Open>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Open>(
        "SELECT id, unit_before_id, assignee_before_id, unit_id FROM takeovers
         WHERE ticket_id = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1").bind(ticket).fetch_optional(c).await)?)
}

/// Notes a takeover; answers its row id.
pub async fn insert(tx: &mut Tx, n: &New, now: Instant) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO takeovers (ticket_id, unit_before_id, assignee_before_id, unit_id, taken_by, taken_at, reason_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id")
        .bind(n.ticket_id).bind(n.unit_before_id).bind(n.assignee_before_id).bind(n.unit_id).bind(n.taken_by).bind(now)
        .bind(n.reason_id).fetch_one(c).await)?)
}

/// Ends a takeover.
pub async fn end(tx: &mut Tx, id: i64, how: End, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE takeovers SET ended_at = $2, given_back = $3 WHERE id = $1")
        .bind(id).bind(now).bind(how == End::GivenBack).execute(c).await.map(drop))?;
    Ok(())
}

/// Ends all takeovers of a ticket that was handed on.
pub async fn end_all(tx: &mut Tx, ticket: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE takeovers SET ended_at = $2 WHERE ticket_id = $1 AND ended_at IS NULL")
        .bind(ticket).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Whether a user works here still.
pub async fn works(conn: &mut Conn, user: i64) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM users WHERE id = $1 AND disabled_at IS NULL")
        .bind(user).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// A takeover in the report.
#[derive(Debug, Clone, FromRow)]
pub struct Listed {
    pub id: i64,
    pub code: String,
    pub subject: String,
    pub unit_before: String,
    pub unit: String,
    /// Empty when a program did.
    pub taken_by: String,
    pub taken_at: Instant,
    pub reason: String,
    pub ended_at: Option<Instant>,
    pub given_back: bool,
}

/// The takeovers of a span of time, newest first, before a row id.
pub async fn listed(
    conn: &mut Conn,
    (from, to): (Instant, Instant),
    before: i64,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Listed>(
        "SELECT o.id, t.code, t.subject, b.name AS unit_before, u.name AS unit, COALESCE(s.name, '') AS taken_by,
                o.taken_at, COALESCE(k.body, '') AS reason, o.ended_at, o.given_back
         FROM takeovers o JOIN tickets t ON t.id = o.ticket_id JOIN units b ON b.id = o.unit_before_id
         JOIN units u ON u.id = o.unit_id LEFT JOIN users s ON s.id = o.taken_by LEFT JOIN contacts k ON k.id = o.reason_id
         WHERE o.taken_at >= $1 AND o.taken_at < $2 AND o.id < $3 ORDER BY o.id DESC LIMIT $4")
        .bind(from).bind(to).bind(before).bind(limit).fetch_all(c).await)?)
}

/// How many takeovers a span of time had, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow, serde::Serialize, utoipa::ToSchema)]
pub struct Figures {
    pub taken: i64,
    pub given_back: i64,
    /// Handed on to somebody else.
    pub handed_on: i64,
    pub lasting: i64,
}

/// Counts the takeovers of a span of time.
pub async fn figures(conn: &mut Conn, (from, to): (Instant, Instant)) -> Result<Figures, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Figures>(
        "SELECT COUNT(*) AS taken, COUNT(CASE WHEN given_back THEN 1 END) AS given_back,
                COUNT(CASE WHEN NOT given_back AND ended_at IS NOT NULL THEN 1 END) AS handed_on,
                COUNT(CASE WHEN ended_at IS NULL THEN 1 END) AS lasting
         FROM takeovers WHERE taken_at >= $1 AND taken_at < $2").bind(from).bind(to).fetch_one(c).await)?)
}
