//! The SQL of the public site. Each statement itself asks for what is public and in force.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// A public sheet among those of its area.
#[derive(Debug, Clone, FromRow)]
pub struct Ranked {
    pub id: i64,
    /// Row id of the area.
    pub area: i64,
    /// Public sheets that the area has.
    pub total: i64,
}

/// The public sheets of each area that answered most of the latest closed tickets, at most `each`; with equal use by
/// code.
///
/// # Errors
/// When the database cannot be read.
pub async fn most_used_of_each_area(conn: &mut Conn, each: i64, latest: i64) -> Result<Vec<Ranked>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Ranked>(
        "WITH latest AS (
            SELECT closing_sheet_id AS sheet_id FROM tickets
            WHERE closing_sheet_id IS NOT NULL AND closed_at > 0 ORDER BY closed_at DESC LIMIT $2),
         used AS (SELECT sheet_id, COUNT(*) AS n FROM latest GROUP BY sheet_id)
         SELECT id, area, total FROM (
            SELECT s.id AS id, COALESCE(k.parent_id, k.id) AS area, s.code AS code,
                   COUNT(*) OVER (PARTITION BY COALESCE(k.parent_id, k.id)) AS total,
                   ROW_NUMBER() OVER (PARTITION BY COALESCE(k.parent_id, k.id)
                                      ORDER BY COALESCE(used.n, 0) DESC, s.code) AS place
            FROM sheets s JOIN categories k ON k.id = s.category_id LEFT JOIN used ON used.sheet_id = s.id
            WHERE s.retired_at IS NULL AND s.version > 0 AND s.audience = 'public' AND k.retired_at IS NULL) AS ranked
         WHERE place <= $1 ORDER BY place, code LIMIT 600")
        .bind(each).bind(latest).fetch_all(c).await)?)
}

/// Row ids of the categories that public sheets hang on.
///
/// # Errors
/// When the database cannot be read.
pub async fn public_categories(conn: &mut Conn) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT DISTINCT category_id FROM sheets
         WHERE retired_at IS NULL AND audience = 'public' AND version > 0 AND category_id IS NOT NULL")
        .fetch_all(c).await)?)
}

/// Row ids of the public sheets that changed last, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn changed_last(conn: &mut Conn, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM sheets WHERE retired_at IS NULL AND audience = 'public' AND version > 0
         ORDER BY updated_at DESC, id DESC LIMIT $1")
        .bind(limit).fetch_all(c).await)?)
}

/// How many public sheets there are.
///
/// # Errors
/// When the database cannot be read.
pub async fn public_sheets(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM sheets WHERE retired_at IS NULL AND audience = 'public' AND version > 0")
        .fetch_one(c).await)?)
}

/// A text of a public sheet, as the sitemap names it.
#[derive(Debug, Clone, FromRow)]
pub struct Listed {
    pub code: String,
    pub updated_at: Instant,
    pub lang: String,
}

/// The texts of a piece of the public sheets, those of a sheet one after the other, Italian first.
///
/// # Errors
/// When the database cannot be read.
pub async fn piece(conn: &mut Conn, size: i64, skip: i64) -> Result<Vec<Listed>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Listed>(
        "SELECT s.code, s.updated_at, t.lang
         FROM (SELECT id, code, updated_at FROM sheets
               WHERE retired_at IS NULL AND audience = 'public' AND version > 0
               ORDER BY id LIMIT $1 OFFSET $2) AS s
         JOIN sheet_texts t ON t.sheet_id = s.id ORDER BY s.id, t.lang DESC")
        .bind(size).bind(skip).fetch_all(c).await)?)
}
