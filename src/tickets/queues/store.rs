//! SQL of the queues.
use sqlx::FromRow;

use super::{PageKey, QueueRow};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::State;

macro_rules! queue_sql {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.code, t.state, t.subject, t.channel, t.kind, t.category_id, t.owner_unit_id, t.assignee_id,
                    u.name AS assignee_name, p.name AS person_name, t.opened_at, t.touched_at, t.expected_at
             FROM tickets t
             LEFT JOIN users u ON u.id = t.assignee_id
             LEFT JOIN persons p ON p.id = t.person_id ",
            $rest
        )
    };
}

/// Tickets of one unit in one state, longest untouched first.
pub async fn by_unit(
    conn: &mut Conn,
    unit: i64,
    state: State,
    after: Option<PageKey>,
    limit: i64,
) -> Result<Vec<QueueRow>, StoreError> {
    let key = after.unwrap_or(PageKey { touched_at: Instant(i64::MIN), id: 0 });
    Ok(on!(conn, c => sqlx::query_as::<_, QueueRow>(queue_sql!(
        "WHERE t.state = $1 AND t.owner_unit_id = $2 AND (t.touched_at, t.id) > ($3, $4)
         ORDER BY t.touched_at, t.id LIMIT $5"))
        .bind(state.as_str()).bind(unit).bind(key.touched_at).bind(key.id).bind(limit)
        .fetch_all(c).await)?)
}

/// Tickets of one user in one state, longest untouched first.
pub async fn by_assignee(
    conn: &mut Conn,
    user: i64,
    state: State,
    after: Option<PageKey>,
    limit: i64,
) -> Result<Vec<QueueRow>, StoreError> {
    let key = after.unwrap_or(PageKey { touched_at: Instant(i64::MIN), id: 0 });
    Ok(on!(conn, c => sqlx::query_as::<_, QueueRow>(queue_sql!(
        "WHERE t.assignee_id = $1 AND t.state = $2 AND (t.touched_at, t.id) > ($3, $4)
         ORDER BY t.touched_at, t.id LIMIT $5"))
        .bind(user).bind(state.as_str()).bind(key.touched_at).bind(key.id).bind(limit)
        .fetch_all(c).await)?)
}

/// A maintained count.
#[derive(Debug, Clone, FromRow)]
pub struct CountRow {
    pub unit_id: i64,
    pub assignee_id: i64,
    pub state: String,
    pub n: i64,
}

/// The counts of tickets in work.
pub async fn counts(conn: &mut Conn) -> Result<Vec<CountRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CountRow>(
        "SELECT unit_id, assignee_id, state, n FROM queue_counts WHERE state <> 'closed' AND n <> 0")
        .fetch_all(c).await)?)
}

/// Moves a count.
pub async fn add(tx: &mut Tx, unit: i64, assignee: i64, state: &str, by: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO queue_counts (unit_id, assignee_id, state, n) VALUES ($1, $2, $3, $4)
         ON CONFLICT (unit_id, assignee_id, state) DO UPDATE SET n = queue_counts.n + excluded.n")
        .bind(unit).bind(assignee).bind(state).bind(by).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets all counts; the reader then counts from the beginning of the feed.
///
/// # Errors
/// When the database refuses.
pub async fn rebuild(tx: &mut Tx) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM queue_counts").execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM feed_positions WHERE reader = 'queue-counts'").execute(c).await.map(drop))?;
    Ok(())
}
