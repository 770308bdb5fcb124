//! SQL of intake: raw items, threads by Message-ID, automatic answers.
pub mod day;

use std::borrow::Cow;
use std::collections::HashMap;

use sqlx::FromRow;

use crate::kernel::database::{Conn, Rows, StoreError, Tx, Value};
use crate::kernel::time::Instant;
use crate::on;

/// Bytes up to which a raw item is kept in the database: it then needs no file of its own, and is as durable
/// as the commit that stored it.
pub const INLINE_BYTES: usize = 64 * 1024;

/// A raw item about to be stored.
#[derive(Debug, Clone)]
pub struct NewRaw {
    pub channel: String,
    pub account: String,
    pub external_id: String,
    pub received_at: Instant,
    pub size: i64,
    pub body: Option<Vec<u8>>,
    pub blob: Option<String>,
    /// `stored` when it is still to be parsed, `done` when its contact is in the same transaction,
    /// `quarantined` when it cannot be parsed.
    pub state: &'static str,
}

/// Stores a raw item; `None` when the account handed over one of that name before.
pub async fn insert_raw(tx: &mut Tx, raw: &NewRaw) -> Result<Option<i64>, StoreError> {
    Ok(insert_raws(tx, std::slice::from_ref(raw)).await?.into_values().next())
}

/// Stores raw items, each of another name; answers their row ids by account and name, without those that the
/// account handed over before.
pub async fn insert_raws(tx: &mut Tx, raws: &[NewRaw]) -> Result<HashMap<(String, String), i64>, StoreError> {
    let tail = "ON CONFLICT (account, external_id) DO NOTHING RETURNING account, external_id, id";
    let stored = raw_rows(raws).insert_returning::<(String, String, i64)>(tx, tail).await?;
    Ok(stored.into_iter().map(|(account, name, id)| ((account, name), id)).collect())
}

/// Raw items as rows.
pub fn raw_rows(raws: &[NewRaw]) -> Rows {
    const COLUMNS: &[&str] = &["channel", "account", "external_id", "received_at", "size", "body", "blob", "state"];
    let mut rows = Rows::of("raw_items", COLUMNS);
    for raw in raws.iter().cloned() {
        rows.push([
            raw.channel.into(),
            raw.account.into(),
            raw.external_id.into(),
            raw.received_at.into(),
            raw.size.into(),
            raw.body.into(),
            raw.blob.into(),
            raw.state.into(),
        ]);
    }
    rows
}

/// A plain contact as its rows will look up what is known of it.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub account: String,
    pub external_id: String,
    /// Kind and normal form of its sender's identifier.
    pub identifier: Option<(&'static str, String)>,
    /// The address its acknowledgement would go to.
    pub recipient: Option<String>,
    /// Language of that acknowledgement.
    pub language: &'static str,
}

/// What is known of a plain contact, and the row ids it takes if it is new.
#[derive(Debug, Clone, FromRow)]
pub struct Known {
    /// Which one it is, from one.
    pub place: i64,
    /// The raw item that its account handed over before under its name.
    pub raw_id: Option<i64>,
    pub person_id: Option<i64>,
    pub person_name: Option<String>,
    /// Automatic answers that its recipient had of late.
    pub answers: i64,
    /// The administration's own words for its acknowledgement.
    pub wording: Option<String>,
    pub new_raw: i64,
    pub new_person: i64,
    pub new_ticket: i64,
    pub new_contact: i64,
}

/// Looks up what is known of plain contacts, with row ids for what they will store; answers since `since` count.
pub async fn look_up(conn: &mut Conn, wanted: &[Wanted], since: Instant) -> Result<Vec<Known>, StoreError> {
    let mut rows = Rows::of("raw_items", &["place", "account", "name", "kind", "value", "recipient", "since", "lang"]);
    for (place, one) in (1_i64..).zip(wanted) {
        let (kind, value) = one.identifier.clone().unzip();
        rows.push([
            place.into(),
            one.account.clone().into(),
            one.external_id.clone().into(),
            Value::Text(kind.map(Cow::Borrowed)),
            value.into(),
            one.recipient.clone().into(),
            since.into(),
            one.language.into(),
        ]);
    }
    // Each look-up by itself: a join could be planned as a scan while the tables are small, and stay so.
    rows.ask(
        conn,
        "SELECT wanted.place,
                (SELECT r.id FROM raw_items r WHERE r.account = wanted.account AND r.external_id = wanted.name) AS raw_id,
                (SELECT i.person_id FROM identifiers i WHERE i.kind = wanted.kind AND i.value = wanted.value) AS person_id,
                (SELECT p.name FROM identifiers i JOIN persons p ON p.id = i.person_id
                 WHERE i.kind = wanted.kind AND i.value = wanted.value) AS person_name,
                (SELECT COUNT(*) FROM automatic_answers a
                 WHERE a.recipient = wanted.recipient AND a.at > wanted.since) AS answers,
                (SELECT w.text FROM wordings w
                 WHERE w.part = 'acknowledgement' AND w.channel = 'email' AND w.lang = wanted.lang
                 ORDER BY w.id DESC LIMIT 1) AS wording,
                @NEXT raw_items@ AS new_raw, @NEXT persons@ AS new_person, @NEXT tickets@ AS new_ticket,
                @NEXT contacts@ AS new_contact
         FROM wanted",
    )
    .await
}

