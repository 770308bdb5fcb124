//! SQL of tickets, and in a file each what hangs on them.

mod contacts;
mod drafts;
mod files;
mod links;
mod names;

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::model::Ticket;
use crate::kernel::database::{Conn, StoreError, Tx, pieces};
use crate::kernel::time::Instant;
use crate::on;

pub(crate) use contacts::contact_sql;
pub use contacts::{
    ContactRow, NewContact, contact, contact_by_dedupe, contacts, insert_contact, insert_contacts, last_incoming,
    last_postal, remember_message_id, set_html,
};
pub use drafts::{DraftRow, delete_draft, drafts, holder, release_draft, save_draft};
pub use files::{AttachmentOwner, AttachmentRow, StoredFile, attachment, attachments, insert_attachments};
pub use links::{link, links, lock_continuation, settle_link};
pub use names::{
    TicketNames, UsedSheet, category_by_slug, keep_sheet_version, last_change, names_of, sheet_code, unit_by_slug,
    used_sheet, user_name,
};

macro_rules! ticket_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, code, version, state, subject, channel, kind, category_id, owner_unit_id, assignee_id, person_id,
                    language, opened_at, touched_at, expected_at, resolved_at, closed_at, outcome, closing_sheet_id,
                    closing_sheet_version,
                    decisive_legs, external_legs, open_legs, continues_id, merged_into_id
             FROM tickets ", $rest)
    };
}

/// A ticket by code.
pub async fn by_code(conn: &mut Conn, code: &str) -> Result<Option<Ticket>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Ticket>(ticket_sql!("WHERE code = $1")).bind(code).fetch_optional(c).await)?)
}

/// A ticket by row id.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Ticket>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Ticket>(ticket_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The code of a ticket; empty when there is none.
pub async fn code_of(conn: &mut Conn, id: i64) -> Result<String, StoreError> {
    let code = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT code FROM tickets WHERE id = $1")
        .bind(id).fetch_optional(c).await)?;
    Ok(code.unwrap_or_default())
}

/// A ticket by code, locked until the end of the transaction.
pub async fn lock_by_code(tx: &mut Tx, code: &str) -> Result<Option<Ticket>, StoreError> {
    let sql = tx.pick(ticket_sql!("WHERE code = $1"), ticket_sql!("WHERE code = $1 FOR UPDATE"));
    Ok(on!(tx, c => sqlx::query_as::<_, Ticket>(sql).bind(code).fetch_optional(c).await)?)
}

/// A ticket by row id, locked until the end of the transaction.
pub async fn lock_by_id(tx: &mut Tx, id: i64) -> Result<Option<Ticket>, StoreError> {
    let sql = tx.pick(ticket_sql!("WHERE id = $1"), ticket_sql!("WHERE id = $1 FOR UPDATE"));
    Ok(on!(tx, c => sqlx::query_as::<_, Ticket>(sql).bind(id).fetch_optional(c).await)?)
}

/// New tickets, which get their row ids.
pub async fn insert(tx: &mut Tx, tickets: &mut [Ticket]) -> Result<(), StoreError> {
    let mut ids: HashMap<String, i64> = HashMap::with_capacity(tickets.len());
    for piece in pieces(tickets) {
        ids.extend(on!(tx, c => QueryBuilder::new(
            "INSERT INTO tickets (code, version, state, subject, channel, kind, category_id, owner_unit_id, assignee_id,
                person_id, language, opened_at, touched_at, expected_at, continues_id) ")
            .push_values(piece, |mut row, t| {
                row.push_bind(&t.code).push_bind(t.version).push_bind(t.state.as_str()).push_bind(&t.subject)
                    .push_bind(t.channel.as_str()).push_bind(t.kind.as_str()).push_bind(t.category_id)
                    .push_bind(t.owner_unit_id).push_bind(t.assignee_id).push_bind(t.person_id).push_bind(&t.language)
                    .push_bind(t.opened_at).push_bind(t.touched_at).push_bind(t.expected_at).push_bind(t.continues_id);
            })
            .push(" RETURNING code, id").build_query_as::<(String, i64)>().fetch_all(c).await)?);
    }
    for ticket in tickets {
        ticket.id = *ids.get(&ticket.code).ok_or(StoreError::Inconsistent { table: "tickets", column: "code" })?;
    }
    Ok(())
}

/// Saves all columns that changes alter.
pub async fn update(tx: &mut Tx, t: &Ticket) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE tickets SET version = $2, state = $3, subject = $4, kind = $5, category_id = $6, owner_unit_id = $7,
            assignee_id = $8, person_id = $9, touched_at = $10, expected_at = $11, resolved_at = $12, closed_at = $13,
            outcome = $14, closing_sheet_id = $15, decisive_legs = $16, external_legs = $17, open_legs = $18,
            merged_into_id = $19, closing_sheet_version = $20
         WHERE id = $1")
        .bind(t.id).bind(t.version).bind(t.state.as_str()).bind(&t.subject).bind(t.kind.as_str()).bind(t.category_id)
        .bind(t.owner_unit_id).bind(t.assignee_id).bind(t.person_id).bind(t.touched_at).bind(t.expected_at)
        .bind(t.resolved_at).bind(t.closed_at).bind(&t.outcome).bind(t.closing_sheet_id).bind(t.decisive_legs)
        .bind(t.external_legs).bind(t.open_legs).bind(t.merged_into_id)
        .bind(t.closing_sheet_version)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Row ids of tickets that were resolved until an instant, the first due first.
pub async fn resolved_until(conn: &mut Conn, limit: Instant, most: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM tickets WHERE state = 'resolved' AND resolved_at <= $1 ORDER BY resolved_at, id LIMIT $2")
        .bind(limit).bind(most).fetch_all(c).await)?)
}

/// Tickets before a row id, the newest first, of one state or of all.
pub async fn list(
    conn: &mut Conn,
    state: Option<super::model::State>,
    before: i64,
    limit: i64,
) -> Result<Vec<Ticket>, StoreError> {
    Ok(match state {
        Some(state) => on!(conn, c => sqlx::query_as::<_, Ticket>(
            ticket_sql!("WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
            .bind(state.as_str()).bind(before).bind(limit).fetch_all(c).await)?,
        None => on!(conn, c => sqlx::query_as::<_, Ticket>(ticket_sql!("WHERE id < $1 ORDER BY id DESC LIMIT $2"))
            .bind(before).bind(limit).fetch_all(c).await)?,
    })
}

/// Code of the ticket that was closed last because the owner of a number was never reached.
pub async fn not_reached(conn: &mut Conn, number: &str) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT t.code FROM identifiers i JOIN tickets t ON t.person_id = i.person_id
         WHERE i.kind = 'phone' AND i.value = $1 AND t.state = 'closed' AND t.outcome = 'not_reached'
         ORDER BY t.closed_at DESC, t.id DESC LIMIT 1").bind(number).fetch_optional(c).await)?)
}
