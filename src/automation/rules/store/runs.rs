//! SQL of runs: written by the reader of the feed, leased and led on by workers.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A run about to be stored.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    pub version: i64,
    pub place: i64,
    pub rule: &'a str,
    pub event: i64,
    pub kind: &'a str,
    pub contact: Option<i64>,
    pub leg: Option<i64>,
    pub ticket: i64,
    pub cause: Option<i64>,
    pub depth: i64,
    /// `pending`, `held` or `stopped`.
    pub state: &'static str,
    pub reason: &'static str,
}

/// A run as workers take it.
#[derive(Debug, Clone, FromRow)]
pub struct RunRow {
    pub id: i64,
    pub version_id: i64,
    pub place: i64,
    pub rule: String,
    pub event_id: i64,
    pub event_kind: String,
    pub contact_id: Option<i64>,
    pub leg_id: Option<i64>,
    pub ticket_id: i64,
    pub depth: i64,
    pub step: i64,
    pub state: String,
    pub run_at: Instant,
    pub awaits: String,
    pub after_event: i64,
    pub reason: String,
    pub attempts: i64,
}

macro_rules! columns {
    () => {
        "id, version_id, place, rule, event_id, event_kind, contact_id, leg_id, ticket_id, depth, step, state, run_at, awaits,
         after_event, reason, attempts"
    };
}

/// Writes a run, once for a rule of a version and an event.
pub async fn insert_run(tx: &mut Tx, new: &NewRun<'_>, now: Instant) -> Result<(), StoreError> {
    let ended = (new.state == "stopped").then_some(now);
    on!(tx, c => sqlx::query(
        "INSERT INTO automation_runs (version_id, place, rule, event_id, event_kind, contact_id, leg_id, ticket_id, cause_id,
            depth, state, reason, run_at, after_event, created_at, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $4, $13, $14) ON CONFLICT DO NOTHING")
        .bind(new.version).bind(new.place).bind(new.rule).bind(new.event).bind(new.kind).bind(new.contact).bind(new.leg)
        .bind(new.ticket).bind(new.cause).bind(new.depth).bind(new.state).bind(new.reason).bind(now).bind(ended)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// How many runs of a rule began since an instant, those that were stopped at once left out.
pub async fn began_since(conn: &mut Conn, rule: &str, since: Instant) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM automation_runs WHERE rule = $1 AND created_at > $2 AND state NOT IN ('stopped', 'held')")
        .bind(rule).bind(since).fetch_one(c).await)?)
}

/// The rules whose effects led to a run, itself first, with the depth of each.
pub async fn caused_by(conn: &mut Conn, run: i64) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, i64)>(
        "WITH RECURSIVE line (id, rule, cause_id, depth) AS (
            SELECT id, rule, cause_id, depth FROM automation_runs WHERE id = $1
            UNION ALL
            SELECT r.id, r.rule, r.cause_id, r.depth FROM automation_runs r JOIN line l ON r.id = l.cause_id)
         SELECT rule, depth FROM line ORDER BY depth DESC LIMIT 50")
        .bind(run).fetch_all(c).await)?)
}

/// Kinds of events that some run waits for.
pub async fn waits_for(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT DISTINCT awaits FROM automation_runs WHERE state = 'waiting' AND awaits <> ''").fetch_all(c).await)?)
}

/// Lets the runs go on that wait for an event of this kind on a ticket.
pub async fn wake(tx: &mut Tx, ticket: i64, kind: &str, event: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE automation_runs SET state = 'pending', run_at = $4, awaits = '', after_event = $3, reason = 'came'
         WHERE ticket_id = $1 AND state = 'waiting' AND awaits = $2 AND after_event < $3")
        .bind(ticket).bind(kind).bind(event).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Remembers the last event that a run looked at.
pub async fn looked_at(tx: &mut Tx, id: i64, event: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE automation_runs SET after_event = $2 WHERE id = $1")
        .bind(id).bind(event).execute(c).await.map(drop))?;
    Ok(())
}

/// The first event of a kind on a ticket after one.
pub async fn event_since(conn: &mut Conn, ticket: i64, kind: &str, after: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM events WHERE ticket_id = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT 1")
        .bind(ticket).bind(kind).bind(after).fetch_optional(c).await)?)
}

/// Whether a run is due.
pub async fn any_due(conn: &mut Conn, now: Instant) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM automation_runs WHERE state IN ('pending', 'waiting') AND run_at <= $1
           AND (leased_until IS NULL OR leased_until < $1) ORDER BY run_at, id LIMIT 1")
        .bind(now).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Takes due runs for `holder` until an instant and counts the attempt.
