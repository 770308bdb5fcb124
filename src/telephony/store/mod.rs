//! SQL of calls, agents' telephones, recordings and promises to call back.
mod agents;
pub mod day;
mod pauses;
mod recordings;

use channels::phone::CallEvent;

use super::model::{CallRow, CallbackRow};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

pub use agents::*;
pub use pauses::*;
pub use recordings::*;

macro_rules! call_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, call, account, direction, caller, caller_name, called, queue, agent, stage, outcome, started_at,
                    answered_at, ended_at, wait_seconds, talk_seconds, recordings, heard_at, settle_at, chosen_id,
                    ticket_id, contact_id, paused_at
             FROM calls ", $rest)
    };
}

/// A call by its name, made if nobody told of it before, and locked until the end of the transaction.
pub async fn lock_call(tx: &mut Tx, call: &str, account: &str, now: Instant) -> Result<CallRow, StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO calls (call, account, started_at, heard_at) VALUES ($1, $2, $3, $3) ON CONFLICT (call) DO NOTHING")
        .bind(call).bind(account).bind(now).execute(c).await.map(drop))?;
    let sql = tx.pick(call_sql!("WHERE call = $1"), call_sql!("WHERE call = $1 FOR UPDATE"));
    Ok(on!(tx, c => sqlx::query_as::<_, CallRow>(sql).bind(call).fetch_one(c).await)?)
}

/// A call by row id.
pub async fn call(conn: &mut Conn, id: i64) -> Result<Option<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(call_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// A call by its name.
pub async fn call_by_name(conn: &mut Conn, call: &str) -> Result<Option<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(call_sql!("WHERE call = $1")).bind(call).fetch_optional(c).await)?)
}

/// The call that became a contact.
pub async fn call_of_contact(conn: &mut Conn, contact: i64) -> Result<Option<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(call_sql!("WHERE contact_id = $1 ORDER BY id LIMIT 1"))
        .bind(contact).fetch_optional(c).await)?)
}

/// For how long the last calls that were answered were talked, on average.
pub async fn talk_seconds(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, Option<i64>>(
        "SELECT CAST(AVG(talk_seconds) AS BIGINT) FROM (SELECT talk_seconds FROM calls ORDER BY id DESC LIMIT 100) AS last
         WHERE talk_seconds > 0").fetch_one(c).await)?)
}

/// Saves what the events of a call say, and when its contact is due.
pub async fn save_call(tx: &mut Tx, row: &CallRow) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE calls SET direction = $2, caller = $3, caller_name = $4, called = $5, queue = $6, agent = $7,
            stage = $8, outcome = $9, started_at = $10, answered_at = $11, ended_at = $12, wait_seconds = $13,
            talk_seconds = $14, recordings = $15, heard_at = $16, settle_at = $17
         WHERE id = $1")
        .bind(row.id).bind(&row.direction).bind(&row.caller).bind(&row.caller_name).bind(&row.called).bind(&row.queue)
        .bind(&row.agent).bind(&row.stage).bind(&row.outcome).bind(row.started_at).bind(row.answered_at)
        .bind(row.ended_at).bind(row.wait_seconds).bind(row.talk_seconds).bind(&row.recordings).bind(row.heard_at)
        .bind(row.settle_at)
        .execute(c).await.map(drop))?;
    Ok(())
}

fn unreadable(_: serde_json::Error) -> StoreError {
    StoreError::Inconsistent { table: "call_events", column: "data" }
}

/// What was told of a call.
pub async fn events(conn: &mut Conn, call: &str) -> Result<Vec<CallEvent>, StoreError> {
    let rows = on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT data FROM call_events WHERE call = $1 ORDER BY id LIMIT 1000").bind(call).fetch_all(c).await)?;
    rows.iter().map(|data| serde_json::from_str(data).map_err(unreadable)).collect()
}

/// An event that was told, or told earlier than known so far.
pub async fn save_event(
    tx: &mut Tx,
    event: &CallEvent,
    account: &str,
    raw: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let data = serde_json::to_string(event).map_err(unreadable)?;
    on!(tx, c => sqlx::query(
        "INSERT INTO call_events (call, kind, event, account, received_at, data, raw) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (call, kind, event) DO UPDATE SET data = excluded.data, raw = excluded.raw")
        .bind(&event.call).bind(event.kind.name()).bind(&event.id).bind(account).bind(now).bind(data).bind(raw)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Calls that go on, the oldest first.
pub async fn live_calls(conn: &mut Conn) -> Result<Vec<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(call_sql!("WHERE stage <> 'ended' ORDER BY id LIMIT 20000"))
        .fetch_all(c).await)?)
}

