//! SQL of the search: exact look-ups, and what the index holds of tickets.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Position;
use crate::on;
use crate::tickets::queues::QueueRow;

/// Row id of the ticket with a stored code, or of the one that goes on in its place.
pub async fn id_of(conn: &mut Conn, code: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT COALESCE(merged_into_id, id) FROM tickets WHERE code = $1")
        .bind(code).fetch_optional(c).await)?)
}

/// A person's tickets before a row id, newest first; one that was merged is the ticket that goes on.
pub async fn tickets_of(conn: &mut Conn, person: i64, before: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT DISTINCT COALESCE(merged_into_id, id) AS live FROM tickets
         WHERE person_id = $1 AND COALESCE(merged_into_id, id) < $2 ORDER BY live DESC LIMIT $3")
        .bind(person).bind(before).bind(limit).fetch_all(c).await)?)
}

/// A ticket as a line of a list.
pub async fn row(conn: &mut Conn, id: i64) -> Result<Option<QueueRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, QueueRow>(
        "SELECT t.id, t.code, t.state, t.subject, t.channel, t.kind, t.category_id, t.owner_unit_id, t.assignee_id,
                u.name AS assignee_name, p.name AS person_name, t.opened_at, t.touched_at, t.expected_at,
                t.due_at, t.priority,
                (t.priority * 1000000000000000000 + COALESCE(t.due_at, t.expected_at)) AS work_key
         FROM tickets t
         LEFT JOIN users u ON u.id = t.assignee_id
         LEFT JOIN persons p ON p.id = t.person_id
         WHERE t.id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Row ids of tickets before one, the newest first.
pub async fn ids_before(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM tickets WHERE id < $1 ORDER BY id DESC LIMIT $2")
        .bind(before).bind(limit).fetch_all(c).await)?)
}

/// What the index holds of a ticket itself.
#[derive(Debug, Clone, FromRow)]
pub struct HeadRow {
    pub id: i64,
    pub subject: String,
    pub person: Option<String>,
}

/// The heads of tickets between two row ids (both included); merged ones are not found by their words.
pub async fn heads(conn: &mut Conn, first: i64, last: i64) -> Result<Vec<HeadRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, HeadRow>(
        "SELECT t.id, t.subject, p.name AS person FROM tickets t LEFT JOIN persons p ON p.id = t.person_id
         WHERE t.id BETWEEN $1 AND $2 AND t.merged_into_id IS NULL ORDER BY t.id")
        .bind(first).bind(last).fetch_all(c).await)?)
}

/// Subjects of what was merged into tickets between two row ids.
pub async fn merged_subjects(conn: &mut Conn, first: i64, last: i64) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT merged_into_id, subject FROM tickets WHERE merged_into_id BETWEEN $1 AND $2 ORDER BY id")
        .bind(first).bind(last).fetch_all(c).await)?)
}

/// What the index holds of a contact.
#[derive(Debug, Clone, FromRow)]
pub struct TextRow {
    pub ticket_id: i64,
    pub from_name: String,
    pub from_address: String,
    pub subject: String,
    pub body: String,
}

/// The contacts of tickets between two row ids, each text cut to its beginning.
pub async fn texts(conn: &mut Conn, first: i64, last: i64) -> Result<Vec<TextRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TextRow>(
        "SELECT ticket_id, from_name, from_address, subject, SUBSTR(body, 1, 8000) AS body
         FROM contacts WHERE ticket_id BETWEEN $1 AND $2 ORDER BY ticket_id, id")
        .bind(first).bind(last).fetch_all(c).await)?)
}

/// Names that other systems gave to contacts of tickets between two row ids.
pub async fn contact_names(conn: &mut Conn, first: i64, last: i64) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT k.ticket_id, r.external_id FROM contacts k JOIN raw_items r ON r.id = k.raw_id
         WHERE k.ticket_id BETWEEN $1 AND $2")
        .bind(first).bind(last).fetch_all(c).await)?)
}

/// Codes that other bodies gave to legs of tickets between two row ids.
pub async fn leg_names(conn: &mut Conn, first: i64, last: i64) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT ticket_id, external_code FROM legs WHERE ticket_id BETWEEN $1 AND $2 AND external_code <> ''")
        .bind(first).bind(last).fetch_all(c).await)?)
}

/// Whether the feed has an event at this position: an index of another database must be made anew.
pub async fn has_event(conn: &mut Conn, position: Position) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM events WHERE id = $1 AND txid = $2")
        .bind(position.id).bind(position.txid).fetch_optional(c).await)?;
    Ok(found.is_some())
}
