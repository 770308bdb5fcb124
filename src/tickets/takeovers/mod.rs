//! Avocazione: a higher level takes the relation with the citizen over, with a reason, and can give it back to whoever had
//! it (004-17, D3). Each is a row, so that the report counts what the log tells.
pub mod api;
pub mod pages;
pub mod store;

use serde_json::json;

use super::change::Change;
use super::store::NewContact;
use super::{Ticket, TicketError};
use crate::kernel::Kernel;
use crate::kernel::database::Conn;
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::organisation;

/// Whether somebody may take tickets of a unit over into another one: supervisors always; whoever belongs to a unit
/// above it, into that unit.
///
/// # Errors
/// [`Forbidden`] inside a [`TicketError`].
pub(super) async fn require_higher(conn: &mut Conn, who: &Principal, owner: i64, to: i64) -> Result<(), TicketError> {
    if who.role.may(Permission::TakeOver) {
        return Ok(());
    }
    who.require(Permission::WorkTickets)?;
    let below = organisation::store::units_below(conn, to).await?;
    if to != owner && below.contains(&owner) && who.units.contains(&to) { Ok(()) } else { Err(Forbidden.into()) }
}

/// Gives a ticket that was taken over back to the unit, and to the agent, who had it.
///
/// # Errors
/// When it was changed meanwhile, no reason is given, nobody took it over ([`TicketError::Invalid`] naming
/// `takeover`), or the caller could not have taken it over and is not of the unit that did.
pub async fn give_back(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    reason: &str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(TicketError::Invalid { field: "reason", wrong: "missing" });
    }
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                let open = store::open(tx, change.ticket.id).await?;
                let taken = open.ok_or(TicketError::Invalid { field: "takeover", wrong: "missing" })?;
                if !who.role.may(Permission::TakeOver) && !who.units.contains(&taken.unit_id) {
                    return Err(Forbidden.into());
                }
                change.ticket.owner_unit_id = taken.unit_before_id;
                change.ticket.assignee_id = match taken.assignee_before_id {
                    Some(user) if store::works(tx, user).await? => Some(user),
                    Some(_) | None => None,
                };
                let note = NewContact {
                    ticket_id: change.ticket.id,
                    direction: "note",
                    channel: "note",
                    author_id: who.user_id,
                    body: reason,
                    happened_at: now,
                    created_at: now,
                    ..NewContact::default()
                };
                let contact = super::store::insert_contact(tx, &note).await?;
                store::end(tx, taken.id, store::End::GivenBack, now).await?;
                let data = json!({
                    "unit": taken.unit_before_id, "unit_before": taken.unit_id, "contact": contact, "takeover": taken.id,
                });
                change.save(tx, "ticket.given_back", data).await
            })
        })
        .await
}
