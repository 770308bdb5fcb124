//! Ownership of the relation with the citizen: exactly one unit has it; it moves only by hand-over or by a
//! takeover from above, each an event with actor and reason (004-17). Who does not belong to the other unit proposes
//! instead; see [`super::proposals`].
use serde_json::json;

use super::change::Change;
use super::model::Ticket;
use super::{TicketError, store, takeovers};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Forbidden, Permission, Principal};

/// The event of a takeover.
const TAKEN: &str = "ticket.taken_over";

/// Hands a ticket over to another unit, with a reason.
///
/// # Errors
/// When it was changed meanwhile, the unit does not exist, or no reason is given; [`TicketError::Forbidden`] for who
/// neither is a supervisor nor belongs to the other unit.
pub async fn hand_over(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    to_unit: &str,
    reason: &str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    move_owner(kernel, who, code, expected, to_unit, reason, "ticket.handed_over").await
}

/// A higher level takes the relation over into one of its units, with a reason.
///
/// # Errors
/// As [`hand_over`]; only supervisors may, and who belongs to a unit above the owner.
pub async fn take_over(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    to_unit: &str,
    reason: &str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    move_owner(kernel, who, code, expected, to_unit, reason, TAKEN).await
}

/// Hands a locked ticket over to a unit by row id, inside a larger change; the reason is an internal note.
///
/// # Errors
/// When the database refuses.
pub async fn hand_over_locked(tx: &mut Tx, mut change: Change, unit: i64, reason: &str) -> Result<Ticket, TicketError> {
    let before = change.ticket.owner_unit_id;
    if unit == before {
        return Ok(change.ticket);
    }
    change.ticket.owner_unit_id = unit;
    change.ticket.assignee_id = None;
    let note = store::NewContact {
        ticket_id: change.ticket.id,
        direction: "note",
        channel: "note",
        body: reason.to_owned(),
        happened_at: change.now(),
        created_at: change.now(),
        ..Default::default()
    };
    let contact = store::insert_contact(tx, &note).await?;
    takeovers::store::end_all(tx, change.ticket.id, change.now()).await?;
    change.save(tx, "ticket.handed_over", json!({ "unit": unit, "unit_before": before, "contact": contact })).await
}

async fn move_owner(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    to_unit: &str,
    reason: &str,
    event: &'static str,
) -> Result<Ticket, TicketError> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(TicketError::Invalid { field: "reason", wrong: "missing" });
    }
    let (now, who, code, to_unit) = (kernel.now(), who.clone(), code.to_owned(), to_unit.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                let unit = store::unit_by_slug(tx, &to_unit)
                    .await?
                    .ok_or(TicketError::Invalid { field: "unit", wrong: "unknown" })?;
                let before = change.ticket.owner_unit_id;
                let takes = event == TAKEN;
                if takes {
                    takeovers::require_higher(tx, &who, before, unit).await?;
                } else if !who.role.may(Permission::TakeOver) && !who.units.contains(&unit) {
                    return Err(Forbidden.into());
                }
                let assignee_before = change.ticket.assignee_id;
                if unit != before {
                    change.ticket.owner_unit_id = unit;
                    change.ticket.assignee_id = None;
                }
                let note = store::NewContact {
                    ticket_id: change.ticket.id,
                    direction: "note",
                    channel: "note",
                    author_id: who.user_id,
                    body: reason,
                    happened_at: now,
                    created_at: now,
                    ..Default::default()
                };
                let contact = store::insert_contact(tx, &note).await?;
                if takes && unit != before {
                    let new = takeovers::store::New {
                        ticket_id: change.ticket.id,
                        unit_before_id: before,
                        assignee_before_id: assignee_before,
                        unit_id: unit,
                        taken_by: who.user_id,
                        reason_id: contact,
                    };
                    takeovers::store::insert(tx, &new, now).await?;
                } else if unit != before {
                    takeovers::store::end_all(tx, change.ticket.id, now).await?;
                }
                change.save(tx, event, json!({ "unit": unit, "unit_before": before, "contact": contact })).await
            })
        })
        .await
}
