//! SQL of the outbox.
use sqlx::FromRow;

use super::NewMail;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A message of the outbox as the desk shows it.
#[derive(Debug, Clone, FromRow)]
pub struct OutboxRow {
    pub id: i64,
    pub lane: String,
    pub purpose: String,
    pub ticket_id: Option<i64>,
    pub contact_id: Option<i64>,
    pub leg_id: Option<i64>,
    pub recipient: String,
    pub payload: String,
    pub state: String,
    pub attempts: i64,
    pub run_at: Instant,
    pub message_id: Option<String>,
    pub provider_note: String,
    pub last_error: String,
    pub created_at: Instant,
    pub settled_at: Option<Instant>,
}

/// A new message, due at once.
pub async fn insert(tx: &mut Tx, mail: &NewMail, now: Instant) -> Result<i64, StoreError> {
    let payload = serde_json::to_string(&mail.payload)
        .map_err(|_| StoreError::Inconsistent { table: "outbox", column: "payload" })?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO outbox (lane, purpose, ticket_id, contact_id, leg_id, recipient, payload, state, run_at, message_id, created_at)
         VALUES ('email', $1, $2, $3, $4, $5, $6, 'pending', $7, $8, $7) RETURNING id")
        .bind(mail.purpose.as_str()).bind(mail.ticket_id).bind(mail.contact_id).bind(mail.leg_id)
        .bind(&mail.recipient).bind(payload).bind(now).bind(&mail.message_id)
        .fetch_one(c).await)?)
}

/// The messages of a ticket, oldest first.
pub async fn of_ticket(conn: &mut Conn, ticket: i64) -> Result<Vec<OutboxRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, OutboxRow>(
        "SELECT id, lane, purpose, ticket_id, contact_id, leg_id, recipient, payload, state, attempts, run_at,
                message_id, provider_note, last_error, created_at, settled_at
         FROM outbox WHERE ticket_id = $1 ORDER BY id LIMIT 500")
        .bind(ticket).fetch_all(c).await)?)
}

/// Marks every message that still waits as sent, a moment after it was written; answers how many. For
/// histories that are told after the fact: nothing of them may leave.
pub async fn settle_as_sent(tx: &mut Tx) -> Result<u64, StoreError> {
    const MOMENT: i64 = 4_000_000;
    Ok(on!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'sent', attempts = 1, settled_at = created_at + $1 WHERE state = 'pending'")
        .bind(MOMENT).execute(c).await?.rows_affected()))
}