/// The contact that came from a raw item of this name, the code its citizen knows, and whether it opened that
/// ticket.
pub async fn contact_of_raw(
    conn: &mut Conn,
    account: &str,
    external_id: &str,
) -> Result<Option<(i64, String, bool)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String, bool)>(
        "SELECT k.id, t.code, k.id = (SELECT MIN(first.id) FROM contacts first
                 WHERE first.ticket_id = k.ticket_id AND COALESCE(first.via_id, first.ticket_id) = t.id)
         FROM raw_items r JOIN contacts k ON k.raw_id = r.id JOIN tickets t ON t.id = COALESCE(k.via_id, k.ticket_id)
         WHERE r.account = $1 AND r.external_id = $2 ORDER BY k.id LIMIT 1")
        .bind(account).bind(external_id).fetch_optional(c).await)?)
}

/// Marks a raw item as taken in by a contact (its own, or one that another account brought before).
pub async fn raw_done(tx: &mut Tx, raw: i64, contact: Option<i64>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE raw_items SET state = 'done', contact_id = $2, reason = '' WHERE id = $1")
        .bind(raw).bind(contact).execute(c).await.map(drop))?;
    Ok(())
}

/// Lets ids of one message stand for what any of them stands for already.
pub async fn remember_aliases(tx: &mut Tx, ids: &[String]) -> Result<(), StoreError> {
    for known in ids {
        for alias in ids.iter().filter(|id| *id != known) {
            on!(tx, c => sqlx::query(
                "INSERT INTO message_ids (message_id, ticket_id, contact_id, leg_id)
                 SELECT $2, m.ticket_id, m.contact_id, m.leg_id FROM message_ids m
                 WHERE m.message_id = $1 ON CONFLICT DO NOTHING")
                .bind(known).bind(alias).execute(c).await.map(drop))?;
        }
    }
    Ok(())
}

/// What a Message-ID stands for.
#[derive(Debug, Clone, FromRow)]
pub struct KnownMessage {
    pub ticket_id: i64,
    pub contact_id: Option<i64>,
    pub leg_id: Option<i64>,
    /// Whether we wrote that message.
    pub ours: bool,
}

/// The tickets in which a Message-ID occurred.
pub async fn by_message_id(conn: &mut Conn, message_id: &str) -> Result<Vec<KnownMessage>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, KnownMessage>(
        "SELECT m.ticket_id, m.contact_id, m.leg_id, COALESCE(k.direction = 'out', m.contact_id IS NULL) AS ours
         FROM message_ids m LEFT JOIN contacts k ON k.id = m.contact_id
         WHERE m.message_id = $1 ORDER BY m.ticket_id DESC LIMIT 5")
        .bind(message_id).fetch_all(c).await)?)
}

/// Whether somebody takes part in a ticket: as its person, or by the address of one of its contacts.
pub async fn takes_part(conn: &mut Conn, ticket: i64, person: Option<i64>, address: &str) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM contacts WHERE ticket_id = $1 AND leg_id IS NULL AND direction IN ('in', 'out')
           AND ((person_id = $2 AND direction = 'in') OR LOWER(from_address) = $3 OR LOWER(to_address) = $3) LIMIT 1")
        .bind(ticket).bind(person).bind(address.to_lowercase()).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Row id of a leg by its number in a ticket.
pub async fn leg_by_number(conn: &mut Conn, ticket: i64, number: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT id FROM legs WHERE ticket_id = $1 AND number = $2")
        .bind(ticket).bind(number).fetch_optional(c).await)?)
}

