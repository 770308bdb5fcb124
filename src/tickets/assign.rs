//! Taking a ticket, giving it to a colleague, putting it back.
use serde_json::json;

use super::assignment::model::Away;
use super::change::Change;
use super::model::{State, Ticket};
use super::{TicketError, assignment, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Permission, Principal};

/// Takes a ticket. Of two who take it at once exactly one wins, and the other is told who (C16). Taking what
/// one has already changes nothing; taking from a colleague needs `from_colleague`.
///
/// # Errors
/// [`TicketError::TakenBy`] for the loser.
pub async fn take(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    from_colleague: Option<i64>,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut change = Change::begin(tx, &code, None, who.actor.clone(), now).await?;
                change.require_active()?;
                match change.ticket.assignee_id {
                    Some(holder) if Some(holder) == who.user_id => return Ok(change.ticket),
                    Some(holder) if Some(holder) != from_colleague => {
                        return Err(TicketError::TakenBy { name: store::user_name(tx, holder).await? });
                    }
                    Some(_) | None => {}
                }
                let away = Away::new(&assignment::store::absences_at(tx, now).await?);
                if who.user_id.is_some_and(|user| away.has(user)) {
                    return Err(TicketError::Away);
                }
                change.ticket.assignee_id = who.user_id;
                if change.ticket.state == State::New {
                    change.become_state(State::Open)?;
                }
                change.save(tx, "ticket.taken", json!({})).await
            })
        })
        .await
}

/// Puts a ticket back for whoever comes first.
///
/// # Errors
/// When it was changed meanwhile, or is over.
pub async fn put_back(
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
                change.require_active()?;
                change.ticket.assignee_id = None;
                change.save(tx, "ticket.put_back", json!({})).await
            })
        })
        .await
}

/// Gives a locked ticket to an agent by row id, inside a larger change.
///
/// # Errors
/// When it is over.
pub async fn assign_locked(tx: &mut Tx, mut change: Change, agent: i64) -> Result<Ticket, TicketError> {
    change.require_active()?;
    let before = change.ticket.assignee_id;
    if before == Some(agent) {
        return Ok(change.ticket);
    }
    change.ticket.assignee_id = Some(agent);
    if change.ticket.state == State::New {
        change.become_state(State::Open)?;
    }
    change.save(tx, "ticket.assigned", json!({ "assignee": agent, "assignee_before": before })).await
}
