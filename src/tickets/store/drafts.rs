//! SQL of drafts.

use sqlx::FromRow;

use super::super::hold::Holder;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A draft of one user on one ticket.
#[derive(Debug, Clone, FromRow)]
pub struct DraftRow {
    pub kind: String,
    pub body: String,
    pub updated_at: Instant,
}

/// Saves a draft; an empty one is removed. One last saved before `stale` begins anew; answers whether it began
/// with this save.
pub async fn save_draft(
    tx: &mut Tx,
    ticket: i64,
    user: i64,
    kind: &str,
    body: &str,
    now: Instant,
    stale: Instant,
) -> Result<bool, StoreError> {
    if body.trim().is_empty() {
        delete_draft(tx, ticket, user, kind).await?;
        return Ok(true);
    }
    // What is shown from a merged ticket becomes this ticket's own when it is written on.
    if shown_draft(tx, ticket, user, kind).await?.is_some_and(|shown| shown != ticket) {
        delete_draft(tx, ticket, user, kind).await?;
    }
    let started = on!(tx, c => sqlx::query_scalar::<_, Instant>(
        "INSERT INTO drafts (ticket_id, user_id, kind, body, updated_at, started_at) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (ticket_id, user_id, kind) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at,
            started_at = CASE WHEN drafts.updated_at < $6 THEN excluded.started_at
                              ELSE COALESCE(drafts.started_at, drafts.updated_at) END,
            released_at = CASE WHEN drafts.updated_at < $6 THEN NULL ELSE drafts.released_at END
         RETURNING started_at")
        .bind(ticket).bind(user).bind(kind).bind(body).bind(now).bind(stale).fetch_one(c).await)?;
    Ok(started == now)
}

/// Whose answer was being written after `stale`: of several, the one begun first.
pub async fn holder(conn: &mut Conn, ticket: i64, stale: Instant) -> Result<Option<Holder>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Holder>(
        "SELECT d.user_id, u.name, d.started_at AS since FROM drafts d JOIN users u ON u.id = d.user_id
         WHERE d.ticket_id = $1 AND d.kind = 'reply' AND d.updated_at >= $2 AND d.started_at IS NOT NULL
           AND d.released_at IS NULL
         ORDER BY d.started_at, d.user_id LIMIT 1")
        .bind(ticket).bind(stale).fetch_optional(c).await)?)
}

/// Lets a draft hold its ticket no longer.
pub async fn release_draft(tx: &mut Tx, ticket: i64, user: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE drafts SET released_at = $3 WHERE ticket_id = $1 AND user_id = $2 AND kind = 'reply'")
        .bind(ticket).bind(user).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// The ticket whose draft of a kind a user sees on a ticket: its own, else the latest of one merged into it.
async fn shown_draft(conn: &mut Conn, ticket: i64, user: i64, kind: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT d.ticket_id FROM tickets t JOIN drafts d ON d.ticket_id = t.id AND d.user_id = $2 AND d.kind = $3
         WHERE t.id = $1 OR t.merged_into_id = $1
         ORDER BY CASE WHEN t.id = $1 THEN 0 ELSE 1 END, d.updated_at DESC LIMIT 1")
        .bind(ticket).bind(user).bind(kind).fetch_optional(c).await)?)
}

/// Removes the draft that a user sees on a ticket.
pub async fn delete_draft(tx: &mut Tx, ticket: i64, user: i64, kind: &str) -> Result<(), StoreError> {
    let Some(shown) = shown_draft(tx, ticket, user, kind).await? else { return Ok(()) };
    on!(tx, c => sqlx::query("DELETE FROM drafts WHERE ticket_id = $1 AND user_id = $2 AND kind = $3")
        .bind(shown).bind(user).bind(kind).execute(c).await.map(drop))?;
    Ok(())
}

/// The drafts a user sees on a ticket, at most one of each kind: those of merged tickets come to light when the
/// ticket has none.
pub async fn drafts(conn: &mut Conn, ticket: i64, user: i64) -> Result<Vec<DraftRow>, StoreError> {
    let mut rows = on!(conn, c => sqlx::query_as::<_, DraftRow>(
        "SELECT d.kind, d.body, d.updated_at FROM tickets t JOIN drafts d ON d.ticket_id = t.id AND d.user_id = $2
         WHERE t.id = $1 OR t.merged_into_id = $1
         ORDER BY CASE WHEN t.id = $1 THEN 0 ELSE 1 END, d.updated_at DESC")
        .bind(ticket).bind(user).fetch_all(c).await)?;
    let mut kinds = Vec::new();
    rows.retain(|row| {
        let first = !kinds.contains(&row.kind);
        kinds.push(row.kind.clone());
        first
    });
    Ok(rows)
}
