//! SQL of pauses in the recordings of talks.
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;
use crate::telephony::model::PauseRow;

/// A pause begins, on a call that is locked and not paused.
pub async fn pause(tx: &mut Tx, call: i64, by: Option<i64>, told: bool, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO call_pauses (call_id, paused_at, paused_by, told) VALUES ($1, $2, $3, $4)")
        .bind(call).bind(now).bind(by).bind(told).execute(c).await.map(drop))?;
    set_paused(tx, call, Some(now)).await
}

/// The pause of a call that is locked ends.
pub async fn resume(tx: &mut Tx, call: i64, by: Option<i64>, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE call_pauses SET resumed_at = $2, resumed_by = $3 WHERE call_id = $1 AND resumed_at IS NULL")
        .bind(call).bind(now).bind(by).execute(c).await.map(drop))?;
    set_paused(tx, call, None).await
}

async fn set_paused(tx: &mut Tx, call: i64, at: Option<Instant>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE calls SET paused_at = $2 WHERE id = $1").bind(call).bind(at)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// The pauses of a call, in order.
pub async fn pauses(conn: &mut Conn, call: i64) -> Result<Vec<PauseRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PauseRow>(
        "SELECT p.paused_at, COALESCE(u.name, '') AS paused_by, p.resumed_at, COALESCE(v.name, '') AS resumed_by, p.told
         FROM call_pauses p LEFT JOIN users u ON u.id = p.paused_by LEFT JOIN users v ON v.id = p.resumed_by
         WHERE p.call_id = $1 ORDER BY p.id LIMIT 200").bind(call).fetch_all(c).await)?)
}
