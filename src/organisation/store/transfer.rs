//! SQL of the organisation as it was written, for the table.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;
use crate::on;

/// A unit as written: its scope is empty where it has the agency's.
#[derive(Debug, Clone, FromRow)]
pub struct WrittenUnit {
    pub id: i64,
    pub slug: String,
    pub agency: String,
    pub parent_id: Option<i64>,
    pub name: String,
    pub name_en: String,
    pub kind: String,
    pub email: String,
    pub scope: String,
    pub successor_id: Option<i64>,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
}

/// All units that ever were, in the order they were made.
pub async fn written_units(conn: &mut Conn) -> Result<Vec<WrittenUnit>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, WrittenUnit>(
        "SELECT u.id, u.slug, a.slug AS agency, u.parent_id, u.name, u.name_en, u.kind, u.email, u.scope, u.successor_id,
                u.valid_from, u.valid_to
         FROM units u JOIN agencies a ON a.id = u.agency_id ORDER BY u.id").fetch_all(c).await)?)
}

/// A referent as written.
#[derive(Debug, Clone, FromRow)]
pub struct WrittenReferent {
    pub id: i64,
    pub unit_id: i64,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub login: String,
    pub rank: String,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
}

/// Everybody who ever was referent, in the order they were named.
pub async fn written_referents(conn: &mut Conn) -> Result<Vec<WrittenReferent>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, WrittenReferent>(
        "SELECT r.id, r.unit_id, r.name, r.email, r.phone, COALESCE(s.login, '') AS login, r.rank, r.valid_from, r.valid_to
         FROM referents r LEFT JOIN users s ON s.id = r.user_id ORDER BY r.id").fetch_all(c).await)?)
}
