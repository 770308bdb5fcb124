//! SQL of how accounts stand.
use sqlx::FromRow;

use super::Receiving;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// What was written down of an account.
#[derive(Debug, FromRow)]
pub struct StandingRow {
    pub account: String,
    pub called_at: Option<Instant>,
    pub told_at: Option<Instant>,
    pub connected: bool,
    pub lag: i64,
    pub last_error: String,
}

/// What waits of an account or a lane.
#[derive(Debug, FromRow)]
pub struct WaitingRow {
    pub name: String,
    pub count: i64,
    pub since: Option<Instant>,
}

/// All accounts of which something was written down.
pub async fn all(conn: &mut Conn) -> Result<Vec<StandingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, StandingRow>(
        "SELECT account, called_at, told_at, connected, lag, last_error FROM channel_standing ORDER BY account LIMIT 1000")
        .fetch_all(c).await)?)
}

/// By account what is stored and not read yet: it is indexed apart from the rest, and little. The joined text keeps
/// SQLite from walking through all items in the order of their accounts.
pub async fn unread(conn: &mut Conn) -> Result<Vec<WaitingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, WaitingRow>(
        "SELECT account || '' AS name, COUNT(*) AS count, MIN(received_at) AS since FROM raw_items WHERE state = 'stored'
         GROUP BY account || ''")
        .fetch_all(c).await)?)
}

/// By lane what is to leave.
pub async fn unsent(conn: &mut Conn) -> Result<Vec<WaitingRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, WaitingRow>(
        "SELECT lane AS name, COUNT(*) AS count, MIN(created_at) AS since FROM outbox WHERE state = 'pending'
         GROUP BY lane")
        .fetch_all(c).await)?)
}

/// Writes down when a provider called.
pub async fn write_called(tx: &mut Tx, account: &str, at: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO channel_standing (account, called_at) VALUES ($1, $2)
         ON CONFLICT (account) DO UPDATE SET called_at = excluded.called_at
            WHERE channel_standing.called_at IS NULL OR channel_standing.called_at < excluded.called_at")
        .bind(account).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// Writes down how receiving goes.
pub async fn write_receiving(tx: &mut Tx, account: &str, how: &Receiving, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO channel_standing (account, told_at, connected, lag, last_error) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account) DO UPDATE SET told_at = excluded.told_at, connected = excluded.connected,
            lag = excluded.lag, last_error = excluded.last_error")
        .bind(account).bind(now).bind(how.connected).bind(how.lag).bind(&how.last_error)
        .execute(c).await.map(drop))?;
    Ok(())
}
