//! A ticket with all that its page shows, read in a bounded number of queries whatever its length.
use super::model::Ticket;
use super::store::{self, AttachmentRow, ContactRow};
use crate::kernel::database::Conn;
use crate::kernel::events::{self, Event};
use crate::outbox::store::{OutboxRow, ReceiptRow};
use crate::people::file::PersonFile;
use crate::registry::RegistrationRow;
use crate::tickets::{TicketError, merging};
use crate::{outbox, people, registry};

/// Contacts shown at once; earlier ones are a page away (C4).
pub const CONTACTS: i64 = 40;

/// A contact with its files.
#[derive(Debug, Clone)]
pub struct ContactView {
    pub contact: ContactRow,
    pub attachments: Vec<AttachmentRow>,
    /// What became of it, when it was sent through the outbox.
    pub sent: Option<OutboxRow>,
    /// Legal receipts of it.
    pub receipts: Vec<ReceiptRow>,
    /// Code of the ticket it came from first; `None` when it was always here.
    pub origin: Option<String>,
    /// Under which number it is registered.
    pub registration: Option<RegistrationRow>,
}

/// A ticket as its page shows it.
#[derive(Debug, Clone)]
pub struct TicketView {
    pub ticket: Ticket,
    pub contacts: Vec<ContactView>,
    /// Contact id before which earlier contacts are; `None` when all are shown.
    pub earlier: Option<i64>,
    pub person: Option<PersonFile>,
    /// Code, subject, kind of link.
    pub links: Vec<(String, String, String)>,
    pub outbox: Vec<OutboxRow>,
}

/// Reads a ticket's page; `before` shows the contacts before that one.
///
/// # Errors
/// [`TicketError::NotFound`].
pub async fn read(conn: &mut Conn, code: &str, before: Option<i64>) -> Result<TicketView, TicketError> {
    let ticket = store::by_code(conn, code).await?.ok_or(TicketError::NotFound)?;
    let rows = store::contacts(conn, ticket.id, before.unwrap_or(i64::MAX), CONTACTS + 1).await?;
    let skip = rows.len().saturating_sub(usize::try_from(CONTACTS).unwrap_or(usize::MAX));
    let rows: Vec<ContactRow> = rows.into_iter().skip(skip).collect();
    let earlier = if skip > 0 { rows.first().map(|r| r.id) } else { None };
    let (first, last) = (rows.first().map_or(0, |r| r.id), rows.last().map_or(0, |r| r.id));
    let attachments = store::attachments(conn, ticket.id, first, last).await?;
    let outbox = outbox::store::of_ticket(conn, ticket.id).await?;
    let origins = merging::store::origins(conn, ticket.id, first, last).await?;
    let certified = outbox.iter().any(|row| row.lane != outbox::email::EMAIL);
    let receipts = if certified { outbox::store::receipts_of_ticket(conn, ticket.id).await? } else { Vec::new() };
    let registered = registry::store::of_ticket(conn, ticket.id, first, last).await?;
    let received = |sent: Option<&OutboxRow>| -> Vec<ReceiptRow> {
        receipts.iter().filter(|r| sent.is_some_and(|s| s.id == r.outbox_id)).cloned().collect()
    };
    let contacts = rows
        .into_iter()
        .map(|contact| ContactView {
            receipts: received(outbox.iter().rev().find(|o| o.contact_id == Some(contact.id))),
            attachments: attachments.iter().filter(|a| a.contact_id == contact.id).cloned().collect(),
            sent: outbox.iter().rev().find(|o| o.contact_id == Some(contact.id)).cloned(),
            origin: origins.iter().find(|(id, _)| *id == contact.id).map(|(_, code)| code.clone()),
            registration: registered.iter().find(|r| r.contact_id == contact.id).cloned(),
            contact,
        })
        .collect();
    let person = match ticket.person_id {
        Some(id) => people::file::read(conn, id).await?,
        None => None,
    };
    let links = store::links(conn, ticket.id).await?;
    Ok(TicketView { ticket, contacts, earlier, person, links, outbox })
}

/// The history of a ticket, from the event feed.
///
/// # Errors
/// When the database cannot be read.
pub async fn history(conn: &mut Conn, ticket: i64) -> Result<Vec<Event>, TicketError> {
    Ok(events::of_ticket(conn, ticket).await?)
}
