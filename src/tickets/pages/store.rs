//! What the desk's pages read beside the use cases.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// A unit, for names and choices.
#[derive(Debug, Clone, FromRow)]
pub struct UnitRow {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub name_en: String,
    /// Whether it belongs to the agency that runs this installation.
    pub own: bool,
    /// Whether it exists today.
    pub active: bool,
}

/// All units, by name.
pub async fn units(conn: &mut Conn) -> Result<Vec<UnitRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UnitRow>(
        "SELECT u.id, u.slug, u.name, u.name_en, a.kind = 'own' AS own, u.valid_to IS NULL AS active
         FROM units u JOIN agencies a ON a.id = u.agency_id ORDER BY u.name, u.id")
        .fetch_all(c).await)?)
}

/// A category, for names and choices.
#[derive(Debug, Clone, FromRow)]
pub struct CategoryRow {
    pub id: i64,
    pub slug: String,
    pub parent_id: Option<i64>,
    pub name: String,
    pub name_en: String,
    pub active: bool,
}

impl CategoryRow {
    /// Whether it stands somewhere below another one.
    pub fn is_below(&self, above: &Self) -> bool {
        self.slug.strip_prefix(&above.slug).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The classification in its own order.
pub async fn categories(conn: &mut Conn) -> Result<Vec<CategoryRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CategoryRow>(
        "SELECT id, slug, parent_id, name, name_en, retired_at IS NULL AS active FROM categories ORDER BY position, name")
        .fetch_all(c).await)?)
}

/// Row ids and names of those who work tickets today, by name.
pub async fn colleagues(conn: &mut Conn) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT id, name FROM users WHERE role IN ('agent', 'supervisor', 'admin') AND disabled_at IS NULL
         ORDER BY name, id")
        .fetch_all(c).await)?)
}

/// Where the raw original of a contact is.
#[derive(Debug, Clone, FromRow)]
pub struct OriginalRow {
    pub channel: String,
    pub body: Option<Vec<u8>>,
    pub blob: Option<String>,
}

/// The raw original of a contact; `None` for contacts that did not come from outside.
pub async fn original(conn: &mut Conn, contact: i64) -> Result<Option<OriginalRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, OriginalRow>(
        "SELECT r.channel, r.body, r.blob FROM contacts k JOIN raw_items r ON r.id = k.raw_id WHERE k.id = $1")
        .bind(contact).fetch_optional(c).await)?)
}

/// A ticket in somebody's file.
#[derive(Debug, Clone, FromRow)]
pub struct PastTicketRow {
    pub id: i64,
    pub code: String,
    pub state: String,
    pub subject: String,
    pub channel: String,
    pub category_id: Option<i64>,
    pub opened_at: Instant,
    /// Whether it goes on in another person's ticket.
    pub merged: bool,
}

/// A person's tickets opened before an instant (and row id), newest first; one that goes on in another of theirs
/// is not told twice.
pub async fn tickets_of(
    conn: &mut Conn,
    person: i64,
    before: (Instant, i64),
    limit: i64,
) -> Result<Vec<PastTicketRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PastTicketRow>(
        "SELECT id, code, state, subject, channel, category_id, opened_at, merged_into_id IS NOT NULL AS merged
         FROM tickets t
         WHERE person_id = $1 AND (opened_at, id) < ($2, $3)
           AND NOT EXISTS (SELECT 1 FROM tickets l WHERE l.id = t.merged_into_id AND l.person_id = t.person_id)
         ORDER BY opened_at DESC, id DESC LIMIT $4")
        .bind(person).bind(before.0).bind(before.1).bind(limit).fetch_all(c).await)?)
}

/// How many tickets a person has, counted up to 100.
pub async fn count_tickets_of(conn: &mut Conn, person: i64) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM (SELECT id FROM tickets t WHERE person_id = $1
            AND NOT EXISTS (SELECT 1 FROM tickets l WHERE l.id = t.merged_into_id AND l.person_id = t.person_id)
            LIMIT 100) few")
        .bind(person).fetch_one(c).await)?)
}

/// Characters of a contact that its line in somebody's file is made from.
pub const EXTRACT: usize = 160;

/// A contact in somebody's file.
#[derive(Debug, Clone, FromRow)]
pub struct PastContactRow {
    pub id: i64,
    pub direction: String,
    pub channel: String,
    /// At most [`EXTRACT`] characters.
    pub extract: String,
    pub happened_at: Instant,
    pub code: String,
    pub subject: String,
}

/// A person's contacts before a contact id, over all channels and tickets, newest first.
pub async fn contacts_of(
    conn: &mut Conn,
    person: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<PastContactRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PastContactRow>(
        "SELECT k.id, k.direction, k.channel, SUBSTR(k.body, 1, 160) AS extract, k.happened_at, t.code, t.subject
         FROM contacts k JOIN tickets t ON t.id = k.ticket_id
         WHERE k.person_id = $1 AND k.id < $2 AND k.leg_id IS NULL ORDER BY k.id DESC LIMIT $3")
        .bind(person).bind(before).bind(limit).fetch_all(c).await)?)
}

/// The beginning of a ticket's first contact.
pub async fn extract(conn: &mut Conn, ticket: i64) -> Result<String, StoreError> {
    let text = on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT SUBSTR(body, 1, 160) FROM contacts WHERE ticket_id = $1 ORDER BY id LIMIT 1")
        .bind(ticket).fetch_optional(c).await)?;
    Ok(text.unwrap_or_default())
}
