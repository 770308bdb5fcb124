//! SQL of tickets, and in a file each what hangs on them.

mod contacts;
mod drafts;
mod files;
mod links;
mod names;

use std::collections::HashMap;

use super::model::Ticket;
use crate::kernel::database::{Conn, Rows, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

pub(crate) use contacts::contact_sql;
pub use contacts::{
    ContactRow, NewContact, ReachedRow, contact, contact_by_dedupe, contact_rows, contacts, insert_contact,
    insert_contacts, last_incoming, last_postal, last_reached, remember_message_id, set_html,
};
pub use drafts::{DraftRow, delete_draft, drafts, holder, release_draft, save_draft};
pub use files::{AttachmentOwner, AttachmentRow, StoredFile, attachment, attachments, insert_attachments};
pub use links::{link, links, lock_continuation, settle_link};
pub use names::{
    TicketNames, UsedSheet, category_by_slug, keep_sheet_version, last_change, names_of, open_of_unit,
    put_requested_sheet, requested_sheet, rule_name, sheet_code, unit_by_slug, unit_name, unit_slug, used_sheet,
    user_name,
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
    let stored = rows(tickets).insert_returning::<(String, i64)>(tx, "RETURNING code, id").await?;
    let ids: HashMap<String, i64> = stored.into_iter().collect();
    for ticket in tickets {
        ticket.id = *ids.get(&ticket.code).ok_or(StoreError::Inconsistent { table: "tickets", column: "code" })?;
    }
    Ok(())
}

/// New tickets as rows.
pub fn rows(tickets: &[Ticket]) -> Rows {
    const COLUMNS: &[&str] = &[
        "code",
        "version",
        "state",
        "subject",
        "channel",
        "kind",
        "category_id",
        "owner_unit_id",
        "assignee_id",
        "person_id",
        "language",
        "opened_at",
        "touched_at",
        "expected_at",
        "continues_id",
    ];
    let mut rows = Rows::of("tickets", COLUMNS);
    for t in tickets {
        rows.push([
            t.code.clone().into(),
            t.version.into(),
            t.state.as_str().into(),
            t.subject.clone().into(),
            t.channel.as_str().into(),
            t.kind.as_str().into(),
            t.category_id.into(),
            t.owner_unit_id.into(),
            t.assignee_id.into(),
            t.person_id.into(),
            t.language.clone().into(),
            t.opened_at.into(),
            t.touched_at.into(),
            t.expected_at.into(),
            t.continues_id.into(),
        ]);
    }
    rows
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
