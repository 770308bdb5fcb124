//! SQL of persons and identifiers.
use std::collections::HashMap;

use sqlx::FromRow;

use super::{Identifier, IdentifierKey};
use crate::kernel::database::{Conn, Rows, StoreError, Tx};
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
    let mut rows = Rows::of("identifiers", &["kind", "value"]);
    for identifier in identifiers {
        rows.push([identifier.kind.as_str().into(), identifier.value.clone().into()]);
    }
    // A look-up for each: a join could be planned as a scan while the table is small, and stay so.
    let sql = "SELECT wanted.kind, wanted.value,
                      (SELECT i.person_id FROM identifiers i WHERE i.kind = wanted.kind AND i.value = wanted.value)
               FROM wanted";
    let found = rows.ask::<(String, String, Option<i64>)>(conn, sql).await?;
    Ok(found.into_iter().filter_map(|(kind, value, person)| Some(((kind, value), person?))).collect())
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
    let tail = "RETURNING name, language, id";
    let mut rows = person_rows(persons, now).insert_returning::<(String, String, i64)>(tx, tail).await?;
    let mut ids = Vec::with_capacity(persons.len());
    // Rows come back in any order; among persons of the same name one id is as good as another.
    for person in persons {
        let place = rows.iter().position(|(name, language, _)| name == person.name && language == person.language);
        let place = place.ok_or(StoreError::Inconsistent { table: "persons", column: "name" })?;
        ids.push(rows.swap_remove(place).2);
    }
    Ok(ids)
}

/// New persons as rows.
pub fn person_rows(persons: &[NewPerson<'_>], now: Instant) -> Rows {
    let mut rows = Rows::of("persons", &["name", "language", "created_at"]);
    for person in persons {
        rows.push([person.name.to_owned().into(), person.language.to_owned().into(), now.into()]);
    }
    rows
}

/// Gives identifiers to persons; answers those that were given, and to whom: the others somebody has already.
pub async fn insert_identifiers(
    tx: &mut Tx,
    given: &[(i64, &Identifier)],
    now: Instant,
) -> Result<HashMap<IdentifierKey, i64>, StoreError> {
    let tail = "ON CONFLICT DO NOTHING RETURNING kind, value, person_id";
    let taken = identifier_rows(given, now).insert_returning::<(String, String, i64)>(tx, tail).await?;
    Ok(taken.into_iter().map(|(kind, value, person)| ((kind, value), person)).collect())
}

/// Identifiers of persons as rows.
pub fn identifier_rows(given: &[(i64, &Identifier)], now: Instant) -> Rows {
    let mut rows = Rows::of("identifiers", &["person_id", "kind", "value", "raw", "created_at"]);
    for (person, identifier) in given {
        let (value, raw) = (identifier.value.clone(), identifier.raw.clone());
        rows.push([(*person).into(), identifier.kind.as_str().into(), value.into(), raw.into(), now.into()]);
    }
    rows
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
