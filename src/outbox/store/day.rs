//! What an account sent in a span of time, for whoever compares it with what was reported.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// A message of which nothing was reported.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Silent {
    pub id: i64,
    pub provider_id: Option<String>,
    pub settled_at: Instant,
    /// Code of its ticket; may be empty.
    pub ticket: String,
}

/// Messages that a lane handed to its provider from an instant to before another.
pub async fn sent(conn: &mut Conn, lane: &str, from: Instant, to: Instant) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM outbox WHERE lane = $1 AND settled_at >= $2 AND settled_at < $3
            AND (state IN ('sent', 'delivered') OR (state = 'failed' AND provider_id IS NOT NULL))")
        .bind(lane).bind(from).bind(to).fetch_one(c).await)?)
}

/// Those of them of which nothing final was reported. A certified message to a mailbox that is not is left out: its
/// provider's acceptance is all that will ever come.
pub async fn silent(conn: &mut Conn, lane: &str, from: Instant, to: Instant) -> Result<Vec<Silent>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Silent>(
        "SELECT o.id, o.provider_id, o.settled_at, COALESCE(t.code, '') AS ticket
         FROM outbox o LEFT JOIN tickets t ON t.id = o.ticket_id
         WHERE o.lane = $1 AND o.settled_at >= $2 AND o.settled_at < $3 AND o.state = 'sent'
            AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.outbox_id = o.id AND r.words = 'esterno')
         ORDER BY o.id LIMIT 1000")
        .bind(lane).bind(from).bind(to).fetch_all(c).await)?)
}
