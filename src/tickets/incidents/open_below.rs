use serde_json::json;

use super::{IncidentRefusal, store};
use crate::kernel::database::Tx;
use crate::tickets::TicketError;
use crate::tickets::change::Change;
use crate::tickets::model::{Ticket, tidy_subject};
use crate::tickets::open::{self, NewTicket, Opened};
use crate::tickets::store as ticket_store;

/// A ticket to be opened below another.
#[derive(Debug, Clone)]
pub struct Below {
    pub subject: String,
    /// Its first contact, an internal note.
    pub text: String,
    /// Row id; that of the ticket above without one.
    pub category: Option<i64>,
    /// Row id; the owner of the ticket above without one.
    pub unit: Option<i64>,
}

/// Opens a ticket below a locked one, inside a larger change: work of the office that belongs to it and has an owner,
/// terms and legs of its own. It has no citizen, so that nothing is sent to anybody from it.
///
/// # Errors
/// When the ticket above is over, or is below another itself.
pub async fn open_below(tx: &mut Tx, above: Change, new: Below) -> Result<Ticket, TicketError> {
    let (now, parent) = (above.now(), above.ticket.clone());
    if parent.state.is_over() {
        return Err(IncidentRefusal::ParentOver.into());
    }
    if store::parent(tx, parent.id).await?.is_some() {
        return Err(IncidentRefusal::ParentIsChild.into());
    }
    let ticket = NewTicket {
        subject: tidy_subject(&new.subject),
        channel: parent.channel,
        kind: parent.kind,
        category_id: new.category.or(parent.category_id),
        owner_unit_id: new.unit.unwrap_or(parent.owner_unit_id),
        assignee_id: None,
        person_id: None,
        language: parent.language.clone(),
        expected_at: parent.expected_at,
        continues_id: None,
    };
    let child = open::open(tx, vec![ticket], now).await?.pop().ok_or(TicketError::NotFound)?;
    let note = ticket_store::NewContact {
        ticket_id: child.id,
        direction: "note",
        channel: "note",
        body: new.text,
        happened_at: now,
        created_at: now,
        ..Default::default()
    };
    let contact = ticket_store::insert_contact(tx, &note).await?.ok_or(TicketError::NotFound)?;
    let actor = above.actor().clone();
    open::announce(tx, vec![Opened { ticket: &child, contact, actor: actor.clone() }], now).await?;
    store::insert_parent(tx, child.id, parent.id, None, None, now).await?;
    let change = Change::begin_by_id(tx, child.id, None, actor, now).await?;
    let data = json!({ "other": parent.code, "parent": parent.id });
    change.save(tx, "ticket.attached", data).await
}
