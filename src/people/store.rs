//! SQL of persons and identifiers.
use sqlx::FromRow;

use super::Identifier;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A person as pages show it.
#[derive(Debug, Clone, FromRow)]
pub struct PersonRow {
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub language: String,
    pub created_at: Instant,
    /// Who goes on in their place, if they were merged: never one who is merged too.
    pub merged_into_id: Option<i64>,
}

/// An identifier as stored.
#[derive(Debug, Clone, FromRow)]
pub struct IdentifierRow {
    pub person_id: i64,
    pub kind: String,
    pub value: String,
    pub raw: String,
}

/// The person who has an identifier.
pub async fn owner_of(conn: &mut Conn, identifier: &Identifier) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT person_id FROM identifiers WHERE kind = $1 AND value = $2")
        .bind(identifier.kind.as_str()).bind(&identifier.value).fetch_optional(c).await)?)
}

/// Persons who have an identifier with this normal form, of any kind.
pub async fn by_value(conn: &mut Conn, value: &str) -> Result<Vec<i64>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT DISTINCT person_id FROM identifiers WHERE value = $1 LIMIT 20")
        .bind(value).fetch_all(c).await)?,
    )
}

/// A new person.
pub async fn insert_person(tx: &mut Tx, name: &str, language: &str, now: Instant) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO persons (name, language, created_at) VALUES ($1, $2, $3) RETURNING id")
        .bind(name).bind(language).bind(now).fetch_one(c).await)?)
}

/// Gives an identifier to a person; `false` when somebody has it already.
pub async fn insert_identifier(
    tx: &mut Tx,
    person: i64,
    identifier: &Identifier,
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO identifiers (person_id, kind, value, raw, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
        .bind(person).bind(identifier.kind.as_str()).bind(&identifier.value).bind(&identifier.raw).bind(now)
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Removes a person that lost the race for its only identifier.
pub async fn delete_person(tx: &mut Tx, person: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM persons WHERE id = $1").bind(person).execute(c).await.map(drop))?;
    Ok(())
}

/// Fills an empty name.
pub async fn name_if_unknown(tx: &mut Tx, person: i64, name: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE persons SET name = $2 WHERE id = $1 AND name = ''")
        .bind(person).bind(name).execute(c).await.map(drop))?;
    Ok(())
}

/// A person by row id.
pub async fn person(conn: &mut Conn, id: i64) -> Result<Option<PersonRow>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, PersonRow>("SELECT id, name, kind, language, created_at, merged_into_id FROM persons WHERE id = $1")
        .bind(id).fetch_optional(c).await)?,
    )
}

/// All identifiers of a person.
pub async fn identifiers(conn: &mut Conn, person: i64) -> Result<Vec<IdentifierRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, IdentifierRow>(
        "SELECT person_id, kind, value, raw FROM identifiers WHERE person_id = $1 ORDER BY id")
        .bind(person).fetch_all(c).await)?)
}
