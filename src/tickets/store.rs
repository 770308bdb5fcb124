//! SQL of tickets, contacts, attachments, drafts.
use std::collections::HashMap;

use sqlx::{FromRow, QueryBuilder};

use super::hold::Holder;
use super::model::Ticket;
use crate::kernel::database::{Conn, StoreError, Tx, pieces};
use crate::kernel::time::Instant;
use crate::on;

macro_rules! ticket_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, code, version, state, subject, channel, kind, category_id, owner_unit_id, assignee_id, person_id,
                    language, opened_at, touched_at, expected_at, resolved_at, closed_at, outcome, closing_sheet_id,
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
            merged_into_id = $19
         WHERE id = $1")
        .bind(t.id).bind(t.version).bind(t.state.as_str()).bind(&t.subject).bind(t.kind.as_str()).bind(t.category_id)
        .bind(t.owner_unit_id).bind(t.assignee_id).bind(t.person_id).bind(t.touched_at).bind(t.expected_at)
        .bind(t.resolved_at).bind(t.closed_at).bind(&t.outcome).bind(t.closing_sheet_id).bind(t.decisive_legs)
        .bind(t.external_legs).bind(t.open_legs).bind(t.merged_into_id)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Who made the last change of a ticket, by name, and the kind of its event: told to whoever lost a race.
pub async fn last_change(conn: &mut Conn, ticket: i64) -> Result<(String, String), StoreError> {
    let last = on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT actor, kind FROM events WHERE ticket_id = $1 ORDER BY id DESC LIMIT 1")
        .bind(ticket).fetch_optional(c).await)?;
    let Some((actor, kind)) = last else { return Ok((String::new(), String::new())) };
    let name = match actor.strip_prefix("user:").and_then(|id| id.parse::<i64>().ok()) {
        Some(user) => user_name(conn, user).await?,
        None => actor.split(':').next().unwrap_or_default().to_owned(),
    };
    Ok((name, kind))
}

/// The name of a user; empty when there is none.
pub async fn user_name(conn: &mut Conn, user: i64) -> Result<String, StoreError> {
    let name = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT name FROM users WHERE id = $1")
        .bind(user).fetch_optional(c).await)?;
    Ok(name.unwrap_or_default())
}

/// Row id of a unit by slug.
pub async fn unit_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM units WHERE slug = $1 AND valid_to IS NULL")
        .bind(slug).fetch_optional(c).await)?)
}

/// Row id of an active category by slug.
pub async fn category_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE slug = $1 AND retired_at IS NULL")
        .bind(slug).fetch_optional(c).await)?)
}

/// Row id of a sheet by code.
pub async fn sheet_by_code(conn: &mut Conn, code: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM sheets WHERE code = $1")
        .bind(code).fetch_optional(c).await)?)
}

/// A contact as stored.
#[derive(Debug, Clone, FromRow)]
pub struct ContactRow {
    pub id: i64,
    pub ticket_id: i64,
    pub direction: String,
    pub channel: String,
    pub person_id: Option<i64>,
    pub author_id: Option<i64>,
    pub leg_id: Option<i64>,
    /// The ticket whose citizen it is with, where that is not the one it lies in.
    pub via_id: Option<i64>,
    pub from_name: String,
    pub from_address: String,
    pub to_address: String,
    pub subject: String,
    pub body: String,
    pub quoted: String,
    pub html: Option<String>,
    pub automatic: Option<String>,
    pub public: bool,
    pub raw_id: Option<i64>,
    pub message_id: Option<String>,
    pub sheet_id: Option<i64>,
    pub happened_at: Instant,
    pub created_at: Instant,
    /// What to know of how it was read: names separated by spaces.
    pub notices: String,
}

/// A contact about to be stored.
#[derive(Debug, Clone, Default)]
pub struct NewContact {
    pub ticket_id: i64,
    pub direction: &'static str,
    pub channel: &'static str,
    pub person_id: Option<i64>,
    pub author_id: Option<i64>,
    pub leg_id: Option<i64>,
    pub via_id: Option<i64>,
    pub from_name: String,
    pub from_address: String,
    pub to_address: String,
    pub subject: String,
    pub body: String,
    pub quoted: String,
    pub html: Option<String>,
    pub automatic: Option<String>,
    pub notices: String,
    pub public: bool,
    pub raw_id: Option<i64>,
    pub message_id: Option<String>,
    pub dedupe_key: Option<String>,
    pub sheet_id: Option<i64>,
    pub happened_at: Instant,
    pub created_at: Instant,
}

