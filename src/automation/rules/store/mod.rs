//! SQL of rules: versions, pauses, and what rules may name.
mod facts;
mod log;
mod runs;

use std::collections::BTreeSet;

use sqlx::FromRow;

use super::faults::Named;
use super::model::{Rule, RulesState};
use crate::clocks::Subject;
use crate::clocks::protocol::ProtocolBody;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::{on, routing};

pub use facts::{EventOf, FactsRow, facts, past};
pub use log::{Filter, LogRow, StepRow, counts, run, runs, steps_of};
pub use runs::{
    NewRun, RunRow, any_due, began_since, caused_by, done_before, event_since, finish_step, hold_or_free, insert_run,
    insert_step, is_merged, lease, lock_run, looked_at, retry, settle_failed, stop_waiting, waits_for, wake,
};

const BROKEN: StoreError = StoreError::Inconsistent { table: "automation_versions", column: "content" };

/// A version of the rules as stored.
#[derive(Debug, Clone, FromRow)]
pub struct VersionRow {
    pub id: i64,
    pub number: i64,
    pub state: String,
    pub content: String,
    pub edition: i64,
    /// Who, as events name them.
    pub created_by: String,
    pub created_at: Instant,
    pub activated_at: Option<Instant>,
    pub activated_by: Option<String>,
    pub replaced_at: Option<Instant>,
}

impl VersionRow {
    /// Where it stands.
    ///
    /// # Errors
    /// When the stored name is unknown.
    pub fn state(&self) -> Result<RulesState, StoreError> {
        RulesState::from_text(&self.state)
            .ok_or(StoreError::Inconsistent { table: "automation_versions", column: "state" })
    }

    /// The rules.
    ///
    /// # Errors
    /// When what is stored is none.
    pub fn rules(&self) -> Result<Vec<Rule>, StoreError> {
        serde_json::from_str(&self.content).map_err(|_| BROKEN)
    }
}

macro_rules! version_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, state, content, edition, created_by, created_at, activated_at, activated_by, replaced_at
             FROM automation_versions ",
            $rest
        )
    };
}

/// All versions, the latest first.
pub async fn versions(conn: &mut Conn) -> Result<Vec<VersionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VersionRow>(version_sql!("ORDER BY id DESC LIMIT 200")).fetch_all(c).await)?)
}

/// A version by row id.
pub async fn version(conn: &mut Conn, id: i64) -> Result<Option<VersionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VersionRow>(version_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// A version by row id, locked until the end of the transaction.
pub async fn lock_version(tx: &mut Tx, id: i64) -> Result<Option<VersionRow>, StoreError> {
    let sql = tx.pick(version_sql!("WHERE id = $1"), version_sql!("WHERE id = $1 FOR UPDATE"));
    Ok(on!(tx, c => sqlx::query_as::<_, VersionRow>(sql).bind(id).fetch_optional(c).await)?)
}

/// The version in force.
pub async fn active(conn: &mut Conn) -> Result<Option<VersionRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, VersionRow>(version_sql!("WHERE state = 'active' ORDER BY id DESC LIMIT 1"))
        .fetch_optional(c).await)?)
}

/// Stores a draft with the next number; answers its row id.
pub async fn insert_draft(tx: &mut Tx, rules: &[Rule], by: &str, now: Instant) -> Result<i64, StoreError> {
    let content = serde_json::to_string(rules).map_err(|_| BROKEN)?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO automation_versions (number, state, content, created_by, created_at)
         VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM automation_versions), 'draft', $1, $2, $3) RETURNING id")
        .bind(content).bind(by).bind(now).fetch_one(c).await)?)
}

/// Saves a draft with its next edition.
pub async fn save_draft(tx: &mut Tx, id: i64, rules: &[Rule]) -> Result<(), StoreError> {
    let content = serde_json::to_string(rules).map_err(|_| BROKEN)?;
    on!(tx, c => sqlx::query("UPDATE automation_versions SET content = $2, edition = edition + 1 WHERE id = $1")
        .bind(id).bind(content).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets a draft.
pub async fn drop_draft(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM automation_versions WHERE id = $1 AND state = 'draft'")
        .bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes what is in force out of it, as replaced or retired.
pub async fn end_active(tx: &mut Tx, state: RulesState, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE automation_versions SET state = $2, replaced_at = $1 WHERE state = 'active'")
        .bind(now).bind(state.as_str()).execute(c).await.map(drop))?;
    Ok(())
}

/// Brings a version into force; what was in force has been ended.
pub async fn activate(tx: &mut Tx, id: i64, by: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE automation_versions SET state = 'active', activated_at = $2, activated_by = $3, replaced_at = NULL WHERE id = $1")
        .bind(id).bind(now).bind(by).execute(c).await.map(drop))?;
    Ok(())
}

/// A rule that is paused.
#[derive(Debug, Clone, FromRow)]
pub struct PauseRow {
    pub rule: String,
    /// `rate`, or who paused it.
    pub why: String,
    pub paused_at: Instant,
}

/// Rules that are paused, by name.
pub async fn pauses(conn: &mut Conn) -> Result<Vec<PauseRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PauseRow>("SELECT rule, why, paused_at FROM automation_pauses ORDER BY rule")
        .fetch_all(c).await)?)
}

