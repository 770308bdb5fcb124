//! Opening a ticket with its first contact.
use serde_json::json;

use super::model::{Channel, RequestKind, State, Ticket};
use super::{TicketError, store};
use crate::kernel::codes::TrackingCode;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;

/// What a new ticket starts with.
#[derive(Debug, Clone)]
pub struct NewTicket {
    pub subject: String,
    pub channel: Channel,
    pub kind: RequestKind,
    pub category_id: Option<i64>,
    pub owner_unit_id: i64,
    pub assignee_id: Option<i64>,
    pub person_id: Option<i64>,
    pub language: String,
    pub expected_at: Instant,
    pub continues_id: Option<i64>,
}

/// Opens a ticket; its first contact is stored by the caller in the same transaction.
///
/// The event `ticket.opened` is appended by [`announce`], once the contact has its id.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &mut Tx, new: NewTicket, now: Instant) -> Result<Ticket, TicketError> {
    let state = if new.assignee_id.is_some() { State::Open } else { State::New };
    let mut ticket = Ticket {
        id: 0,
        code: TrackingCode::random().as_str().to_owned(),
        version: 1,
        state,
        subject: new.subject,
        channel: new.channel,
        kind: new.kind,
        category_id: new.category_id,
        owner_unit_id: new.owner_unit_id,
        assignee_id: new.assignee_id,
        person_id: new.person_id,
        language: new.language,
        opened_at: now,
        touched_at: now,
        expected_at: new.expected_at,
        resolved_at: None,
        closed_at: None,
        outcome: None,
        closing_sheet_id: None,
        decisive_legs: 0,
        external_legs: 0,
        open_legs: 0,
        continues_id: new.continues_id,
        merged_into_id: None,
    };
    ticket.id = store::insert(tx, &ticket).await?;
    if let Some(earlier) = ticket.continues_id {
        store::link(tx, ticket.id, earlier, "continues", now).await?;
    }
    Ok(ticket)
}

/// Appends `ticket.opened`, which also tells of the first contact.
///
/// # Errors
/// When the database refuses.
pub async fn announce(
    tx: &mut Tx,
    ticket: &Ticket,
    contact: i64,
    actor: Actor,
    now: Instant,
) -> Result<(), TicketError> {
    let data = json!({
        "code": ticket.code,
        "version": ticket.version,
        "to": ticket.facets(),
        "contact": contact,
        "channel": ticket.channel,
        "kind": ticket.kind,
        "category": ticket.category_id,
    });
    events::append(tx, now, &[NewEvent { kind: "ticket.opened", ticket: Some(ticket.id), actor, data }]).await?;
    Ok(())
}
