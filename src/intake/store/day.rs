//! What an account received in a span of time, for whoever compares it with what its peer says.
use std::collections::HashSet;

use sqlx::{FromRow, QueryBuilder};

use crate::kernel::database::{Conn, StoreError, pieces};
use crate::kernel::time::Instant;
use crate::on;

/// What is stored of a span of time, by what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Received {
    pub stored: i64,
    /// Became contacts of their own.
    pub contacts: i64,
    /// Belong to a contact that another item brought: repetitions, and parts of a longer message.
    pub duplicates: i64,
    /// Reports on what we sent, and words that steer.
    pub reports: i64,
    pub quarantined: i64,
    /// Put away by a person.
    pub discarded: i64,
    /// Not read yet, or held for its other parts.
    pub waiting: i64,
}

/// What an account received from an instant to before another.
pub async fn received(conn: &mut Conn, account: &str, from: Instant, to: Instant) -> Result<Received, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Received>(
        "SELECT COUNT(*) AS stored,
            COALESCE(SUM(CASE WHEN r.state = 'done' AND k.id IS NOT NULL THEN 1 ELSE 0 END), 0) AS contacts,
            COALESCE(SUM(CASE WHEN r.state = 'done' AND k.id IS NULL AND r.contact_id IS NOT NULL THEN 1 ELSE 0 END), 0)
                AS duplicates,
            COALESCE(SUM(CASE WHEN r.state = 'done' AND r.contact_id IS NULL THEN 1 ELSE 0 END), 0) AS reports,
            COALESCE(SUM(CASE WHEN r.state = 'quarantined' THEN 1 ELSE 0 END), 0) AS quarantined,
            COALESCE(SUM(CASE WHEN r.state = 'discarded' THEN 1 ELSE 0 END), 0) AS discarded,
            COALESCE(SUM(CASE WHEN r.state IN ('stored', 'held') THEN 1 ELSE 0 END), 0) AS waiting
         FROM raw_items r LEFT JOIN contacts k ON k.id = r.contact_id AND k.raw_id = r.id
         WHERE r.account = $1 AND r.received_at >= $2 AND r.received_at < $3")
        .bind(account).bind(from).bind(to).fetch_one(c).await)?)
}

/// What an account stored from an instant on, without what is named like a report.
pub async fn stored_since(
    conn: &mut Conn,
    account: &str,
    report_prefix: &str,
    since: Instant,
) -> Result<i64, StoreError> {
    // Without a prefix no name is like it.
    let report = if report_prefix.is_empty() { String::new() } else { format!("{report_prefix}%") };
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM raw_items WHERE account = $1 AND received_at >= $2 AND external_id NOT LIKE $3")
        .bind(account).bind(since).bind(&report).fetch_one(c).await)?)
}

/// Items that should have been read by now: name and when they came.
pub async fn unread(
    conn: &mut Conn,
    account: &str,
    from: Instant,
    to: Instant,
) -> Result<Vec<(String, Instant)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, Instant)>(
        "SELECT external_id, received_at FROM raw_items
         WHERE account = $1 AND received_at >= $2 AND received_at < $3 AND state = 'stored' ORDER BY id LIMIT 1000")
        .bind(account).bind(from).bind(to).fetch_all(c).await)?)
}

/// Those of some names that an account has handed over.
pub async fn known(conn: &mut Conn, account: &str, names: &[String]) -> Result<HashSet<String>, StoreError> {
    let mut known = HashSet::with_capacity(names.len());
    for piece in pieces(names) {
        let found = on!(conn, c => {
            let mut sql = QueryBuilder::new("SELECT external_id FROM raw_items WHERE account = ");
            sql.push_bind(account).push(" AND external_id IN (");
            let mut list = sql.separated(", ");
            for name in piece {
                list.push_bind(name);
            }
            sql.push(")").build_query_scalar::<String>().fetch_all(c).await
        })?;
        known.extend(found);
    }
    Ok(known)
}
