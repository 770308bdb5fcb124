//! SQL of agencies, units, referents and their absences.
use std::collections::BTreeSet;

use super::model::{Absence, Agency, Referent, Unit};
use super::referents::{NewAbsence, NewReferent};
use super::upsert::{NewAgency, NewUnit};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// All agencies, ours first, then by name.
pub async fn agencies(conn: &mut Conn) -> Result<Vec<Agency>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Agency>(
        "SELECT id, slug, name, kind, email FROM agencies
         ORDER BY CASE kind WHEN 'own' THEN 0 ELSE 1 END, name, id").fetch_all(c).await)?)
}

/// Creates or changes an agency by slug; answers its row id.
pub async fn upsert_agency(tx: &mut Tx, new: &NewAgency) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO agencies (slug, name, kind, email) VALUES ($1, $2, $3, $4)
         ON CONFLICT (slug) DO UPDATE SET name = excluded.name, kind = excluded.kind, email = excluded.email
         RETURNING id")
        .bind(&new.slug).bind(&new.name).bind(new.kind.as_str()).bind(&new.email).fetch_one(c).await)?)
}

macro_rules! unit_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, slug, agency_id, parent_id, name, name_en, kind, email, valid_from, valid_to FROM units ",
            $rest
        )
    };
}

/// All units that ever were, by name.
pub async fn units(conn: &mut Conn) -> Result<Vec<Unit>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Unit>(unit_sql!("ORDER BY name, id")).fetch_all(c).await)?)
}

/// A unit by row id.
pub async fn unit(conn: &mut Conn, id: i64) -> Result<Option<Unit>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Unit>(unit_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// A unit by slug.
pub async fn unit_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Unit>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Unit>(unit_sql!("WHERE slug = $1")).bind(slug).fetch_optional(c).await)?)
}

/// An agency by row id.
pub async fn agency(conn: &mut Conn, id: i64) -> Result<Option<Agency>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Agency>("SELECT id, slug, name, kind, email FROM agencies WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Row id of an agency by slug.
pub async fn agency_id(conn: &mut Conn, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM agencies WHERE slug = $1")
        .bind(slug).fetch_optional(c).await)?)
}

/// Creates or changes a unit by slug; answers its row id.
pub async fn upsert_unit(tx: &mut Tx, new: &NewUnit, agency: i64, parent: Option<i64>) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO units (slug, agency_id, parent_id, name, name_en, kind, email, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (slug) DO UPDATE SET agency_id = excluded.agency_id, parent_id = excluded.parent_id,
            name = excluded.name, name_en = excluded.name_en, kind = excluded.kind, email = excluded.email,
            valid_from = excluded.valid_from, valid_to = excluded.valid_to
         RETURNING id")
        .bind(&new.slug).bind(agency).bind(parent).bind(&new.name).bind(&new.name_en).bind(new.kind.as_str())
        .bind(&new.email).bind(new.valid_from).bind(new.valid_to).fetch_one(c).await)?)
}

/// A unit and all units below it.
pub async fn units_below(conn: &mut Conn, root: i64) -> Result<BTreeSet<i64>, StoreError> {
    // UNION, not UNION ALL: a cycle that an import made would otherwise never end.
    let ids = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "WITH RECURSIVE below (id) AS (
            SELECT id FROM units WHERE id = $1
            UNION
            SELECT u.id FROM units u JOIN below b ON u.parent_id = b.id)
         SELECT id FROM below").bind(root).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// The unit above each unit.
pub async fn parents(conn: &mut Conn) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, Option<i64>)>("SELECT id, parent_id FROM units").fetch_all(c).await)?)
}

/// Whether there is an account with this row id.
pub async fn user_exists(conn: &mut Conn, user: i64) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM users WHERE id = $1")
        .bind(user).fetch_optional(c).await)?;
    Ok(found.is_some())
}

macro_rules! referent_sql {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.unit_id, CASE WHEN s.disabled_at IS NULL THEN r.user_id END AS user_id, r.name,
                    CASE WHEN r.email <> '' THEN r.email WHEN s.disabled_at IS NULL THEN COALESCE(s.login, '')
                         ELSE '' END AS email, r.rank, r.valid_from, r.valid_to
             FROM referents r LEFT JOIN users s ON s.id = r.user_id ",
            $rest
        )
    };
}

/// A referent by row id.
pub async fn referent(conn: &mut Conn, id: i64) -> Result<Option<Referent>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, Referent>(referent_sql!("WHERE r.id = $1")).bind(id).fetch_optional(c).await)?,
    )
}

/// Everybody who is referent at an instant.
pub async fn referents_at(conn: &mut Conn, now: Instant) -> Result<Vec<Referent>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Referent>(
        referent_sql!("WHERE r.valid_from <= $1 AND (r.valid_to IS NULL OR r.valid_to > $1) ORDER BY r.id"))
        .bind(now).fetch_all(c).await)?)
}

/// A new referent; answers the row id.
pub async fn insert_referent(tx: &mut Tx, new: &NewReferent) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO referents (unit_id, user_id, name, email, rank, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id")
        .bind(new.unit_id).bind(new.user_id).bind(new.name.trim()).bind(new.email.trim()).bind(new.rank.as_str())
        .bind(new.valid_from).bind(new.valid_to).fetch_one(c).await)?)
}

/// Changes a referent; `false` when there is none.
pub async fn update_referent(tx: &mut Tx, id: i64, new: &NewReferent) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE referents SET unit_id = $2, user_id = $3, name = $4, email = $5, rank = $6, valid_from = $7, valid_to = $8
         WHERE id = $1")
        .bind(id).bind(new.unit_id).bind(new.user_id).bind(new.name.trim()).bind(new.email.trim())
        .bind(new.rank.as_str()).bind(new.valid_from).bind(new.valid_to).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

macro_rules! absence_sql {
    ($rest:literal) => {
        concat!("SELECT id, referent_id, from_at, to_at, substitute_id, reason FROM absences ", $rest)
    };
}

/// The absences that hold at an instant, in the order they were written.
pub async fn absences_at(conn: &mut Conn, now: Instant) -> Result<Vec<Absence>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Absence>(absence_sql!("WHERE to_at > $1 AND from_at <= $1 ORDER BY id"))
        .bind(now).fetch_all(c).await)?)
}

/// An absence by row id.
pub async fn absence(conn: &mut Conn, id: i64) -> Result<Option<Absence>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Absence>(absence_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// A new absence; answers its row id.
pub async fn insert_absence(tx: &mut Tx, new: &NewAbsence) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO absences (referent_id, from_at, to_at, substitute_id, reason) VALUES ($1, $2, $3, $4, $5)
         RETURNING id")
        .bind(new.referent_id).bind(new.from_at).bind(new.to_at).bind(new.substitute_id).bind(new.reason.trim())
        .fetch_one(c).await)?)
}

/// Ends an absence that has begun.
pub async fn end_absence(tx: &mut Tx, id: i64, at: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE absences SET to_at = $2 WHERE id = $1").bind(id).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes an absence that never began.
pub async fn delete_absence(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM absences WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}
