//! SQL of the outbox.
pub mod day;
mod receipts;

use sqlx::FromRow;

use super::{MailPayload, NewCall, NewMail, NewMessage};
use crate::kernel::database::{Conn, Rows, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

pub use receipts::{NewReceipt, ReceiptRow, insert_receipt, receipts_counted, receipts_of_ticket};

/// A message of the outbox.
#[derive(Debug, Clone, Default, FromRow)]
pub struct OutboxRow {
    pub id: i64,
    pub lane: String,
    pub purpose: String,
    pub ticket_id: Option<i64>,
    pub contact_id: Option<i64>,
    pub leg_id: Option<i64>,
    pub recipient: String,
    pub payload: String,
    /// `pending`, `queued` (to be printed and posted), `sent`, `delivered`, `failed`, `cancelled`.
    pub state: String,
    pub attempts: i64,
    pub run_at: Instant,
    pub message_id: Option<String>,
    pub provider_note: String,
    pub last_error: String,
    pub created_at: Instant,
    pub settled_at: Option<Instant>,
}

macro_rules! columns {
    () => {
        "id, lane, purpose, ticket_id, contact_id, leg_id, recipient, payload, state, attempts, run_at,
         message_id, provider_note, last_error, created_at, settled_at"
    };
}

macro_rules! row_sql {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM outbox ", $rest)
    };
}

/// A new message, due at once.
pub async fn insert(tx: &mut Tx, mail: &NewMail, now: Instant) -> Result<i64, StoreError> {
    let stored = rows(std::slice::from_ref(mail), now)?.insert_returning::<(i64,)>(tx, "RETURNING id").await?;
    stored.first().map(|(id,)| *id).ok_or(StoreError::Inconsistent { table: "outbox", column: "id" })
}

/// New mails as rows, due at once.
pub fn rows(mails: &[NewMail], now: Instant) -> Result<Rows, StoreError> {
    const COLUMNS: &[&str] = &[
        "lane",
        "purpose",
        "ticket_id",
        "contact_id",
        "leg_id",
        "recipient",
        "payload",
        "state",
        "run_at",
        "message_id",
        "created_at",
    ];
    let mut rows = Rows::of("outbox", COLUMNS);
    for mail in mails {
        let payload = serde_json::to_string(&mail.payload)
            .map_err(|_| StoreError::Inconsistent { table: "outbox", column: "payload" })?;
        rows.push([
            "email".into(),
            mail.purpose.as_str().into(),
            mail.ticket_id.into(),
            mail.contact_id.into(),
            mail.leg_id.into(),
            mail.recipient.clone().into(),
            payload.into(),
            "pending".into(),
            now.into(),
            mail.message_id.clone().into(),
            now.into(),
        ]);
    }
    Ok(rows)
}

/// A new mail about no ticket, due at once.
pub async fn insert_notice(
    tx: &mut Tx,
    recipient: &str,
    payload: &MailPayload,
    message_id: &str,
    now: Instant,
) -> Result<i64, StoreError> {
    let payload =
        serde_json::to_string(payload).map_err(|_| StoreError::Inconsistent { table: "outbox", column: "payload" })?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO outbox (lane, purpose, recipient, payload, state, run_at, message_id, created_at)
         VALUES ('email', 'notice', $1, $2, 'pending', $3, $4, $3) RETURNING id")
        .bind(recipient).bind(payload).bind(now).bind(message_id).fetch_one(c).await)?)
}

/// A new message by a channel account, due at once.
pub async fn insert_message(tx: &mut Tx, message: &NewMessage, now: Instant) -> Result<i64, StoreError> {
    let payload = serde_json::to_string(&message.payload)
        .map_err(|_| StoreError::Inconsistent { table: "outbox", column: "payload" })?;
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO outbox (lane, purpose, ticket_id, contact_id, leg_id, recipient, payload, state, run_at, message_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $8) RETURNING id")
        .bind(super::account_lane(&message.account)).bind(message.purpose.as_str()).bind(message.ticket_id)
        .bind(message.contact_id).bind(message.leg_id).bind(&message.recipient).bind(payload).bind(now)
        .bind(&message.message_id).fetch_one(c).await)?)
}

/// A new call to another system, due at once.
pub async fn insert_call(tx: &mut Tx, call: &NewCall, now: Instant) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO outbox (lane, purpose, ticket_id, leg_id, recipient, payload, state, run_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $7) RETURNING id")
        .bind(&call.lane).bind(call.purpose.as_str()).bind(call.ticket_id).bind(call.leg_id).bind(&call.recipient)
        .bind(&call.payload).bind(now).fetch_one(c).await)?)
}

/// The same message once more, to another recipient, due at once.
pub async fn insert_again(tx: &mut Tx, row: &OutboxRow, recipient: &str, now: Instant) -> Result<i64, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO outbox (lane, purpose, ticket_id, contact_id, leg_id, recipient, payload, state, run_at, message_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $8) RETURNING id")
        .bind(&row.lane).bind(&row.purpose).bind(row.ticket_id).bind(row.contact_id).bind(row.leg_id)
        .bind(recipient).bind(&row.payload).bind(now).bind(&row.message_id)
        .fetch_one(c).await)?)
}

