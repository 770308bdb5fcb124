//! Who a bulletin is for, and who read it.
use sqlx::FromRow;

use super::super::model::Bulletin;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Notes that somebody read a bulletin as it is now; what they said before about the same stays.
///
/// # Errors
/// When the database refuses.
pub async fn put_read(tx: &mut Tx, bulletin: &Bulletin, user: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO bulletin_reads (bulletin_id, user_id, revision, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (bulletin_id, user_id) DO UPDATE SET revision = excluded.revision, at = excluded.at
         WHERE bulletin_reads.revision < $5")
        .bind(bulletin.id).bind(user).bind(bulletin.revision).bind(now).bind(bulletin.asked_revision)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Somebody a bulletin is for.
#[derive(Debug, Clone, FromRow)]
pub struct Addressee {
    pub name: String,
    pub role: String,
    /// When they said to have read it as it is now.
    pub read_at: Option<Instant>,
}

/// The people a bulletin is for, by name, as far as its units say; roles are the caller's matter.
///
/// # Errors
/// When the database cannot be read.
pub async fn addressees(conn: &mut Conn, id: i64, limit: i64) -> Result<Vec<Addressee>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Addressee>(
        "WITH RECURSIVE below (id) AS (
            SELECT unit_id FROM bulletin_units WHERE bulletin_id = $1
            UNION
            SELECT u.id FROM units u JOIN below b ON u.parent_id = b.id),
         above (id, parent_id) AS (
            SELECT u.id, u.parent_id FROM units u JOIN bulletin_units x ON x.unit_id = u.id WHERE x.bulletin_id = $1
            UNION
            SELECT u.id, u.parent_id FROM units u JOIN above a ON u.id = a.parent_id)
         SELECT p.name, p.role, r.at AS read_at
         FROM users p JOIN bulletins b ON b.id = $1
         LEFT JOIN bulletin_reads r ON r.bulletin_id = b.id AND r.user_id = p.id AND r.revision >= b.asked_revision
         WHERE p.disabled_at IS NULL
           AND (NOT EXISTS (SELECT 1 FROM bulletin_units x WHERE x.bulletin_id = $1)
             OR EXISTS (SELECT 1 FROM user_units m WHERE m.user_id = p.id
                 AND (m.unit_id IN (SELECT id FROM below) OR m.unit_id IN (SELECT id FROM above))))
         ORDER BY p.name, p.id LIMIT $2")
        .bind(id).bind(limit).fetch_all(c).await)?)
}

/// The name of whoever events name, if it is a person.
///
/// # Errors
/// When the database cannot be read.
pub async fn name_of(conn: &mut Conn, user: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT name FROM users WHERE id = $1")
        .bind(user).fetch_optional(c).await)?)
}
