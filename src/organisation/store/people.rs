//! SQL of referents and their absences.
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::organisation::model::{Absence, Referent};
use crate::organisation::referents::{NewAbsence, NewReferent};

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
                         ELSE '' END AS email, r.phone, r.rank, r.valid_from, r.valid_to
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

/// A referent as written, not as reached: without the login of the account.
pub async fn written_referent(conn: &mut Conn, id: i64) -> Result<Option<NewReferent>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, NewReferent>(
        "SELECT unit_id, user_id, name, email, phone, rank, valid_from, valid_to FROM referents WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Login of an account; empty when there is none.
pub async fn login_of(conn: &mut Conn, user: i64) -> Result<String, StoreError> {
    let login = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT login FROM users WHERE id = $1")
        .bind(user).fetch_optional(c).await)?;
    Ok(login.unwrap_or_default())
}

/// Who stood in by one referent is stood in by another from now on, or by nobody.
pub async fn pass_absences(tx: &mut Tx, from: i64, to: Option<i64>, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE absences SET substitute_id = CASE WHEN referent_id = $2 THEN NULL ELSE $2 END
         WHERE substitute_id = $1 AND to_at > $3")
        .bind(from).bind(to).bind(now).execute(c).await.map(drop))?;
    Ok(())
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
        "INSERT INTO referents (unit_id, user_id, name, email, rank, valid_from, valid_to, phone)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id")
        .bind(new.unit_id).bind(new.user_id).bind(new.name.trim()).bind(new.email.trim()).bind(new.rank.as_str())
        .bind(new.valid_from).bind(new.valid_to).bind(new.phone.trim()).fetch_one(c).await)?)
}

/// Changes a referent; `false` when there is none.
pub async fn update_referent(tx: &mut Tx, id: i64, new: &NewReferent) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE referents SET unit_id = $2, user_id = $3, name = $4, email = $5, rank = $6, valid_from = $7, valid_to = $8,
                phone = $9
         WHERE id = $1")
        .bind(id).bind(new.unit_id).bind(new.user_id).bind(new.name.trim()).bind(new.email.trim())
        .bind(new.rank.as_str()).bind(new.valid_from).bind(new.valid_to).bind(new.phone.trim()).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Ends the time of a referent.
pub async fn end_referent(tx: &mut Tx, id: i64, at: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE referents SET valid_to = $2 WHERE id = $1").bind(id).bind(at).execute(c).await.map(drop))?;
    Ok(())
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

/// Everybody who ever was referent of a unit, the latest first.
pub async fn referents_of(conn: &mut Conn, unit: i64) -> Result<Vec<Referent>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Referent>(
        referent_sql!("WHERE r.unit_id = $1 ORDER BY r.valid_from DESC, r.id LIMIT 500")).bind(unit).fetch_all(c).await)?)
}

/// The absences of a unit's referents that are not over, by beginning.
pub async fn absences_of(conn: &mut Conn, unit: i64, now: Instant) -> Result<Vec<Absence>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Absence>(
        "SELECT a.id, a.referent_id, a.from_at, a.to_at, a.substitute_id, a.reason
         FROM absences a JOIN referents r ON r.id = a.referent_id
         WHERE r.unit_id = $1 AND a.to_at > $2 ORDER BY a.from_at, a.id LIMIT 500")
        .bind(unit).bind(now).fetch_all(c).await)?)
}

/// Row id of an account by login.
pub async fn user_by_login(conn: &mut Conn, login: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM users WHERE login = $1 AND disabled_at IS NULL")
        .bind(login).fetch_optional(c).await)?)
}

/// Gives the referents of a unit, as far as they are not over, to its successor.
pub async fn move_referents(tx: &mut Tx, from: i64, to: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE referents SET unit_id = $2 WHERE unit_id = $1 AND (valid_to IS NULL OR valid_to > $3)")
        .bind(from).bind(to).bind(now).execute(c).await.map(drop))?;
    Ok(())
}
