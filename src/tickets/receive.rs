//! A further contact of the citizen on a ticket that exists.
use jiff::SignedDuration;
use serde_json::json;

use super::change::Change;
use super::model::{State, Ticket, is_courtesy};
use super::{TicketError, store};
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;

/// What a contact does to the ticket it lands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Stored and shown, nothing moves: automatic mail, thanks alone, or a ticket in work anyway.
    Kept,
    /// The ticket comes back to work.
    Woken,
    /// The ticket was closed too long ago: a new one continues it.
    TooLate,
}

/// Decides the effect of a contact, by the rules for automatic mail (RFC 3834) and courtesy.
pub fn effect(ticket: &Ticket, automatic: bool, text: &str, now: Instant, reopen_days: u32) -> Effect {
    if automatic {
        return Effect::Kept;
    }
    match ticket.state {
        State::New | State::Open | State::Referred => Effect::Kept,
        State::WaitingCitizen => Effect::Woken,
        State::Resolved | State::Closed => {
            if is_courtesy(text) {
                return Effect::Kept;
            }
            let over_since = ticket.closed_at.or(ticket.resolved_at).unwrap_or(ticket.touched_at);
            if now.since(over_since) > SignedDuration::from_hours(24 * i64::from(reopen_days)) {
                Effect::TooLate
            } else {
                Effect::Woken
            }
        }
    }
}

/// Records that `contact` came in on a locked ticket, waking it if `effect` says so.
///
/// # Errors
/// When the database refuses.
pub async fn record(
    tx: &mut Tx,
    ticket_id: i64,
    contact: i64,
    effect: Effect,
    actor: Actor,
    now: Instant,
) -> Result<Ticket, TicketError> {
    let mut change = Change::begin_by_id(tx, ticket_id, None, actor, now).await?;
    let data = json!({ "contact": contact });
    match effect {
        Effect::Kept | Effect::TooLate => change.save(tx, "contact.received", data).await,
        Effect::Woken => {
            let reopened = change.ticket.state.is_over();
            change.become_state(State::Open)?;
            if reopened {
                clear_closing(&mut change.ticket);
                change.save(tx, "ticket.reopened", data).await
            } else {
                change.save(tx, "contact.received", data).await
            }
        }
    }
}

/// Forgets how the ticket had ended; the event log keeps it.
pub fn clear_closing(ticket: &mut Ticket) {
    ticket.resolved_at = None;
    ticket.closed_at = None;
    ticket.outcome = None;
    ticket.closing_sheet_id = None;
}

/// The ticket a contact would land on, locked, or `None` when the code leads nowhere.
///
/// # Errors
/// When the database refuses.
pub async fn target(tx: &mut Tx, code: &str) -> Result<Option<Ticket>, TicketError> {
    Ok(store::lock_by_code(tx, code).await?)
}
