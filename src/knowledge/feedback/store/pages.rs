//! The SQL of feedback on pages that are no sheets.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Keeps one rating: stars and reason.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    tx: &mut Tx,
    place: &str,
    lang: &str,
    (rate, reason): (i64, &str),
    comment: &str,
    at: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO page_feedback (place, lang, rate, reason, comment, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(place).bind(lang).bind(rate).bind(reason).bind(comment).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// How a page is rated.
#[derive(Debug, Clone, FromRow)]
pub struct PlaceRow {
    pub place: String,
    pub n: i64,
    /// All stars together.
    pub stars: i64,
}

/// The pages that were rated, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn totals(conn: &mut Conn) -> Result<Vec<PlaceRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PlaceRow>(
        "SELECT place, COUNT(*) AS n, CAST(SUM(rate) AS BIGINT) AS stars FROM page_feedback GROUP BY place ORDER BY place")
        .fetch_all(c).await)?)
}

/// A rating with words.
#[derive(Debug, Clone, FromRow)]
pub struct SaidRow {
    pub id: i64,
    pub place: String,
    pub lang: String,
    pub rate: i64,
    pub reason: String,
    pub comment: String,
    pub at: Instant,
    pub settled_at: Option<Instant>,
}

/// Ratings, the latest first: only those that nobody dealt with unless `all`, before a row (0 for the first page).
///
/// # Errors
/// When the database cannot be read.
pub async fn list(conn: &mut Conn, all: bool, before: i64, limit: i64) -> Result<Vec<SaidRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, SaidRow>(
        "SELECT id, place, lang, rate, reason, comment, at, settled_at FROM page_feedback
         WHERE ($1 = 1 OR settled_at IS NULL) AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT $3")
        .bind(i64::from(all)).bind(before).bind(limit).fetch_all(c).await)?)
}

/// Marks a rating as dealt with at an instant, or not; `false` when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn settle(tx: &mut Tx, id: i64, at: Option<Instant>, by: Option<i64>) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE page_feedback SET settled_at = $2, settled_by = $3 WHERE id = $1")
        .bind(id).bind(at).bind(by).execute(c).await?.rows_affected());
    Ok(rows > 0)
}
