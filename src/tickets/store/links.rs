//! SQL of links between tickets.

use super::super::model::Ticket;
use super::lock_by_id;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Links two tickets for a person to confirm or dismiss.
pub async fn link(tx: &mut Tx, ticket: i64, other: i64, kind: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO ticket_links (ticket_id, other_id, kind, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(ticket).bind(other).bind(kind).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Codes and subjects of tickets linked to one or to what was merged into it, with the kind of link, and with the
/// kind `continued_by` those that continue it. One that was merged is shown as the ticket that goes on in its place.
pub async fn links(conn: &mut Conn, ticket: i64) -> Result<Vec<(String, String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String, String)>(
        "SELECT t.code, t.subject, l.kind FROM ticket_links l
         JOIN tickets own ON own.id = l.ticket_id
         JOIN tickets named ON named.id = l.other_id
         JOIN tickets t ON t.id = COALESCE(named.merged_into_id, named.id)
         WHERE (own.id = $1 OR own.merged_into_id = $1) AND t.id <> $1 AND l.settled_at IS NULL
         UNION ALL
         SELECT t.code, t.subject, 'continued_by' FROM tickets t WHERE t.continues_id = $1 AND t.merged_into_id IS NULL")
        .bind(ticket).fetch_all(c).await)?)
}

/// Settles the link of a ticket to the one with code `other`; `false` when there is no such open link.
pub async fn settle_link(tx: &mut Tx, ticket: i64, other: &str, kind: &str, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE ticket_links SET settled_at = $4 WHERE kind = $3 AND settled_at IS NULL
           AND ticket_id IN (SELECT id FROM tickets WHERE id = $1 OR merged_into_id = $1)
           AND other_id IN (SELECT o.id FROM tickets o JOIN tickets t ON t.id = o.id OR t.id = o.merged_into_id
                            WHERE t.code = $2)")
        .bind(ticket).bind(other).bind(kind).bind(now).execute(c).await?.rows_affected());
    Ok(rows > 0)
}

/// The last ticket that continues one, locked until the end of the transaction.
pub async fn lock_continuation(tx: &mut Tx, ticket: i64) -> Result<Option<Ticket>, StoreError> {
    let id = on!(tx, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM tickets WHERE continues_id = $1 ORDER BY id DESC LIMIT 1")
        .bind(ticket).fetch_optional(c).await)?;
    match id {
        Some(id) => lock_by_id(tx, id).await,
        None => Ok(None),
    }
}
