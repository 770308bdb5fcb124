//! SQL of merged persons.
use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::on;

/// A merge that stands.
#[derive(Debug, Clone, FromRow)]
pub struct PersonMerge {
    pub id: i64,
    pub person_id: i64,
    pub into_id: i64,
}

/// A person who goes on as another.
#[derive(Debug, Clone, FromRow)]
pub struct MergedPerson {
    pub id: i64,
    pub name: String,
    pub merged_at: Instant,
    pub merged_by: String,
    /// Whether merged into the person itself, and not into one that was merged later.
    pub direct: bool,
}

/// A person's row locked until the end of the transaction; answers who goes on in their place, `None` when there
/// is no such person.
pub async fn lock(tx: &mut Tx, person: i64) -> Result<Option<Option<i64>>, StoreError> {
    let sql = tx.pick(
        "SELECT merged_into_id FROM persons WHERE id = $1",
        "SELECT merged_into_id FROM persons WHERE id = $1 FOR UPDATE",
    );
    Ok(on!(tx, c => sqlx::query_scalar::<_, Option<i64>>(sql).bind(person).fetch_optional(c).await)?)
}

/// The person who goes on in the place of one; themselves when not merged.
pub async fn live(conn: &mut Conn, person: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT COALESCE(merged_into_id, id) FROM persons WHERE id = $1")
        .bind(person).fetch_optional(c).await)?)
}

/// The merge by which a person ended.
pub async fn standing(conn: &mut Conn, person: i64) -> Result<Option<PersonMerge>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PersonMerge>(
        "SELECT id, person_id, into_id FROM person_merges WHERE person_id = $1 AND undone_at IS NULL")
        .bind(person).fetch_optional(c).await)?)
}

/// Those who go on as a person, in the order in which they were merged.
pub async fn merged(conn: &mut Conn, live: i64) -> Result<Vec<MergedPerson>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, MergedPerson>(
        "SELECT p.id, p.name, m.merged_at, m.merged_by, m.into_id = $1 AS direct
         FROM persons p JOIN person_merges m ON m.person_id = p.id AND m.undone_at IS NULL
         WHERE p.merged_into_id = $1 ORDER BY m.id LIMIT 100")
        .bind(live).fetch_all(c).await)?)
}

/// The identifiers, as written, that a merge brought from a person.
pub async fn brought(conn: &mut Conn, person: i64) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT i.raw FROM person_merges m JOIN person_moves v ON v.merge_id = m.id AND v.what = 'identifier'
         JOIN identifiers i ON i.id = v.row_id
         WHERE m.person_id = $1 AND m.undone_at IS NULL ORDER BY i.id")
        .bind(person).fetch_all(c).await)?)
}

/// Records a merge; the caller moves what belongs to it.
pub async fn insert(tx: &mut Tx, person: i64, into: i64, actor: &Actor, now: Instant) -> Result<i64, StoreError> {
    on!(tx, c => sqlx::query("UPDATE persons SET merged_into_id = $2 WHERE id = $1")
        .bind(person).bind(into).execute(c).await.map(drop))?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO person_merges (person_id, into_id, merged_at, merged_by) VALUES ($1, $2, $3, $4) RETURNING id")
        .bind(person).bind(into).bind(now).bind(actor.to_text()).fetch_one(c).await)?)
}

/// Remembers that rows of a kind belonged to the person of a merge.
pub async fn remember(tx: &mut Tx, merge: i64, what: &str, rows: &[i64]) -> Result<(), StoreError> {
    for row in rows {
        on!(tx, c => sqlx::query("INSERT INTO person_moves (merge_id, what, row_id) VALUES ($1, $2, $3)")
            .bind(merge).bind(what).bind(row).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Moves all identifiers of a person.
pub async fn move_identifiers(tx: &mut Tx, person: i64, into: i64, merge: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO person_moves (merge_id, what, row_id, joined_at)
         SELECT $2, 'identifier', id, joined_at FROM identifiers WHERE person_id = $1")
        .bind(person).bind(merge).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE identifiers SET person_id = $2, joined_at = $3 WHERE person_id = $1")
        .bind(person).bind(into).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes back the identifiers that a merge moved.
pub async fn return_identifiers(tx: &mut Tx, merge: &PersonMerge) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE identifiers SET person_id = $2, joined_at = (
            SELECT v.joined_at FROM person_moves v
            WHERE v.merge_id = $1 AND v.what = 'identifier' AND v.row_id = identifiers.id)
         WHERE person_id = $3 AND id IN (SELECT row_id FROM person_moves WHERE merge_id = $1 AND what = 'identifier')")
        .bind(merge.id).bind(merge.person_id).bind(merge.into_id).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets those who go on as `from` go on as `to`.
pub async fn repoint(tx: &mut Tx, from: i64, to: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE persons SET merged_into_id = $2 WHERE merged_into_id = $1")
        .bind(from).bind(to).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets those who had been merged into a person, and those below them, go on as that person again.
pub async fn repoint_below(tx: &mut Tx, person: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE persons SET merged_into_id = $1 WHERE id IN (
            WITH RECURSIVE below (id) AS (
                SELECT person_id FROM person_merges WHERE into_id = $1 AND undone_at IS NULL
                UNION
                SELECT m.person_id FROM person_merges m JOIN below b ON m.into_id = b.id WHERE m.undone_at IS NULL)
            SELECT id FROM below)")
        .bind(person).execute(c).await.map(drop))?;
    Ok(())
}

/// Ends a merge and forgets what it moved.
pub async fn end(tx: &mut Tx, merge: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM person_moves WHERE merge_id = $1").bind(merge).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "UPDATE persons SET merged_into_id = NULL WHERE id = (SELECT person_id FROM person_merges WHERE id = $1)")
        .bind(merge).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE person_merges SET undone_at = $2 WHERE id = $1")
        .bind(merge).bind(now).execute(c).await.map(drop))?;
    Ok(())
}
