//! SQL of what a citizen may see of a ticket: public contacts of the ticket itself, never notes or legs.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::{self, Ticket};

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

/// A ticket as its citizen follows it: a merged one has the state and the term of the one that goes on in its
/// place, and keeps its own code, person and subject.
pub async fn followed(conn: &mut Conn, code: &str) -> Result<Option<Ticket>, StoreError> {
    let Some(own) = tickets::store::by_code(conn, code).await? else { return Ok(None) };
    let live = match own.merged_into_id {
        Some(into) => tickets::store::by_id(conn, into).await?,
        None => None,
    };
    Ok(Some(match live {
        Some(live) => Ticket {
            state: live.state,
            expected_at: live.expected_at,
            touched_at: live.touched_at,
            resolved_at: live.resolved_at,
            closed_at: live.closed_at,
            outcome: live.outcome,
            ..own
        },
        None => own,
    }))
}

/// The ticket that goes on in the place of a merged one, when both are of one person: only then may its citizen
/// know of it.
pub async fn one_with(conn: &mut Conn, ticket: &Ticket) -> Result<Option<Ticket>, StoreError> {
    let Some(into) = ticket.merged_into_id else { return Ok(None) };
    let live = tickets::store::by_id(conn, into).await?;
    Ok(live.filter(|l| l.person_id.is_some() && l.person_id == ticket.person_id))
}

/// The contacts `k` that the citizen of ticket $1 may see: its own, wherever they lie, and in the ticket $2 that
/// goes on in its place those of other tickets of the same person $3. Never notes or legs.
macro_rules! theirs {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " WHERE k.id IN (
                SELECT id FROM contacts WHERE ticket_id = $1 AND via_id IS NULL
                UNION SELECT id FROM contacts WHERE via_id = $1
                UNION SELECT c.id FROM contacts c JOIN tickets home ON home.id = COALESCE(c.via_id, c.ticket_id)
                      WHERE c.ticket_id = $2 AND home.person_id = $3)
              AND k.public = TRUE AND k.leg_id IS NULL AND k.direction IN ('in', 'out') ",
            $rest
        )
    };
}

/// The public contacts of a ticket, oldest first.
pub async fn contacts(conn: &mut Conn, ticket: &Ticket) -> Result<Vec<PublicContact>, StoreError> {
    let mut rows = on!(conn, c => sqlx::query_as::<_, PublicContact>(theirs!(
        "SELECT k.id, k.direction, k.channel, k.person_id, k.body, k.happened_at FROM contacts k",
        "ORDER BY k.id DESC LIMIT $4"))
        .bind(ticket.id).bind(live(ticket)).bind(ticket.person_id).bind(SHOWN).fetch_all(c).await)?;
    rows.reverse();
    Ok(rows)
}

const fn live(ticket: &Ticket) -> i64 {
    match ticket.merged_into_id {
        Some(into) => into,
        None => ticket.id,
    }
}

/// The files of a ticket's public contacts.
pub async fn files(conn: &mut Conn, ticket: &Ticket) -> Result<Vec<PublicFile>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PublicFile>(theirs!(
        "SELECT a.id, a.contact_id, a.name, a.media_type, a.size, a.blob
         FROM attachments a JOIN contacts k ON k.id = a.contact_id",
        "ORDER BY a.contact_id, a.position"))
        .bind(ticket.id).bind(live(ticket)).bind(ticket.person_id).fetch_all(c).await)?)
}

/// Name and address of whoever wrote last from outside, among the contacts of the ticket's citizen.
pub async fn last_writer(conn: &mut Conn, ticket: &Ticket) -> Result<Option<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>(theirs!(
        "SELECT k.from_name, k.from_address FROM contacts k", "AND k.direction = 'in' ORDER BY k.id DESC LIMIT 1"))
        .bind(ticket.id).bind(live(ticket)).bind(ticket.person_id).fetch_optional(c).await)?)
}

/// The addresses and numbers that prove who asked: those its public contacts came from, and those its person
/// had when it was opened. What was added to the person later proves nothing about this ticket; what came by a
/// merge of two persons proves the tickets it came with.
pub async fn facts(conn: &mut Conn, ticket: &Ticket) -> Result<Vec<String>, StoreError> {
    let mut facts = on!(conn, c => sqlx::query_scalar::<_, String>(theirs!(
        "SELECT DISTINCT k.from_address FROM contacts k", "AND k.direction = 'in' AND k.from_address <> '' LIMIT 50"))
        .bind(ticket.id).bind(live(ticket)).bind(ticket.person_id).fetch_all(c).await)?;
    if let Some(person) = ticket.person_id {
        facts.extend(on!(conn, c => sqlx::query_scalar::<_, String>(
            "SELECT i.value FROM identifiers i
             WHERE i.person_id = $1 AND i.created_at <= $2 AND i.kind IN ('email', 'pec', 'phone')
               AND (i.joined_at IS NULL OR i.joined_at <= $2 OR EXISTS (
                    SELECT 1 FROM person_moves w JOIN person_moves t ON t.merge_id = w.merge_id
                    WHERE w.what = 'identifier' AND w.row_id = i.id AND t.what = 'ticket' AND t.row_id = $3))
             LIMIT 50")
            .bind(person).bind(ticket.opened_at).bind(ticket.id).fetch_all(c).await)?);
    }
    Ok(facts)
}

/// When a citizen could last see something change: a public contact, or the end. Work inside the office does
/// not show.
pub async fn changed_at(conn: &mut Conn, ticket: &Ticket) -> Result<Instant, StoreError> {
    let contact = on!(conn, c => sqlx::query_scalar::<_, Option<Instant>>(theirs!(
        "SELECT MAX(k.created_at) FROM contacts k", ""))
        .bind(ticket.id).bind(live(ticket)).bind(ticket.person_id).fetch_one(c).await)?;
    Ok([contact, ticket.resolved_at, ticket.closed_at].into_iter().flatten().fold(ticket.opened_at, Instant::max))
}

/// When the last answer went out, if any did.
pub async fn answered_at(conn: &mut Conn, ticket: &Ticket) -> Result<Option<Instant>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, Option<Instant>>(theirs!(
        "SELECT MAX(k.happened_at) FROM contacts k", "AND k.direction = 'out'"))
        .bind(ticket.id).bind(live(ticket)).bind(ticket.person_id).fetch_one(c).await)?)
}

/// Codes of requests of the same person that some messages of a ticket became.
pub async fn split_into(conn: &mut Conn, ticket: &Ticket) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT t.code FROM ticket_links l JOIN tickets t ON t.id = l.other_id
         WHERE l.ticket_id = $1 AND l.kind = 'split_into' AND t.person_id = $2 ORDER BY l.id LIMIT 20")
        .bind(ticket.id).bind(ticket.person_id).fetch_all(c).await)?)
}
