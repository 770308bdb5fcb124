//! SQL of the log of runs.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// A run as the log shows it.
#[derive(Debug, Clone, FromRow)]
pub struct LogRow {
    pub id: i64,
    pub version_id: i64,
    /// Number of the version.
    pub number: i64,
    pub place: i64,
    pub rule: String,
    pub event_kind: String,
    pub code: String,
    pub step: i64,
    pub state: String,
    pub run_at: Instant,
    pub awaits: String,
    pub reason: String,
    pub depth: i64,
    pub created_at: Instant,
}

macro_rules! log_sql {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.version_id, v.number, r.place, r.rule, r.event_kind, t.code, r.step, r.state, r.run_at, r.awaits,
                    r.reason, r.depth, r.created_at
             FROM automation_runs r JOIN automation_versions v ON v.id = r.version_id JOIN tickets t ON t.id = r.ticket_id ",
            $rest
        )
    };
}

/// Which runs are shown.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Empty for all.
    pub rule: String,
    /// Empty for all.
    pub state: String,
    /// Tracking code; empty for all.
    pub code: String,
    /// Row id; the latest first before it.
    pub before: i64,
}

/// Runs, the latest first.
pub async fn runs(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<LogRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LogRow>(log_sql!(
            "WHERE r.id < $1 AND ($2 = '' OR r.rule = $2) AND ($3 = '' OR r.state = $3) AND ($4 = '' OR t.code = $4)
             ORDER BY r.id DESC LIMIT $5"))
        .bind(filter.before).bind(&filter.rule).bind(&filter.state).bind(&filter.code).bind(limit).fetch_all(c).await)?)
}

/// A run by row id.
pub async fn run(conn: &mut Conn, id: i64) -> Result<Option<LogRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LogRow>(log_sql!("WHERE r.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// What a step of a run came to.
#[derive(Debug, Clone, FromRow)]
pub struct StepRow {
    pub run_id: i64,
    pub step: i64,
    pub kind: String,
    pub result: String,
    pub detail: String,
    pub at: Instant,
}

/// The steps of runs from one row id to another, in their order.
pub async fn steps_of(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<StepRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, StepRow>(
        "SELECT run_id, step, kind, result, detail, at FROM automation_steps WHERE run_id BETWEEN $1 AND $2
         ORDER BY run_id, id")
        .bind(from).bind(to).fetch_all(c).await)?)
}

/// How many runs failed, how many wait, and how many rules are paused.
pub async fn counts(conn: &mut Conn) -> Result<(i64, i64, i64), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64, i64)>(
        "SELECT (SELECT COUNT(*) FROM automation_runs WHERE state = 'failed'),
                (SELECT COUNT(*) FROM automation_runs WHERE state IN ('pending', 'waiting')),
                (SELECT COUNT(*) FROM automation_pauses)")
        .fetch_one(c).await)?)
}