/// The messages of a ticket, oldest first.
pub async fn of_ticket(conn: &mut Conn, ticket: i64) -> Result<Vec<OutboxRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, OutboxRow>(row_sql!("WHERE ticket_id = $1 ORDER BY id LIMIT 500"))
        .bind(ticket).fetch_all(c).await)?)
}

/// A message by row id.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<OutboxRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, OutboxRow>(row_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// A message by row id, locked until the end of the transaction.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Option<OutboxRow>, StoreError> {
    let sql = tx.pick(row_sql!("WHERE id = $1"), row_sql!("WHERE id = $1 FOR UPDATE"));
    Ok(on!(tx, c => sqlx::query_as::<_, OutboxRow>(sql).bind(id).fetch_optional(c).await)?)
}

/// The messages sent under a Message-ID, the newest first: more than one after a resending.
pub async fn by_message_id(conn: &mut Conn, message_id: &str) -> Result<Vec<OutboxRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, OutboxRow>(row_sql!("WHERE message_id = $1 ORDER BY id DESC LIMIT 20"))
        .bind(message_id).fetch_all(c).await)?)
}

/// The newest message that a lane's provider knows under an id.
pub async fn by_provider_id(conn: &mut Conn, lane: &str, provider_id: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM outbox WHERE provider_id = $2 AND lane = $1 ORDER BY id DESC LIMIT 1")
        .bind(lane).bind(provider_id).fetch_optional(c).await)?)
}

/// Names, drivers and settings (JSON) of the channel accounts that work now.
pub async fn enabled_accounts(conn: &mut Conn) -> Result<Vec<(String, String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String, String)>(
        "SELECT name, driver, settings FROM channel_accounts WHERE enabled ORDER BY name").fetch_all(c).await)?)
}

/// Whether a lane has something to send that nobody holds.
pub async fn any_due(conn: &mut Conn, lane: &str, now: Instant) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM outbox WHERE lane = $1 AND state = 'pending' AND run_at <= $2
           AND (leased_until IS NULL OR leased_until < $2) ORDER BY run_at, id LIMIT 1")
        .bind(lane).bind(now).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Takes due messages for `holder` until an instant and counts the attempt.
pub async fn lease(
    tx: &mut Tx,
    lane: &str,
    holder: &str,
    now: Instant,
    until: Instant,
    limit: i64,
) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = tx.pick(
        concat!(
            "UPDATE outbox SET leased_by = $1, leased_until = $2, attempts = attempts + 1 WHERE id IN (
               SELECT id FROM outbox WHERE lane = $3 AND state = 'pending' AND run_at <= $4
                 AND (leased_until IS NULL OR leased_until < $4) ORDER BY run_at, id LIMIT $5)
             RETURNING ",
            columns!()
        ),
        concat!(
            "UPDATE outbox SET leased_by = $1, leased_until = $2, attempts = attempts + 1 WHERE id IN (
               SELECT id FROM outbox WHERE lane = $3 AND state = 'pending' AND run_at <= $4
                 AND (leased_until IS NULL OR leased_until < $4) ORDER BY run_at, id LIMIT $5
               FOR UPDATE SKIP LOCKED)
             RETURNING ",
            columns!()
        ),
    );
    let mut rows = on!(tx, c => sqlx::query_as::<_, OutboxRow>(sql)
        .bind(holder).bind(until).bind(lane).bind(now).bind(limit).fetch_all(c).await)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Keeps what `holder` has in hand.
pub async fn renew(tx: &mut Tx, lane: &str, holder: &str, until: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE outbox SET leased_until = $3 WHERE lane = $1 AND leased_by = $2 AND state = 'pending' AND leased_until IS NOT NULL")
        .bind(lane).bind(holder).bind(until).execute(c).await.map(drop))?;
    Ok(())
}

/// What is written after an attempt.
#[derive(Debug)]
pub struct Settled<'a> {
    pub state: &'static str,
    /// The id under which the provider knows the message from now on.
    pub provider_id: Option<&'a str>,
    pub note: &'a str,
    pub words: &'a str,
    pub run_at: Instant,
    pub now: Instant,
}

/// Writes the outcome of an attempt; `false` when the row is no longer in its hands.
pub async fn settle(tx: &mut Tx, row: &OutboxRow, holder: &str, s: &Settled<'_>) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE outbox SET state = $4, provider_note = $5, last_error = $6, run_at = $7, leased_by = NULL,
            leased_until = NULL, settled_at = CASE WHEN $4 = 'pending' THEN NULL ELSE $8 END,
            provider_id = COALESCE($9, provider_id)
         WHERE id = $1 AND leased_by = $2 AND attempts = $3 AND state = 'pending'")
        .bind(row.id).bind(holder).bind(row.attempts).bind(s.state).bind(s.note).bind(s.words).bind(s.run_at).bind(s.now)
        .bind(s.provider_id)
        .execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Makes a message that nobody holds due at once; `false` when somebody does, or it is not waiting.
pub async fn make_due(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'pending', attempts = 0, run_at = $2, leased_by = NULL, leased_until = NULL, settled_at = NULL
         WHERE id = $1 AND state IN ('failed', 'pending') AND (leased_until IS NULL OR leased_until < $2)")
        .bind(id).bind(now).execute(c).await?.rows_affected());
    if rows == 1 {
        receipts::begin_again(tx, id).await?;
    }
    Ok(rows == 1)
}

