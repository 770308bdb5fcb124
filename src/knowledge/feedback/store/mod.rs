//! The SQL of feedback on sheets.
pub mod pages;

use sqlx::FromRow;

use super::model::NewFeedback;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Keeps one feedback and counts it; answers its row id.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, new: &NewFeedback) -> Result<i64, StoreError> {
    let id = on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO sheet_feedback (sheet_id, version, lang, source, rate, reason, comment, at, user_id, ticket_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id")
        .bind(new.sheet).bind(new.version).bind(new.language.as_str()).bind(new.source.as_str()).bind(new.rate)
        .bind(new.reason).bind(&new.comment).bind(new.at).bind(new.user).bind(new.ticket)
        .fetch_one(c).await)?;
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_feedback_counts (sheet_id, version, lang, source, rate, reason, n)
         VALUES ($1, $2, $3, $4, $5, $6, 1)
         ON CONFLICT (sheet_id, version, lang, source, rate, reason)
         DO UPDATE SET n = sheet_feedback_counts.n + 1")
        .bind(new.sheet).bind(new.version).bind(new.language.as_str()).bind(new.source.as_str())
        .bind(new.rate.unwrap_or(0)).bind(new.reason)
        .execute(c).await.map(drop))?;
    Ok(id)
}

/// How often something was said of a sheet.
#[derive(Debug, Clone, FromRow)]
pub struct CountRow {
    pub version: i64,
    pub lang: String,
    pub source: String,
    /// 0 without stars.
    pub rate: i64,
    pub reason: String,
    pub n: i64,
}

/// All that was said of a sheet, counted; the newest version first.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(conn: &mut Conn, sheet: i64) -> Result<Vec<CountRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CountRow>(
        "SELECT version, lang, source, rate, reason, n FROM sheet_feedback_counts
         WHERE sheet_id = $1 ORDER BY version DESC, source, lang, rate, reason")
        .bind(sheet).fetch_all(c).await)?)
}

/// One feedback, as lists show it.
#[derive(Debug, Clone, FromRow)]
pub struct FeedbackRow {
    pub id: i64,
    pub sheet_id: i64,
    pub code: String,
    pub audience: String,
    pub unit_id: Option<i64>,
    pub version: i64,
    pub lang: String,
    pub source: String,
    pub rate: Option<i64>,
    pub reason: String,
    pub comment: String,
    pub at: Instant,
    /// Name of the agent; `None` from citizens.
    pub agent: Option<String>,
    pub settled_at: Option<Instant>,
}

/// Which feedback a list shows.
#[derive(Debug, Clone, Default)]
pub struct ListOf {
    /// Only of the sheet with this code.
    pub code: Option<String>,
    pub source: Option<&'static str>,
    /// Only with so many stars, lowest and highest.
    pub rates: Option<(i64, i64)>,
    /// Only with words.
    pub with_comment: bool,
    /// Only what nobody has dealt with.
    pub open: bool,
    /// Only sheets of these audiences.
    pub audiences: Vec<&'static str>,
    /// Only before this row, which ended the page before; 0 for the first page.
    pub before: i64,
    /// At most so many.
    pub limit: i64,
}

/// Feedback, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(conn: &mut Conn, of: &ListOf) -> Result<Vec<FeedbackRow>, StoreError> {
    let (low, high) = of.rates.unzip();
    let has = |audience: &str| of.audiences.contains(&audience);
    Ok(on!(conn, c => sqlx::query_as::<_, FeedbackRow>(
        "SELECT f.id, f.sheet_id, s.code, s.audience, s.unit_id, f.version, f.lang, f.source, f.rate, f.reason,
                f.comment, f.at, u.name AS agent, f.settled_at
         FROM sheet_feedback f JOIN sheets s ON s.id = f.sheet_id LEFT JOIN users u ON u.id = f.user_id
         WHERE ($1 = 0 OR f.id < $1)
           AND ($2 IS NULL OR s.code = $2)
           AND ($3 IS NULL OR f.source = $3)
           AND ($4 IS NULL OR f.rate BETWEEN $4 AND $5)
           AND ($6 = 0 OR f.comment <> '')
           AND ($7 = 0 OR f.settled_at IS NULL)
           AND (($8 = 1 AND s.audience = 'public') OR ($9 = 1 AND s.audience = 'partners')
                OR ($10 = 1 AND s.audience = 'internal'))
         ORDER BY f.id DESC LIMIT $11")
        .bind(of.before).bind(&of.code).bind(of.source).bind(low).bind(high)
        .bind(i64::from(of.with_comment)).bind(i64::from(of.open))
        .bind(i64::from(has("public"))).bind(i64::from(has("partners"))).bind(i64::from(has("internal")))
        .bind(of.limit).fetch_all(c).await)?)
}

/// The unit that answers for the sheet of a feedback; `None` when there is no such feedback.
///
/// # Errors
/// When the database cannot be read.
pub async fn unit_of(conn: &mut Conn, id: i64) -> Result<Option<Option<i64>>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, Option<i64>>(
        "SELECT s.unit_id FROM sheet_feedback f JOIN sheets s ON s.id = f.sheet_id WHERE f.id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Marks a feedback as dealt with at an instant, or not.
///
/// # Errors
/// When the database refuses.
pub async fn settle(tx: &mut Tx, id: i64, at: Option<Instant>, by: Option<i64>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE sheet_feedback SET settled_at = $2, settled_by = $3 WHERE id = $1")
        .bind(id).bind(at).bind(by).execute(c).await.map(drop))?;
    Ok(())
}