/// A new contact; `None` when one with the same dedupe key is there already.
pub async fn insert_contact(tx: &mut Tx, contact: &NewContact) -> Result<Option<i64>, StoreError> {
    Ok(insert_contacts(tx, std::slice::from_ref(contact)).await?.remove(&contact.ticket_id))
}

/// New contacts, each of another ticket; answers their row ids by ticket, without those whose dedupe key is
/// there already.
pub async fn insert_contacts(tx: &mut Tx, contacts: &[NewContact]) -> Result<HashMap<i64, i64>, StoreError> {
    let mut ids = HashMap::with_capacity(contacts.len());
    for piece in pieces(contacts) {
        ids.extend(on!(tx, c => QueryBuilder::new(
            "INSERT INTO contacts (ticket_id, direction, channel, person_id, author_id, leg_id, from_name, from_address,
                to_address, subject, body, quoted, html, automatic, public, raw_id, message_id, dedupe_key, sheet_id,
                happened_at, created_at, via_id, notices) ")
            .push_values(piece, |mut row, n| {
                row.push_bind(n.ticket_id).push_bind(n.direction).push_bind(n.channel).push_bind(n.person_id)
                    .push_bind(n.author_id).push_bind(n.leg_id).push_bind(&n.from_name).push_bind(&n.from_address)
                    .push_bind(&n.to_address).push_bind(&n.subject).push_bind(&n.body).push_bind(&n.quoted)
                    .push_bind(&n.html).push_bind(&n.automatic).push_bind(n.public).push_bind(n.raw_id)
                    .push_bind(&n.message_id).push_bind(&n.dedupe_key).push_bind(n.sheet_id)
                    .push_bind(n.happened_at).push_bind(n.created_at).push_bind(n.via_id)
                    .push_bind(&n.notices);
            })
            .push(" ON CONFLICT (dedupe_key) DO NOTHING RETURNING ticket_id, id")
            .build_query_as::<(i64, i64)>().fetch_all(c).await)?);
    }
    Ok(ids)
}

/// Contacts with all their columns, as [`ContactRow`] reads them.
macro_rules! contact_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, ticket_id, direction, channel, person_id, author_id, leg_id, via_id, from_name, from_address,
                    to_address, subject, body, quoted, html, automatic, public, raw_id, message_id, sheet_id, happened_at, created_at, notices
             FROM contacts ", $rest)
    };
}
pub(crate) use contact_sql;

/// The last `limit` contacts of a ticket before `before` (a contact id), oldest first: a long ticket is
/// paged, so that it is as fast to open as a short one.
pub async fn contacts(conn: &mut Conn, ticket: i64, before: i64, limit: i64) -> Result<Vec<ContactRow>, StoreError> {
    let mut rows = on!(conn, c => sqlx::query_as::<_, ContactRow>(
        contact_sql!("WHERE ticket_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(ticket).bind(before).bind(limit).fetch_all(c).await)?;
    rows.reverse();
    Ok(rows)
}

/// One contact.
pub async fn contact(conn: &mut Conn, id: i64) -> Result<Option<ContactRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ContactRow>(contact_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// The contact of a ticket that came in last from the citizen.
pub async fn last_incoming(conn: &mut Conn, ticket: i64) -> Result<Option<ContactRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ContactRow>(
        contact_sql!("WHERE ticket_id = $1 AND direction = 'in' AND leg_id IS NULL ORDER BY id DESC LIMIT 1"))
        .bind(ticket).fetch_optional(c).await)?)
}

/// Name and postal address that a person was written to last, a line each.
pub async fn last_postal(conn: &mut Conn, person: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT to_address FROM contacts WHERE person_id = $1 AND channel = 'letter' AND direction = 'out'
         AND to_address <> '' ORDER BY id DESC LIMIT 1")
        .bind(person).fetch_optional(c).await)?)
}

/// Code of the ticket that was closed last because the owner of a number was never reached.
pub async fn not_reached(conn: &mut Conn, number: &str) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT t.code FROM identifiers i JOIN tickets t ON t.person_id = i.person_id
         WHERE i.kind = 'phone' AND i.value = $1 AND t.state = 'closed' AND t.outcome = 'not_reached'
         ORDER BY t.closed_at DESC, t.id DESC LIMIT 1").bind(number).fetch_optional(c).await)?)
}

/// The contact stored under a dedupe key, with its ticket's code.
pub async fn contact_by_dedupe(conn: &mut Conn, key: &str) -> Result<Option<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT k.id, t.code FROM contacts k JOIN tickets t ON t.id = k.ticket_id WHERE k.dedupe_key = $1")
        .bind(key).fetch_optional(c).await)?)
}

