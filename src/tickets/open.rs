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

/// Opens tickets; their first contacts are stored by the caller in the same transaction.
///
/// The events `ticket.opened` are appended by [`announce`], once the contacts have their ids.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &mut Tx, new: Vec<NewTicket>, now: Instant) -> Result<Vec<Ticket>, TicketError> {
    let mut tickets: Vec<Ticket> = new.into_iter().map(|new| fresh(new, now)).collect();
    store::insert(tx, &mut tickets).await?;
    for ticket in &tickets {
        if let Some(earlier) = ticket.continues_id {
            store::link(tx, ticket.id, earlier, "continues", now).await?;
        }
    }
    Ok(tickets)
}

/// A new ticket, with its code and without a row.
pub fn fresh(new: NewTicket, now: Instant) -> Ticket {
    let state = if new.assignee_id.is_some() { State::Open } else { State::New };
    Ticket {
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
        closing_sheet_version: None,
        decisive_legs: 0,
        external_legs: 0,
        open_legs: 0,
        continues_id: new.continues_id,
        merged_into_id: None,
    }
}

/// A ticket just opened, as its event tells of it.
#[derive(Debug)]
pub struct Opened<'a> {
    pub ticket: &'a Ticket,
    /// Row id of its first contact.
    pub contact: i64,
    pub actor: Actor,
}

/// Appends `ticket.opened` for each, which also tells of the first contact.
///
/// # Errors
/// When the database refuses.
pub async fn announce(tx: &mut Tx, opened: Vec<Opened<'_>>, now: Instant) -> Result<(), TicketError> {
    let events: Vec<NewEvent> = opened.into_iter().map(event).collect();
    events::append(tx, now, &events).await?;
    Ok(())
}

/// The event `ticket.opened`, which also tells of the first contact.
pub fn event(opened: Opened<'_>) -> NewEvent {
    let Opened { ticket, contact, actor } = opened;
    let data = json!({
        "code": ticket.code,
        "version": ticket.version,
        "to": ticket.facets(),
        "contact": contact,
        "channel": ticket.channel,
        "kind": ticket.kind,
        "category": ticket.category_id,
    });
    NewEvent { kind: "ticket.opened", ticket: Some(ticket.id), actor, data }
}