pub async fn lease(
    tx: &mut Tx,
    holder: &str,
    now: Instant,
    until: Instant,
    limit: i64,
) -> Result<Vec<RunRow>, StoreError> {
    let sql = tx.pick(
        concat!(
            "UPDATE automation_runs SET leased_by = $1, leased_until = $2, attempts = attempts + 1 WHERE id IN (
               SELECT id FROM automation_runs WHERE state IN ('pending', 'waiting') AND run_at <= $3
                 AND (leased_until IS NULL OR leased_until < $3) ORDER BY run_at, id LIMIT $4) RETURNING ",
            columns!()
        ),
        concat!(
            "UPDATE automation_runs SET leased_by = $1, leased_until = $2, attempts = attempts + 1 WHERE id IN (
               SELECT id FROM automation_runs WHERE state IN ('pending', 'waiting') AND run_at <= $3
                 AND (leased_until IS NULL OR leased_until < $3) ORDER BY run_at, id LIMIT $4
               FOR UPDATE SKIP LOCKED) RETURNING ",
            columns!()
        ),
    );
    let mut rows = on!(tx, c => sqlx::query_as::<_, RunRow>(sql)
        .bind(holder).bind(until).bind(now).bind(limit).fetch_all(c).await)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// A leased run, locked until the end of the transaction; `None` when it is in other hands by now.
pub async fn lock_run(tx: &mut Tx, id: i64, holder: &str, attempts: i64) -> Result<Option<RunRow>, StoreError> {
    let sql = tx.pick(
        concat!(
            "SELECT ",
            columns!(),
            " FROM automation_runs
                 WHERE id = $1 AND leased_by = $2 AND attempts = $3 AND state IN ('pending', 'waiting')"
        ),
        concat!(
            "SELECT ",
            columns!(),
            " FROM automation_runs
                 WHERE id = $1 AND leased_by = $2 AND attempts = $3 AND state IN ('pending', 'waiting') FOR UPDATE"
        ),
    );
    Ok(on!(tx, c => sqlx::query_as::<_, RunRow>(sql).bind(id).bind(holder).bind(attempts).fetch_optional(c).await)?)
}

/// Whether another ticket goes on in the place of one.
pub async fn is_merged(conn: &mut Conn, ticket: i64) -> Result<bool, StoreError> {
    let into = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT merged_into_id FROM tickets WHERE id = $1 AND merged_into_id IS NOT NULL")
        .bind(ticket).fetch_optional(c).await)?;
    Ok(into.is_some())
}

/// Whether a step of a run was done.
pub async fn done_before(conn: &mut Conn, run: i64, step: i64) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM automation_steps WHERE run_id = $1 AND step = $2 AND result = 'done'")
        .bind(run).bind(step).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Writes what a step came to; answers its row id.
pub async fn insert_step(
    tx: &mut Tx,
    run: &RunRow,
    kind: &str,
    (result, detail): (&str, &str),
    now: Instant,
) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO automation_steps (run_id, step, kind, result, detail, at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id")
        .bind(run.id).bind(run.step).bind(kind).bind(result).bind(detail).bind(now).fetch_one(c).await)?)
}

/// Leads a run on and frees it.
pub async fn finish_step(
    tx: &mut Tx,
    id: i64,
    (step, state): (i64, &str),
    (run_at, awaits): (Instant, &str),
    reason: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let over = matches!(state, "done" | "stopped" | "failed").then_some(now);
    on!(tx, c => sqlx::query(
        "UPDATE automation_runs SET step = $2, state = $3, run_at = $4, awaits = $5, reason = $6, attempts = 0,
            leased_by = NULL, leased_until = NULL, ended_at = $7 WHERE id = $1")
        .bind(id).bind(step).bind(state).bind(run_at).bind(awaits).bind(reason).bind(over).execute(c).await.map(drop))?;
    Ok(())
}

/// Writes that an attempt failed: it is tried again at an instant, or is given up.
pub async fn settle_failed(
    tx: &mut Tx,
    id: i64,
    again: Option<Instant>,
    reason: &str,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE automation_runs SET state = CASE WHEN $2 THEN state ELSE 'failed' END, run_at = $3, reason = $4,
            leased_by = NULL, leased_until = NULL, ended_at = CASE WHEN $2 THEN NULL ELSE $5 END WHERE id = $1")
        .bind(id).bind(again.is_some()).bind(again.unwrap_or(now)).bind(reason).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets a run that failed go on with the step that did; `false` when there is none.
pub async fn retry(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE automation_runs SET state = 'pending', run_at = $2, attempts = 0, reason = '', ended_at = NULL
         WHERE id = $1 AND state = 'failed'").bind(id).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Moves the runs of a rule from one state to another: held while it is paused, and what becomes of them then.
pub async fn hold_or_free(
    tx: &mut Tx,
    rule: &str,
    (from, to): (&str, &str),
    reason: &str,
    now: Instant,
) -> Result<u64, StoreError> {
    let over = (to == "stopped").then_some(now);
    Ok(on!(tx, c => sqlx::query(
        "UPDATE automation_runs SET state = $3, reason = $4, run_at = $5, ended_at = $6 WHERE rule = $1 AND state = $2")
        .bind(rule).bind(from).bind(to).bind(reason).bind(now).bind(over).execute(c).await?.rows_affected()))
}

/// Ends what is not over of all runs: their rules are retired.
pub async fn stop_waiting(tx: &mut Tx, now: Instant) -> Result<u64, StoreError> {
    Ok(on!(tx, c => sqlx::query(
        "UPDATE automation_runs SET state = 'stopped', reason = 'retired', ended_at = $1
         WHERE state IN ('pending', 'waiting', 'held')").bind(now).execute(c).await?.rows_affected()))
}
