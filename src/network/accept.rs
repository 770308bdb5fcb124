//! "We are taking care of it": the unit takes a leg in charge; who and when is kept (000-33). The front office is told by
//! the event; the ticket itself is unchanged, so that nobody's version becomes stale.
use serde_json::json;

use super::answer::{act, lock};
use super::door::{Door, Entered};
use super::model::{Leg, LegAct, LegState};
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::tickets::Ticket;

/// Takes a leg in charge. A second time changes nothing: a double click is no mistake.
///
/// # Errors
/// [`LegError::NotFound`] for a wrong or expired link and for legs that the caller may not see,
/// [`LegError::Withdrawn`], [`LegError::Over`], or [`LegError::NotNow`] while the unit waits for what it asked.
pub async fn accept(kernel: &Kernel, door: &Door, signed: &str) -> Result<(Ticket, Leg), LegError> {
    let (now, door, signed) = (kernel.now(), door.clone(), signed.trim().chars().take(200).collect::<String>());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Entered { leg, actor, name, .. } = door.enter(tx, now).await?;
                let (mut change, mut leg) = lock(tx, leg.id, actor.clone(), now).await?;
                if leg.state == LegState::Accepted {
                    return Ok((change.ticket, leg));
                }
                act(&mut change, &mut leg, LegAct::Accept)?;
                leg.accepted_at = Some(now);
                leg.accepted_by = if signed.is_empty() { name } else { signed };
                store::update_leg(tx, &leg).await?;
                let data = json!({
                    "leg": leg.id, "number": leg.number, "unit": leg.unit_id, "leg_kind": leg.kind, "due": leg.due_at,
                });
                let event = NewEvent { kind: "leg.accepted", ticket: Some(change.ticket.id), actor, data };
                events::append(tx, now, &[event]).await?;
                Ok((change.ticket, leg))
            })
        })
        .await
}
