//! SQL of the letters' desk.
use sqlx::FromRow;

use super::model::{DOUBTFUL, Worklist};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// A letter with its contact and ticket.
#[derive(Debug, Clone, FromRow)]
pub struct LetterRow {
    /// Row id of the contact.
    pub id: i64,
    pub state: String,
    pub version: i64,
    pub confidence: Option<i64>,
    pub dated: String,
    pub sender_name: String,
    pub sender_address: String,
    pub barcodes: String,
    pub reason: String,
    pub joined_to: Option<i64>,
    pub received_at: Instant,
    pub subject: String,
    pub body: String,
    pub person_id: Option<i64>,
    pub person: String,
    pub ticket_id: i64,
    pub code: String,
    pub ticket_subject: String,
    /// Number and year under which it is registered, and the row; empty when it is not.
    pub registered: String,
    pub registration_id: Option<i64>,
    pub pages: i64,
}

macro_rules! letter_sql {
    ($rest:literal) => {
        concat!(
            "SELECT l.contact_id AS id, l.state, l.version, l.confidence, l.dated, l.sender_name, l.sender_address,
                    l.barcodes, l.reason, l.joined_to, l.received_at, k.subject, k.body, k.person_id,
                    COALESCE(p.name, '') AS person, k.ticket_id, t.code, t.subject AS ticket_subject,
                    COALESCE(r.number, '') AS registered, r.id AS registration_id,
                    (SELECT COUNT(*) FROM letter_pages g WHERE g.letter_id = l.contact_id) AS pages
             FROM letters l JOIN contacts k ON k.id = l.contact_id JOIN tickets t ON t.id = k.ticket_id
             LEFT JOIN persons p ON p.id = k.person_id
             LEFT JOIN registrations r ON r.contact_id = l.contact_id
                AND NOT EXISTS (SELECT 1 FROM registration_cancellations x WHERE x.registration_id = r.id) ",
            $rest
        )
    };
}

/// A letter by the row id of its contact.
pub async fn letter(conn: &mut Conn, id: i64) -> Result<Option<LetterRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, LetterRow>(letter_sql!("WHERE l.contact_id = $1"))
        .bind(id).fetch_optional(c).await)?)
}

/// The same, with its contact locked until the end of the transaction.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Option<LetterRow>, StoreError> {
    let sql = tx.pick("SELECT id FROM contacts WHERE id = $1", "SELECT id FROM contacts WHERE id = $1 FOR UPDATE");
    on!(tx, c => sqlx::query_scalar::<_, i64>(sql).bind(id).fetch_optional(c).await.map(drop))?;
    letter(tx, id).await
}

/// Letters of a list before a row id, the newest first.
pub async fn list(conn: &mut Conn, which: Worklist, before: i64, limit: i64) -> Result<Vec<LetterRow>, StoreError> {
    let below = if which == Worklist::Doubtful { DOUBTFUL } else { i64::MAX };
    let sql = match which {
        Worklist::New | Worklist::Doubtful => letter_sql!(
            "WHERE l.state = 'new' AND l.contact_id < $1 AND COALESCE(l.confidence, 0) < $3
             ORDER BY l.contact_id DESC LIMIT $2"
        ),
        Worklist::Unregistered => letter_sql!(
            "WHERE l.state IN ('new', 'worked') AND r.id IS NULL AND l.contact_id < $1
               AND COALESCE(l.confidence, 0) < $3 ORDER BY l.contact_id DESC LIMIT $2"
        ),
        Worklist::All => letter_sql!(
            "WHERE l.contact_id < $1 AND COALESCE(l.confidence, 0) < $3 ORDER BY l.contact_id DESC LIMIT $2"
        ),
    };
    Ok(on!(conn, c => sqlx::query_as::<_, LetterRow>(sql).bind(before).bind(limit).bind(below).fetch_all(c).await)?)
}

/// How many letters are new, doubtful, unregistered.
pub async fn counts(conn: &mut Conn) -> Result<(i64, i64, i64), StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, i64, i64)>(
        "SELECT (SELECT COUNT(*) FROM letters WHERE state = 'new'),
                (SELECT COUNT(*) FROM letters WHERE state = 'new' AND COALESCE(confidence, 0) < $1),
                (SELECT COUNT(*) FROM letters l WHERE l.state IN ('new', 'worked') AND NOT EXISTS (
                    SELECT 1 FROM registrations r WHERE r.contact_id = l.contact_id AND NOT EXISTS (
                        SELECT 1 FROM registration_cancellations x WHERE x.registration_id = r.id)))")
        .bind(DOUBTFUL).fetch_one(c).await)?)
}

