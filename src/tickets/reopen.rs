use serde_json::json;

use super::TicketError;
use super::change::Change;
use super::model::{State, Ticket};
use super::receive::clear_closing;
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};

/// Reopens a ticket that was over; it belongs to whoever reopens it.
///
/// # Errors
/// When it was changed meanwhile, or is not over.
pub async fn reopen(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                let from = change.ticket.state;
                if !from.is_over() {
                    return Err(TicketError::State { from, to: State::Open });
                }
                change.become_state(State::Open)?;
                clear_closing(&mut change.ticket);
                change.ticket.assignee_id = who.user_id;
                change.save(tx, "ticket.reopened", json!({})).await
            })
        })
        .await
}
