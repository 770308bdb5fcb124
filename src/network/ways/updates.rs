//! What a citizen writes while a leg is open goes to its unit, along the leg's own way, until the leg is over (C31).
use async_trait::async_trait;
use serde::Deserialize;

use super::carry::{Said, carry};
use super::{choose, store};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{Event, Reader};
use crate::network::{LegError, store as network_store};
use crate::organisation;
use crate::tickets::store as ticket_store;

/// Reads the feed for messages of citizens.
pub struct Updates {
    kernel: Kernel,
}

impl Updates {
    /// On this kernel.
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone() }
    }

    async fn tell(&self, tx: &mut Tx, ticket: i64, contact: i64) -> Result<(), LegError> {
        let Some(message) = store::citizen_message(tx, contact).await? else { return Ok(()) };
        let Some(ticket) = ticket_store::by_id(tx, ticket).await? else { return Ok(()) };
        for id in store::open_of_ticket(tx, ticket.id).await? {
            let Some(leg) = network_store::leg(tx, id).await? else { continue };
            if message.created_at <= leg.sent_at {
                continue;
            }
            let Some(unit) = organisation::store::unit(tx, leg.unit_id).await? else { continue };
            match choose::of_leg(tx, &leg, &unit).await {
                Ok(departure) => {
                    let said = Said::Update { contact, text: &message.body };
                    carry(tx, &self.kernel, &ticket, &leg, &departure, said, self.kernel.now()).await?;
                }
                // Nobody can be told now; the front office reads the message, and sees that the way leads nowhere
                // as soon as it sends the next leg.
                Err(LegError::Unreachable | LegError::Way { .. }) => {
                    tracing::warn!(leg.id = id, "the unit of leg {id} cannot be told what the citizen wrote");
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Told {
    contact: Option<i64>,
}

#[async_trait]
impl Reader for Updates {
    fn name(&self) -> &'static str {
        "leg updates"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        for event in events {
            let (Some(ticket), "contact.received") = (event.ticket, event.kind.as_str()) else { continue };
            let Some(contact) = event.payload::<Told>().and_then(|told| told.contact) else { continue };
            match self.tell(tx, ticket, contact).await {
                Ok(()) => {}
                Err(LegError::Store(e)) => return Err(e),
                Err(e) => tracing::warn!("a message of ticket row {ticket} was not told to its units: {e}"),
            }
        }
        Ok(())
    }
}
