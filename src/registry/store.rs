//! SQL of the register.
use sqlx::FromRow;

use super::model::RegistrationRow;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

macro_rules! row_sql {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.contact_id, r.origin, r.register, r.year, r.number, r.day, r.registered_at,
                    COALESCE(u.name, '') AS registered_by, r.direction, r.channel, r.sender, r.recipients, r.subject,
                    r.received_number, r.received_day, r.documents, r.sha256, x.at AS cancelled_at,
                    COALESCE(v.name, '') AS cancelled_by, COALESCE(x.reason, '') AS cancel_reason,
                    COALESCE(x.act, '') AS cancel_act
             FROM registrations r LEFT JOIN users u ON u.id = r.user_id
             LEFT JOIN registration_cancellations x ON x.registration_id = r.id LEFT JOIN users v ON v.id = x.user_id ",
            $rest
        )
    };
}

/// The contact to be registered, with what the register takes from it.
#[derive(Debug, Clone, FromRow)]
pub struct Subject {
    pub id: i64,
    pub ticket_id: i64,
    pub code: String,
    pub direction: String,
    pub channel: String,
    pub leg_id: Option<i64>,
    pub from_name: String,
    pub from_address: String,
    pub to_address: String,
    pub subject: String,
    pub ticket_subject: String,
    pub person: String,
    pub body: String,
    pub raw_id: Option<i64>,
}

/// A contact by row id.
pub async fn contact(conn: &mut Conn, id: i64) -> Result<Option<Subject>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, Subject>(
        "SELECT k.id, k.ticket_id, t.code, k.direction, k.channel, k.leg_id, k.from_name, k.from_address, k.to_address,
                k.subject, t.subject AS ticket_subject, COALESCE(p.name, '') AS person, k.body, k.raw_id
         FROM contacts k JOIN tickets t ON t.id = k.ticket_id LEFT JOIN persons p ON p.id = k.person_id WHERE k.id = $1")
        .bind(id).fetch_optional(c).await)?)
}

/// Keeps others from registering or rearranging a contact until the end of the transaction.
pub async fn lock_contact(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    let sql = tx.pick("SELECT id FROM contacts WHERE id = $1", "SELECT id FROM contacts WHERE id = $1 FOR UPDATE");
    on!(tx, c => sqlx::query_scalar::<_, i64>(sql).bind(id).fetch_optional(c).await.map(drop))?;
    Ok(())
}

/// Name, size and blob of the files of a contact, in order.
pub async fn files(conn: &mut Conn, contact: i64) -> Result<Vec<(String, i64, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, i64, String)>(
        "SELECT name, size, blob FROM attachments WHERE contact_id = $1 ORDER BY position, id")
        .bind(contact).fetch_all(c).await)?)
}

/// Size, bytes or blob of the raw item a contact came from.
pub async fn raw(conn: &mut Conn, id: i64) -> Result<Option<(i64, Option<Vec<u8>>, Option<String>)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, Option<Vec<u8>>, Option<String>)>(
        "SELECT size, body, blob FROM raw_items WHERE id = $1").bind(id).fetch_optional(c).await)?)
}

/// Blob of the pages that were printed for a contact.
pub async fn printed(conn: &mut Conn, contact: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, String>(
        "SELECT p.blob FROM printings p JOIN outbox o ON o.id = p.outbox_id WHERE o.contact_id = $1 ORDER BY o.id DESC LIMIT 1")
        .bind(contact).fetch_optional(c).await)?)
}

