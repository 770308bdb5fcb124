use serde_json::json;

use super::change::Change;
use super::model::Ticket;
use super::{TicketError, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Permission, Principal};

/// Writes an internal note; no citizen, referent or automatic answer ever sees it.
///
/// # Errors
/// When the text is empty or the ticket does not exist.
pub async fn note(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    text: &str,
    files: Vec<store::StoredFile>,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(TicketError::Invalid { field: "text", wrong: "missing" });
    }
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, None, who.actor.clone(), now).await?;
                note_locked(tx, change, who.user_id, &text, &files).await
            })
        })
        .await
}

/// Writes an internal note on a locked ticket inside a larger change.
///
/// # Errors
/// When the database refuses.
pub async fn note_locked(
    tx: &mut Tx,
    change: Change,
    author: Option<i64>,
    text: &str,
    files: &[store::StoredFile],
) -> Result<Ticket, TicketError> {
    let note = store::NewContact {
        ticket_id: change.ticket.id,
        direction: "note",
        channel: "note",
        author_id: author,
        body: text.to_owned(),
        happened_at: change.now(),
        created_at: change.now(),
        ..Default::default()
    };
    let contact = store::insert_contact(tx, &note).await?;
    if let Some(contact) = contact {
        store::insert_attachments(tx, contact, files).await?;
    }
    if let Some(user) = author {
        store::delete_draft(tx, change.ticket.id, user, "note").await?;
    }
    change.save(tx, "contact.noted", json!({ "contact": contact })).await
}