/// Pauses a rule; `false` when it was.
pub async fn pause(tx: &mut Tx, rule: &str, why: &str, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO automation_pauses (rule, why, paused_at) VALUES ($1, $2, $3) ON CONFLICT (rule) DO NOTHING")
        .bind(rule).bind(why).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Ends the pause of a rule; `false` when there was none.
pub async fn resume(tx: &mut Tx, rule: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("DELETE FROM automation_pauses WHERE rule = $1")
        .bind(rule).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Addresses of the administrators.
pub async fn administrators(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT login FROM users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id").fetch_all(c).await)?)
}

/// The name of a category in a language.
pub async fn category_name(conn: &mut Conn, id: i64, language: Language) -> Result<String, StoreError> {
    let names = on!(conn, c => sqlx::query_as::<_, (String, String)>("SELECT name, name_en FROM categories WHERE id = $1")
        .bind(id).fetch_optional(c).await)?;
    let (italian, english) = names.unwrap_or_default();
    Ok(if language == Language::English && !english.is_empty() { english } else { italian })
}

/// Login of a user who works here.
pub async fn login(conn: &mut Conn, user: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT login FROM users WHERE id = $1 AND disabled_at IS NULL")
        .bind(user).fetch_optional(c).await)?)
}

/// The instant of the nearest term of a ticket.
pub async fn due(conn: &mut Conn, ticket: i64) -> Result<Option<Instant>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, Option<Instant>>("SELECT due_at FROM tickets WHERE id = $1")
        .bind(ticket).fetch_optional(c).await)?
    .flatten())
}

/// Row id of the version of a protocol that holds on a day.
pub async fn protocol_version(
    conn: &mut Conn,
    slug: &str,
    day: &str,
) -> Result<Option<(i64, ProtocolBody)>, StoreError> {
    let versions = crate::clocks::store::protocol_versions(conn, None).await?;
    let held = versions.into_iter().filter(|v| v.slug == slug && v.valid_from.as_str() <= day);
    // They come in the order of saving: of two for one day the later counts.
    let Some(version) = held.max_by(|a, b| (&a.valid_from, a.id).cmp(&(&b.valid_from, b.id))) else { return Ok(None) };
    let wrong = StoreError::Inconsistent { table: "protocol_versions", column: "body" };
    Ok(Some((version.id, serde_json::from_str(&version.body).map_err(|_| wrong)?)))
}

/// What rules may name today.
pub async fn named(conn: &mut Conn, entry: &str, now: Instant, day: &str) -> Result<Named, StoreError> {
    let known = routing::store::named(conn, entry, now).await?;
    let calendars = crate::clocks::store::calendar_versions(conn, None).await?;
    let mut protocols = std::collections::BTreeMap::new();
    let slugs: BTreeSet<String> =
        crate::clocks::store::protocol_versions(conn, None).await?.into_iter().map(|v| v.slug).collect();
    for slug in slugs {
        if let Some((_, body)) = protocol_version(conn, &slug, day).await? {
            let phases = body.phases_of(Subject::Ticket).map(|phase| phase.kind.as_str().to_owned()).collect();
            protocols.insert(slug, phases);
        }
    }
    let taxonomy = crate::classification::store::in_force(conn).await?;
    let fields = taxonomy.categories.iter().flat_map(|node| node.details.fields.iter().map(|f| f.name.clone()));
    let fields = fields.collect();
    let subscriptions = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT name FROM event_subscriptions")
        .fetch_all(c).await)?;
    Ok(Named {
        offices: known.offices,
        agents: known.agents,
        categories: known.categories,
        areas: known.areas,
        fields,
        calendars: calendars.into_iter().map(|v| (v.slug, v.of)).collect(),
        protocols,
        subscriptions: subscriptions.into_iter().collect(),
        entry: entry.to_owned(),
        now,
    })
}
