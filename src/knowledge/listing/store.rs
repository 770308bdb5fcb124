//! The SQL of the list of sheets.
use sqlx::FromRow;

use super::Standing;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// A line of the list.
#[derive(Debug, FromRow)]
pub struct Listed {
    pub code: String,
    pub number: i64,
    pub title: String,
    /// Between commas.
    pub languages: String,
    pub category: Option<String>,
    pub unit: Option<String>,
    pub audience: String,
    pub maturity: String,
    pub version: i64,
    pub updated_at: Instant,
    pub retired_at: Option<Instant>,
    pub review_on: String,
    /// State of its draft; empty without one.
    pub draft: String,
}

/// What a list is narrowed to; an empty text narrows nothing.
#[derive(Debug)]
pub struct Narrowed<'a> {
    pub state: Standing,
    /// The audiences that are shown; empty in the places of those that are not.
    pub audiences: [&'a str; 3],
    /// A category, or an area with its topics.
    pub category: Option<i64>,
    pub unit: Option<i64>,
    pub language: &'a str,
    pub maturity: &'a str,
    /// Day by which the review was due, `YYYY-MM-DD`.
    pub review_by: &'a str,
    pub since: Instant,
    /// The code that ended the page before.
    pub after: &'a str,
    pub limit: i64,
}

macro_rules! list_sql {
    ($which:literal) => {
        concat!(
            "SELECT s.code, COALESCE(s.number, 0) AS number,
                COALESCE((SELECT t.title FROM sheet_texts t WHERE t.sheet_id = s.id
                          ORDER BY CASE WHEN t.lang = $6 THEN 0 ELSE 1 END, t.lang DESC LIMIT 1), '') AS title,
                COALESCE((SELECT STRING_AGG(t.lang, ',' ORDER BY t.lang DESC) FROM sheet_texts t
                          WHERE t.sheet_id = s.id), '') AS languages,
                k.slug AS category, u.slug AS unit, s.audience, s.maturity, s.version, s.updated_at, s.retired_at,
                s.review_on, COALESCE(d.state, '') AS draft
             FROM sheets s LEFT JOIN categories k ON k.id = s.category_id LEFT JOIN units u ON u.id = s.unit_id
             LEFT JOIN sheet_drafts d ON d.sheet_id = s.id
             WHERE s.audience IN ($1, $2, $3)
               AND ($4 IS NULL OR k.id = $4 OR k.parent_id = $4)
               AND ($5 IS NULL OR s.unit_id = $5)
               AND ($6 = '' OR EXISTS (SELECT 1 FROM sheet_texts t WHERE t.sheet_id = s.id AND t.lang = $6))
               AND ($7 = '' OR s.maturity = $7)
               AND ($8 = '' OR (s.review_on <> '' AND s.review_on <= $8))
               AND s.updated_at >= $9 AND s.code > $10 AND ",
            $which,
            " ORDER BY s.code LIMIT $11"
        )
    };
}

/// The sheets that a list is narrowed to, by code.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(conn: &mut Conn, narrowed: &Narrowed<'_>) -> Result<Vec<Listed>, StoreError> {
    let sql = match narrowed.state {
        Standing::InForce => list_sql!("s.retired_at IS NULL AND s.version > 0"),
        Standing::Drafted => list_sql!("d.sheet_id IS NOT NULL"),
        Standing::Retired => list_sql!("s.retired_at IS NOT NULL"),
    };
    let [public, partners, internal] = narrowed.audiences;
    Ok(on!(conn, c => sqlx::query_as::<_, Listed>(sql)
        .bind(public).bind(partners).bind(internal).bind(narrowed.category).bind(narrowed.unit)
        .bind(narrowed.language).bind(narrowed.maturity).bind(narrowed.review_by).bind(narrowed.since)
        .bind(narrowed.after).bind(narrowed.limit).fetch_all(c).await)?)
}
