//! The SQL of links: how each did, and when all were looked at.
use sqlx::FromRow;

use super::{Found, LinkState, PATIENCE, Reason};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Whether a category in use has a slug.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_category(conn: &mut Conn, slug: &str) -> Result<bool, StoreError> {
    let id = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE slug = $1 AND retired_at IS NULL")
        .bind(slug).fetch_optional(c).await)?;
    Ok(id.is_some())
}

/// Keeps what a look at a link of a sheet found. What may pass counts as broken after [`PATIENCE`] looks in a row.
///
/// # Errors
/// When the database refuses.
pub async fn put(tx: &mut Tx, sheet: i64, url: &str, found: Found, now: Instant) -> Result<(), StoreError> {
    let failures = i64::from(found.state != LinkState::Good);
    on!(tx, c => sqlx::query(
        "INSERT INTO sheet_links (sheet_id, url, state, status, reason, failures, failing_since, checked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (sheet_id, url) DO UPDATE SET
            state = CASE WHEN excluded.state = 'unsure' AND sheet_links.failures + 1 >= $9 THEN 'broken'
                         ELSE excluded.state END,
            status = excluded.status, reason = excluded.reason,
            failures = CASE WHEN excluded.failures = 0 THEN 0 ELSE sheet_links.failures + 1 END,
            failing_since = CASE WHEN excluded.failures = 0 THEN NULL
                                 ELSE COALESCE(sheet_links.failing_since, excluded.failing_since) END,
            checked_at = excluded.checked_at")
        .bind(sheet).bind(url).bind(found.state.as_str()).bind(found.status.map(i64::from))
        .bind(found.reason.map_or("", Reason::as_str)).bind(failures).bind((failures > 0).then_some(now)).bind(now)
        .bind(PATIENCE).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets the links that were not looked at since an instant: no sheet in force has them any more.
///
/// # Errors
/// When the database refuses.
pub async fn forget_before(tx: &mut Tx, at: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM sheet_links WHERE checked_at < $1").bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// A link that is not good.
#[derive(Debug, Clone, FromRow)]
pub struct LinkRow {
    pub sheet_id: i64,
    pub code: String,
    pub title: String,
    pub unit_id: Option<i64>,
    pub url: String,
    pub state: String,
    pub status: Option<i64>,
    pub reason: String,
    pub failing_since: Option<Instant>,
    pub checked_at: Instant,
}

macro_rules! rows_sql {
    ($which:literal) => {
        concat!(
            "SELECT l.sheet_id, s.code, s.unit_id, l.url, l.state, l.status, l.reason, l.failing_since, l.checked_at,
                COALESCE((SELECT t.title FROM sheet_texts t WHERE t.sheet_id = s.id ORDER BY t.lang DESC LIMIT 1), '')
                    AS title
             FROM sheet_links l JOIN sheets s ON s.id = l.sheet_id
             WHERE s.retired_at IS NULL AND s.version > 0 AND ",
            $which
        )
    };
}

/// The links in a state after one, by sheet and address.
///
/// # Errors
/// When the database cannot be read.
pub async fn in_state(
    conn: &mut Conn,
    state: LinkState,
    (code, url): (&str, &str),
    limit: i64,
) -> Result<Vec<LinkRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LinkRow>(rows_sql!(
        "l.state = $1 AND (s.code > $2 OR (s.code = $2 AND l.url > $3)) ORDER BY s.code, l.url LIMIT $4"))
        .bind(state.as_str()).bind(code).bind(url).bind(limit).fetch_all(c).await)?)
}

/// The links of a sheet that lead nowhere.
///
/// # Errors
/// When the database cannot be read.
pub async fn broken_of(conn: &mut Conn, sheet: i64) -> Result<Vec<LinkRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LinkRow>(rows_sql!(
        "l.sheet_id = $1 AND l.state = 'broken' ORDER BY l.url LIMIT 50"))
        .bind(sheet).fetch_all(c).await)?)
}

/// How many links are in a state.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(conn: &mut Conn, state: LinkState) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM sheet_links l JOIN sheets s ON s.id = l.sheet_id
         WHERE l.state = $1 AND s.retired_at IS NULL AND s.version > 0")
        .bind(state.as_str()).fetch_one(c).await)?)
}

/// A look at all links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Run {
    pub id: i64,
    pub started_at: Instant,
    /// `None` while it goes on, or when it was cut off.
    pub ended_at: Option<Instant>,
    pub sheets: i64,
    pub links: i64,
    pub broken: i64,
}

/// The last look at all links.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_run(conn: &mut Conn) -> Result<Option<Run>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Run>(
        "SELECT id, started_at, ended_at, sheets, links, broken FROM sheet_link_runs ORDER BY id DESC LIMIT 1")
        .fetch_optional(c).await)?)
}

/// Notes that a look begins; answers its row id. Looks of long ago are forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn begin_run(tx: &mut Tx, now: Instant, forget: Instant) -> Result<i64, StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM sheet_link_runs WHERE started_at < $1").bind(forget).execute(c).await.map(drop))?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>("INSERT INTO sheet_link_runs (started_at) VALUES ($1) RETURNING id")
        .bind(now).fetch_one(c).await)?)
}

/// Notes how a look ended.
///
/// # Errors
/// When the database refuses.
pub async fn end_run(tx: &mut Tx, run: &Run) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE sheet_link_runs SET ended_at = $2, sheets = $3, links = $4, broken = $5 WHERE id = $1")
        .bind(run.id).bind(run.ended_at).bind(run.sheets).bind(run.links).bind(run.broken)
        .execute(c).await.map(drop))?;
    Ok(())
}
