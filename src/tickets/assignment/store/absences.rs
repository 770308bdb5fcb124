//! SQL of agents' absences and of what was passed on.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::assignment::absences::NewAbsence;
use crate::tickets::assignment::model::AgentAbsence;

macro_rules! absence_sql {
    ($rest:literal) => {
        concat!("SELECT id, user_id, from_at, to_at, substitute_id, reason FROM agent_absences ", $rest)
    };
}

/// An absence.
pub async fn absence(conn: &mut Conn, id: i64) -> Result<Option<AgentAbsence>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AgentAbsence>(absence_sql!("WHERE id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// The absences that hold at an instant.
pub async fn absences_at(conn: &mut Conn, now: Instant) -> Result<Vec<AgentAbsence>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AgentAbsence>(
        absence_sql!("WHERE to_at > $1 AND from_at <= $1 ORDER BY id")).bind(now).fetch_all(c).await)?)
}

/// The absences of an agent, the last first.
pub async fn absences_of(conn: &mut Conn, user: i64, limit: i64) -> Result<Vec<AgentAbsence>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AgentAbsence>(
        absence_sql!("WHERE user_id = $1 ORDER BY from_at DESC, id DESC LIMIT $2"))
        .bind(user).bind(limit).fetch_all(c).await)?)
}

/// Writes an absence; answers its row id.
pub async fn insert_absence(tx: &mut Tx, n: &NewAbsence, by: Option<i64>, now: Instant) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO agent_absences (user_id, from_at, to_at, substitute_id, reason, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id")
        .bind(n.user_id).bind(n.from_at).bind(n.to_at).bind(n.substitute_id).bind(n.reason.trim()).bind(by).bind(now)
        .fetch_one(c).await)?)
}

/// Ends an absence.
pub async fn end_absence(tx: &mut Tx, id: i64, at: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE agent_absences SET to_at = $2 WHERE id = $1")
        .bind(id).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes back an absence that did not begin.
pub async fn delete_absence(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM agent_absences WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Tickets in work of who is away: ticket, who has it, the absence. What waits for the citizen or for a unit stays
/// until it comes back to work.
pub async fn held_by_absent(conn: &mut Conn, now: Instant, limit: i64) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64, i64)>(
        "SELECT t.id, a.user_id, a.id FROM agent_absences a JOIN tickets t ON t.assignee_id = a.user_id
         WHERE a.to_at > $1 AND a.from_at <= $1 AND t.state IN ('new', 'open')
         ORDER BY a.id, t.id LIMIT $2").bind(now).bind(limit).fetch_all(c).await)?)
}

/// Notes what was passed on, and to whom.
pub async fn insert_pass(
    tx: &mut Tx,
    absence: i64,
    ticket: i64,
    to: Option<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO absence_passes (absence_id, ticket_id, to_id, at) VALUES ($1, $2, $3, $4)")
        .bind(absence).bind(ticket).bind(to).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// A ticket that was passed on.
#[derive(Debug, Clone, FromRow)]
pub struct PassRow {
    pub code: String,
    pub subject: String,
    pub state: String,
    /// Empty: back to the queue.
    pub to_name: String,
    /// Who has it now; empty when nobody does.
    pub holder: String,
    pub at: Instant,
}

/// What was passed on in an absence, in that order.
pub async fn passes(conn: &mut Conn, absence: i64, limit: i64) -> Result<Vec<PassRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PassRow>(
        "SELECT t.code, t.subject, t.state, COALESCE(s.name, '') AS to_name, COALESCE(h.name, '') AS holder, p.at
         FROM absence_passes p JOIN tickets t ON t.id = p.ticket_id LEFT JOIN users s ON s.id = p.to_id
         LEFT JOIN users h ON h.id = t.assignee_id WHERE p.absence_id = $1 ORDER BY p.id LIMIT $2")
        .bind(absence).bind(limit).fetch_all(c).await)?)
}
