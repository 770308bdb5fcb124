//! SQL of emergencies: plans and their versions, what was in force, and the figures of its time.
use sqlx::FromRow;

use super::model::{Changes, LeftAlone, Plan};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

const BROKEN_PLAN: StoreError = StoreError::Inconsistent { table: "emergency_plan_versions", column: "content" };

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Inconsistent { table: "emergencies", column: "changed" })
}

/// A version of a plan as stored.
#[derive(Debug, Clone, FromRow)]
pub struct PlanRow {
    /// Row id of the version.
    pub id: i64,
    pub plan_id: i64,
    pub slug: String,
    pub number: i64,
    content: String,
    pub saved_at: Instant,
    /// Who, as events name them.
    pub saved_by: String,
    /// Name of the user who saved it; none for a program.
    pub author: Option<String>,
}

impl PlanRow {
    /// The plan.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn plan(&self) -> Result<Plan, StoreError> {
        serde_json::from_str(&self.content).map_err(|_| BROKEN_PLAN)
    }
}

macro_rules! plan_sql {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.plan_id, p.slug, v.number, v.content, v.saved_at, v.saved_by, u.name AS author
             FROM emergency_plan_versions v JOIN emergency_plans p ON p.id = v.plan_id
             LEFT JOIN users u ON v.saved_by = 'user:' || u.id ",
            $rest
        )
    };
}

/// The plans as they are now, by slug.
pub async fn plans(conn: &mut Conn) -> Result<Vec<PlanRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PlanRow>(plan_sql!(
        "WHERE v.number = (SELECT MAX(l.number) FROM emergency_plan_versions l WHERE l.plan_id = v.plan_id)
         ORDER BY p.slug")).fetch_all(c).await)?)
}

/// The versions of a plan, the latest first.
pub async fn versions(conn: &mut Conn, slug: &str) -> Result<Vec<PlanRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PlanRow>(plan_sql!("WHERE p.slug = $1 ORDER BY v.number DESC LIMIT 200"))
        .bind(slug).fetch_all(c).await)?)
}

/// A plan as it is now.
pub async fn plan(conn: &mut Conn, slug: &str) -> Result<Option<PlanRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PlanRow>(plan_sql!("WHERE p.slug = $1 ORDER BY v.number DESC LIMIT 1"))
        .bind(slug).fetch_optional(c).await)?)
}

/// A plan as it was at a version, by the row id of the version.
pub async fn version(conn: &mut Conn, id: i64) -> Result<Option<PlanRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PlanRow>(plan_sql!("WHERE v.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// Stores the next version of a plan; answers its number, or `None` when somebody else saved one meanwhile.
pub async fn insert_plan(
    tx: &mut Tx,
    slug: &str,
    expected: i64,
    plan: &Plan,
    by: &str,
    now: Instant,
) -> Result<Option<i64>, StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO emergency_plans (slug, created_at) VALUES ($1, $2) ON CONFLICT (slug) DO NOTHING")
        .bind(slug).bind(now).execute(c).await.map(drop))?;
    let content = json(plan)?;
    let done = on!(tx, c => sqlx::query(
        "INSERT INTO emergency_plan_versions (plan_id, number, content, saved_at, saved_by)
         SELECT p.id, $2, $3, $4, $5 FROM emergency_plans p
         WHERE p.slug = $1
           AND $2 - 1 = (SELECT COALESCE(MAX(v.number), 0) FROM emergency_plan_versions v WHERE v.plan_id = p.id)")
        .bind(slug).bind(expected + 1).bind(content).bind(now).bind(by).execute(c).await?.rows_affected());
    Ok((done == 1).then_some(expected + 1))
}

/// An emergency, or a drill, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct EmergencyRow {
    pub id: i64,
    /// Row id of the version of the plan.
    pub version_id: i64,
    /// `running`, `ended` or `drill`.
    pub state: String,
    pub reason: String,
    pub started_at: Instant,
    /// Who, as events name them.
    pub started_by: String,
    pub starter: Option<String>,
    pub ended_at: Option<Instant>,
    pub ended_by: Option<String>,
    pub ender: Option<String>,
    pub end_reason: String,
    changed: String,
    left_alone: String,
}

impl EmergencyRow {
    /// What its start changed.
    ///
    /// # Errors
    /// When what is stored is nothing of the kind.
    pub fn changes(&self) -> Result<Changes, StoreError> {
        let broken = StoreError::Inconsistent { table: "emergencies", column: "changed" };
        serde_json::from_str(&self.changed).map_err(|_| broken)
    }

    /// What its end did not take back.
    ///
    /// # Errors
    /// When what is stored is nothing of the kind.
    pub fn left_alone(&self) -> Result<Vec<LeftAlone>, StoreError> {
        let broken = StoreError::Inconsistent { table: "emergencies", column: "left_alone" };
        serde_json::from_str(&self.left_alone).map_err(|_| broken)
    }
}

macro_rules! emergency_sql {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.version_id, e.state, e.reason, e.started_at, e.started_by, s.name AS starter, e.ended_at,
                    e.ended_by, f.name AS ender, e.end_reason, e.changed, e.left_alone
             FROM emergencies e
             LEFT JOIN users s ON e.started_by = 'user:' || s.id
             LEFT JOIN users f ON e.ended_by = 'user:' || f.id ",
            $rest
        )
    };
}

/// The emergency in force.
pub async fn running(conn: &mut Conn) -> Result<Option<EmergencyRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, EmergencyRow>(emergency_sql!("WHERE e.state = 'running'"))
        .fetch_optional(c).await)?)
}

