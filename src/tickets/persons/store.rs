//! SQL of the tickets and contacts of persons who are merged.
use crate::kernel::database::{StoreError, Tx};
use crate::on;
use crate::people::merging::PersonMerge;

/// The tickets of a person, locked until the end of the transaction.
pub async fn tickets_of(tx: &mut Tx, person: i64) -> Result<Vec<i64>, StoreError> {
    let sql = tx.pick(
        "SELECT id FROM tickets WHERE person_id = $1 ORDER BY id",
        "SELECT id FROM tickets WHERE person_id = $1 ORDER BY id FOR UPDATE",
    );
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(sql).bind(person).fetch_all(c).await)?)
}

/// Moves tickets and contacts of a person, and remembers the contacts.
pub async fn move_all(tx: &mut Tx, person: i64, into: i64, merge: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO person_moves (merge_id, what, row_id) SELECT $2, 'contact', id FROM contacts WHERE person_id = $1")
        .bind(person).bind(merge).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE tickets SET person_id = $2 WHERE person_id = $1")
        .bind(person).bind(into).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("UPDATE contacts SET person_id = $2 WHERE person_id = $1")
        .bind(person).bind(into).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes back the tickets and contacts that a merge moved; answers the tickets.
pub async fn return_all(tx: &mut Tx, merge: &PersonMerge) -> Result<Vec<i64>, StoreError> {
    let sql = tx.pick(
        "SELECT id FROM tickets WHERE person_id = $2
           AND id IN (SELECT row_id FROM person_moves WHERE merge_id = $1 AND what = 'ticket') ORDER BY id",
        "SELECT id FROM tickets WHERE person_id = $2
           AND id IN (SELECT row_id FROM person_moves WHERE merge_id = $1 AND what = 'ticket') ORDER BY id FOR UPDATE",
    );
    let tickets =
        on!(tx, c => sqlx::query_scalar::<_, i64>(sql).bind(merge.id).bind(merge.into_id).fetch_all(c).await)?;
    on!(tx, c => sqlx::query(
        "UPDATE tickets SET person_id = $2 WHERE person_id = $3
           AND id IN (SELECT row_id FROM person_moves WHERE merge_id = $1 AND what = 'ticket')")
        .bind(merge.id).bind(merge.person_id).bind(merge.into_id).execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query(
        "UPDATE contacts SET person_id = $2 WHERE person_id = $3
           AND id IN (SELECT row_id FROM person_moves WHERE merge_id = $1 AND what = 'contact')")
        .bind(merge.id).bind(merge.person_id).bind(merge.into_id).execute(c).await.map(drop))?;
    Ok(tickets)
}
