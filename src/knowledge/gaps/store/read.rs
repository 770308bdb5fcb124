//! Reading what is kept of sheets and searches.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::knowledge::gaps::clusters::Unanswered;
use crate::knowledge::gaps::estimate::Closed;
use crate::knowledge::verdicts::Verdict;
use crate::on;

/// Closings of a period by category and sheet.
#[derive(Debug, Clone, FromRow)]
pub struct AnsweredSum {
    pub category_id: i64,
    pub sheet_id: i64,
    pub closed: i64,
    pub front: i64,
}

impl AnsweredSum {
    /// The counts alone.
    pub const fn counts(&self) -> Closed {
        Closed { all: self.closed, front: self.front }
    }
}

/// Closings from a local day on.
///
/// # Errors
/// When the database cannot be read.
pub async fn answered_sums(conn: &mut Conn, from: &str) -> Result<Vec<AnsweredSum>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AnsweredSum>(
        "SELECT category_id, sheet_id, CAST(SUM(closed) AS BIGINT) AS closed, CAST(SUM(front) AS BIGINT) AS front
         FROM answered_daily WHERE day >= $1 GROUP BY category_id, sheet_id ORDER BY category_id, sheet_id")
        .bind(from).fetch_all(c).await)?)
}

/// What became of a sheet in a period, apart from closings.
#[derive(Debug, Clone, Default, FromRow)]
pub struct SheetSum {
    pub sheet_id: i64,
    /// To agents, for a ticket or in a search.
    pub shown_desk: i64,
    /// To citizens, in a search.
    pub shown_portal: i64,
    pub opened_desk: i64,
    pub opened_portal: i64,
    /// Tickets in which it was used.
    pub used: i64,
    /// Tickets that went to an office after it was read or used.
    pub escalated: i64,
    /// Tickets that went to an office after it was only proposed.
    pub passed: i64,
}

/// What became of sheets from a local day on; those nobody saw are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheet_sums(conn: &mut Conn, from: &str) -> Result<Vec<SheetSum>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, SheetSum>(
        "SELECT sheet_id, CAST(SUM(shown_desk) AS BIGINT) AS shown_desk, CAST(SUM(shown_portal) AS BIGINT) AS shown_portal,
                CAST(SUM(opened_desk) AS BIGINT) AS opened_desk, CAST(SUM(opened_portal) AS BIGINT) AS opened_portal,
                CAST(SUM(used) AS BIGINT) AS used, CAST(SUM(escalated) AS BIGINT) AS escalated,
                CAST(SUM(passed) AS BIGINT) AS passed
         FROM (
            SELECT sheet_id, CASE WHEN side = 'desk' THEN shown ELSE 0 END AS shown_desk,
                   CASE WHEN side = 'portal' THEN shown ELSE 0 END AS shown_portal,
                   CASE WHEN side = 'desk' THEN opened ELSE 0 END AS opened_desk,
                   CASE WHEN side = 'portal' THEN opened ELSE 0 END AS opened_portal,
                   0 AS used, 0 AS escalated, 0 AS passed
            FROM sheet_views WHERE day >= $1
            UNION ALL
            SELECT sheet_id, 0, 0, 0, 0, used, escalated, passed FROM sheet_daily WHERE day >= $1) AS both_kinds
         GROUP BY sheet_id ORDER BY sheet_id")
        .bind(from).fetch_all(c).await)?)
}

/// What readers said of a sheet in a period.
#[derive(Debug, Clone, Default, FromRow)]
pub struct SaidSum {
    pub sheet_id: i64,
    /// Ratings by citizens, and the sum of their stars.
    pub ratings: i64,
    pub stars: i64,
    /// Agents whom it helped, and those who found it wrong or out of date.
    pub useful: i64,
    pub wrong: i64,
}

/// What readers said of sheets from an instant on; those of which nobody spoke are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn said_sums(conn: &mut Conn, from: Instant) -> Result<Vec<SaidSum>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, SaidSum>(
        "SELECT sheet_id, COUNT(rate) AS ratings, CAST(COALESCE(SUM(rate), 0) AS BIGINT) AS stars,
                COUNT(CASE WHEN source = 'agent' AND reason = $2 THEN 1 END) AS useful,
                COUNT(CASE WHEN source = 'agent' AND reason = $3 THEN 1 END) AS wrong
         FROM sheet_feedback WHERE at >= $1 GROUP BY sheet_id ORDER BY sheet_id")
        .bind(from).bind(Verdict::Useful.as_str()).bind(Verdict::OutOfDate.as_str()).fetch_all(c).await)?)
}

/// A search without a hit.
#[derive(Debug, Clone, FromRow)]
pub struct MissRow {
    pub words: String,
    pub portal: i64,
    pub desk: i64,
    pub form: i64,
    pub message: i64,
    pub n: i64,
    /// The last local day.
    pub last: String,
}

/// Searches without a hit from a local day on that happened at least so often, the most frequent first.
///
/// # Errors
/// When the database cannot be read.
pub async fn misses(conn: &mut Conn, from: &str, least: i64, limit: i64) -> Result<Vec<MissRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, MissRow>(
        "SELECT words, CAST(SUM(CASE WHEN side = 'portal' THEN n ELSE 0 END) AS BIGINT) AS portal,
                CAST(SUM(CASE WHEN side = 'desk' THEN n ELSE 0 END) AS BIGINT) AS desk,
                CAST(SUM(CASE WHEN side = 'form' THEN n ELSE 0 END) AS BIGINT) AS form,
                CAST(SUM(CASE WHEN side = 'message' THEN n ELSE 0 END) AS BIGINT) AS message,
                CAST(SUM(n) AS BIGINT) AS n, MAX(day) AS last
         FROM search_misses WHERE day >= $1 GROUP BY words HAVING SUM(n) >= $2 ORDER BY SUM(n) DESC, words LIMIT $3")
        .bind(from).bind(least).bind(limit).fetch_all(c).await)?)
}

