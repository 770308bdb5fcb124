//! What the citizen writes after a leg was sent reaches its unit, as long as the leg is open and, if the unit asks for it,
//! as long as the ticket is (C31). A reader of the event feed passes it on, so that no way in can forget to. When a unit
//! waits for the citizen's answer, this is it: its leg goes on.
use async_trait::async_trait;
use serde::Deserialize;

use super::inform;
use super::model::{Asked, Leg};
use super::{LegError, mail, store};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{Actor, Event, Reader};
use crate::tickets::change::Change;
use crate::tickets::store::{self as ticket_store, ContactRow};
use crate::tickets::{Ticket, TicketError};

/// The reader.
pub struct Updates {
    kernel: Kernel,
}

impl Updates {
    /// A reader that writes its mails with the settings of this process.
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone() }
    }
}

#[derive(Deserialize)]
struct Came {
    contact: Option<i64>,
}

#[async_trait]
impl Reader for Updates {
    fn name(&self) -> &'static str {
        "leg updates"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        for event in events {
            if !matches!(event.kind.as_str(), "contact.received" | "ticket.reopened") {
                continue;
            }
            let Some(Came { contact: Some(id) }) = event.payload::<Came>() else { continue };
            let Some(contact) = ticket_store::contact(tx, id).await? else { continue };
            match pass_on(tx, &self.kernel, &contact).await {
                Ok(()) => {}
                Err(LegError::Store(e) | LegError::Ticket(TicketError::Store(e))) => return Err(e),
                // Nothing that a later attempt would change; the citizen's words are on the ticket in any case.
                Err(e) => tracing::warn!(contact.id = id, "a message was not passed on to units: {e}"),
            }
        }
        Ok(())
    }
}

/// Whether a unit reads what the citizen writes now.
fn reads(leg: &Leg, ticket: &Ticket) -> bool {
    leg.state.is_open() || (leg.keeps_informed && leg.answered_at.is_some() && !ticket.state.is_over())
}

async fn pass_on(tx: &mut Tx, kernel: &Kernel, contact: &ContactRow) -> Result<(), LegError> {
    if contact.direction != "in" || contact.leg_id.is_some() || contact.automatic.is_some() {
        return Ok(());
    }
    // After a merge each citizen's words reach the units of their own ticket.
    let theirs = contact.via_id.unwrap_or(contact.ticket_id);
    let Some(ticket) = ticket_store::by_id(tx, contact.ticket_id).await? else { return Ok(()) };
    for leg in store::legs(tx, theirs).await? {
        let first = store::request(tx, leg.ticket_id).await?.is_some_and(|request| request.id == contact.id);
        if first
            || contact.created_at < leg.sent_at
            || !reads(&leg, &ticket)
            || !store::insert_update(tx, leg.id, contact.id, kernel.now()).await?
        {
            continue;
        }
        if leg.asked_of() == Some(Asked::Citizen) && leg.asking_id.is_none() {
            let change = Change::begin_by_id(tx, contact.ticket_id, None, Actor::System, kernel.now()).await?;
            inform::go_on(tx, kernel, change, leg, contact.id, &contact.body).await?;
        } else {
            mail::tell_more(tx, kernel, &ticket, &leg, contact.id, &contact.body, kernel.now()).await?;
        }
    }
    Ok(())
}