/// Takes the next number of a year; whoever asks at the same time waits. Answers number and instant, which never
/// goes back while numbers grow.
pub async fn next_number(tx: &mut Tx, register: &str, year: i64, now: Instant) -> Result<(i64, Instant), StoreError> {
    Ok(on!(tx, c => sqlx::query_as::<_, (i64, Instant)>(
        "INSERT INTO registers (code, year, last_number, last_at) VALUES ($1, $2, 1, $3)
         ON CONFLICT (code, year) DO UPDATE SET last_number = registers.last_number + 1,
            last_at = CASE WHEN registers.last_at > excluded.last_at THEN registers.last_at ELSE excluded.last_at END
         RETURNING last_number, last_at")
        .bind(register).bind(year).bind(now).fetch_one(c).await)?)
}

/// A registration about to be written.
#[derive(Debug, Clone)]
pub struct NewRow {
    pub contact_id: i64,
    pub origin: &'static str,
    pub register: String,
    pub year: i64,
    pub number: String,
    pub day: String,
    pub registered_at: Instant,
    pub user_id: Option<i64>,
    pub direction: String,
    pub channel: String,
    pub sender: String,
    pub recipients: String,
    pub subject: String,
    pub received_number: String,
    pub received_day: String,
    pub documents: String,
    pub sha256: String,
}

/// Writes a registration; `None` when the number is somebody else's.
pub async fn insert(tx: &mut Tx, r: &NewRow) -> Result<Option<i64>, StoreError> {
    Ok(on!(tx, c => sqlx::query_scalar::<_, i64>(
        "INSERT INTO registrations (contact_id, origin, register, year, number, day, registered_at, user_id, direction,
            channel, sender, recipients, subject, received_number, received_day, documents, sha256)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (register, year, number) DO NOTHING RETURNING id")
        .bind(r.contact_id).bind(r.origin).bind(&r.register).bind(r.year).bind(&r.number).bind(&r.day)
        .bind(r.registered_at).bind(r.user_id).bind(&r.direction).bind(&r.channel).bind(&r.sender).bind(&r.recipients)
        .bind(&r.subject).bind(&r.received_number).bind(&r.received_day).bind(&r.documents).bind(&r.sha256)
        .fetch_optional(c).await)?)
}

/// A registration by row id.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<RegistrationRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RegistrationRow>(row_sql!("WHERE r.id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// The registrations of a contact, the one that holds first.
pub async fn of_contact(conn: &mut Conn, contact: i64) -> Result<Vec<RegistrationRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RegistrationRow>(
        row_sql!("WHERE r.contact_id = $1 ORDER BY CASE WHEN x.at IS NULL THEN 0 ELSE 1 END, r.id DESC"))
        .bind(contact).fetch_all(c).await)?)
}

/// The registrations that hold of the contacts of a ticket between two contact ids (both included).
pub async fn of_ticket(
    conn: &mut Conn,
    ticket: i64,
    first: i64,
    last: i64,
) -> Result<Vec<RegistrationRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RegistrationRow>(
        row_sql!("JOIN contacts k ON k.id = r.contact_id
             WHERE k.ticket_id = $1 AND k.id BETWEEN $2 AND $3 AND x.at IS NULL"))
        .bind(ticket).bind(first).bind(last).fetch_all(c).await)?)
}

/// The registrations of some days (both included) after a row id, in the order they were made.
pub async fn of_days(
    conn: &mut Conn,
    from: &str,
    to: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<RegistrationRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RegistrationRow>(
        row_sql!("WHERE r.day BETWEEN $1 AND $2 AND r.id > $3 ORDER BY r.id LIMIT $4"))
        .bind(from).bind(to).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Registrations with a number, of a year or, with 0, of any; the newest first.
pub async fn by_number(conn: &mut Conn, number: &str, year: i64) -> Result<Vec<RegistrationRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, RegistrationRow>(
        row_sql!("WHERE r.number = $1 AND (r.year = $2 OR $2 = 0) ORDER BY r.id DESC LIMIT 50"))
        .bind(number).bind(year).fetch_all(c).await)?)
}

/// Marks a registration as cancelled; `false` when it is already.
pub async fn cancel(
    tx: &mut Tx,
    id: i64,
    user: Option<i64>,
    reason: &str,
    act: &str,
    now: Instant,
) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "INSERT INTO registration_cancellations (registration_id, at, user_id, reason, act) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING")
        .bind(id).bind(now).bind(user).bind(reason).bind(act).execute(c).await?.rows_affected());
    Ok(rows == 1)
}
