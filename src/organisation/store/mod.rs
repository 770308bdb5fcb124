//! SQL of the organisation: agencies and units here, their versions and changes, and people and sites beside.
mod changes;
mod people;
mod sites;
mod transfer;

use std::collections::BTreeSet;

use super::model::{Agency, Unit};
use super::{NewAgency, NewUnit};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::on;

pub use self::changes::*;
pub use self::people::*;
pub use self::sites::*;
pub use self::transfer::*;

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
            "SELECT u.id, u.slug, u.agency_id, u.parent_id, u.name, u.name_en, u.kind, u.email,
                    CASE WHEN u.scope <> '' THEN u.scope ELSE a.slug END AS scope, u.successor_id, u.valid_from, u.valid_to
             FROM units u JOIN agencies a ON a.id = u.agency_id ",
            $rest
        )
    };
}

/// All units that ever were, by name.
pub async fn units(conn: &mut Conn) -> Result<Vec<Unit>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Unit>(unit_sql!("ORDER BY u.name, u.id")).fetch_all(c).await)?)
}

/// A unit by row id.
pub async fn unit(conn: &mut Conn, id: i64) -> Result<Option<Unit>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Unit>(unit_sql!("WHERE u.id = $1")).bind(id).fetch_optional(c).await)?)
}

/// A unit by slug.
pub async fn unit_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Unit>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Unit>(unit_sql!("WHERE u.slug = $1")).bind(slug).fetch_optional(c).await)?)
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
        "INSERT INTO units (slug, agency_id, parent_id, name, name_en, kind, email, scope, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (slug) DO UPDATE SET agency_id = excluded.agency_id, parent_id = excluded.parent_id,
            name = excluded.name, name_en = excluded.name_en, kind = excluded.kind, email = excluded.email,
            scope = excluded.scope, valid_from = excluded.valid_from, valid_to = excluded.valid_to
         RETURNING id")
        .bind(&new.slug).bind(agency).bind(parent).bind(&new.name).bind(&new.name_en).bind(new.kind.as_str())
        .bind(&new.email).bind(&new.scope).bind(new.valid_from).bind(new.valid_to).fetch_one(c).await)?)
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
