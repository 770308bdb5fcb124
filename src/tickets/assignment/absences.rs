//! Agents who are away: what they have in work goes to whoever stands in, or back to its queue; what waits for the
//! citizen or for a unit follows when it comes back to work. Promises to call back belong to their ticket and go along.
use jiff::{SignedDuration, ToSpan};
use serde_json::json;

use super::model::{AgentAbsence, Away};
use super::{AssignmentError, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::leases;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::tickets::TicketError;
use crate::tickets::change::Change;

/// The work of one node at a time, under this name.
pub(super) const LEASE: &str = "tickets of absent agents";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
const BATCH: i64 = 200;
/// A reason is one line.
const REASON: usize = 200;

/// An absence as somebody writes it down.
#[derive(Debug, Clone)]
pub struct NewAbsence {
    pub user_id: i64,
    pub from_at: Instant,
    pub to_at: Instant,
    pub substitute_id: Option<i64>,
    pub reason: String,
}

/// Writes an absence down: agents their own, supervisors everybody's. Answers its row id.
///
/// # Errors
/// [`AssignmentError::Invalid`] for an end that is not after the beginning or is over, a reason that is too long, or a
/// substitute who does not work here or is the absent agent; [`AssignmentError::NotFound`] for an unknown agent.
pub async fn be_absent(kernel: &Kernel, who: &Principal, new: NewAbsence) -> Result<i64, AssignmentError> {
    who.require(if who.user_id == Some(new.user_id) { Permission::WorkTickets } else { Permission::TakeOver })?;
    let now = kernel.now();
    let invalid = |field, wrong| Err(AssignmentError::Invalid { field, wrong });
    if new.to_at <= new.from_at {
        return invalid("to", "before_start");
    }
    if new.to_at <= now {
        return invalid("to", "over");
    }
    if new.reason.chars().count() > REASON {
        return invalid("reason", "too_long");
    }
    let who = who.clone();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let working = store::working(tx).await?;
                if !working.contains(&new.user_id) {
                    return Err(AssignmentError::NotFound);
                }
                match new.substitute_id {
                    Some(substitute) if substitute == new.user_id => {
                        return Err(AssignmentError::Invalid { field: "substitute", wrong: "oneself" });
                    }
                    Some(substitute) if !working.contains(&substitute) => {
                        return Err(AssignmentError::Invalid { field: "substitute", wrong: "unknown" });
                    }
                    Some(_) | None => {}
                }
                let id = store::insert_absence(tx, &new, who.user_id, now).await?;
                told(tx, "agent.absent", id, new.user_id, who.actor, now).await?;
                Ok(id)
            })
        })
        .await
}

/// «Assente oggi»: a supervisor says that an agent does not work until the end of the day.
///
/// # Errors
/// As [`be_absent`].
pub async fn absent_today(
    kernel: &Kernel,
    who: &Principal,
    user_id: i64,
    substitute_id: Option<i64>,
) -> Result<i64, AssignmentError> {
    who.require(Permission::TakeOver)?;
    let now = kernel.now();
    let local = now.zoned(&kernel.config.zone());
    let midnight = local.date().checked_add(1.day()).ok().and_then(|day| day.to_zoned(local.time_zone().clone()).ok());
    let to_at = midnight.map_or(now.plus(SignedDuration::from_hours(24)), |zoned| Instant::from(zoned.timestamp()));
    let new = NewAbsence { user_id, from_at: now, to_at, substitute_id, reason: String::new() };
    be_absent(kernel, who, new).await
}

/// Somebody is back, or does not go: an absence that began ends now, one to come never begins.
///
/// # Errors
/// [`AssignmentError::NotFound`] when there is none, or it is over.
pub async fn come_back(kernel: &Kernel, who: &Principal, absence: i64) -> Result<AgentAbsence, AssignmentError> {
    who.require(Permission::WorkTickets)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let found = store::absence(tx, absence).await?.filter(|a| a.to_at > now);
                let found = found.ok_or(AssignmentError::NotFound)?;
                if who.user_id != Some(found.user_id) {
                    who.require(Permission::TakeOver)?;
                }
                if found.from_at <= now {
                    store::end_absence(tx, absence, now).await?;
                } else {
                    store::delete_absence(tx, absence).await?;
                }
                told(tx, "agent.returned", absence, found.user_id, who.actor, now).await?;
                Ok(found)
            })
        })
        .await
}

async fn told(
    tx: &mut Tx,
    kind: &'static str,
    absence: i64,
    user: i64,
    actor: Actor,
    now: Instant,
) -> Result<(), AssignmentError> {
    let data = json!({ "absence": absence, "user": user, "users": [user] });
    events::append(tx, now, &[NewEvent { kind, ticket: None, actor, data }]).await?;
    Ok(())
}

/// Passes what absent agents have in work on; answers how many tickets.
///
/// # Errors
/// When the database refuses; those passed on so far stay so.
pub async fn pass_on(kernel: &Kernel) -> Result<u64, TicketError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let held = store::held_by_absent(&mut conn, now, BATCH).await?;
    drop(conn);
    if held.is_empty() || !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
        return Ok(0);
    }
    let mut passed = 0;
    for (ticket, holder, absence) in held {
        passed += u64::from(
            kernel.db.write(move |tx| Box::pin(async move { pass(tx, ticket, holder, absence, now).await })).await?,
        );
    }
    Ok(passed)
}

async fn pass(tx: &mut Tx, ticket: i64, holder: i64, absence: i64, now: Instant) -> Result<bool, TicketError> {
    let away = Away::new(&store::absences_at(tx, now).await?);
    let to = away.stands_in(holder, &store::working(tx).await?);
    let mut change = Change::begin_by_id(tx, ticket, None, Actor::System, now).await?;
    // Somebody may have taken it meanwhile, or whoever was away is back.
    if change.ticket.assignee_id != Some(holder) || change.ticket.state.is_over() || !away.has(holder) {
        return Ok(false);
    }
    change.ticket.assignee_id = to;
    store::insert_pass(tx, absence, ticket, to, now).await?;
    match to {
        Some(to) => {
            let data = json!({ "assignee": to, "assignee_before": holder, "absence": absence });
            change.save(tx, "ticket.assigned", data).await?;
        }
        None => {
            change.save(tx, "ticket.put_back", json!({ "assignee_before": holder, "absence": absence })).await?;
        }
    }
    Ok(true)
}
