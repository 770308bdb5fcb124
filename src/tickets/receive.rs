//! A further contact of the citizen on a ticket that exists.
use jiff::SignedDuration;
use serde_json::json;

use super::change::Change;
use super::model::{RequestKind, State, Ticket, is_courtesy};
use super::{TicketError, store};
use crate::kernel::config::Desk;
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

/// Days after closing within which a message reopens a ticket of this kind.
pub const fn reopen_days(desk: &Desk, kind: RequestKind) -> u32 {
    let own = match kind {
        RequestKind::Information => desk.reopen_days_of.information,
        RequestKind::Report => desk.reopen_days_of.report,
        RequestKind::Complaint => desk.reopen_days_of.complaint,
        RequestKind::Application => desk.reopen_days_of.application,
    };
    match own {
        Some(days) => days,
        None => desk.reopen_days,
    }
}

/// Until when a message reopens a closed ticket; `None` when none does.
pub fn reopens_until(desk: &Desk, ticket: &Ticket) -> Option<Instant> {
    let closed = ticket.closed_at.unwrap_or(ticket.touched_at);
    match reopen_days(desk, ticket.kind) {
        0 => None,
        days => Some(closed.plus(SignedDuration::from_hours(24 * i64::from(days)))),
    }
}

/// Decides the effect of a contact, by the rules for automatic mail (RFC 3834) and courtesy, and by the kind
/// of the request (C20).
pub fn effect(ticket: &Ticket, automatic: bool, text: &str, now: Instant, desk: &Desk) -> Effect {
    if automatic {
        return Effect::Kept;
    }
    match ticket.state {
        State::New | State::Open | State::Referred => Effect::Kept,
        State::WaitingCitizen => Effect::Woken,
        State::Resolved | State::Closed if is_courtesy(text) => Effect::Kept,
        State::Resolved => Effect::Woken,
        State::Closed if reopens_until(desk, ticket).is_some_and(|until| now <= until) => Effect::Woken,
        State::Closed => Effect::TooLate,
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
    ticket.closing_sheet_version = None;
}

/// The ticket a contact would land on, locked, or `None` when the code leads nowhere.
///
/// # Errors
/// When the database refuses.
pub async fn target(tx: &mut Tx, code: &str) -> Result<Option<Ticket>, TicketError> {
    Ok(store::lock_by_code(tx, code).await?)
}
