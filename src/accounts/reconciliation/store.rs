//! SQL of comparisons.
use super::model::{Day, Item, Sheet};
use super::totals::Mark;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

macro_rules! sheet_sql {
    ($rest:literal) => {
        concat!(
            "SELECT account, day, channel, checked_at, asked, handed, stored, contacts, duplicates, reports, quarantined,
                discarded, waiting, sent, unreported, calls, differences, error, gateway_received, gateway_sent
             FROM reconciliations ",
            $rest
        )
    };
}

/// Puts the comparison of an account and a day in the place of the one before.
pub async fn save(tx: &mut Tx, s: &Sheet, items: &[Item]) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO reconciliations (account, day, channel, checked_at, asked, handed, stored, contacts, duplicates,
            reports, quarantined, discarded, waiting, sent, unreported, calls, differences, error, gateway_received, gateway_sent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT (account, day) DO UPDATE SET channel = excluded.channel, checked_at = excluded.checked_at,
            asked = excluded.asked, handed = excluded.handed, stored = excluded.stored, contacts = excluded.contacts,
            duplicates = excluded.duplicates, reports = excluded.reports, quarantined = excluded.quarantined,
            discarded = excluded.discarded, waiting = excluded.waiting, sent = excluded.sent,
            unreported = excluded.unreported, calls = excluded.calls, differences = excluded.differences,
            error = excluded.error, gateway_received = excluded.gateway_received,
            gateway_sent = excluded.gateway_sent")
        .bind(&s.account).bind(&s.day).bind(&s.channel).bind(s.checked_at).bind(&s.asked).bind(s.handed).bind(s.stored)
        .bind(s.contacts).bind(s.duplicates).bind(s.reports).bind(s.quarantined).bind(s.discarded).bind(s.waiting)
        .bind(s.sent).bind(s.unreported).bind(s.calls).bind(s.differences).bind(&s.error)
        .bind(s.gateway_received).bind(s.gateway_sent)
        .execute(c).await.map(drop))?;
    on!(tx, c => sqlx::query("DELETE FROM reconciliation_items WHERE account = $1 AND day = $2")
        .bind(&s.account).bind(&s.day).execute(c).await.map(drop))?;
    for item in items {
        on!(tx, c => sqlx::query(
            "INSERT INTO reconciliation_items (account, day, kind, name, at, ticket, obtainable)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account, day, kind, name) DO NOTHING")
            .bind(&s.account).bind(&s.day).bind(&item.kind).bind(&item.name).bind(item.at).bind(&item.ticket)
            .bind(item.obtainable).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// The comparisons of the days from one to another, both included, the latest first.
pub async fn between(conn: &mut Conn, from: &str, to: &str) -> Result<Vec<Sheet>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Sheet>(
        sheet_sql!("WHERE day >= $1 AND day <= $2 ORDER BY day DESC, account LIMIT 5000"))
        .bind(from).bind(to).fetch_all(c).await)?)
}

/// What differs on an account and a day.
pub async fn items(conn: &mut Conn, account: &str, day: &str) -> Result<Vec<Item>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Item>(
        "SELECT kind, name, at, ticket, obtainable FROM reconciliation_items WHERE account = $1 AND day = $2
         ORDER BY kind, at, name LIMIT 10000")
        .bind(account).bind(day).fetch_all(c).await)?)
}

/// Differences of each account from a day on, only of accounts that have any.
pub async fn standing(conn: &mut Conn, from: &str) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, i64)>(
        "SELECT account, CAST(SUM(differences) AS BIGINT) FROM reconciliations WHERE day >= $1
         GROUP BY account HAVING SUM(differences) > 0 ORDER BY account LIMIT 500")
        .bind(from).fetch_all(c).await)?)
}

/// Overdue receipts of certified mail from a day on.
pub async fn receipts_missing(conn: &mut Conn, from: &str) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT CAST(COALESCE(SUM(unreported), 0) AS BIGINT) FROM reconciliations WHERE day >= $1 AND channel = 'pec'")
        .bind(from).fetch_one(c).await)?)
}

/// When the last daily comparison ended.
pub async fn last_run(conn: &mut Conn) -> Result<Option<(String, Instant)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, Instant)>(
        "SELECT day, finished_at FROM reconciliation_runs ORDER BY day DESC LIMIT 1").fetch_optional(c).await)?)
}

/// Notes that the daily comparison of a local day was made, and forgets what is older than a day.
pub async fn note_run(tx: &mut Tx, today: &Day, forget: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO reconciliation_runs (day, finished_at) VALUES ($1, $2)
         ON CONFLICT (day) DO UPDATE SET finished_at = excluded.finished_at")
        .bind(today.text()).bind(now).execute(c).await.map(drop))?;
    for table in [
        "DELETE FROM reconciliation_items WHERE day < $1",
        "DELETE FROM reconciliations WHERE day < $1",
        "DELETE FROM reconciliation_runs WHERE day < $1",
        "DELETE FROM tallies WHERE day < $1",
    ] {
        on!(tx, c => sqlx::query(table).bind(forget).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// How far the totals of an account's gateway were read; `None` before the first time.
pub async fn mark(conn: &mut Conn, account: &str) -> Result<Option<Mark>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Mark>(
        "SELECT read_at, uptime, handed, waiting, received, taken, sent, since, stored, given, in_ahead, in_owed,
                out_ahead, out_owed FROM gateway_marks WHERE account = $1")
        .bind(account).fetch_optional(c).await)?)
}

/// Notes the first reading of a gateway.
pub async fn put_mark(tx: &mut Tx, account: &str, m: &Mark) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO gateway_marks (account, read_at, uptime, handed, waiting, received, taken, sent, since, stored, given,
            in_ahead, in_owed, out_ahead, out_owed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (account) DO NOTHING")
        .bind(account).bind(m.read_at).bind(m.uptime).bind(m.handed).bind(m.waiting).bind(m.received).bind(m.taken)
        .bind(m.sent).bind(m.since).bind(m.stored).bind(m.given).bind(m.in_ahead).bind(m.in_owed).bind(m.out_ahead)
        .bind(m.out_owed).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes a further reading in the place of the one made at an instant; `false` when that is no longer the last.
pub async fn move_mark(tx: &mut Tx, account: &str, m: &Mark, last: Instant) -> Result<bool, StoreError> {
    let moved = on!(tx, c => sqlx::query(
        "UPDATE gateway_marks SET read_at = $2, uptime = $3, handed = $4, waiting = $5, received = $6, taken = $7,
            sent = $8, since = $9, stored = $10, given = $11, in_ahead = $12, in_owed = $13, out_ahead = $14,
            out_owed = $15
         WHERE account = $1 AND read_at = $16")
        .bind(account).bind(m.read_at).bind(m.uptime).bind(m.handed).bind(m.waiting).bind(m.received).bind(m.taken)
        .bind(m.sent).bind(m.since).bind(m.stored).bind(m.given).bind(m.in_ahead).bind(m.in_owed).bind(m.out_ahead)
        .bind(m.out_owed).bind(last).execute(c).await?.rows_affected());
    Ok(moved == 1)
}
