//! SQL of routing: versions of the rules, areas, and what rules are tried on.
use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use super::areas::NewArea;
use super::model::{Named, Office, RoutingState, Rule, Segment};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::organisation::UnitKind;

const BROKEN: StoreError = StoreError::Inconsistent { table: "routing_versions", column: "content" };

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
    pub fn state(&self) -> Result<RoutingState, StoreError> {
        RoutingState::from_text(&self.state)
            .ok_or(StoreError::Inconsistent { table: "routing_versions", column: "state" })
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
             FROM routing_versions ", $rest)
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
        "INSERT INTO routing_versions (number, state, content, created_by, created_at)
         VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM routing_versions), 'draft', $1, $2, $3) RETURNING id")
        .bind(content).bind(by).bind(now).fetch_one(c).await)?)
}

/// Saves a draft with its next edition.
pub async fn save_draft(tx: &mut Tx, id: i64, rules: &[Rule]) -> Result<(), StoreError> {
    let content = serde_json::to_string(rules).map_err(|_| BROKEN)?;
    on!(tx, c => sqlx::query("UPDATE routing_versions SET content = $2, edition = edition + 1 WHERE id = $1")
        .bind(id).bind(content).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets a draft.
pub async fn drop_draft(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM routing_versions WHERE id = $1 AND state = 'draft'")
        .bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Brings a version into force in place of the one that is.
pub async fn activate(tx: &mut Tx, id: i64, by: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE routing_versions SET state = 'replaced', replaced_at = $1 WHERE state = 'active'")
        .bind(now).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "UPDATE routing_versions SET state = 'active', activated_at = $2, activated_by = $3, replaced_at = NULL WHERE id = $1")
        .bind(id).bind(now).bind(by).execute(c).await.map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct OfficeRow {
    id: i64,
    slug: String,
    agency_id: i64,
    kind: String,
    own: bool,
}

/// What rules may name today.
pub async fn named(conn: &mut Conn, entry: &str, now: Instant) -> Result<Named, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, OfficeRow>(
        "SELECT u.id, u.slug, u.agency_id, u.kind, a.kind = 'own' AS own
         FROM units u JOIN agencies a ON a.id = u.agency_id
         WHERE u.valid_from <= $1 AND (u.valid_to IS NULL OR u.valid_to > $1)").bind(now).fetch_all(c).await)?;
    let mut named = Named { entry: entry.to_owned(), ..Named::default() };
    for row in rows {
        let kind = UnitKind::from_text(&row.kind).ok_or(StoreError::Inconsistent { table: "units", column: "kind" })?;
        named.offices.insert(row.slug, Office { id: row.id, agency: row.agency_id, kind, own: row.own });
    }
    let agents = on!(conn, c => sqlx::query_as::<_, (String, i64)>(
        "SELECT login, id FROM users WHERE role IN ('agent', 'supervisor', 'admin') AND disabled_at IS NULL")
        .fetch_all(c).await)?;
    named.agents = agents.into_iter().collect();
    let slugs = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT slug FROM categories WHERE retired_at IS NULL")
        .fetch_all(c).await)?;
    named.categories = slugs.into_iter().collect();
    named.areas = areas(conn).await?.into_iter().map(|area| area.slug).collect();
    Ok(named)
}

/// Slugs of all categories, by row id.
pub async fn categories(conn: &mut Conn) -> Result<BTreeMap<i64, String>, StoreError> {
    let rows =
        on!(conn, c => sqlx::query_as::<_, (i64, String)>("SELECT id, slug FROM categories").fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// All areas, by name.
pub async fn areas(conn: &mut Conn) -> Result<Vec<NewArea>, StoreError> {
    let rows = on!(conn, c => sqlx::query_as::<_, (String, String, String, String)>(
        "SELECT slug, name, geometry, names FROM routing_areas ORDER BY name, id").fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(slug, name, geometry, names)| NewArea { slug, name, geometry, names }).collect())
}

/// Writes an area by its slug.
pub async fn put_area(tx: &mut Tx, area: &NewArea, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO routing_areas (slug, name, geometry, names, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (slug) DO UPDATE SET name = excluded.name, geometry = excluded.geometry, names = excluded.names,
            updated_at = excluded.updated_at")
        .bind(&area.slug).bind(&area.name).bind(&area.geometry).bind(&area.names).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes an area.
pub async fn remove_area(tx: &mut Tx, slug: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM routing_areas WHERE slug = $1").bind(slug).execute(c).await.map(drop))?;
    Ok(())
}

/// What kind of user a person is.
pub async fn segment(conn: &mut Conn, person: i64) -> Result<Option<Segment>, StoreError> {
    let text = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT segment FROM persons WHERE id = $1")
        .bind(person).fetch_optional(c).await)?;
    Ok(text.as_deref().and_then(Segment::from_text))
}

/// Says what kind of user a person is; `false` when there is no such person.
pub async fn set_segment(tx: &mut Tx, person: i64, segment: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE persons SET segment = $2 WHERE id = $1")
        .bind(person).bind(segment).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Open requests of units, by slug, as the queues count them.
pub async fn load(conn: &mut Conn, units: &BTreeSet<String>) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut found = BTreeMap::new();
    for unit in units {
        let count = on!(conn, c => sqlx::query_scalar::<_, i64>(
            "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM queue_counts
             WHERE unit_id = (SELECT id FROM units WHERE slug = $1)
               AND state IN ('new', 'open', 'waiting_citizen', 'referred')")
            .bind(unit).fetch_one(c).await)?;
        found.insert(unit.clone(), count);
    }
    Ok(found)
}

/// A request that rules are tried on.
#[derive(Debug, Clone, FromRow)]
pub struct PastRow {
    pub id: i64,
    pub code: String,
    pub subject: String,
    pub category_id: Option<i64>,
    pub channel: String,
    pub kind: String,
    pub language: String,
    pub segment: Option<String>,
    pub opened_at: Instant,
    /// Unit that owns it now, unless the event of its opening tells.
    pub unit_id: i64,
    /// Event of its opening, JSON.
    pub opened: Option<String>,
    /// Event of its routing then, JSON.
    pub routed: Option<String>,
    pub text: Option<String>,
    pub answers: Option<String>,
}

/// Requests before a row id that nobody of ours registered, the latest first.
pub async fn past(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<PastRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PastRow>(
        "SELECT t.id, t.code, t.subject, t.category_id, t.channel, t.kind, t.language, t.opened_at,
                t.owner_unit_id AS unit_id,
                (SELECT p.segment FROM persons p WHERE p.id = t.person_id) AS segment,
                (SELECT e.data FROM events e WHERE e.ticket_id = t.id AND e.kind = 'ticket.opened' ORDER BY e.id LIMIT 1) AS opened,
                (SELECT e.data FROM events e WHERE e.ticket_id = t.id AND e.kind = 'ticket.routed' ORDER BY e.id LIMIT 1) AS routed,
                (SELECT k.body FROM contacts k WHERE k.ticket_id = t.id AND k.direction = 'in' ORDER BY k.id LIMIT 1) AS text,
                (SELECT a.answers FROM ticket_answers a WHERE a.ticket_id = t.id) AS answers
         FROM tickets t
         WHERE t.id < $1 AND NOT EXISTS (SELECT 1 FROM contacts k WHERE k.ticket_id = t.id AND k.direction = 'in'
            AND k.author_id IS NOT NULL)
         ORDER BY t.id DESC LIMIT $2")
        .bind(before).bind(limit).fetch_all(c).await)?)
}