/// The last calls, the newest first, before a row id.
pub async fn last_calls(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(call_sql!("WHERE id < $1 ORDER BY id DESC LIMIT $2"))
        .bind(before).bind(limit).fetch_all(c).await)?)
}

/// The last calls that an account told of, the newest first.
pub async fn calls_of_account(conn: &mut Conn, account: &str, limit: i64) -> Result<Vec<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(call_sql!("WHERE account = $1 ORDER BY id DESC LIMIT $2"))
        .bind(account).bind(limit).fetch_all(c).await)?)
}

/// Calls whose contact is due, and calls of which nothing was heard for long.
pub async fn due_calls(conn: &mut Conn, now: Instant, limit: i64) -> Result<Vec<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(
        call_sql!("WHERE settle_at IS NOT NULL AND settle_at <= $1 ORDER BY settle_at, id LIMIT $2"))
        .bind(now).bind(limit).fetch_all(c).await)?)
}

/// Calls that go on and of which nothing was heard since an instant.
pub async fn silent_calls(conn: &mut Conn, since: Instant) -> Result<Vec<CallRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallRow>(
        call_sql!("WHERE stage <> 'ended' AND heard_at < $1 ORDER BY id LIMIT 100")).bind(since).fetch_all(c).await)?)
}

/// The contact of a call was made, unless something was heard of it meanwhile.
pub async fn settled(
    tx: &mut Tx,
    row: &CallRow,
    ticket: Option<i64>,
    contact: Option<i64>,
    again_at: Option<Instant>,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE calls SET ticket_id = COALESCE($2, ticket_id), contact_id = COALESCE($3, contact_id),
            settle_at = CASE WHEN settle_at = $4 THEN $5 ELSE settle_at END
         WHERE id = $1")
        .bind(row.id).bind(ticket).bind(contact).bind(row.settle_at).bind(again_at).execute(c).await.map(drop))?;
    Ok(())
}

/// The agent's choice of a ticket.
pub async fn choose_ticket(tx: &mut Tx, call: i64, ticket: i64) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE calls SET chosen_id = $2 WHERE id = $1 AND contact_id IS NULL")
        .bind(call).bind(ticket).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The ticket that an agent opened for, or on which they noted, a telephone contact of somebody with this number
/// between two instants.
pub async fn ticket_noted_by(
    conn: &mut Conn,
    agent: i64,
    number: &str,
    from: Instant,
    to: Instant,
) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT k.ticket_id FROM identifiers i JOIN contacts k ON k.person_id = i.person_id
         WHERE i.kind = 'phone' AND i.value = $2 AND k.author_id = $1 AND k.channel = 'phone'
           AND k.created_at BETWEEN $3 AND $4 ORDER BY k.id DESC LIMIT 1")
        .bind(agent).bind(number).bind(from).bind(to).fetch_optional(c).await)?)
}

/// Row id of the contact and code of its ticket that a message on the answering machine became.
pub async fn voicemail_contact(conn: &mut Conn, call: &str) -> Result<Option<(i64, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64)>(
        "SELECT k.id, k.ticket_id
         FROM call_events e JOIN raw_items r ON r.account = e.account
           AND (r.external_id = e.call OR r.external_id = e.call || ':' || SUBSTR(e.event, 10))
         JOIN contacts k ON k.raw_id = r.id
         WHERE e.call = $1 AND e.kind = 'recorded' ORDER BY k.id LIMIT 1")
        .bind(call).fetch_optional(c).await)?)
}

