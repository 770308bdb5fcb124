//! SQL of the versions of units, of planned and past reorganisations, and of who goes on for whom.
use std::collections::BTreeSet;

use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::organisation::model::UnitKind;
use crate::organisation::reorganise::{Reorganisation, State};

/// What was true of a unit from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct UnitVersion {
    pub unit_id: i64,
    pub from_at: Instant,
    pub agency_id: i64,
    pub parent_id: Option<i64>,
    pub name: String,
    pub name_en: String,
    #[sqlx(try_from = "String")]
    pub kind: UnitKind,
    pub email: String,
    /// As written: empty for the agency's.
    pub scope: String,
    pub reorganisation_id: Option<i64>,
}

macro_rules! version_sql {
    ($rest:literal) => {
        concat!(
            "SELECT unit_id, from_at, agency_id, parent_id, name, name_en, kind, email, scope, reorganisation_id
             FROM unit_versions ",
            $rest
        )
    };
}

/// All versions of all units, oldest first.
pub async fn versions(conn: &mut Conn) -> Result<Vec<UnitVersion>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UnitVersion>(version_sql!("ORDER BY unit_id, from_at")).fetch_all(c).await)?)
}

/// The versions of one unit, oldest first.
pub async fn versions_of(conn: &mut Conn, unit: i64) -> Result<Vec<UnitVersion>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, UnitVersion>(version_sql!("WHERE unit_id = $1 ORDER BY from_at"))
        .bind(unit).fetch_all(c).await)?)
}

/// Makes sure that a unit has a version for its beginning, before the first change of it.
pub async fn keep_first_version(tx: &mut Tx, unit: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO unit_versions (unit_id, from_at, agency_id, parent_id, name, name_en, kind, email, scope)
         SELECT u.id, u.valid_from, u.agency_id, u.parent_id, u.name, u.name_en, u.kind, u.email, u.scope FROM units u
         WHERE u.id = $1 AND NOT EXISTS (SELECT 1 FROM unit_versions v WHERE v.unit_id = u.id)")
        .bind(unit).execute(c).await.map(drop))?;
    Ok(())
}

/// Writes what `units` says of a unit into its version of `now`, or as its first.
pub async fn correct_version(tx: &mut Tx, unit: i64, now: Instant) -> Result<(), StoreError> {
    keep_first_version(tx, unit).await?;
    on!(tx, c => sqlx::query(
        "UPDATE unit_versions SET (agency_id, parent_id, name, name_en, kind, email, scope)
            = (SELECT u.agency_id, u.parent_id, u.name, u.name_en, u.kind, u.email, u.scope FROM units u WHERE u.id = $1)
         WHERE unit_id = $1 AND from_at = COALESCE(
            (SELECT MAX(v.from_at) FROM unit_versions v WHERE v.unit_id = $1 AND v.from_at <= $2),
            (SELECT MIN(v.from_at) FROM unit_versions v WHERE v.unit_id = $1))")
        .bind(unit).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Writes a version of a unit and makes it the present one.
pub async fn put_version(tx: &mut Tx, v: &UnitVersion) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO unit_versions (unit_id, from_at, agency_id, parent_id, name, name_en, kind, email, scope, reorganisation_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (unit_id, from_at) DO UPDATE SET agency_id = excluded.agency_id, parent_id = excluded.parent_id,
            name = excluded.name, name_en = excluded.name_en, kind = excluded.kind, email = excluded.email,
            scope = excluded.scope, reorganisation_id = excluded.reorganisation_id")
        .bind(v.unit_id).bind(v.from_at).bind(v.agency_id).bind(v.parent_id).bind(&v.name).bind(&v.name_en)
        .bind(v.kind.as_str()).bind(&v.email).bind(&v.scope).bind(v.reorganisation_id).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "UPDATE units SET agency_id = $2, parent_id = $3, name = $4, name_en = $5, kind = $6, email = $7, scope = $8
         WHERE id = $1")
        .bind(v.unit_id).bind(v.agency_id).bind(v.parent_id).bind(&v.name).bind(&v.name_en).bind(v.kind.as_str())
        .bind(&v.email).bind(&v.scope).execute(c).await.map(drop))?;
    Ok(())
}

/// A unit that begins, still without a place in the chart; answers its row id.
pub async fn open_unit(
    tx: &mut Tx,
    slug: &str,
    name: &str,
    kind: UnitKind,
    agency: i64,
    from: Instant,
) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO units (slug, agency_id, name, kind, valid_from) VALUES ($1, $2, $3, $4, $5) RETURNING id")
        .bind(slug).bind(agency).bind(name).bind(kind.as_str()).bind(from).fetch_one(c).await)?)
}