/// A page of a letter.
#[derive(Debug, Clone, FromRow)]
pub struct PageRow {
    pub id: i64,
    pub letter_id: i64,
    pub position: i64,
    pub blob: String,
    pub number: i64,
    pub confidence: Option<i64>,
    /// `None` when no program read it.
    pub read_text: Option<String>,
    /// JSON pairs of bytes.
    pub doubtful: String,
    pub text: String,
}

impl PageRow {
    /// Where doubtful words are in what was read.
    pub fn doubtful(&self) -> Vec<(usize, usize)> {
        serde_json::from_str(&self.doubtful).unwrap_or_default()
    }
}

macro_rules! page_sql {
    ($rest:literal) => {
        concat!(
            "SELECT id, letter_id, position, blob, number, confidence, read_text, doubtful, text FROM letter_pages ",
            $rest
        )
    };
}

/// The pages of a letter in order.
pub async fn pages(conn: &mut Conn, letter: i64) -> Result<Vec<PageRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PageRow>(page_sql!("WHERE letter_id = $1 ORDER BY position, id"))
        .bind(letter).fetch_all(c).await)?)
}

/// One page of a letter.
pub async fn page(conn: &mut Conn, letter: i64, id: i64) -> Result<Option<PageRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, PageRow>(page_sql!("WHERE letter_id = $1 AND id = $2"))
        .bind(letter).bind(id).fetch_optional(c).await)?)
}

/// Replaces the corrected text of a page.
pub async fn set_text(tx: &mut Tx, page: i64, text: &str) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE letter_pages SET text = $2 WHERE id = $1")
        .bind(page).bind(text).execute(c).await.map(drop))?;
    Ok(())
}

/// Puts a page at its place in a letter and in a scan.
pub async fn put_page(
    tx: &mut Tx,
    page: i64,
    letter: i64,
    position: i64,
    blob: &str,
    number: i64,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("UPDATE letter_pages SET letter_id = $2, position = $3, blob = $4, number = $5 WHERE id = $1")
        .bind(page).bind(letter).bind(position).bind(blob).bind(number).execute(c).await.map(drop))?;
    Ok(())
}

/// Replaces what was read of a page that was turned and read again; a text that nobody corrected follows.
pub async fn read_again(
    tx: &mut Tx,
    page: i64,
    confidence: Option<i64>,
    text: &str,
    doubtful: &str,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE letter_pages SET text = CASE WHEN text = COALESCE(read_text, '') THEN $3 ELSE text END,
            read_text = $3, confidence = $2, doubtful = $4 WHERE id = $1")
        .bind(page).bind(confidence).bind(text).bind(doubtful).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes the pages that taking a divided letter in gave it, before its own come.
pub async fn clear_pages(tx: &mut Tx, letter: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query("DELETE FROM letter_pages WHERE letter_id = $1").bind(letter).execute(c).await.map(drop))?;
    Ok(())
}

/// What a save writes of a letter itself.
#[derive(Debug, Clone)]
pub struct Saved<'a> {
    pub state: &'a str,
    pub dated: &'a str,
    pub sender_name: &'a str,
    pub sender_address: &'a str,
    pub reason: &'a str,
    pub joined_to: Option<i64>,
    pub confidence: Option<i64>,
}

/// Saves a letter with its next version.
pub async fn save(tx: &mut Tx, id: i64, s: &Saved<'_>) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE letters SET version = version + 1, state = $2, dated = $3, sender_name = $4, sender_address = $5,
            reason = $6, joined_to = $7, confidence = $8 WHERE contact_id = $1")
        .bind(id).bind(s.state).bind(s.dated).bind(s.sender_name).bind(s.sender_address).bind(s.reason)
        .bind(s.joined_to).bind(s.confidence).execute(c).await.map(drop))?;
    Ok(())
}

/// Saves what everybody reads of a letter.
pub async fn save_contact(
    tx: &mut Tx,
    id: i64,
    subject: &str,
    body: &str,
    name: &str,
    address: &str,
    person: Option<i64>,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE contacts SET subject = $2, body = $3, from_name = $4, from_address = $5, person_id = $6 WHERE id = $1")
        .bind(id).bind(subject).bind(body).bind(name).bind(address).bind(person).execute(c).await.map(drop))?;
    Ok(())
}

/// Replaces the file of a letter by another with the same name.
pub async fn replace_file(tx: &mut Tx, id: i64, blob: &str, size: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "UPDATE attachments SET blob = $2, size = $3, media_type = 'application/pdf'
         WHERE id = (SELECT MIN(a.id) FROM attachments a WHERE a.contact_id = $1)")
        .bind(id).bind(blob).bind(size).execute(c).await.map(drop))?;
    Ok(())
}

