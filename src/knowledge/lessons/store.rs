//! SQL of lessons.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// What a citizen asked whose ticket a sheet closed.
#[derive(Debug, Clone, FromRow)]
pub struct QuestionRow {
    /// Code of the ticket, and when it was dealt with.
    pub code: String,
    pub at: Instant,
    /// Row id of who asked; below 0, a number of its own, where nobody is known.
    pub person: i64,
    pub language: String,
    pub subject: String,
    pub body: String,
    name: String,
    from_name: String,
    from_address: String,
}

impl QuestionRow {
    /// Names and addresses of who asked.
    pub fn names(&self) -> String {
        [self.name.as_str(), &self.from_name, &self.from_address].join(" ")
    }
}

/// The sheets between two row ids (both included) that closed a ticket, ascending, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheets_that_closed(conn: &mut Conn, first: i64, last: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT DISTINCT closing_sheet_id FROM tickets
         WHERE closing_sheet_id IS NOT NULL AND closing_sheet_id BETWEEN $1 AND $2 ORDER BY closing_sheet_id LIMIT $3")
        .bind(first).bind(last).bind(limit).fetch_all(c).await)?)
}

/// What was asked first in the latest tickets that a sheet closed, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn questions(conn: &mut Conn, sheet: i64, limit: i64) -> Result<Vec<QuestionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, QuestionRow>(
        "SELECT t.code, COALESCE(t.resolved_at, t.closed_at, t.touched_at) AS at,
                COALESCE(t.person_id, -t.id) AS person, t.language, t.subject,
                COALESCE(SUBSTR(k.body, 1, 4000), '') AS body, COALESCE(p.name, '') AS name,
                COALESCE(k.from_name, '') AS from_name, COALESCE(k.from_address, '') AS from_address
         FROM tickets t
         LEFT JOIN contacts k ON k.id = (SELECT MIN(first.id) FROM contacts first
             WHERE first.ticket_id = t.id AND first.direction = 'in' AND first.leg_id IS NULL)
         LEFT JOIN persons p ON p.id = t.person_id
         WHERE t.closing_sheet_id = $1 AND t.state IN ('resolved', 'closed') AND t.merged_into_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM unlearnt_tickets u WHERE u.sheet_id = $1 AND u.ticket_id = t.id)
         ORDER BY t.id DESC LIMIT $2")
        .bind(sheet).bind(limit).fetch_all(c).await)?)
}

/// Words that a sheet does not learn: language and word, by word.
///
/// # Errors
/// When the database cannot be read.
pub async fn unlearnt_words(conn: &mut Conn, sheet: i64) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT lang, word FROM unlearnt_words WHERE sheet_id = $1 ORDER BY word, lang")
        .bind(sheet).fetch_all(c).await)?)
}

/// Codes of the tickets that a sheet does not learn from, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn unlearnt_tickets(conn: &mut Conn, sheet: i64) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT t.code FROM unlearnt_tickets u JOIN tickets t ON t.id = u.ticket_id
         WHERE u.sheet_id = $1 ORDER BY u.at DESC, t.id DESC")
        .bind(sheet).fetch_all(c).await)?)
}

/// Row id of a ticket that a sheet closed.
///
/// # Errors
/// When the database cannot be read.
pub async fn ticket_of(conn: &mut Conn, sheet: i64, code: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM tickets WHERE code = $2 AND closing_sheet_id = $1")
        .bind(sheet).bind(code).fetch_optional(c).await)?)
}

/// Says whether a sheet learns a word.
///
/// # Errors
/// When the database refuses.
pub async fn set_word(
    tx: &mut Tx,
    sheet: i64,
    (lang, word): (&str, &str),
    dropped: bool,
    (at, actor): (Instant, &str),
) -> Result<(), StoreError> {
    if dropped {
        on!(tx, c => sqlx::query(
            "INSERT INTO unlearnt_words (sheet_id, lang, word, at, actor) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (sheet_id, lang, word) DO NOTHING")
            .bind(sheet).bind(lang).bind(word).bind(at).bind(actor).execute(c).await.map(drop))?;
    } else {
        on!(tx, c => sqlx::query("DELETE FROM unlearnt_words WHERE sheet_id = $1 AND lang = $2 AND word = $3")
            .bind(sheet).bind(lang).bind(word).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Says whether a sheet learns from a ticket.
///
/// # Errors
/// When the database refuses.
pub async fn set_ticket(
    tx: &mut Tx,
    sheet: i64,
    ticket: i64,
    dropped: bool,
    (at, actor): (Instant, &str),
) -> Result<(), StoreError> {
    if dropped {
        on!(tx, c => sqlx::query(
            "INSERT INTO unlearnt_tickets (sheet_id, ticket_id, at, actor) VALUES ($1, $2, $3, $4)
             ON CONFLICT (sheet_id, ticket_id) DO NOTHING")
            .bind(sheet).bind(ticket).bind(at).bind(actor).execute(c).await.map(drop))?;
    } else {
        on!(tx, c => sqlx::query("DELETE FROM unlearnt_tickets WHERE sheet_id = $1 AND ticket_id = $2")
            .bind(sheet).bind(ticket).execute(c).await.map(drop))?;
    }
    Ok(())
}