/// Automatic answers an address got since an instant.
pub async fn automatic_answers_since(conn: &mut Conn, recipient: &str, since: Instant) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM automatic_answers WHERE recipient = $1 AND at > $2")
        .bind(recipient).bind(since).fetch_one(c).await)?)
}

/// Remembers that an address got an automatic answer.
pub async fn note_automatic_answer(tx: &mut Tx, recipient: &str, ticket: i64, now: Instant) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("INSERT INTO automatic_answers (recipient, ticket_id, at) VALUES ($1, $2, $3)")
        .bind(recipient).bind(ticket).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// A raw item as stored.
#[derive(Debug, Clone, FromRow)]
pub struct RawRow {
    pub id: i64,
    pub channel: String,
    pub account: String,
    pub external_id: String,
    pub received_at: Instant,
    /// Bytes of the item where it came from; more than are stored when only its headers were fetched.
    pub size: i64,
    pub body: Option<Vec<u8>>,
    pub blob: Option<String>,
    /// `stored`, `done`, `quarantined`, `discarded`.
    pub state: String,
    /// Why it is in quarantine: a code, then `: ` and words of whoever refused it.
    pub reason: String,
    pub attempts: i64,
    pub contact_id: Option<i64>,
}

macro_rules! raw_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, channel, account, external_id, received_at, size, body, blob, state, reason, attempts, contact_id
             FROM raw_items ", $rest)
    };
}

/// Whether items of a channel wait to be read.
pub async fn any_waiting_raw(conn: &mut Conn, channel: &str) -> Result<bool, StoreError> {
    let found = on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT id FROM raw_items WHERE state = 'stored' AND channel = $1 ORDER BY id LIMIT 1")
        .bind(channel).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Items of a channel that wait to be read, the oldest first.
pub async fn waiting_raw(conn: &mut Conn, channel: &str, limit: i64) -> Result<Vec<RawRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RawRow>(
        raw_sql!("WHERE state = 'stored' AND channel = $1 ORDER BY id LIMIT $2"))
        .bind(channel).bind(limit).fetch_all(c).await)?)
}

/// The latest batches of letters, the newest first.
pub async fn latest_letters(conn: &mut Conn, limit: i64) -> Result<Vec<RawRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RawRow>(raw_sql!("WHERE channel = 'letter' ORDER BY id DESC LIMIT $1"))
        .bind(limit).fetch_all(c).await)?)
}

/// Codes of the tickets on which the contacts of a raw item lie.
pub async fn tickets_of_raw(conn: &mut Conn, id: i64) -> Result<Vec<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT DISTINCT t.code FROM contacts k JOIN tickets t ON t.id = k.ticket_id WHERE k.raw_id = $1 LIMIT 500")
        .bind(id).fetch_all(c).await)?)
}

/// The account by which a raw item came.
pub async fn account_of_raw(conn: &mut Conn, id: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>("SELECT account FROM raw_items WHERE id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// A raw item by row id.
pub async fn raw(conn: &mut Conn, id: i64) -> Result<Option<RawRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RawRow>(raw_sql!("WHERE id = $1")).bind(id).fetch_optional(c).await)?)
}

/// Locks a raw item that still waits, to be read or in quarantine; `false` when somebody took it in before.
pub async fn lock_raw(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let sql = tx.pick(
        "SELECT id FROM raw_items WHERE id = $1 AND state IN ('stored', 'held', 'quarantined')",
        "SELECT id FROM raw_items WHERE id = $1 AND state IN ('stored', 'held', 'quarantined') FOR UPDATE",
    );
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(sql).bind(id).fetch_optional(c).await)?.is_some())
}

/// Holds a part of a message back until the others come.
pub async fn hold(tx: &mut Tx, id: i64, part_of: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE raw_items SET state = 'held', part_of = $2 WHERE id = $1 AND state IN ('stored', 'held')")
        .bind(id).bind(part_of).execute(c).await.map(drop))?;
    Ok(())
}

/// The parts of a message that are held.
pub async fn held(conn: &mut Conn, account: &str, part_of: &str, since: Instant) -> Result<Vec<RawRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RawRow>(
        raw_sql!("WHERE account = $1 AND part_of = $2 AND state = 'held' AND received_at >= $3 ORDER BY id LIMIT 256"))
        .bind(account).bind(part_of).bind(since).fetch_all(c).await)?)
}