/// Name and blob of the file of a letter.
pub async fn file(conn: &mut Conn, id: i64) -> Result<Option<(String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (String, String)>(
        "SELECT name, blob FROM attachments WHERE contact_id = $1 ORDER BY id LIMIT 1")
        .bind(id).fetch_optional(c).await)?)
}

/// A change of a letter.
#[derive(Debug, Clone, FromRow)]
pub struct ChangeRow {
    pub at: Instant,
    pub who: String,
    pub field: String,
    pub before: String,
    pub after: String,
}

/// The changes of a letter, the newest first.
pub async fn changes(conn: &mut Conn, letter: i64) -> Result<Vec<ChangeRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, ChangeRow>(
        "SELECT h.at, COALESCE(u.name, '') AS who, h.field, h.before, h.after FROM letter_changes h
         LEFT JOIN users u ON u.id = h.user_id WHERE h.letter_id = $1 ORDER BY h.id DESC LIMIT 500")
        .bind(letter).fetch_all(c).await)?)
}

/// Notes a change.
pub async fn note(
    tx: &mut Tx,
    letter: i64,
    user: Option<i64>,
    field: &str,
    before: &str,
    after: &str,
    now: Instant,
) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO letter_changes (letter_id, at, user_id, field, before, after) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(letter).bind(now).bind(user).bind(field).bind(before).bind(after).execute(c).await.map(drop))?;
    Ok(())
}

/// The person to whom an earlier letter with this sender and address belongs.
pub async fn same_sender(conn: &mut Conn, name: &str, address: &str, but: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT k.person_id FROM letters l JOIN contacts k ON k.id = l.contact_id
         WHERE LOWER(l.sender_name) = LOWER($1) AND LOWER(l.sender_address) = LOWER($2) AND l.contact_id <> $3
           AND k.person_id IS NOT NULL ORDER BY l.contact_id DESC LIMIT 1")
        .bind(name).bind(address).bind(but).fetch_optional(c).await)?)
}

/// Persons of this name, with what tells them apart.
pub async fn namesakes(conn: &mut Conn, name: &str) -> Result<Vec<(i64, String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String, String)>(
        "SELECT p.id, p.name, COALESCE((SELECT MIN(i.raw) FROM identifiers i WHERE i.person_id = p.id), '')
         FROM persons p WHERE LOWER(p.name) = LOWER($1) AND p.merged_into_id IS NULL ORDER BY p.id DESC LIMIT 10")
        .bind(name).fetch_all(c).await)?)
}

/// Renames a person whom nothing but this letter made known; `false` when there is more.
pub async fn rename_if_alone(tx: &mut Tx, person: i64, letter: i64, name: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, c => sqlx::query(
        "UPDATE persons SET name = $3 WHERE id = $1
           AND NOT EXISTS (SELECT 1 FROM identifiers i WHERE i.person_id = $1)
           AND NOT EXISTS (SELECT 1 FROM contacts k WHERE k.person_id = $1 AND k.id <> $2)")
        .bind(person).bind(letter).bind(name).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// How many contacts of the citizen a ticket has beside this one.
pub async fn others_on(conn: &mut Conn, ticket: i64, contact: i64) -> Result<i64, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM contacts WHERE ticket_id = $1 AND id <> $2 AND direction = 'in' AND leg_id IS NULL")
        .bind(ticket).bind(contact).fetch_one(c).await)?)
}

/// Letters that came near this one and may be parts of it: row id, code of the ticket and subject.
pub async fn neighbours(conn: &mut Conn, id: i64) -> Result<Vec<(i64, String, String)>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, (i64, String, String)>(
        "SELECT l.contact_id, t.code, t.subject FROM letters l JOIN contacts k ON k.id = l.contact_id
         JOIN tickets t ON t.id = k.ticket_id
         WHERE l.contact_id BETWEEN $1 - 200 AND $1 + 200 AND l.contact_id <> $1 AND l.state = 'new'
           AND NOT EXISTS (SELECT 1 FROM registrations r WHERE r.contact_id = l.contact_id)
         ORDER BY l.contact_id LIMIT 40")
        .bind(id).fetch_all(c).await)?)
}

/// The letter of a list that comes after one in the order of the list.
pub async fn next_new(conn: &mut Conn, id: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>(
        "SELECT contact_id FROM letters WHERE state = 'new' AND contact_id <> $1
         ORDER BY CASE WHEN contact_id < $1 THEN 0 ELSE 1 END, contact_id DESC LIMIT 1")
        .bind(id).fetch_optional(c).await)?)
}
