//! The calls of a span of time, for whoever compares them with what their account should have told.
use std::collections::BTreeMap;

use sqlx::QueryBuilder;

use crate::kernel::database::{Conn, StoreError, pieces};
use crate::kernel::time::Instant;
use crate::on;

/// Calls of an account that began from an instant to before another.
pub async fn begun(conn: &mut Conn, account: &str, from: Instant, to: Instant) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM calls WHERE account = $1 AND started_at >= $2 AND started_at < $3")
        .bind(account).bind(from).bind(to).fetch_one(c).await)?)
}

/// Those of them that never ended and of which nothing was heard since an instant: name and begin.
pub async fn endless(
    conn: &mut Conn,
    account: &str,
    from: Instant,
    to: Instant,
    silent_since: Instant,
) -> Result<Vec<(String, Instant)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, Instant)>(
        "SELECT call, started_at FROM calls
         WHERE account = $1 AND started_at >= $2 AND started_at < $3 AND stage <> 'ended' AND heard_at < $4
         ORDER BY id LIMIT 1000")
        .bind(account).bind(from).bind(to).bind(silent_since).fetch_all(c).await)?)
}

/// Those of some calls that are stored, each with whether somebody told of its end: one that was only concluded from
/// silence has another name.
pub async fn known(conn: &mut Conn, calls: &[String]) -> Result<BTreeMap<String, bool>, StoreError> {
    let mut known = BTreeMap::new();
    for piece in pieces(calls) {
        let found = on!(conn, c => {
            let mut sql = QueryBuilder::new(
                "SELECT c.call, COUNT(e.id) FROM calls c
                 LEFT JOIN call_events e ON e.call = c.call AND e.kind = 'ended' AND e.event <> 'lost'
                 WHERE c.call IN (");
            let mut list = sql.separated(", ");
            for call in piece {
                list.push_bind(call);
            }
            sql.push(") GROUP BY c.call").build_query_as::<(String, i64)>().fetch_all(c).await
        })?;
        known.extend(found.into_iter().map(|(call, ends)| (call, ends > 0)));
    }
    Ok(known)
}