/// Ends a unit.
pub async fn close_unit(tx: &mut Tx, unit: i64, successor: i64, at: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE units SET valid_to = $3, successor_id = $2 WHERE id = $1")
        .bind(unit).bind(successor).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets a unit exist from now on, or no more, without anybody who goes on: what was sent to it stays with it.
pub async fn set_end(tx: &mut Tx, unit: i64, end: Option<Instant>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE units SET valid_to = $2 WHERE id = $1").bind(unit).bind(end).execute(c).await.map(drop))?;
    Ok(())
}

/// Says who goes on with the open work of a closed unit in one category.
pub async fn put_succession(tx: &mut Tx, unit: i64, category: i64, successor: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO unit_successions (unit_id, category_id, successor_id) VALUES ($1, $2, $3)
         ON CONFLICT (unit_id, category_id) DO UPDATE SET successor_id = excluded.successor_id")
        .bind(unit).bind(category).bind(successor).execute(c).await.map(drop))?;
    Ok(())
}

/// Who goes on for a unit in a category (0: none), one step; `None` when the unit has no successor.
pub async fn successor_of(conn: &mut Conn, unit: i64, category: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, Option<i64>>(
        "SELECT COALESCE((SELECT s.successor_id FROM unit_successions s WHERE s.unit_id = u.id AND s.category_id = $2),
                         u.successor_id)
         FROM units u WHERE u.id = $1 AND u.valid_to IS NOT NULL")
        .bind(unit).bind(category).fetch_optional(c).await)?
    .flatten())
}

/// Units that are over and whose work goes on elsewhere.
pub async fn succeeded_units(conn: &mut Conn, now: Instant) -> Result<Vec<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM units WHERE successor_id IS NOT NULL AND valid_to <= $1 ORDER BY id").bind(now).fetch_all(c).await)?)
}

/// Row id of a category by slug.
pub async fn category_id(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM categories WHERE slug = $1")
        .bind(slug).fetch_optional(c).await)?)
}

/// Every slug that a unit has or had.
pub async fn used_slugs(conn: &mut Conn) -> Result<BTreeSet<String>, StoreError> {
    let slugs = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT slug FROM units").fetch_all(c).await)?;
    Ok(slugs.into_iter().collect())
}

macro_rules! reorganisation_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, takes_effect_at, state, reason, plan, planned_by, planned_at, settled_at, problem
             FROM reorganisations ",
            $rest
        )
    };
}

/// A new plan; answers its row id.
pub async fn insert_reorganisation(
    tx: &mut Tx,
    at: Instant,
    reason: &str,
    plan: &str,
    by: &str,
    now: Instant,
) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO reorganisations (takes_effect_at, state, reason, plan, planned_by, planned_at)
         VALUES ($1, 'planned', $2, $3, $4, $5) RETURNING id")
        .bind(at).bind(reason).bind(plan).bind(by).bind(now).fetch_one(c).await)?)
}

/// A reorganisation by row id.
pub async fn reorganisation(conn: &mut Conn, id: i64) -> Result<Option<Reorganisation>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Reorganisation>(reorganisation_sql!("WHERE id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// The reorganisations in a state until an instant, in the order in which they take effect.
pub async fn reorganisations(conn: &mut Conn, state: State, until: Instant) -> Result<Vec<Reorganisation>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Reorganisation>(
        reorganisation_sql!("WHERE state = $1 AND takes_effect_at <= $2 ORDER BY takes_effect_at, id LIMIT 500"))
        .bind(state.as_str()).bind(until).fetch_all(c).await)?)
}

/// The latest reorganisations of any state.
pub async fn latest_reorganisations(conn: &mut Conn) -> Result<Vec<Reorganisation>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Reorganisation>(
        reorganisation_sql!("ORDER BY takes_effect_at DESC, id DESC LIMIT 100")).fetch_all(c).await)?)
}

/// Settles a planned reorganisation; `false` when it was not planned any more.
pub async fn settle(tx: &mut Tx, id: i64, state: State, problem: &str, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE reorganisations SET state = $2, problem = $3, settled_at = $4 WHERE id = $1 AND state = 'planned'")
        .bind(id).bind(state.as_str()).bind(problem).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Corrects the names of a unit in all that is written of it: it was always called so.
pub async fn correct_names(tx: &mut Tx, unit: i64, name: &str, name_en: &str) -> Result<(), StoreError> {
    keep_first_version(tx, unit).await?;
    on!(tx, c => sqlx::query("UPDATE unit_versions SET name = $2, name_en = $3 WHERE unit_id = $1")
        .bind(unit).bind(name).bind(name_en).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE units SET name = $2, name_en = $3 WHERE id = $1")
        .bind(unit).bind(name).bind(name_en).execute(c).await.map(drop))?;
    Ok(())
}
