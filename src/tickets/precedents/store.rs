//! SQL of precedents.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// What is learnt of a ticket.
#[derive(Debug, Clone, FromRow)]
pub struct TextRow {
    pub id: i64,
    /// Whether it is resolved.
    pub over: bool,
    pub subject: String,
    pub language: String,
    pub body: String,
}

/// A resolved ticket as it is shown beside another.
#[derive(Debug, Clone, FromRow)]
pub struct PrecedentRow {
    pub code: String,
    pub subject: String,
    pub category_id: Option<i64>,
    /// Who was competent: the unit it was sent to, else that of its category, else its owner.
    pub unit_id: i64,
    /// Code of the sheet that closed it.
    pub sheet: Option<String>,
    pub touched_at: Instant,
}

/// Row id of the ticket before the last `count` resolved ones; 0 when there are fewer.
pub async fn before_last(conn: &mut Conn, count: i64) -> Result<i64, StoreError> {
    let id = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM tickets WHERE state IN ('resolved', 'closed') AND merged_into_id IS NULL
         ORDER BY id DESC LIMIT 1 OFFSET $1")
        .bind(count).fetch_optional(c).await)?;
    Ok(id.unwrap_or(0))
}

macro_rules! text_sql {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.state IN ('resolved', 'closed') AS over, t.subject, t.language,
                    COALESCE((SELECT SUBSTR(k.body, 1, 4000) FROM contacts k
                              WHERE k.ticket_id = t.id AND k.direction = 'in' AND k.leg_id IS NULL
                              ORDER BY k.id LIMIT 1), '') AS body
             FROM tickets t ",
            $rest
        )
    };
}

/// Resolved tickets after a row id, at most `limit`, in order.
pub async fn resolved_texts(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<TextRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TextRow>(
        text_sql!("WHERE t.id > $1 AND t.state IN ('resolved', 'closed') AND t.merged_into_id IS NULL
                   ORDER BY t.id LIMIT $2"))
        .bind(after).bind(limit).fetch_all(c).await)?)
}

/// Tickets in a state after a row id, at most `limit`, in order.
pub async fn texts_in(conn: &mut Conn, state: &str, after: i64, limit: i64) -> Result<Vec<TextRow>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, TextRow>(text_sql!("WHERE t.state = $1 AND t.id > $2 ORDER BY t.id LIMIT $3"))
        .bind(state).bind(after).bind(limit).fetch_all(c).await)?,
    )
}

/// A ticket that goes on in no other.
pub async fn text(conn: &mut Conn, id: i64) -> Result<Option<TextRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, TextRow>(text_sql!("WHERE t.id = $1 AND t.merged_into_id IS NULL"))
        .bind(id).fetch_optional(c).await)?)
}

/// What the citizen wrote first in a ticket; empty when nothing.
pub async fn first_text(conn: &mut Conn, ticket: i64) -> Result<String, StoreError> {
    let text = on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT SUBSTR(body, 1, 4000) FROM contacts
         WHERE ticket_id = $1 AND direction = 'in' AND leg_id IS NULL ORDER BY id LIMIT 1")
        .bind(ticket).fetch_optional(c).await)?;
    Ok(text.unwrap_or_default())
}

/// A ticket that is still resolved, as it is now.
pub async fn precedent(conn: &mut Conn, id: i64) -> Result<Option<PrecedentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PrecedentRow>(
        "SELECT t.code, t.subject, t.category_id, t.touched_at, s.code AS sheet,
                COALESCE((SELECT l.unit_id FROM legs l
                          WHERE l.ticket_id = t.id AND l.kind = 'competence' AND l.state IN ('sent', 'answered')
                          ORDER BY l.id DESC LIMIT 1),
                         g.unit_id, t.owner_unit_id) AS unit_id
         FROM tickets t
         LEFT JOIN sheets s ON s.id = t.closing_sheet_id
         LEFT JOIN categories g ON g.id = t.category_id
         WHERE t.id = $1 AND t.state IN ('resolved', 'closed') AND t.merged_into_id IS NULL")
        .bind(id).fetch_optional(c).await)?)
}

#[derive(serde::Deserialize)]
struct Details {
    #[serde(default)]
    keywords: Vec<String>,
}

/// Categories in use that have keywords, with these.
pub async fn keywords(conn: &mut Conn) -> Result<Vec<(i64, Vec<String>)>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT id, details FROM categories WHERE retired_at IS NULL AND details LIKE '%\"keywords\"%' ORDER BY id")
        .fetch_all(c).await)?;
    let wrong = || StoreError::Inconsistent { table: "categories", column: "details" };
    let read = |(id, text): (i64, String)| match serde_json::from_str::<Details>(&text) {
        Ok(details) => Ok((id, details.keywords)),
        Err(_) => Err(wrong()),
    };
    rows.into_iter().map(read).collect()
}
