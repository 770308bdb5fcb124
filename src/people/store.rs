//! SQL of persons and identifiers.
use std::collections::HashMap;

use sqlx::{FromRow, QueryBuilder};

use super::{Identifier, IdentifierKey};
use crate::kernel::database::{Conn, StoreError, Tx, pieces};
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
    Ok(owners(conn, &[identifier]).await?.remove(&identifier.key()))
}

/// The persons who have these identifiers, by the identifier.
pub async fn owners(conn: &mut Conn, identifiers: &[&Identifier]) -> Result<HashMap<IdentifierKey, i64>, StoreError> {
    let mut owners = HashMap::with_capacity(identifiers.len());
    for piece in pieces(identifiers) {
        // Both engines name the columns of a list of values `column1`, `column2`.
        let rows = on!(conn, c => QueryBuilder::new("SELECT i.kind, i.value, i.person_id FROM (")
            .push_values(piece, |mut row, identifier| {
                row.push_bind(identifier.kind.as_str()).push_bind(&identifier.value);
            })
            .push(") AS wanted JOIN identifiers i ON i.kind = wanted.column1 AND i.value = wanted.column2")
            .build_query_as::<(String, String, i64)>().fetch_all(c).await)?;
        owners.extend(rows.into_iter().map(|(kind, value, person)| ((kind, value), person)));
    }
    Ok(owners)
}

/// Persons who have an identifier with this normal form, of any kind.
pub async fn by_value(conn: &mut Conn, value: &str) -> Result<Vec<i64>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT DISTINCT person_id FROM identifiers WHERE value = $1 LIMIT 20")
        .bind(value).fetch_all(c).await)?,
    )
}

/// A person about to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewPerson<'a> {
    pub name: &'a str,
    pub language: &'a str,
}

/// New persons; answers their row ids in order.
pub async fn insert_persons(tx: &mut Tx, persons: &[NewPerson<'_>], now: Instant) -> Result<Vec<i64>, StoreError> {
    let mut ids = Vec::with_capacity(persons.len());
    for piece in pieces(persons) {
        let mut rows = on!(tx, c => QueryBuilder::new("INSERT INTO persons (name, language, created_at) ")
            .push_values(piece, |mut row, person| {
                row.push_bind(person.name).push_bind(person.language).push_bind(now);
            })
            .push(" RETURNING name, language, id").build_query_as::<(String, String, i64)>().fetch_all(c).await)?;
        // Rows come back in any order; among persons of the same name one id is as good as another.
        for person in piece {
            let place = rows.iter().position(|(name, language, _)| name == person.name && language == person.language);
            let place = place.ok_or(StoreError::Inconsistent { table: "persons", column: "name" })?;
            ids.push(rows.swap_remove(place).2);
        }
    }
    Ok(ids)
}

/// Gives identifiers to persons; answers those that were given, and to whom: the others somebody has already.
pub async fn insert_identifiers(
    tx: &mut Tx,
    given: &[(i64, &Identifier)],
    now: Instant,
) -> Result<HashMap<IdentifierKey, i64>, StoreError> {
    let mut taken = HashMap::with_capacity(given.len());
    for piece in pieces(given) {
        let rows = on!(tx, c => QueryBuilder::new(
            "INSERT INTO identifiers (person_id, kind, value, raw, created_at) ")
            .push_values(piece, |mut row, (person, identifier)| {
                row.push_bind(*person).push_bind(identifier.kind.as_str()).push_bind(&identifier.value)
                    .push_bind(&identifier.raw).push_bind(now);
            })
            .push(" ON CONFLICT DO NOTHING RETURNING kind, value, person_id")
            .build_query_as::<(String, String, i64)>().fetch_all(c).await)?;
        taken.extend(rows.into_iter().map(|(kind, value, person)| ((kind, value), person)));
    }
    Ok(taken)
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
