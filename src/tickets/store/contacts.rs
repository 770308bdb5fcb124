//! SQL of contacts.

use std::collections::HashMap;

use sqlx::FromRow;

use crate::kernel::database::{Conn, Rows, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

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
    let tail = "ON CONFLICT (dedupe_key) DO NOTHING RETURNING ticket_id, id";
    Ok(contact_rows(contacts).insert_returning::<(i64, i64)>(tx, tail).await?.into_iter().collect())
}

/// New contacts as rows.
pub fn contact_rows(contacts: &[NewContact]) -> Rows {
    const COLUMNS: &[&str] = &[
        "ticket_id",
        "direction",
        "channel",
        "person_id",
        "author_id",
        "leg_id",
        "via_id",
        "from_name",
        "from_address",
        "to_address",
        "subject",
        "body",
        "quoted",
        "html",
        "automatic",
        "notices",
        "public",
        "raw_id",
        "message_id",
        "dedupe_key",
        "sheet_id",
        "happened_at",
        "created_at",
    ];
    let mut rows = Rows::of("contacts", COLUMNS);
    for n in contacts.iter().cloned() {
        rows.push([
            n.ticket_id.into(),
            n.direction.into(),
            n.channel.into(),
            n.person_id.into(),
            n.author_id.into(),
            n.leg_id.into(),
            n.via_id.into(),
            n.from_name.into(),
            n.from_address.into(),
            n.to_address.into(),
            n.subject.into(),
            n.body.into(),
            n.quoted.into(),
            n.html.into(),
            n.automatic.into(),
            n.notices.into(),
            n.public.into(),
            n.raw_id.into(),
            n.message_id.into(),
            n.dedupe_key.into(),
            n.sheet_id.into(),
            n.happened_at.into(),
            n.created_at.into(),
        ]);
    }
    rows
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

/// Where somebody was reached by a channel, or wrote from.
#[derive(Debug, Clone, FromRow)]
pub struct ReachedRow {
    pub channel: String,
    pub direction: String,
    pub from_name: String,
    pub from_address: String,
    pub to_address: String,
}

/// By each channel the last contact that has an address: of a person, or of a ticket about whose person nothing is
/// known.
pub async fn last_reached(conn: &mut Conn, person: Option<i64>, ticket: i64) -> Result<Vec<ReachedRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ReachedRow>(
        "SELECT channel, direction, from_name, from_address, to_address FROM contacts WHERE id IN (
            SELECT MAX(id) FROM contacts
            WHERE (person_id = $1 OR (ticket_id = $2 AND person_id IS NULL)) AND leg_id IS NULL
              AND ((direction = 'in' AND from_address <> '') OR (direction = 'out' AND to_address <> ''))
            GROUP BY channel)")
        .bind(person).bind(ticket).fetch_all(c).await)?)
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

/// Replaces the HTML of a contact, once its pictures have addresses.
pub async fn set_html(tx: &mut Tx, contact: i64, html: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE contacts SET html = $2 WHERE id = $1").bind(contact).bind(html).execute(c).await.map(drop))?;
    Ok(())
}
