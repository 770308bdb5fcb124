//! SQL of claimed identifiers.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::on;
use crate::people::Identifier;

/// A claim that waits.
#[derive(Debug, Clone, FromRow)]
pub struct ClaimRow {
    pub id: i64,
    pub kind: String,
    pub value: String,
    pub raw: String,
    pub created_at: Instant,
}

/// Keeps a claim; one that was made before, and perhaps settled, stays as it is.
pub async fn insert(tx: &mut Tx, person: i64, identifier: &Identifier, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO identifier_claims (person_id, kind, value, raw, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING")
        .bind(person).bind(identifier.kind.as_str()).bind(&identifier.value).bind(&identifier.raw).bind(now)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// The claims of a person, and of those merged into them, that wait.
pub async fn waiting(conn: &mut Conn, person: i64) -> Result<Vec<ClaimRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ClaimRow>(
        "SELECT id, kind, value, raw, created_at FROM identifier_claims
         WHERE settled_at IS NULL AND person_id IN (SELECT id FROM persons WHERE id = $1 OR merged_into_id = $1)
         ORDER BY id LIMIT 100")
        .bind(person).fetch_all(c).await)?)
}

/// One claim of a person, if it waits, locked until the end of the transaction.
pub async fn open(tx: &mut Tx, person: i64, claim: i64) -> Result<Option<ClaimRow>, StoreError> {
    let sql = tx.pick(
        "SELECT id, kind, value, raw, created_at FROM identifier_claims WHERE id = $2 AND settled_at IS NULL
           AND person_id IN (SELECT id FROM persons WHERE id = $1 OR merged_into_id = $1)",
        "SELECT id, kind, value, raw, created_at FROM identifier_claims WHERE id = $2 AND settled_at IS NULL
           AND person_id IN (SELECT id FROM persons WHERE id = $1 OR merged_into_id = $1) FOR UPDATE",
    );
    Ok(on!(tx, c => sqlx::query_as::<_, ClaimRow>(sql).bind(person).bind(claim).fetch_optional(c).await)?)
}

/// Settles a claim.
pub async fn settle(tx: &mut Tx, claim: i64, how: &str, actor: &Actor, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE identifier_claims SET settled_at = $2, settled_by = $3, settled_as = $4 WHERE id = $1")
        .bind(claim).bind(now).bind(actor.to_text()).bind(how).execute(c).await.map(drop))?;
    Ok(())
}
