//! SQL of look-ups: our own table of sources here, statements on databases of others beside.
pub(super) mod foreign;

use sqlx::FromRow;

use super::model::Source;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

const BROKEN: StoreError = StoreError::Inconsistent { table: "lookup_sources", column: "content" };

/// A source as stored.
#[derive(Debug, Clone, FromRow)]
pub struct SourceRow {
    pub id: i64,
    pub slug: String,
    content: String,
    pub version: i64,
}

impl SourceRow {
    /// The source.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn source(&self) -> Result<Source, StoreError> {
        serde_json::from_str(&self.content).map_err(|_| BROKEN)
    }
}

/// All sources, by slug.
pub async fn all(conn: &mut Conn) -> Result<Vec<SourceRow>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, SourceRow>("SELECT id, slug, content, version FROM lookup_sources ORDER BY slug")
        .fetch_all(c).await)?,
    )
}

/// A source by slug.
pub async fn by_slug(conn: &mut Conn, slug: &str) -> Result<Option<SourceRow>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, SourceRow>("SELECT id, slug, content, version FROM lookup_sources WHERE slug = $1")
        .bind(slug).fetch_optional(c).await)?,
    )
}

/// Stores a source that was seen at a version, 0 for a new one; `false` when another one is there.
pub async fn save(
    tx: &mut Tx,
    slug: &str,
    seen: i64,
    source: &Source,
    by: &str,
    now: Instant,
) -> Result<bool, StoreError> {
    let content = serde_json::to_string(source).map_err(|_| BROKEN)?;
    let done = if seen == 0 {
        on!(tx, c => sqlx::query(
            "INSERT INTO lookup_sources (slug, content, saved_at, saved_by) VALUES ($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING")
            .bind(slug).bind(content).bind(now).bind(by).execute(c).await?.rows_affected())
    } else {
        on!(tx, c => sqlx::query(
            "UPDATE lookup_sources SET content = $3, version = version + 1, saved_at = $4, saved_by = $5
             WHERE slug = $1 AND version = $2")
            .bind(slug).bind(seen).bind(content).bind(now).bind(by).execute(c).await?.rows_affected())
    };
    Ok(done == 1)
}
