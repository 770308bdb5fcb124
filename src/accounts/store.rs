//! SQL of channel accounts.
use super::model::{AccountRow, NewAccount};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

macro_rules! account_sql {
    ($rest:literal) => {
        concat!("SELECT id, name, driver, settings, unit, enabled, version, changed_at FROM channel_accounts ", $rest)
    };
}

/// All accounts, by name: they are few.
pub async fn all(conn: &mut Conn) -> Result<Vec<AccountRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AccountRow>(account_sql!("ORDER BY name LIMIT 500")).fetch_all(c).await)?)
}

/// An account by name.
pub async fn by_name(conn: &mut Conn, name: &str) -> Result<Option<AccountRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AccountRow>(account_sql!("WHERE name = $1"))
        .bind(name).fetch_optional(c).await)?)
}

fn json(new: &NewAccount) -> Result<String, StoreError> {
    serde_json::to_string(&new.settings)
        .map_err(|_| StoreError::Inconsistent { table: "channel_accounts", column: "settings" })
}

/// A new account; `false` when the name is taken.
pub async fn insert(tx: &mut Tx, new: &NewAccount, by: Option<i64>, now: Instant) -> Result<bool, StoreError> {
    let settings = json(new)?;
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO channel_accounts (name, driver, settings, unit, enabled, version, changed_at, changed_by)
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT (name) DO NOTHING")
        .bind(&new.name).bind(&new.driver).bind(settings).bind(&new.unit).bind(new.enabled).bind(now).bind(by)
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Changes an account that is still at a version; `false` when it is not.
pub async fn update(
    tx: &mut Tx,
    new: &NewAccount,
    version: i64,
    by: Option<i64>,
    now: Instant,
) -> Result<bool, StoreError> {
    let settings = json(new)?;
    let rows = on!(tx, c => sqlx::query(
        "UPDATE channel_accounts SET settings = $3, unit = $4, enabled = $5, version = version + 1, changed_at = $6,
            changed_by = $7
         WHERE name = $1 AND version = $2")
        .bind(&new.name).bind(version).bind(settings).bind(&new.unit).bind(new.enabled).bind(now).bind(by)
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}
