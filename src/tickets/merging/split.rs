use serde_json::json;

use super::{note_reason, require_both, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::change::Change;
use crate::tickets::model::{Channel, Ticket, subject_of, tidy_subject};
use crate::tickets::open::{self, NewTicket};
use crate::tickets::{MergeRefusal, TicketError};

/// What becomes a ticket of its own.
#[derive(Debug, Clone, Default)]
pub struct Split {
    pub version: Option<i64>,
    /// Row ids of the messages.
    pub contacts: Vec<i64>,
    /// Of the new ticket; empty: made from the first message.
    pub subject: String,
    /// Kept as an internal note; may be empty.
    pub reason: String,
}

/// Makes a new ticket of some messages, each with its author and time, in the hands of the caller; the two are
/// linked. The promised date is that of the first ticket: the citizen has waited since.
///
/// # Errors
/// When the ticket was changed meanwhile, a message is not in it or belongs to a leg, or nothing of the citizen
/// would be left.
pub async fn split(kernel: &Kernel, who: &Principal, code: &str, how: Split) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let source = Change::begin(tx, &code, how.version, who.actor.clone(), now).await?;
                require_both(&who, [&source.ticket, &source.ticket])?;
                let rows = store::movable(tx, source.ticket.id, &how.contacts).await?;
                let first = rows.iter().find(|r| r.direction == "in").or(rows.first());
                let first = first.ok_or(MergeRefusal::NothingChosen)?;
                let subject = tidy_subject(&how.subject);
                let new = NewTicket {
                    subject: if subject.is_empty() { subject_of(&first.body) } else { subject },
                    channel: Channel::from_text(&first.channel).unwrap_or(source.ticket.channel),
                    kind: source.ticket.kind,
                    category_id: source.ticket.category_id,
                    owner_unit_id: source.ticket.owner_unit_id,
                    assignee_id: who.user_id,
                    person_id: first.person_id.or(source.ticket.person_id),
                    language: source.ticket.language.clone(),
                    expected_at: source.ticket.expected_at,
                    continues_id: None,
                };
                let first_id = first.id;
                let ticket = open::open(tx, vec![new], now).await?.pop().ok_or(TicketError::NotFound)?;
                for row in &rows {
                    let home = row.via_id.unwrap_or(source.ticket.id);
                    let via = super::after_move(row.person_id, ticket.person_id, home);
                    store::move_one(tx, row, ticket.id, via, now).await?;
                }
                crate::tickets::store::link(tx, ticket.id, source.ticket.id, "split_from", now).await?;
                crate::tickets::store::link(tx, source.ticket.id, ticket.id, "split_into", now).await?;
                let note = note_reason(tx, ticket.id, &who, &how.reason, now).await?;
                let opened = open::Opened { ticket: &ticket, contact: first_id, actor: who.actor.clone() };
                open::announce(tx, vec![opened], now).await?;
                let moved: Vec<i64> = rows.iter().map(|r| r.id).collect();
                source
                    .save(tx, "ticket.split", json!({ "other": ticket.code, "contacts": moved, "note": note }))
                    .await?;
                Ok(ticket)
            })
        })
        .await
}
