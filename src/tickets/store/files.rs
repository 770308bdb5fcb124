//! SQL of attachments.

use sqlx::FromRow;

use crate::kernel::database::{Conn, StoreError, Tx};
use crate::on;

/// An attachment as stored.
#[derive(Debug, Clone, FromRow)]
pub struct AttachmentRow {
    pub id: i64,
    pub contact_id: i64,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub blob: String,
    pub content_id: Option<String>,
    pub inline: bool,
    /// What a reader should know of it; see [`crate::tickets::files::Note`].
    pub note: String,
}

/// An attachment whose bytes are in the blob store already.
#[derive(Debug, Clone)]
pub struct StoredFile {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub blob: String,
    pub content_id: Option<String>,
    pub inline: bool,
    /// What a reader should know of it; see [`crate::tickets::files::Note`].
    pub note: String,
}

/// Attaches files to a contact; answers their row ids in order.
pub async fn insert_attachments(tx: &mut Tx, contact: i64, files: &[StoredFile]) -> Result<Vec<i64>, StoreError> {
    let mut ids = Vec::with_capacity(files.len());
    for (position, file) in (0_i64..).zip(files) {
        ids.push(on!(tx, c => sqlx::query_scalar::<_, i64>(
            "INSERT INTO attachments (contact_id, position, name, media_type, size, blob, content_id, inline, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id")
            .bind(contact).bind(position).bind(&file.name).bind(&file.media_type).bind(file.size).bind(&file.blob)
            .bind(&file.content_id).bind(file.inline).bind(&file.note).fetch_one(c).await)?);
    }
    Ok(ids)
}

/// The attachments of a ticket's contacts between two contact ids (both included).
pub async fn attachments(
    conn: &mut Conn,
    ticket: i64,
    first: i64,
    last: i64,
) -> Result<Vec<AttachmentRow>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AttachmentRow>(
        "SELECT a.id, a.contact_id, a.name, a.media_type, a.size, a.blob, a.content_id, a.inline, a.note
         FROM attachments a JOIN contacts k ON k.id = a.contact_id
         WHERE k.ticket_id = $1 AND k.id BETWEEN $2 AND $3 ORDER BY a.contact_id, a.position")
        .bind(ticket).bind(first).bind(last).fetch_all(c).await)?)
}

/// One attachment, with the ticket and the visibility of its contact.
#[derive(Debug, Clone, FromRow)]
pub struct AttachmentOwner {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub blob: String,
    pub ticket_id: i64,
    pub leg_id: Option<i64>,
    pub public: bool,
}

/// One attachment by row id.
pub async fn attachment(conn: &mut Conn, id: i64) -> Result<Option<AttachmentOwner>, StoreError> {
    Ok(on!(conn, c => sqlx::query_as::<_, AttachmentOwner>(
        "SELECT a.name, a.media_type, a.size, a.blob, k.ticket_id, k.leg_id, k.public
         FROM attachments a JOIN contacts k ON k.id = a.contact_id WHERE a.id = $1")
        .bind(id).fetch_optional(c).await)?)
}