/// The emergency in force, locked until the end of the transaction.
pub async fn lock_running(tx: &mut Tx) -> Result<Option<EmergencyRow>, StoreError> {
    let sql = tx
        .pick(emergency_sql!("WHERE e.state = 'running'"), emergency_sql!("WHERE e.state = 'running' FOR UPDATE OF e"));
    Ok(on!(tx, c => sqlx::query_as::<_, EmergencyRow>(sql).fetch_optional(c).await)?)
}

/// An emergency by row id.
pub async fn emergency(conn: &mut Conn, id: i64) -> Result<Option<EmergencyRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, EmergencyRow>(emergency_sql!("WHERE e.id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// All emergencies and drills, the latest first.
pub async fn emergencies(conn: &mut Conn) -> Result<Vec<EmergencyRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, EmergencyRow>(emergency_sql!("ORDER BY e.id DESC LIMIT 100"))
        .fetch_all(c).await)?)
}

/// Stores an emergency that begins, or a drill; answers its row id.
pub async fn insert_emergency(
    tx: &mut Tx,
    version: i64,
    state: &str,
    reason: &str,
    by: &str,
    changes: &Changes,
    now: Instant,
) -> Result<i64, StoreError> {
    let changed = json(changes)?;
    let over = (state != "running").then_some(now);
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO emergencies (version_id, state, reason, started_at, started_by, ended_at, changed)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id")
        .bind(version).bind(state).bind(reason).bind(now).bind(by).bind(over).bind(changed).fetch_one(c).await)?)
}

/// Stores that an emergency is over.
pub async fn end(
    tx: &mut Tx,
    id: i64,
    reason: &str,
    by: &str,
    left: &[LeftAlone],
    now: Instant,
) -> Result<(), StoreError> {
    let left = json(&left)?;
    on!(tx, c => sqlx::query(
        "UPDATE emergencies SET state = 'ended', ended_at = $2, ended_by = $3, end_reason = $4, left_alone = $5 WHERE id = $1")
        .bind(id).bind(now).bind(by).bind(reason).bind(left).execute(c).await.map(drop))?;
    Ok(())
}

/// A number with what it counts.
pub type Counted = (String, i64);

/// Tickets that began from one instant until before another, by channel.
pub async fn by_channel(conn: &mut Conn, from: Instant, to: Instant) -> Result<Vec<Counted>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Counted>(
        "SELECT channel, COUNT(*) FROM tickets
         WHERE opened_at >= $1 AND opened_at < $2 AND merged_into_id IS NULL GROUP BY channel ORDER BY 2 DESC, 1")
        .bind(from).bind(to).fetch_all(c).await)?)
}

/// Tickets that began in a span of time, by category: slug, name, how many, how many of them are closed.
pub async fn by_category(
    conn: &mut Conn,
    from: Instant,
    to: Instant,
) -> Result<Vec<(String, String, i64, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String, i64, i64)>(
        "SELECT k.slug, k.name, COUNT(*), COUNT(t.closed_at)
         FROM tickets t JOIN categories k ON k.id = t.category_id
         WHERE t.opened_at >= $1 AND t.opened_at < $2 AND t.merged_into_id IS NULL
         GROUP BY k.slug, k.name ORDER BY 3 DESC, 1")
        .bind(from).bind(to).fetch_all(c).await)?)
}

/// Tickets that began in a span of time: how many, how many are closed, and how many of those without a leg for
/// competence or inquiry.
pub async fn closed(conn: &mut Conn, from: Instant, to: Instant) -> Result<(i64, i64, i64), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64, i64)>(
        "SELECT COUNT(*), COUNT(t.closed_at),
                COUNT(CASE WHEN t.closed_at IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM legs l WHERE l.ticket_id = t.id AND l.kind <> 'knowledge') THEN 1 END)
         FROM tickets t WHERE t.opened_at >= $1 AND t.opened_at < $2 AND t.merged_into_id IS NULL")
        .bind(from).bind(to).fetch_one(c).await)?)
}

/// Legs that were sent to a unit in a span of time: how many, and how many of them are answered.
pub async fn legs(conn: &mut Conn, unit: &str, from: Instant, to: Instant) -> Result<(i64, i64), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT COUNT(*), COUNT(l.answered_at) FROM legs l JOIN units u ON u.id = l.unit_id
         WHERE u.slug = $1 AND l.sent_at >= $2 AND l.sent_at < $3")
        .bind(unit).bind(from).bind(to).fetch_one(c).await)?)
}

/// Calls that began in a span of time.
pub async fn calls(conn: &mut Conn, from: Instant, to: Instant) -> Result<i64, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM calls WHERE started_at >= $1 AND started_at < $2")
        .bind(from).bind(to).fetch_one(c).await)?,
    )
}

/// Calendars by slug, with the name that their latest version gives them.
pub async fn calendars(conn: &mut Conn) -> Result<Vec<(String, String)>, StoreError> {
    let mut found: Vec<(String, String)> = Vec::new();
    for row in crate::clocks::store::calendar_versions(conn, None).await? {
        let wrong = StoreError::Inconsistent { table: "calendar_versions", column: "body" };
        let body: crate::clocks::CalendarBody = serde_json::from_str(&row.body).map_err(|_| wrong)?;
        found.retain(|(slug, _)| *slug != row.slug);
        found.push((row.slug, body.name));
    }
    Ok(found)
}
