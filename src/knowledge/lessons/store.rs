//! SQL of lessons.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::on;

/// What a citizen asked whose ticket a sheet closed.
#[derive(Debug, Clone, FromRow)]
pub struct QuestionRow {
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
        "SELECT COALESCE(t.person_id, -t.id) AS person, t.language, t.subject,
                COALESCE(SUBSTR(k.body, 1, 4000), '') AS body, COALESCE(p.name, '') AS name,
                COALESCE(k.from_name, '') AS from_name, COALESCE(k.from_address, '') AS from_address
         FROM tickets t
         LEFT JOIN contacts k ON k.id = (SELECT MIN(first.id) FROM contacts first
             WHERE first.ticket_id = t.id AND first.direction = 'in' AND first.leg_id IS NULL)
         LEFT JOIN persons p ON p.id = t.person_id
         WHERE t.closing_sheet_id = $1 AND t.state IN ('resolved', 'closed') AND t.merged_into_id IS NULL
         ORDER BY t.id DESC LIMIT $2")
        .bind(sheet).bind(limit).fetch_all(c).await)?)
}
