//! SQL of the queues.
use sqlx::{AssertSqlSafe, FromRow};

use super::{Assignee, Filter, Order, PageKey, QueueRow, WORK_KEY};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::State;

/// Whose tickets a list walks along.
#[derive(Debug, Clone, Copy)]
pub enum Walk {
    Unit(i64),
    Assignee(i64),
}

/// Tickets in one state, in the order of the filter, after a place.
///
/// A row value seeks by its first column only on SQLite, and an import touches many tickets in one instant: so
/// what shares the instant of the place is walked by itself, and then what lies beyond.
pub async fn walk(
    conn: &mut Conn,
    along: Walk,
    state: State,
    filter: &Filter,
    after: Option<PageKey>,
    limit: i64,
) -> Result<Vec<QueueRow>, StoreError> {
    let by_work = format!("{WORK_KEY}, t.id");
    let (by, beyond, order, start) = match filter.order {
        Order::Oldest => ("t.touched_at", ">", "t.touched_at, t.id", i64::MIN),
        Order::Newest => ("t.touched_at", "<", "t.touched_at DESC, t.id DESC", i64::MAX),
        Order::Due => ("t.due_at", ">", "t.due_at, t.id", i64::MIN),
        Order::Work => (WORK_KEY, ">", by_work.as_str(), i64::MIN),
    };
    let mut rows = Vec::new();
    if let Some(key) = after {
        let place = format!("{by} = $3 AND t.id {beyond} {}", key.id);
        rows = part(conn, along, state, filter, (&place, order), key.touched_at, limit).await?;
    }
    let left = limit - i64::try_from(rows.len()).unwrap_or(limit);
    if left > 0 {
        let place = format!("{by} {beyond} $3");
        let from = after.map_or(Instant(start), |key| key.touched_at);
        rows.extend(part(conn, along, state, filter, (&place, order), from, left).await?);
    }
    Ok(rows)
}

/// One walk along an index; a parameter stands for each value that a filter names.
async fn part(
    conn: &mut Conn,
    along: Walk,
    state: State,
    filter: &Filter,
    (place, order): (&str, &str),
    from: Instant,
    limit: i64,
) -> Result<Vec<QueueRow>, StoreError> {
    let (whose, id) = match along {
        Walk::Unit(id) => ("t.owner_unit_id", id),
        Walk::Assignee(id) => ("t.assignee_id", id),
    };
    // The engines have no list parameter in common; names and numbers are ours.
    let mut wanted = String::new();
    let mut want = |condition: String| wanted.extend([" AND ", condition.as_str()]);
    if let Some(channel) = filter.channel {
        want(format!("t.channel = '{}'", channel.as_str()));
    }
    if let Some(kind) = filter.kind {
        want(format!("t.kind = '{}'", kind.as_str()));
    }
    if !filter.categories.is_empty() {
        let ids = filter.categories.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        want(format!("t.category_id IN ({ids})"));
    }
    if filter.order == Order::Due {
        // The indexes of terms hold no others.
        want("t.due_at IS NOT NULL".to_owned());
        if let Some(before) = filter.due_before {
            want(format!("t.due_at < {}", before.0));
        }
    }
    match filter.assignee {
        Some(Assignee::Nobody) => want("t.assignee_id IS NULL".to_owned()),
        Some(Assignee::User(user)) => want(format!("t.assignee_id = {user}")),
        None => {}
    }
    let sql = sql(whose, (place, order), &wanted);
    Ok(on!(conn, c => sqlx::query_as::<_, QueueRow>(AssertSqlSafe(sql.clone()))
        .bind(id).bind(state.as_str()).bind(from).bind(limit)
        .fetch_all(c).await)?)
}

fn sql(whose: &str, (place, order): (&str, &str), wanted: &str) -> String {
    format!(
        "SELECT t.id, t.code, t.state, t.subject, t.channel, t.kind, t.category_id, t.owner_unit_id, t.assignee_id,
                u.name AS assignee_name, p.name AS person_name, t.opened_at, t.touched_at, t.expected_at,
                t.due_at, t.priority, {WORK_KEY} AS work_key
         FROM tickets t
         LEFT JOIN users u ON u.id = t.assignee_id
         LEFT JOIN persons p ON p.id = t.person_id
         WHERE {whose} = $1 AND t.state = $2 AND t.closed_at IS NULL AND {place}{wanted}
         ORDER BY {order} LIMIT $4"
    )
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
