//! Passing the relation with a citizen on by agreement (D3): the owner proposes, the other unit accepts or refuses with a
//! reason within its hours, and the owner stays the owner until then. Whoever belongs to both units, or is a supervisor,
//! hands over at once.
pub mod api;
pub mod pages;
pub mod store;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::change::Change;
use super::store::{NewContact, insert_contact, unit_by_slug};
use super::{Ticket, TicketError, hand_over, takeovers};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::names::stored_enum;
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::time::Instant;
use crate::network::rules::{self, Rule};

stored_enum! {
    /// What became of a proposal.
    ProposalState {
        /// The other unit has not answered yet.
        Open = "open",
        Accepted = "accepted",
        Refused = "refused",
        /// The owner took it back, or has the ticket no more.
        Withdrawn = "withdrawn",
        /// Nobody answered in time.
        Lapsed = "lapsed",
    }
}

/// What passing a ticket on came to.
#[derive(Debug, Clone)]
pub enum Passed {
    /// The other unit has it.
    HandedOver(Ticket),
    /// The other unit was asked.
    Proposed(Ticket),
}

/// Hands a ticket over if the caller may do so at once, and proposes it otherwise.
///
/// # Errors
/// As [`hand_over::hand_over`] and [`propose`].
pub async fn pass(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    to_unit: &str,
    reason: &str,
) -> Result<Passed, TicketError> {
    match hand_over::hand_over(kernel, who, code, expected, to_unit, reason).await {
        Err(TicketError::Forbidden(_)) => {
            propose(kernel, who, code, expected, to_unit, reason).await.map(Passed::Proposed)
        }
        done => done.map(Passed::HandedOver),
    }
}

fn written(reason: &str) -> Result<String, TicketError> {
    let reason = reason.trim();
    if reason.is_empty() {
        Err(TicketError::Invalid { field: "reason", wrong: "missing" })
    } else {
        Ok(reason.to_owned())
    }
}

async fn note(
    tx: &mut Tx,
    ticket: i64,
    author: Option<i64>,
    body: String,
    now: Instant,
) -> Result<Option<i64>, TicketError> {
    let note = NewContact {
        ticket_id: ticket,
        direction: "note",
        channel: "note",
        author_id: author,
        body,
        happened_at: now,
        created_at: now,
        ..NewContact::default()
    };
    Ok(insert_contact(tx, &note).await?)
}

/// Proposes to hand a ticket over to another unit, with a reason.
///
/// # Errors
/// When it was changed meanwhile or is over, no reason is given, the unit does not exist, is the owner or was asked already,
/// or the caller does not belong to the owner.
pub async fn propose(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    to_unit: &str,
    reason: &str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let reason = written(reason)?;
    let (now, who, code, to_unit) = (kernel.now(), who.clone(), code.to_owned(), to_unit.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                change.require_active()?;
                let (ticket, from) = (change.ticket.id, change.ticket.owner_unit_id);
                if !who.role.may(Permission::TakeOver) && !who.units.contains(&from) {
                    return Err(Forbidden.into());
                }
                let wrong = |wrong| TicketError::Invalid { field: "unit", wrong };
                let to = unit_by_slug(tx, &to_unit).await?.ok_or(wrong("unknown"))?;
                if to == from {
                    return Err(wrong("own"));
                }
                let contact = note(tx, ticket, who.user_id, reason, now).await?;
                let hours = rules::read(tx).await?.get(Rule::HandOver);
                let new = store::New {
                    ticket_id: ticket,
                    from_unit_id: from,
                    to_unit_id: to,
                    proposed_by: who.user_id,
                    reason_id: contact,
                    due_at: now.plus(SignedDuration::from_hours(hours)),
                };
                store::drop_stale(tx, ticket, now).await?;
                let proposal = store::insert(tx, &new, now).await?.ok_or(wrong("proposed"))?;
                let data = json!({ "unit": to, "unit_before": from, "contact": contact, "proposal": proposal });
                change.save(tx, "ticket.hand_over_proposed", data).await
            })
        })
        .await
}

/// A proposal that waits, locked, with its ticket.
async fn waiting(tx: &mut Tx, id: i64, who: &Principal, now: Instant) -> Result<(store::Row, Change), TicketError> {
    // The ticket first, as everybody locks who changes both.
    let ticket = store::ticket_of(tx, id).await?.ok_or(TicketError::NotFound)?;
    let change = Change::begin_by_id(tx, ticket, None, who.actor.clone(), now).await?;
    let row = store::lock(tx, id).await?.filter(|row| row.state == ProposalState::Open).ok_or(TicketError::NotFound)?;
    change.require_active()?;
    // Somebody may have taken it over meanwhile: then there is nothing to be agreed on.
    if change.ticket.owner_unit_id != row.from_unit_id || row.due_at <= now {
        return Err(TicketError::NotFound);
    }
    Ok((row, change))
}