/// The latest tickets that were closed from a local day on and answered without a sheet. Those that the web form sent
/// to an office by itself are left out: no sheet could have kept them.
///
/// # Errors
/// When the database cannot be read.
pub async fn unanswered(conn: &mut Conn, from: &str, limit: i64) -> Result<Vec<Unanswered>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Unanswered>(
        "SELECT a.ticket_id, t.code, a.category_id, a.front, t.language, t.subject,
                COALESCE((SELECT SUBSTR(k.body, 1, 600) FROM contacts k
                          WHERE k.ticket_id = a.ticket_id AND k.direction = 'in' AND k.leg_id IS NULL
                          ORDER BY k.id LIMIT 1), '') AS body,
                EXISTS (SELECT 1 FROM contacts o
                        WHERE o.ticket_id = a.ticket_id AND o.direction = 'out' AND o.leg_id IS NULL) AS answered
         FROM answered a JOIN tickets t ON t.id = a.ticket_id
         WHERE a.day >= $1 AND a.sheet_id = 0 AND (a.front OR EXISTS (
            SELECT 1 FROM legs l WHERE l.ticket_id = a.ticket_id AND l.kind <> 'knowledge' AND l.sent_by IS NOT NULL))
         ORDER BY a.day DESC, a.ticket_id DESC LIMIT $2")
        .bind(from).bind(limit).fetch_all(c).await)?)
}

/// Tickets closed with each sheet from a local day on, by the language of the citizen, Italian left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn foreign_closings(conn: &mut Conn, from: &str) -> Result<Vec<(i64, String, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String, i64)>(
        "SELECT a.sheet_id, t.language, COUNT(*) FROM answered a JOIN tickets t ON t.id = a.ticket_id
         WHERE a.day >= $1 AND a.sheet_id > 0 AND t.language <> 'it' GROUP BY a.sheet_id, t.language")
        .bind(from).fetch_all(c).await)?)
}

/// Tickets that a sheet was drafted from, with its code, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn drafted_from(conn: &mut Conn, limit: i64) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT o.ticket_id, s.code FROM sheet_origins o JOIN sheets s ON s.id = o.sheet_id
         ORDER BY o.sheet_id DESC LIMIT $1")
        .bind(limit).fetch_all(c).await)?)
}

/// A sheet that an agent used or read while they worked on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ProposedRow {
    pub code: String,
    pub title: String,
    /// Whether an answer came from it; otherwise it was only opened.
    pub used: bool,
}

/// The sheets of a ticket's answers, the last first, then those that were opened for it.
///
/// # Errors
/// When the database cannot be read.
pub async fn proposed(conn: &mut Conn, ticket: i64, language: Language) -> Result<Vec<ProposedRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ProposedRow>(
        "SELECT s.code, COALESCE(x.title, o.title, '') AS title, (MAX(w.used) = 1) AS used
         FROM (SELECT sheet_id, 1 AS used, MAX(id) AS at FROM contacts
               WHERE ticket_id = $1 AND direction = 'out' AND sheet_id IS NOT NULL GROUP BY sheet_id
               UNION ALL
               SELECT sheet_id, 0, opened_at FROM sheet_touches
               WHERE ticket_id = $1 AND opened_at IS NOT NULL AND sheet_id > 0) AS w
         JOIN sheets s ON s.id = w.sheet_id AND s.version > 0
         LEFT JOIN sheet_texts x ON x.sheet_id = s.id AND x.lang = $2
         LEFT JOIN sheet_texts o ON o.sheet_id = s.id AND o.lang = 'it'
         GROUP BY s.code, x.title, o.title
         ORDER BY MAX(w.used) DESC, MAX(w.at) DESC, s.code LIMIT 6")
        .bind(ticket).bind(language.as_str()).fetch_all(c).await)?)
}

/// Codes and titles of all sheets in use, by row id.
///
/// # Errors
/// When the database cannot be read.
pub async fn sheet_titles(
    conn: &mut Conn,
    language: Language,
) -> Result<Vec<(i64, String, String, Option<i64>, Option<i64>, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String, String, Option<i64>, Option<i64>, String)>(
        "SELECT s.id, s.code, COALESCE(x.title, o.title, ''), s.category_id, s.unit_id, s.maturity
         FROM sheets s
         LEFT JOIN sheet_texts x ON x.sheet_id = s.id AND x.lang = $1
         LEFT JOIN sheet_texts o ON o.sheet_id = s.id AND o.lang = 'it'
         WHERE s.version > 0 AND s.retired_at IS NULL ORDER BY s.code")
        .bind(language.as_str()).fetch_all(c).await)?)
}

/// Codes of all sheets that ever were, with the area of each, `None` for those of no category.
///
/// # Errors
/// When the database cannot be read.
pub async fn codes(conn: &mut Conn) -> Result<Vec<(String, Option<i64>)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, Option<i64>)>(
        "SELECT s.code, COALESCE(g.parent_id, g.id) FROM sheets s LEFT JOIN categories g ON g.id = s.category_id
         ORDER BY s.code")
        .fetch_all(c).await)?)
}

/// Addresses of units and agencies.
///
/// # Errors
/// When the database cannot be read.
pub async fn keep_values(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT email FROM units WHERE email <> '' UNION SELECT email FROM agencies WHERE email <> ''")
        .fetch_all(c).await)?)
}
