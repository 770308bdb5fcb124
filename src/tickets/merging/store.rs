//! SQL of merges, their memory, and of contacts that move.
use serde_json::Value;
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::model::{State, Ticket};
use crate::tickets::store::ContactRow;
use crate::tickets::{MergeRefusal, TicketError, store};

/// A ticket that goes on in another.
#[derive(Debug, Clone, FromRow)]
pub struct Tombstone {
    pub id: i64,
    pub code: String,
    pub version: i64,
    pub subject: String,
    pub person_id: Option<i64>,
    pub merged_at: Instant,
    /// Whether it was merged into the ticket itself, and not into one that was merged later.
    pub direct: bool,
}

/// The tickets that go on in one, in the order in which they were merged.
pub async fn tombstones(conn: &mut Conn, live: i64) -> Result<Vec<Tombstone>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Tombstone>(
        "SELECT t.id, t.code, t.version, t.subject, t.person_id, m.merged_at, m.into_id = $1 AS direct
         FROM tickets t JOIN ticket_merges m ON m.ticket_id = t.id AND m.undone_at IS NULL
         WHERE t.merged_into_id = $1 ORDER BY m.id")
        .bind(live).fetch_all(c).await)?)
}

/// A merge that stands, with the ticket as it was.
#[derive(Debug, Clone, FromRow)]
pub struct MergeRow {
    pub id: i64,
    pub into_id: i64,
    #[sqlx(try_from = "String")]
    pub state: State,
    pub assignee_id: Option<i64>,
    pub resolved_at: Option<Instant>,
    pub closed_at: Option<Instant>,
    pub outcome: Option<String>,
    pub closing_sheet_id: Option<i64>,
    pub closing_sheet_version: Option<i64>,
}

/// The merge by which a ticket ended.
pub async fn standing(conn: &mut Conn, ticket: i64) -> Result<Option<MergeRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, MergeRow>(
        "SELECT id, into_id, state, assignee_id, resolved_at, closed_at, outcome, closing_sheet_id,
                closing_sheet_version
         FROM ticket_merges WHERE ticket_id = $1 AND undone_at IS NULL")
        .bind(ticket).fetch_optional(c).await)?)
}

/// Remembers a ticket as it is before it ends; answers the merge.
pub async fn insert_merge(tx: &mut Tx, t: &Ticket, into: i64, now: Instant) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO ticket_merges (ticket_id, into_id, state, assignee_id, resolved_at, closed_at, outcome,
            closing_sheet_id, merged_at, closing_sheet_version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id")
        .bind(t.id).bind(into).bind(t.state.as_str()).bind(t.assignee_id).bind(t.resolved_at).bind(t.closed_at)
        .bind(&t.outcome).bind(t.closing_sheet_id).bind(now).bind(t.closing_sheet_version).fetch_one(c).await)?)
}

/// Marks a merge as undone and forgets which contacts it moved: they are where they were.
pub async fn end_merge(tx: &mut Tx, merge: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM contact_moves WHERE merge_id = $1").bind(merge).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE ticket_merges SET undone_at = $2 WHERE id = $1")
        .bind(merge).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Moves all contacts of a ticket, with the mails that carried them.
pub async fn move_all(tx: &mut Tx, from: i64, to: i64, merge: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO contact_moves (contact_id, from_id, to_id, merge_id, moved_at)
         SELECT id, ticket_id, $2, $3, $4 FROM contacts WHERE ticket_id = $1 ORDER BY id")
        .bind(from).bind(to).bind(merge).bind(now).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "UPDATE outbox SET ticket_id = $2 WHERE ticket_id = $1 AND contact_id IS NOT NULL")
        .bind(from).bind(to).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE contacts SET ticket_id = $2, via_id = COALESCE(via_id, $1) WHERE ticket_id = $1")
        .bind(from).bind(to).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes back what a merge moved and is still there.
