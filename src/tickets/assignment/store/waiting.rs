//! SQL of tickets that nobody has, and of what comes first.
use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, FromRow};

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::on;
use crate::tickets::assignment::model::{DeskAgent, Priority, PriorityReason};
use crate::tickets::queues::WORK_KEY;
use crate::tickets::{Channel, State};

/// A ticket that nobody has.
#[derive(Debug, Clone, FromRow)]
pub struct FreeRow {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub channel: Channel,
    pub language: String,
    pub category_id: Option<i64>,
    /// Its place in the order of work.
    #[sqlx(rename = "work_key")]
    pub key: i64,
}

/// The first tickets of a unit in a state that nobody has, in the order of work, after a place; with an agent, only those
/// that this one may get. One walk along an index.
pub async fn free(
    conn: &mut Conn,
    unit: i64,
    state: State,
    agent: Option<(&DeskAgent, &[i64])>,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<FreeRow>, StoreError> {
    let mut wanted = String::new();
    if let Some((agent, barred)) = agent {
        if !barred.is_empty() {
            let ids = barred.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            wanted.push_str(&format!(" AND (t.category_id IS NULL OR t.category_id NOT IN ({ids}))"));
        }
        if !agent.channels.is_empty() {
            let names = agent.channels.iter().map(|c| format!("'{}'", c.as_str())).collect::<Vec<_>>().join(", ");
            wanted.push_str(&format!(" AND t.channel IN ({names})"));
        }
        if !agent.languages.is_empty() {
            // Only letters: a language that somebody typed must not become a statement.
            let plain = |l: &&String| l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            let spoken = agent.languages.iter().filter(plain).map(|l| format!(", '{l}'")).collect::<String>();
            wanted.push_str(&format!(" AND t.language IN ('it'{spoken})"));
        }
    }
    let place = match after {
        Some((key, id)) => format!(" AND {WORK_KEY} >= {key} AND ({WORK_KEY} > {key} OR t.id > {id})"),
        None => String::new(),
    };
    let sql = format!(
        "SELECT t.id, t.channel, t.language, t.category_id, {WORK_KEY} AS work_key FROM tickets t
         WHERE t.owner_unit_id = $1 AND t.state = $2 AND t.closed_at IS NULL AND t.assignee_id IS NULL{place}{wanted}
         ORDER BY {WORK_KEY}, t.id LIMIT $3"
    );
    Ok(on!(conn, c => sqlx::query_as::<_, FreeRow>(AssertSqlSafe(sql.clone()))
        .bind(unit).bind(state.as_str()).bind(limit).fetch_all(c).await)?)
}

/// Locks a ticket if nobody has it and nobody else is just taking it; whoever comes second looks for another one instead
/// of waiting.
pub async fn seize(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let sql = tx.pick(
        "SELECT id FROM tickets WHERE id = $1 AND assignee_id IS NULL AND state IN ('new', 'open')",
        "SELECT id FROM tickets WHERE id = $1 AND assignee_id IS NULL AND state IN ('new', 'open')
         FOR UPDATE SKIP LOCKED",
    );
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(sql).bind(id).fetch_optional(c).await)?.is_some())
}

/// What the priority of an open ticket follows from.
#[derive(Debug, Clone, FromRow)]
pub struct PriorityRow {
    pub id: i64,
    pub category_id: Option<i64>,
    pub priority: i64,
    #[sqlx(try_from = "String")]
    pub priority_reason: PriorityReason,
    /// Of the citizen; empty when unknown.
    pub segment: String,
}

async fn rows(conn: &mut Conn, condition: &str) -> Result<Vec<PriorityRow>, StoreError> {
    let sql = format!(
        "SELECT t.id, t.category_id, t.priority, t.priority_reason, COALESCE(p.segment, '') AS segment
         FROM tickets t LEFT JOIN persons p ON p.id = t.person_id WHERE t.closed_at IS NULL AND {condition}"
    );
    Ok(on!(conn, c => sqlx::query_as::<_, PriorityRow>(AssertSqlSafe(sql.clone())).fetch_all(c).await)?)
}

fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// Those of some tickets that are open.
pub async fn of_tickets(conn: &mut Conn, ids: &BTreeSet<i64>) -> Result<Vec<PriorityRow>, StoreError> {
    let all: Vec<i64> = ids.iter().copied().collect();
    let mut found = Vec::new();
    for some in all.chunks(500) {
        found.extend(rows(conn, &format!("t.id IN ({})", list(some))).await?);
    }
    Ok(found)
}

/// The open tickets of some persons.
pub async fn of_persons(conn: &mut Conn, ids: &BTreeSet<i64>) -> Result<Vec<PriorityRow>, StoreError> {
    let all: Vec<i64> = ids.iter().copied().collect();
    let mut found = Vec::new();
    for some in all.chunks(500) {
        found.extend(rows(conn, &format!("t.person_id IN ({})", list(some))).await?);
    }
    Ok(found)
}

/// The open tickets of some categories, and those that had their priority from one.
pub async fn of_categories(conn: &mut Conn, ids: &[i64]) -> Result<Vec<PriorityRow>, StoreError> {
    let open = "t.state IN ('new', 'open', 'waiting_citizen', 'referred')";
    let named = if ids.is_empty() { String::new() } else { format!("t.category_id IN ({}) OR ", list(ids)) };
    rows(conn, &format!("{open} AND ({named}t.priority_reason = 'category')")).await
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Asks {
    priority: Option<Priority>,
}

/// The priority that categories give, those above included: the nearest one counts.
pub async fn category_priorities(conn: &mut Conn) -> Result<BTreeMap<i64, Priority>, StoreError> {
    let mut asking = on!(conn, c => sqlx::query_as::<_, (i64, String, String)>(
        "SELECT id, slug, details FROM categories WHERE details LIKE '%\"priority\"%'").fetch_all(c).await)?;
    let mut found = BTreeMap::new();
    if asking.is_empty() {
        return Ok(found);
    }
    let all = on!(conn, c => sqlx::query_as::<_, (i64, String)>("SELECT id, slug FROM categories").fetch_all(c).await)?;
    // From the top, so that what stands below replaces what it inherited.
    asking.sort_by_key(|(_, slug, _)| slug.matches('/').count());
    for (own, slug, details) in asking {
        let Ok(Asks { priority: Some(priority) }) = serde_json::from_str(&details) else { continue };
        let inside = format!("{slug}/");
        for (id, _) in all.iter().filter(|(id, slug)| *id == own || slug.starts_with(&inside)) {
            found.insert(*id, priority);
        }
    }
    Ok(found)
}

/// Writes a priority. No version moves by it, as by the nearest term.
pub async fn put_priority(
    tx: &mut Tx,
    ticket: i64,
    priority: Priority,
    reason: PriorityReason,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE tickets SET priority = $2, priority_reason = $3 WHERE id = $1")
        .bind(ticket).bind(priority.rank()).bind(reason.as_str()).execute(c).await.map(drop))?;
    Ok(())
}

/// The priority of a ticket, and why.
pub async fn priority_of(conn: &mut Conn, ticket: i64) -> Result<(Priority, PriorityReason), StoreError> {
    let found = on!(conn, c => sqlx::query_as::<_, (i64, String)>(
        "SELECT priority, priority_reason FROM tickets WHERE id = $1").bind(ticket).fetch_optional(c).await)?;
    let reason = |text: &str| PriorityReason::from_text(text).unwrap_or(PriorityReason::Ordinary);
    Ok(found.map_or((Priority::Normal, PriorityReason::Ordinary), |(rank, text)| {
        (Priority::from_rank(rank), reason(&text))
    }))
}
