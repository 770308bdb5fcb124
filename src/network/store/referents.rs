//! SQL of referents' links, of reminders and of the monthly digest.
use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, FromRow};

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A referent's link as stored.
#[derive(Debug, Clone, FromRow)]
pub struct LinkRow {
    pub name: String,
    pub referent_id: i64,
    pub created_at: Instant,
    pub expires_at: Instant,
    pub revoked_at: Option<Instant>,
}

/// A link by the random half of it.
pub async fn link(conn: &mut Conn, name: &str) -> Result<Option<LinkRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LinkRow>(
        "SELECT name, referent_id, created_at, expires_at, revoked_at FROM referent_links WHERE name = $1")
        .bind(name).fetch_optional(c).await)?)
}

/// The link of a referent that ends last, if it ends after an instant and nobody revoked it.
pub async fn lasting_link(conn: &mut Conn, referent: i64, after: Instant) -> Result<Option<LinkRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LinkRow>(
        "SELECT name, referent_id, created_at, expires_at, revoked_at FROM referent_links
         WHERE referent_id = $1 AND expires_at > $2 AND revoked_at IS NULL ORDER BY expires_at DESC LIMIT 1")
        .bind(referent).bind(after).fetch_optional(c).await)?)
}

/// The link of a referent that was made last.
pub async fn latest_link(conn: &mut Conn, referent: i64) -> Result<Option<LinkRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LinkRow>(
        "SELECT name, referent_id, created_at, expires_at, revoked_at FROM referent_links
         WHERE referent_id = $1 ORDER BY created_at DESC, expires_at DESC LIMIT 1")
        .bind(referent).fetch_optional(c).await)?)
}

/// A new link.
pub async fn insert_link(
    tx: &mut Tx,
    name: &str,
    referent: i64,
    now: Instant,
    expires: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO referent_links (name, referent_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(name).bind(referent).bind(now).bind(expires).execute(c).await.map(drop))?;
    Ok(())
}

/// Revokes all links of a referent; answers how many.
pub async fn revoke_links(tx: &mut Tx, referent: i64, now: Instant) -> Result<u64, StoreError> {
    Ok(
        on!(tx, c => sqlx::query("UPDATE referent_links SET revoked_at = $2 WHERE referent_id = $1 AND revoked_at IS NULL")
        .bind(referent).bind(now).execute(c).await?.rows_affected()),
    )
}

/// Row ids of the legs somebody is to be reminded of, longest due first.
pub async fn to_remind(conn: &mut Conn, now: Instant, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM legs WHERE remind_at IS NOT NULL AND remind_at <= $1 ORDER BY remind_at, id LIMIT $2")
        .bind(now).bind(limit).fetch_all(c).await)?)
}

/// The open legs that were given to a referent, with that referent.
pub async fn given(conn: &mut Conn) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT id, referent_id FROM legs
         WHERE referent_id IS NOT NULL AND state IN ('sent', 'accepted', 'asked') ORDER BY id").fetch_all(c).await)?)
}

/// Notes that a referent had the digest of a month; `false` when that was before.
pub async fn insert_digest(tx: &mut Tx, month: &str, referent: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO referent_digests (month, referent_id, sent_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(month).bind(referent).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The referents that had the digest of a month.
pub async fn digested(conn: &mut Conn, month: &str) -> Result<BTreeSet<i64>, StoreError> {
    let ids = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT referent_id FROM referent_digests WHERE month = $1")
        .bind(month).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// What happened to the legs of some units in a span of time, and what waits now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Month {
    pub came: i64,
    pub answered: i64,
    pub in_time: i64,
    pub waiting: i64,
}

/// Counts the legs for competence and inquiry of some units.
pub async fn month(conn: &mut Conn, units: &BTreeSet<i64>, from: Instant, to: Instant) -> Result<Month, StoreError> {
    if units.is_empty() {
        return Ok(Month::default());
    }
    let ids = units.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    // The engines have no list parameter in common; the ids are numbers of ours.
    let sql = format!(
        "SELECT COUNT(CASE WHEN sent_at >= $1 AND sent_at < $2 THEN 1 END) AS came,
                COUNT(CASE WHEN state = 'answered' AND answered_at >= $1 AND answered_at < $2 THEN 1 END) AS answered,
                COUNT(CASE WHEN state = 'answered' AND answered_at >= $1 AND answered_at < $2 AND answered_at < due_at
                      THEN 1 END) AS in_time,
                COUNT(CASE WHEN state IN ('sent', 'accepted', 'asked') THEN 1 END) AS waiting
         FROM legs WHERE unit_id IN ({ids}) AND kind <> 'knowledge'"
    );
    Ok(on!(conn, c => sqlx::query_as::<_, Month>(AssertSqlSafe(sql.clone())).bind(from).bind(to).fetch_one(c).await)?)
}