/// A part of a message on a channel that has been held since before an instant.
pub async fn held_before(conn: &mut Conn, channel: &str, before: Instant) -> Result<Option<RawRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RawRow>(
        raw_sql!("WHERE state = 'held' AND channel = $1 AND received_at < $2 ORDER BY id LIMIT 1"))
        .bind(channel).bind(before).fetch_optional(c).await)?)
}

/// Counts an attempt to read each waiting item between two row ids, before it is made.
pub async fn count_attempts(tx: &mut Tx, channel: &str, first: i64, last: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE raw_items SET attempts = attempts + 1 WHERE state = 'stored' AND channel = $1 AND id BETWEEN $2 AND $3")
        .bind(channel).bind(first).bind(last).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes back an attempt that failed for no fault of the item.
pub async fn uncount_attempt(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE raw_items SET attempts = attempts - 1 WHERE id = $1 AND attempts > 0")
        .bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Puts a waiting item into quarantine; `false` when it no longer waits.
pub async fn quarantine_raw(tx: &mut Tx, id: i64, reason: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE raw_items SET state = 'quarantined', reason = $2 WHERE id = $1 AND state = 'stored'")
        .bind(id).bind(reason).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Moves an item out of quarantine, to `stored` or `discarded`; `false` when it is not there.
pub async fn release_raw(tx: &mut Tx, id: i64, state: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query("UPDATE raw_items SET state = $2, attempts = 0 WHERE id = $1 AND state = 'quarantined'")
        .bind(id).bind(state).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Items in quarantine before a row id, the newest first.
pub async fn quarantined(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<RawRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RawRow>(
        raw_sql!("WHERE state = 'quarantined' AND id < $1 ORDER BY id DESC LIMIT $2"))
        .bind(before).bind(limit).fetch_all(c).await)?)
}

/// How many items are in quarantine, and when the oldest came that waits to be read.
pub async fn raw_standing(conn: &mut Conn) -> Result<(i64, Option<Instant>), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, Option<Instant>)>(
        "SELECT (SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined'),
                (SELECT MIN(received_at) FROM raw_items WHERE state = 'stored')")
        .fetch_one(c).await)?)
}

/// The place reached in a mailbox: UIDVALIDITY and last UID.
pub async fn mailbox_cursor(conn: &mut Conn, account: &str) -> Result<Option<(i64, i64)>, StoreError> {
    Ok(
        on!(conn, c => sqlx::query_as::<_, (i64, i64)>("SELECT uid_validity, last_uid FROM mailboxes WHERE account = $1")
        .bind(account).fetch_optional(c).await)?,
    )
}

/// Saves the place reached in a mailbox.
pub async fn save_mailbox_cursor(
    tx: &mut Tx,
    account: &str,
    validity: i64,
    uid: i64,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO mailboxes (account, uid_validity, last_uid, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account) DO UPDATE SET uid_validity = excluded.uid_validity, last_uid = excluded.last_uid,
            updated_at = excluded.updated_at")
        .bind(account).bind(validity).bind(uid).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// A letter that is new on the desk.
pub async fn insert_letter(
    tx: &mut Tx,
    contact: i64,
    confidence: Option<i64>,
    barcodes: &str,
    received_at: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO letters (contact_id, state, version, confidence, barcodes, received_at) VALUES ($1, 'new', 1, $2, $3, $4)")
        .bind(contact).bind(confidence).bind(barcodes).bind(received_at).execute(c).await.map(drop))?;
    Ok(())
}

/// A page of a letter.
#[derive(Debug, Clone)]
pub struct NewPage {
    pub letter_id: i64,
    pub position: i64,
    /// The scan it lies in, and its number there, from 1.
    pub blob: String,
    pub number: i64,
    pub confidence: Option<i64>,
    /// As the program read it; `None` when it read nothing.
    pub read_text: Option<String>,
    /// JSON pairs of bytes.
    pub doubtful: String,
    pub text: String,
}

/// New pages of letters.
pub async fn insert_letter_pages(tx: &mut Tx, pages: &[NewPage]) -> Result<(), StoreError> {
    const COLUMNS: &[&str] =
        &["letter_id", "position", "blob", "number", "confidence", "read_text", "doubtful", "text"];
    let mut rows = Rows::of("letter_pages", COLUMNS);
    for page in pages.iter().cloned() {
        rows.push([
            page.letter_id.into(),
            page.position.into(),
            page.blob.into(),
            page.number.into(),
            page.confidence.into(),
            page.read_text.into(),
            page.doubtful.into(),
            page.text.into(),
        ]);
    }
    rows.insert(tx).await
}
