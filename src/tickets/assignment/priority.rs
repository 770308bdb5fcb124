//! What comes first: a reader of the feed writes what follows from category and citizen, a person may decide otherwise
//! with a reason. Queues are ordered by it with an index of their own.
use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use super::model::{Priority, PriorityReason, automatic};
use super::store::{self, PriorityRow};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{Event, Reader};
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::change::Change;
use crate::tickets::store::{NewContact, insert_contact};
use crate::tickets::{Ticket, TicketError};

/// What somebody decides about a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// This priority, for this reason: an emergency or one's own judgement.
    Set(Priority, PriorityReason),
    /// What follows from category and citizen.
    Automatic,
}

/// Decides what priority a ticket has; the text of the reason becomes a note.
///
/// # Errors
/// When it was changed meanwhile or is over, no text is given, or the reason is one that nobody chooses.
pub async fn set(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    decision: Decision,
    text: &str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(TicketError::Invalid { field: "reason", wrong: "missing" });
    }
    if matches!(decision, Decision::Set(_, reason) if !reason.is_chosen()) {
        return Err(TicketError::Invalid { field: "because", wrong: "unknown" });
    }
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                change.require_active()?;
                let id = change.ticket.id;
                let (before, _) = store::priority_of(tx, id).await?;
                let (priority, reason) = match decision {
                    Decision::Set(priority, reason) => (priority, reason),
                    Decision::Automatic => {
                        let categories = store::category_priorities(tx).await?;
                        let rows = store::of_tickets(tx, &[id].into()).await?;
                        rows.first().map_or((Priority::Normal, PriorityReason::Ordinary), |row| {
                            automatic(row.category_id.and_then(|id| categories.get(&id).copied()), &row.segment)
                        })
                    }
                };
                let note = NewContact {
                    ticket_id: id,
                    direction: "note",
                    channel: "note",
                    author_id: who.user_id,
                    body: text,
                    happened_at: now,
                    created_at: now,
                    ..NewContact::default()
                };
                let contact = insert_contact(tx, &note).await?;
                store::put_priority(tx, id, priority, reason).await?;
                let data = json!({
                    "priority": priority, "priority_before": before, "because_of": reason, "contact": contact,
                });
                change.save(tx, "ticket.prioritised", data).await
            })
        })
        .await
}

/// The feed reader that keeps what follows from categories and citizens.
#[derive(Debug, Default)]
pub struct Prioritiser;

#[derive(Deserialize)]
struct OfPerson {
    person: i64,
}

#[async_trait]
impl Reader for Prioritiser {
    fn name(&self) -> &'static str {
        "priorities"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        let (mut tickets, mut persons, mut categories) = (BTreeSet::new(), BTreeSet::new(), false);
        for event in events {
            match event.kind.as_str() {
                "ticket.opened" | "ticket.classified" => tickets.extend(event.ticket),
                "person.segment_set" => persons.extend(event.payload::<OfPerson>().map(|of| of.person)),
                "taxonomy.activated" => categories = true,
                _ => {}
            }
        }
        if tickets.is_empty() && persons.is_empty() && !categories {
            return Ok(());
        }
        let priorities = store::category_priorities(tx).await?;
        let mut rows = store::of_tickets(tx, &tickets).await?;
        rows.extend(store::of_persons(tx, &persons).await?);
        if categories {
            let ids: Vec<i64> = priorities.keys().copied().collect();
            rows.extend(store::of_categories(tx, &ids).await?);
        }
        for PriorityRow { id, category_id, priority, priority_reason, segment } in rows {
            let wanted = automatic(category_id.and_then(|id| priorities.get(&id).copied()), &segment);
            if !priority_reason.is_chosen() && (Priority::from_rank(priority), priority_reason) != wanted {
                store::put_priority(tx, id, wanted.0, wanted.1).await?;
            }
        }
        Ok(())
    }
}