/// Remembers a Message-ID, ours or foreign, so that answers find their ticket.
pub async fn remember_message_id(
    tx: &mut Tx,
    message_id: &str,
    ticket: i64,
    contact: Option<i64>,
    leg: Option<i64>,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO message_ids (message_id, ticket_id, contact_id, leg_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(message_id).bind(ticket).bind(contact).bind(leg).execute(c).await.map(drop))?;
    Ok(())
}

/// An attachment as stored.
#[derive(Debug, Clone, FromRow)]
pub struct AttachmentRow {
    pub id: i64,
    pub contact_id: i64,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub blob: String,
    pub content_id: Option<String>,
    pub inline: bool,
    /// What a reader should know of it; see [`super::files::Note`].
    pub note: String,
}

/// An attachment whose bytes are in the blob store already.
#[derive(Debug, Clone)]
pub struct StoredFile {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub blob: String,
    pub content_id: Option<String>,
    pub inline: bool,
    /// What a reader should know of it; see [`super::files::Note`].
    pub note: String,
}

/// Attaches files to a contact; answers their row ids in order.
pub async fn insert_attachments(tx: &mut Tx, contact: i64, files: &[StoredFile]) -> Result<Vec<i64>, StoreError> {
    let mut ids = Vec::with_capacity(files.len());
    for (position, file) in (0_i64..).zip(files) {
        ids.push(on!(tx, c => sqlx::query_scalar::<_, i64>(
            "INSERT INTO attachments (contact_id, position, name, media_type, size, blob, content_id, inline, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id")
            .bind(contact).bind(position).bind(&file.name).bind(&file.media_type).bind(file.size).bind(&file.blob)
            .bind(&file.content_id).bind(file.inline).bind(&file.note).fetch_one(c).await)?);
    }
    Ok(ids)
}

/// Replaces the HTML of a contact, once its pictures have addresses.
pub async fn set_html(tx: &mut Tx, contact: i64, html: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE contacts SET html = $2 WHERE id = $1").bind(contact).bind(html).execute(c).await.map(drop))?;
    Ok(())
}

/// The attachments of a ticket's contacts between two contact ids (both included).
pub async fn attachments(
    conn: &mut Conn,
    ticket: i64,
    first: i64,
    last: i64,
) -> Result<Vec<AttachmentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AttachmentRow>(
        "SELECT a.id, a.contact_id, a.name, a.media_type, a.size, a.blob, a.content_id, a.inline, a.note
         FROM attachments a JOIN contacts k ON k.id = a.contact_id
         WHERE k.ticket_id = $1 AND k.id BETWEEN $2 AND $3 ORDER BY a.contact_id, a.position")
        .bind(ticket).bind(first).bind(last).fetch_all(c).await)?)
}

/// One attachment, with the ticket and the visibility of its contact.
#[derive(Debug, Clone, FromRow)]
pub struct AttachmentOwner {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub blob: String,
    pub ticket_id: i64,
    pub leg_id: Option<i64>,
    pub public: bool,
}

/// One attachment by row id.
pub async fn attachment(conn: &mut Conn, id: i64) -> Result<Option<AttachmentOwner>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AttachmentOwner>(
        "SELECT a.name, a.media_type, a.size, a.blob, k.ticket_id, k.leg_id, k.public
         FROM attachments a JOIN contacts k ON k.id = a.contact_id WHERE a.id = $1")
        .bind(id).fetch_optional(c).await)?)
}

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

/// Row ids of tickets that were resolved until an instant, the first due first.
pub async fn resolved_until(conn: &mut Conn, limit: Instant, most: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM tickets WHERE state = 'resolved' AND resolved_at <= $1 ORDER BY resolved_at, id LIMIT $2")
        .bind(limit).bind(most).fetch_all(c).await)?)
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

/// Names of what a ticket points to.
#[derive(Debug, Clone, FromRow)]
pub struct TicketNames {
    /// Slug of the category.
    pub category: Option<String>,
    /// Slug of the owner unit.
    pub owner_unit: String,
    /// Name of the assignee.
    pub assignee: Option<String>,
}

/// Reads the names of what a ticket points to.
pub async fn names_of(conn: &mut Conn, ticket: &Ticket) -> Result<TicketNames, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TicketNames>(
        "SELECT g.slug AS category, w.slug AS owner_unit, u.name AS assignee
         FROM units w
         LEFT JOIN categories g ON g.id = $2
         LEFT JOIN users u ON u.id = $3
         WHERE w.id = $1")
        .bind(ticket.owner_unit_id).bind(ticket.category_id).bind(ticket.assignee_id).fetch_one(c).await)?)
}

/// Code of a sheet by row id.
pub async fn sheet_code(conn: &mut Conn, id: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT code FROM sheets WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}
