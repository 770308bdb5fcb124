//! SQL of policies of units, and of what agents can and hold.
use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::tickets::Channel;
use crate::tickets::assignment::model::{DeskAgent, Policies, Policy, Requirements, UnitPolicy, words};

#[derive(FromRow)]
struct PolicyRow {
    unit_id: i64,
    #[sqlx(try_from = "String")]
    policy: Policy,
    capacity: i64,
    skills: String,
    weights: String,
    level: Option<i64>,
}

/// The policies of all units that have one.
pub async fn policies(conn: &mut Conn) -> Result<Policies, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, PolicyRow>(
        "SELECT unit_id, policy, capacity, skills, weights, level FROM unit_policies").fetch_all(c).await)?;
    let broken = StoreError::Inconsistent { table: "unit_policies", column: "weights" };
    let mut found = BTreeMap::new();
    for row in rows {
        let Ok(weights) = serde_json::from_str(&row.weights) else { return Err(broken) };
        let policy = UnitPolicy {
            policy: row.policy,
            capacity: row.capacity,
            skills: words(&row.skills),
            weights,
            level: row.level,
        };
        found.insert(row.unit_id, policy);
    }
    Ok(Policies(found))
}

/// Saves how a unit gives its tickets out.
pub async fn save_policy(tx: &mut Tx, unit: i64, p: &UnitPolicy) -> Result<(), StoreError> {
    let weights = serde_json::to_string(&p.weights)
        .map_err(|_| StoreError::Inconsistent { table: "unit_policies", column: "weights" })?;
    on!(tx, c => sqlx::query(
        "INSERT INTO unit_policies (unit_id, policy, capacity, skills, weights, level) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (unit_id) DO UPDATE SET policy = excluded.policy, capacity = excluded.capacity,
            skills = excluded.skills, weights = excluded.weights, level = excluded.level")
        .bind(unit).bind(p.policy.as_str()).bind(p.capacity).bind(p.skills.join(" ")).bind(&weights).bind(p.level)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// At which level each unit handles requests (004-19).
pub async fn levels(conn: &mut Conn) -> Result<BTreeMap<i64, i64>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT u.id, COALESCE(p.level, CAST(CASE u.kind WHEN 'back_office' THEN 3 ELSE 1 END AS BIGINT))
         FROM units u LEFT JOIN unit_policies p ON p.unit_id = u.id").fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

#[derive(FromRow)]
struct AgentRow {
    user_id: i64,
    skills: String,
    languages: String,
    channels: String,
    capacity: Option<i64>,
    ready_since: Option<Instant>,
    given_at: Option<Instant>,
}

impl From<AgentRow> for DeskAgent {
    fn from(row: AgentRow) -> Self {
        Self {
            user_id: row.user_id,
            skills: words(&row.skills),
            languages: words(&row.languages),
            channels: row.channels.split_whitespace().filter_map(Channel::from_text).collect(),
            capacity: row.capacity,
            ready_since: row.ready_since,
            given_at: row.given_at,
        }
    }
}

macro_rules! agent_sql {
    ($rest:literal) => {
        concat!("SELECT user_id, skills, languages, channels, capacity, ready_since, given_at FROM desk_agents ", $rest)
    };
}

/// What an agent can; of whom nothing was written down, nothing in particular.
pub async fn agent(conn: &mut Conn, user: i64) -> Result<DeskAgent, StoreError> {
    let row = on!(conn, c => sqlx::query_as::<_, AgentRow>(agent_sql!("WHERE user_id = $1"))
        .bind(user).fetch_optional(c).await)?;
    Ok(row.map_or(DeskAgent { user_id: user, ..DeskAgent::default() }, Into::into))
}

/// The same, locked until the end of the transaction: two who give to one agent at once do so one after the other.
pub async fn lock_agent(tx: &mut Tx, user: i64) -> Result<DeskAgent, StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO desk_agents (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING")
        .bind(user).execute(c).await.map(drop))?;
    let sql = tx.pick(agent_sql!("WHERE user_id = $1"), agent_sql!("WHERE user_id = $1 FOR UPDATE"));
    Ok(on!(tx, c => sqlx::query_as::<_, AgentRow>(sql).bind(user).fetch_one(c).await)?.into())
}

/// Saves what an agent can and holds; not whether they are ready.
pub async fn save_agent(tx: &mut Tx, a: &DeskAgent) -> Result<(), StoreError> {
    let channels = a.channels.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(" ");
    on!(tx, c => sqlx::query(
        "INSERT INTO desk_agents (user_id, skills, languages, channels, capacity) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id) DO UPDATE SET skills = excluded.skills, languages = excluded.languages,
            channels = excluded.channels, capacity = excluded.capacity")
        .bind(a.user_id).bind(a.skills.join(" ")).bind(a.languages.join(" ")).bind(&channels).bind(a.capacity)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Says since when an agent takes what is given out; `None`: no more.
pub async fn set_ready(tx: &mut Tx, user: i64, since: Option<Instant>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO desk_agents (user_id, ready_since) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET ready_since = excluded.ready_since")
        .bind(user).bind(since).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes that an agent was given something.
pub async fn note_given(tx: &mut Tx, user: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE desk_agents SET given_at = $2 WHERE user_id = $1")
        .bind(user).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Agents of a unit, or of one above it, who take what is given out, and whose telephone does not pause.
pub async fn ready_agents(conn: &mut Conn, unit: i64) -> Result<Vec<DeskAgent>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, AgentRow>(
        "WITH RECURSIVE above (id) AS (
            SELECT id FROM units WHERE id = $1
            UNION
            SELECT u.parent_id FROM units u JOIN above a ON u.id = a.id WHERE u.parent_id IS NOT NULL)
         SELECT d.user_id, d.skills, d.languages, d.channels, d.capacity, d.ready_since, d.given_at
         FROM desk_agents d JOIN users s ON s.id = d.user_id
         WHERE d.ready_since IS NOT NULL AND s.disabled_at IS NULL AND s.role IN ('agent', 'supervisor', 'admin')
           AND EXISTS (SELECT 1 FROM user_units m JOIN above a ON a.id = m.unit_id WHERE m.user_id = d.user_id)
           AND NOT EXISTS (SELECT 1 FROM phone_agents p WHERE p.user_id = d.user_id AND p.state = 'pause')
         ORDER BY d.user_id").bind(unit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Row ids of those who work tickets today.
pub async fn working(conn: &mut Conn) -> Result<BTreeSet<i64>, StoreError> {
    let ids = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM users WHERE role IN ('agent', 'supervisor', 'admin') AND disabled_at IS NULL")
        .fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// What an agent has to do now: how many tickets by unit and channel. What waits for somebody else takes no room.
pub async fn held(conn: &mut Conn, user: i64) -> Result<Vec<(i64, Channel, i64)>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, String, i64)>(
        "SELECT owner_unit_id, channel, COUNT(*) FROM tickets
         WHERE assignee_id = $1 AND state IN ('new', 'open') GROUP BY owner_unit_id, channel")
        .bind(user).fetch_all(c).await)?;
    Ok(rows.into_iter().filter_map(|(unit, channel, n)| Some((unit, Channel::from_text(&channel)?, n))).collect())
}

#[derive(FromRow)]
struct CategoryRow {
    id: i64,
    slug: String,
    details: String,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Asks {
    skills: Vec<String>,
}

/// What categories ask of who works on their tickets.
pub async fn requirements(conn: &mut Conn) -> Result<Requirements, StoreError> {
    let asking = on!(conn, c => sqlx::query_as::<_, CategoryRow>(
        "SELECT id, slug, details FROM categories WHERE details LIKE '%\"skills\"%'").fetch_all(c).await)?;
    let mut found = Requirements::default();
    if asking.is_empty() {
        return Ok(found);
    }
    let all = on!(conn, c => sqlx::query_as::<_, (i64, String)>("SELECT id, slug FROM categories").fetch_all(c).await)?;
    for row in asking {
        let Ok(Asks { skills }) = serde_json::from_str(&row.details) else { continue };
        let inside = format!("{}/", row.slug);
        for (id, _) in all.iter().filter(|(id, slug)| *id == row.id || slug.starts_with(&inside)) {
            found.skills.entry(*id).or_default().extend(skills.iter().map(|s| s.to_lowercase()));
        }
    }
    Ok(found)
}

/// An agent in the list of supervisors.
#[derive(Debug, Clone, FromRow)]
pub struct AgentLine {
    pub id: i64,
    pub name: String,
    /// Names of their units, with commas between.
    pub units: String,
}

/// Those who work tickets today, by name.
pub async fn agent_lines(conn: &mut Conn) -> Result<Vec<AgentLine>, StoreError> {
    let sql = conn.pick(
        "SELECT s.id, s.name, COALESCE((SELECT group_concat(u.name, ', ') FROM user_units m JOIN units u ON u.id = m.unit_id
             WHERE m.user_id = s.id), '') AS units
         FROM users s WHERE s.role IN ('agent', 'supervisor', 'admin') AND s.disabled_at IS NULL ORDER BY s.name, s.id",
        "SELECT s.id, s.name, COALESCE((SELECT string_agg(u.name, ', ' ORDER BY u.name) FROM user_units m
             JOIN units u ON u.id = m.unit_id WHERE m.user_id = s.id), '') AS units
         FROM users s WHERE s.role IN ('agent', 'supervisor', 'admin') AND s.disabled_at IS NULL ORDER BY s.name, s.id",
    );
    Ok(on!(conn, c => sqlx::query_as::<_, AgentLine>(sql).fetch_all(c).await)?)
}

/// A unit of ours in the list of supervisors.
#[derive(Debug, Clone, FromRow)]
pub struct UnitLine {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub name_en: String,
}

/// The units of our own agency that exist today, by name.
pub async fn unit_lines(conn: &mut Conn) -> Result<Vec<UnitLine>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UnitLine>(
        "SELECT u.id, u.slug, u.name, u.name_en FROM units u JOIN agencies a ON a.id = u.agency_id
         WHERE a.kind = 'own' AND u.valid_to IS NULL ORDER BY u.name, u.id").fetch_all(c).await)?)
}

/// How many tickets of each unit nobody has, as the queues count them.
pub async fn free_counts(conn: &mut Conn) -> Result<BTreeMap<i64, i64>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT unit_id, CAST(SUM(n) AS BIGINT) FROM queue_counts
         WHERE assignee_id = 0 AND state IN ('new', 'open') GROUP BY unit_id").fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}
