use serde_json::json;

use super::TicketError;
use super::change::Change;
use super::model::{State, Ticket};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};

/// Parks a ticket until the citizen answers; their next contact wakes it.
///
/// # Errors
/// When it was changed meanwhile, or is over.
pub async fn wait_for_citizen(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
) -> Result<Ticket, TicketError> {
    move_to(kernel, who, code, expected, State::WaitingCitizen, "ticket.waiting").await
}

/// Takes a parked ticket back to work without waiting longer.
///
/// # Errors
/// When it was changed meanwhile, or is over.
pub async fn resume(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
) -> Result<Ticket, TicketError> {
    move_to(kernel, who, code, expected, State::Open, "ticket.resumed").await
}

async fn move_to(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    to: State,
    event: &'static str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                change.require_active()?;
                change.become_state(to)?;
                if change.ticket.assignee_id.is_none() {
                    change.ticket.assignee_id = who.user_id;
                }
                change.save(tx, event, json!({})).await
            })
        })
        .await
}
