//! SQL of what a citizen may see of a ticket: public contacts of the ticket itself, never notes or legs.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::Ticket;

/// Contacts shown at most, the newest.
const SHOWN: i64 = 200;

/// A contact as its requester sees it.
#[derive(Debug, Clone, FromRow)]
pub struct PublicContact {
    pub id: i64,
    /// `in` or `out`.
    pub direction: String,
    pub channel: String,
    pub person_id: Option<i64>,
    pub body: String,
    pub happened_at: Instant,
}

/// A file of a public contact.
#[derive(Debug, Clone, FromRow)]
pub struct PublicFile {
    pub id: i64,
    pub contact_id: i64,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub blob: String,
}

/// The public contacts of a ticket, oldest first.
pub async fn contacts(conn: &mut Conn, ticket: i64) -> Result<Vec<PublicContact>, StoreError> {
    let mut rows = on!(conn, c => sqlx::query_as::<_, PublicContact>(
        "SELECT id, direction, channel, person_id, body, happened_at FROM contacts
         WHERE ticket_id = $1 AND public = TRUE AND leg_id IS NULL AND direction IN ('in', 'out')
         ORDER BY id DESC LIMIT $2")
        .bind(ticket).bind(SHOWN).fetch_all(c).await)?;
    rows.reverse();
    Ok(rows)
}

/// The files of a ticket's public contacts.
pub async fn files(conn: &mut Conn, ticket: i64) -> Result<Vec<PublicFile>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PublicFile>(
        "SELECT a.id, a.contact_id, a.name, a.media_type, a.size, a.blob
         FROM attachments a JOIN contacts k ON k.id = a.contact_id
         WHERE k.ticket_id = $1 AND k.public = TRUE AND k.leg_id IS NULL AND k.direction IN ('in', 'out')
         ORDER BY a.contact_id, a.position")
        .bind(ticket).fetch_all(c).await)?)
}

/// The addresses and numbers that prove who asked: those its public contacts came from, and those its person
/// had when it was opened. What was added to the person later proves nothing about this ticket.
pub async fn facts(conn: &mut Conn, ticket: &Ticket) -> Result<Vec<String>, StoreError> {
    let mut facts = on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT DISTINCT from_address FROM contacts
         WHERE ticket_id = $1 AND public = TRUE AND leg_id IS NULL AND direction = 'in' AND from_address <> '' LIMIT 50")
        .bind(ticket.id).fetch_all(c).await)?;
    if let Some(person) = ticket.person_id {
        facts.extend(on!(conn, c => sqlx::query_scalar::<_, String>(
            "SELECT value FROM identifiers
             WHERE person_id = $1 AND created_at <= $2 AND kind IN ('email', 'pec', 'phone') LIMIT 50")
            .bind(person).bind(ticket.opened_at).fetch_all(c).await)?);
    }
    Ok(facts)
}

/// When a citizen could last see something change: a public contact, or the end. Work inside the office does
/// not show.
pub async fn changed_at(conn: &mut Conn, ticket: &Ticket) -> Result<Instant, StoreError> {
    let contact = on!(conn, c => sqlx::query_scalar::<_, Option<Instant>>(
        "SELECT MAX(created_at) FROM contacts
         WHERE ticket_id = $1 AND public = TRUE AND leg_id IS NULL AND direction IN ('in', 'out')")
        .bind(ticket.id).fetch_one(c).await)?;
    Ok([contact, ticket.resolved_at, ticket.closed_at].into_iter().flatten().fold(ticket.opened_at, Instant::max))
}

/// When the last answer went out, if any did.
pub async fn answered_at(conn: &mut Conn, ticket: i64) -> Result<Option<Instant>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, Option<Instant>>(
        "SELECT MAX(happened_at) FROM contacts
         WHERE ticket_id = $1 AND public = TRUE AND leg_id IS NULL AND direction = 'out'")
        .bind(ticket).fetch_one(c).await)?)
}