/// Gives a message up that nobody holds; `false` when somebody does, or it is not waiting.
pub async fn cancel(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'cancelled', settled_at = $2, leased_by = NULL, leased_until = NULL
         WHERE id = $1 AND state IN ('failed', 'pending', 'queued') AND (leased_until IS NULL OR leased_until < $2)")
        .bind(id).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Moves a row as a report about it says.
pub async fn set_reported(tx: &mut Tx, id: i64, state: &str, words: &str, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE outbox SET state = $2, last_error = $3, settled_at = $4, leased_by = NULL, leased_until = NULL WHERE id = $1")
        .bind(id).bind(state).bind(words).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Failed messages before a row id, the newest first.
pub async fn failed(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, OutboxRow>(
        row_sql!("WHERE state = 'failed' AND id < $1 ORDER BY id DESC LIMIT $2"))
        .bind(before).bind(limit).fetch_all(c).await)?)
}

/// Messages still to be sent after a row id, the oldest first.
pub async fn waiting(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, OutboxRow>(
        row_sql!("WHERE state = 'pending' AND id > $1 ORDER BY id LIMIT $2"))
        .bind(after).bind(limit).fetch_all(c).await)?)
}

/// How the outbox stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Standing {
    pub pending: i64,
    pub failed: i64,
    /// When the oldest message that is due was written.
    pub oldest: Option<Instant>,
}

/// Counts what waits and what failed: both are few, and indexed apart from the rest.
pub async fn standing(conn: &mut Conn) -> Result<Standing, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Standing>(
        "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'pending') AS pending,
                (SELECT COUNT(*) FROM outbox WHERE state = 'failed') AS failed,
                (SELECT MIN(created_at) FROM outbox WHERE state = 'pending') AS oldest")
        .fetch_one(c).await)?)
}

/// Marks every message that still waits as sent, a moment after it was written; answers how many. For
/// histories that are told after the fact: nothing of them may leave.
pub async fn settle_as_sent(tx: &mut Tx) -> Result<u64, StoreError> {
    const MOMENT: i64 = 4_000_000;
    Ok(on!(tx, c => sqlx::query(
        "UPDATE outbox SET state = 'sent', attempts = 1, settled_at = created_at + $1 WHERE state = 'pending'")
        .bind(MOMENT).execute(c).await?.rows_affected()))
}

/// The unit that owns a ticket.
pub async fn owner_of(conn: &mut Conn, ticket: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT owner_unit_id FROM tickets WHERE id = $1")
        .bind(ticket).fetch_optional(c).await)?)
}

/// Code and owner unit of a ticket, for lists of its messages.
pub async fn ticket_of(conn: &mut Conn, ticket: i64) -> Result<Option<(String, i64)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, i64)>("SELECT code, owner_unit_id FROM tickets WHERE id = $1")
        .bind(ticket).fetch_optional(c).await)?)
}

/// What somebody said of an address.
#[derive(Debug, Clone, FromRow)]
pub struct ConsentRow {
    /// given, withdrawn
    pub state: String,
    /// Stored name of a [`ConsentSource`](super::ConsentSource).
    pub source: String,
    pub at: Instant,
    /// Name of the agent who wrote it down.
    pub author: Option<String>,
}

impl ConsentRow {
    /// Whether the owner of the address sent STOP.
    pub fn is_stop(&self) -> bool {
        self.state == "withdrawn" && self.source == super::ConsentSource::Word.as_str()
    }
}

macro_rules! consent_sql {
    ($limit:literal) => {
        concat!(
            "SELECT c.state, c.source, c.at, u.name AS author FROM consents c LEFT JOIN users u ON u.id = c.user_id
                 WHERE c.channel = $1 AND c.address = $2 ORDER BY c.id DESC LIMIT ",
            $limit
        )
    };
}

/// What holds of an address.
pub async fn latest_consent(conn: &mut Conn, channel: &str, address: &str) -> Result<Option<ConsentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ConsentRow>(consent_sql!("1"))
        .bind(channel).bind(address).fetch_optional(c).await)?)
}

/// What was said of an address, newest first.
pub async fn consents_of(conn: &mut Conn, channel: &str, address: &str) -> Result<Vec<ConsentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ConsentRow>(consent_sql!("20"))
        .bind(channel).bind(address).fetch_all(c).await)?)
}

/// Writes a consent down.
pub async fn insert_consent(
    tx: &mut Tx,
    new: &super::NewConsent<'_>,
    state: &str,
    user: Option<i64>,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO consents (channel, address, state, source, at, raw_id, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(new.channel).bind(new.address).bind(state).bind(new.source.as_str()).bind(now).bind(new.raw).bind(user)
        .execute(c).await.map(drop))?;
    Ok(())
}