/// Says in a contact that was made too early what is known now.
pub async fn rewrite_contact(tx: &mut Tx, contact: i64, subject: &str, body: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE contacts SET subject = $2, body = $3 WHERE id = $1 AND body <> $3")
        .bind(contact).bind(subject).bind(body).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// A new promise to call back; `false` when this call has one.
pub async fn insert_callback(
    tx: &mut Tx,
    call: i64,
    ticket: i64,
    number: &str,
    reason: &str,
    due_at: Instant,
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO callbacks (call_id, ticket_id, number, reason, due_at, state, created_at)
         VALUES ($1, $2, $3, $4, $5, 'open', $6) ON CONFLICT (call_id) DO NOTHING")
        .bind(call).bind(ticket).bind(number).bind(reason).bind(due_at).bind(now)
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

macro_rules! callback_sql {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.ticket_id, t.code, b.number, b.reason, b.due_at, b.state, b.attempts,
                    b.told, b.created_at
             FROM callbacks b JOIN tickets t ON t.id = b.ticket_id ",
            $rest
        )
    };
}

/// Open promises, the first due first.
pub async fn open_callbacks(conn: &mut Conn, limit: i64) -> Result<Vec<CallbackRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallbackRow>(
        callback_sql!("WHERE b.state = 'open' ORDER BY b.due_at, b.id LIMIT $1")).bind(limit).fetch_all(c).await)?)
}

/// The open promise to a number.
pub async fn callback_of(conn: &mut Conn, number: &str) -> Result<Option<CallbackRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallbackRow>(
        callback_sql!("WHERE b.state = 'open' AND b.number = $1 ORDER BY b.id LIMIT 1"))
        .bind(number).fetch_optional(c).await)?)
}

/// The promises of a ticket and of those that go on in it, oldest first.
pub async fn callbacks_of_ticket(conn: &mut Conn, ticket: i64) -> Result<Vec<CallbackRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, CallbackRow>(
        callback_sql!("WHERE b.ticket_id = $1 OR t.merged_into_id = $1 ORDER BY b.id LIMIT 50"))
        .bind(ticket).fetch_all(c).await)?)
}

/// Whether somebody of the office wrote to the citizen of a ticket since an instant.
pub async fn was_answered(conn: &mut Conn, ticket: i64, since: Instant) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM contacts WHERE ticket_id = $1 AND direction = 'out' AND author_id IS NOT NULL
         AND leg_id IS NULL AND created_at >= $2 LIMIT 1").bind(ticket).bind(since).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// A promise by row id, locked until the end of the transaction.
pub async fn lock_callback(tx: &mut Tx, id: i64) -> Result<Option<CallbackRow>, StoreError> {
    let sql = tx.pick(callback_sql!("WHERE b.id = $1"), callback_sql!("WHERE b.id = $1 FOR UPDATE OF b"));
    Ok(on!(tx, c => sqlx::query_as::<_, CallbackRow>(sql).bind(id).fetch_optional(c).await)?)
}

/// Saves where a promise stands.
pub async fn save_callback(tx: &mut Tx, b: &CallbackRow, now: Instant) -> Result<(), StoreError> {
    let closed = (b.state != "open").then_some(now);
    on!(tx, c => sqlx::query(
        "UPDATE callbacks SET due_at = $2, state = $3, attempts = $4, closed_at = $5, told = $6 WHERE id = $1")
        .bind(b.id).bind(b.due_at).bind(&b.state).bind(b.attempts).bind(closed).bind(&b.told).execute(c).await.map(drop))?;
    Ok(())
}

/// Closes the open promises of one call.
pub async fn drop_callback(tx: &mut Tx, call: i64, state: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE callbacks SET state = $2, closed_at = $3 WHERE call_id = $1 AND state = 'open'")
        .bind(call).bind(state).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Logs an attempt; `false` when the same call was logged before.
pub async fn insert_attempt(
    tx: &mut Tx,
    callback: i64,
    call: Option<i64>,
    user: Option<i64>,
    outcome: &str,
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO callback_attempts (callback_id, call_id, at, user_id, outcome) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING")
        .bind(callback).bind(call).bind(now).bind(user).bind(outcome).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The attempts of a promise, in order: when, who, what came of it.
pub async fn attempts(conn: &mut Conn, callback: i64) -> Result<Vec<(Instant, String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (Instant, String, String)>(
        "SELECT a.at, COALESCE(u.name, ''), a.outcome FROM callback_attempts a LEFT JOIN users u ON u.id = a.user_id
         WHERE a.callback_id = $1 ORDER BY a.id LIMIT 50").bind(callback).fetch_all(c).await)?)
}