pub async fn return_all(tx: &mut Tx, merge: i64, back_to: i64, from: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE outbox SET ticket_id = $2 WHERE ticket_id = $3 AND contact_id IN (
            SELECT k.id FROM contact_moves m JOIN contacts k ON k.id = m.contact_id
            WHERE m.merge_id = $1 AND k.ticket_id = $3)")
        .bind(merge).bind(back_to).bind(from).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "UPDATE contacts SET ticket_id = $2, via_id = CASE WHEN via_id = $2 THEN NULL ELSE via_id END
         WHERE ticket_id = $3 AND id IN (SELECT contact_id FROM contact_moves WHERE merge_id = $1)")
        .bind(merge).bind(back_to).bind(from).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets the tickets that go on in `from` go on in `to`.
pub async fn repoint(tx: &mut Tx, from: i64, to: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE tickets SET merged_into_id = $2, version = version + 1 WHERE merged_into_id = $1")
        .bind(from).bind(to).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets the tickets that had been merged into `ticket`, and those below them, go on in it again.
pub async fn repoint_below(tx: &mut Tx, ticket: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE tickets SET merged_into_id = $1, version = version + 1 WHERE id IN (
            WITH RECURSIVE below (id) AS (
                SELECT ticket_id FROM ticket_merges WHERE into_id = $1 AND undone_at IS NULL
                UNION
                SELECT m.ticket_id FROM ticket_merges m JOIN below b ON m.into_id = b.id WHERE m.undone_at IS NULL)
            SELECT id FROM below)")
        .bind(ticket).execute(c).await.map(drop))?;
    Ok(())
}

/// When and how a ticket was closed last, from the log.
pub async fn last_closing(conn: &mut Conn, ticket: i64) -> Result<Option<(Instant, Value)>, StoreError> {
    let row = on!(conn, c => sqlx::query_as::<_, (Instant, String)>(
        "SELECT at, data FROM events WHERE ticket_id = $1 AND kind = 'ticket.closed' ORDER BY id DESC LIMIT 1")
        .bind(ticket).fetch_optional(c).await)?;
    Ok(row.map(|(at, data)| (at, serde_json::from_str(&data).unwrap_or(Value::Null))))
}

/// Contacts of a ticket that may be moved together, oldest first. Something of the citizen must be left.
///
/// # Errors
/// [`MergeRefusal`] when they may not be moved; [`TicketError::NotFound`] for one that is not in the ticket.
pub async fn movable(tx: &mut Tx, ticket: i64, ids: &[i64]) -> Result<Vec<ContactRow>, TicketError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Err(MergeRefusal::NothingChosen.into());
    }
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let row = store::contact(tx, id).await?.filter(|k| k.ticket_id == ticket).ok_or(TicketError::NotFound)?;
        if row.leg_id.is_some() {
            return Err(MergeRefusal::OfLeg.into());
        }
        rows.push(row);
    }
    let incoming = on!(tx, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM contacts WHERE ticket_id = $1 AND direction = 'in' AND leg_id IS NULL")
        .bind(ticket).fetch_one(c).await)?;
    let leaving = i64::try_from(rows.iter().filter(|r| r.direction == "in").count()).unwrap_or(i64::MAX);
    if leaving > 0 && leaving >= incoming {
        return Err(MergeRefusal::LastContact.into());
    }
    Ok(rows)
}

/// Moves one contact by hand, with the mail that carried it and the Message-IDs by which it is answered.
pub async fn move_one(
    tx: &mut Tx,
    row: &ContactRow,
    to: i64,
    via: Option<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    let (id, from) = (row.id, row.ticket_id);
    on!(tx, c => sqlx::query("INSERT INTO contact_moves (contact_id, from_id, to_id, moved_at) VALUES ($1, $2, $3, $4)")
        .bind(id).bind(from).bind(to).bind(now).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE contacts SET ticket_id = $2, via_id = $3 WHERE id = $1")
        .bind(id).bind(to).bind(via).execute(c).await.map(drop))?;
    let mut names: Vec<String> = on!(tx, c => sqlx::query_scalar::<_, String>(
        "SELECT message_id FROM outbox WHERE ticket_id = $1 AND contact_id = $2 AND message_id IS NOT NULL")
        .bind(from).bind(id).fetch_all(c).await)?;
    names.extend(row.message_id.clone());
    on!(tx, c => sqlx::query("UPDATE outbox SET ticket_id = $3 WHERE ticket_id = $1 AND contact_id = $2")
        .bind(from).bind(id).bind(to).execute(c).await.map(drop))?;
    for name in names {
        // The other ticket may know the same mail already; one row a ticket is enough.
        on!(tx, c => sqlx::query(
            "DELETE FROM message_ids WHERE message_id = $1 AND contact_id = $2 AND ticket_id <> $3
               AND EXISTS (SELECT 1 FROM message_ids o WHERE o.message_id = $1 AND o.ticket_id = $3)")
            .bind(&name).bind(id).bind(to).execute(c).await.map(drop))?;
        on!(tx, c => sqlx::query("UPDATE message_ids SET ticket_id = $3 WHERE message_id = $1 AND contact_id = $2")
            .bind(&name).bind(id).bind(to).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Whether somebody moved a contact away from a ticket by hand.
pub async fn moved_from(conn: &mut Conn, contact: i64, ticket: i64) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM contact_moves WHERE contact_id = $1 AND from_id = $2 AND merge_id IS NULL LIMIT 1")
        .bind(contact).bind(ticket).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Where contacts of a ticket between two contact ids came from first: contact and code.
pub async fn origins(conn: &mut Conn, ticket: i64, first: i64, last: i64) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT k.id, t.code FROM contacts k
         JOIN contact_moves m ON m.id = (SELECT MIN(f.id) FROM contact_moves f WHERE f.contact_id = k.id)
         JOIN tickets t ON t.id = m.from_id
         WHERE k.ticket_id = $1 AND k.id BETWEEN $2 AND $3 AND t.id <> $1")
        .bind(ticket).bind(first).bind(last).fetch_all(c).await)?)
}