fn require_of(who: &Principal, unit: i64) -> Result<(), TicketError> {
    who.require(Permission::WorkTickets)?;
    if who.role.may(Permission::TakeOver) || who.units.contains(&unit) { Ok(()) } else { Err(Forbidden.into()) }
}

/// The other unit accepts: it owns the relation from now on.
///
/// # Errors
/// [`TicketError::NotFound`] when nothing waits any more; [`Forbidden`] for who does not belong to the unit.
pub async fn accept(kernel: &Kernel, who: &Principal, id: i64) -> Result<Ticket, TicketError> {
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (row, mut change) = waiting(tx, id, &who, now).await?;
                require_of(&who, row.to_unit_id)?;
                change.ticket.owner_unit_id = row.to_unit_id;
                change.ticket.assignee_id = None;
                takeovers::store::end_all(tx, row.ticket_id, now).await?;
                store::settle(tx, id, ProposalState::Accepted, who.user_id, None, now).await?;
                let data = json!({
                    "unit": row.to_unit_id, "unit_before": row.from_unit_id, "contact": row.reason_id, "proposal": id,
                });
                change.save(tx, "ticket.handed_over", data).await
            })
        })
        .await
}

/// The other unit refuses, with a reason; the owner stays.
///
/// # Errors
/// As [`accept`], and without a reason.
pub async fn refuse(kernel: &Kernel, who: &Principal, id: i64, reason: &str) -> Result<Ticket, TicketError> {
    let reason = written(reason)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (row, change) = waiting(tx, id, &who, now).await?;
                require_of(&who, row.to_unit_id)?;
                let contact = note(tx, row.ticket_id, who.user_id, reason, now).await?;
                store::settle(tx, id, ProposalState::Refused, who.user_id, contact, now).await?;
                change.save(tx, "ticket.hand_over_refused", told(&row, contact)).await
            })
        })
        .await
}

/// The owner takes the proposal back.
///
/// # Errors
/// [`TicketError::NotFound`] when nothing waits any more; [`Forbidden`] for who does not belong to the owner.
pub async fn withdraw(kernel: &Kernel, who: &Principal, id: i64) -> Result<Ticket, TicketError> {
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let (row, change) = waiting(tx, id, &who, now).await?;
                require_of(&who, row.from_unit_id)?;
                store::settle(tx, id, ProposalState::Withdrawn, who.user_id, None, now).await?;
                change.save(tx, "ticket.hand_over_withdrawn", told(&row, None)).await
            })
        })
        .await
}

fn told(row: &store::Row, contact: Option<i64>) -> Value {
    json!({ "unit": row.to_unit_id, "contact": contact, "proposal": row.id })
}

const BATCH: i64 = 200;

/// Ends proposals that nobody answered in time, each with its event; answers how many.
///
/// # Errors
/// When the database refuses; those ended so far stay so.
pub async fn lapse(kernel: &Kernel) -> Result<u64, TicketError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let due = store::due(&mut conn, now, BATCH).await?;
    drop(conn);
    let mut ended = 0;
    for id in due {
        ended += u64::from(kernel.db.write(move |tx| Box::pin(async move { end(tx, id, now).await })).await?);
    }
    Ok(ended)
}

async fn end(tx: &mut Tx, id: i64, now: Instant) -> Result<bool, TicketError> {
    let Some(ticket) = store::ticket_of(tx, id).await? else { return Ok(false) };
    let change = Change::begin_live(tx, ticket, Actor::System, now).await?;
    let Some(row) = store::lock(tx, id).await?.filter(|row| row.state == ProposalState::Open) else { return Ok(false) };
    // What is over, or belongs to somebody else, has nothing to be told.
    if change.ticket.state.is_over() || change.ticket.owner_unit_id != row.from_unit_id {
        store::settle(tx, id, ProposalState::Withdrawn, None, None, now).await?;
        return Ok(true);
    }
    store::settle(tx, id, ProposalState::Lapsed, None, None, now).await?;
    change.save(tx, "ticket.hand_over_lapsed", told(&row, None)).await?;
    Ok(true)
}
