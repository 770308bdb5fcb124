//! "Not of our competence": the unit gives a leg back with its reason.
use serde_json::json;

use super::answer::{lock, page_contact, settle, visible_leg, wake};
use super::model::LegState;
use super::{LegError, store, tokens};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::permissions::Principal;
use crate::kernel::time::Instant;
use crate::tickets::Ticket;
use crate::tickets::store as ticket_store;

/// Why, and who says so.
#[derive(Debug, Clone)]
pub struct NotOurs {
    pub reason: String,
    /// May be empty.
    pub signed: String,
}

/// Returns a leg from the page of a token.
///
/// # Errors
/// [`LegError::NotFound`] for a wrong or expired token, [`LegError::Withdrawn`], [`LegError::Over`], or no reason.
pub async fn by_token(kernel: &Kernel, token: &str, why: NotOurs) -> Result<Ticket, LegError> {
    let (now, token) = (kernel.now(), token.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let leg = tokens::leg_for_change(tx, &token, now).await?;
                give_back(tx, leg.id, None, Actor::Leg(leg.id), why, now).await
            })
        })
        .await
}

/// Returns a leg from the page of an account.
///
/// # Errors
/// As [`by_token`]; [`LegError::NotFound`] also for legs that the caller may not see.
pub async fn by_account(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    number: i64,
    why: NotOurs,
) -> Result<Ticket, LegError> {
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let leg = visible_leg(tx, &who, &code, number).await?;
                give_back(tx, leg.id, who.user_id, who.actor.clone(), why, now).await
            })
        })
        .await
}

async fn give_back(
    tx: &mut Tx,
    leg_id: i64,
    author: Option<i64>,
    actor: Actor,
    why: NotOurs,
    now: Instant,
) -> Result<Ticket, LegError> {
    let reason = why.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    let (mut change, mut leg) = lock(tx, leg_id, actor, now).await?;
    match leg.state {
        LegState::Sent => {}
        LegState::Withdrawn => return Err(LegError::Withdrawn),
        state @ (LegState::Answered | LegState::Returned) => return Err(LegError::Over { state }),
    }
    let contact = page_contact(&leg, author, change.actor(), &why.signed, &reason, "", now);
    let contact = ticket_store::insert_contact(tx, &contact).await?;
    settle(&mut change, &leg)?;
    let late = wake(&mut change)?;
    leg.state = LegState::Returned;
    leg.answered_at = Some(now);
    leg.reason = reason;
    store::update_leg(tx, &leg).await?;
    let data = json!({
        "leg": leg.id,
        "number": leg.number,
        "unit": leg.unit_id,
        "contact": contact,
        "leg_kind": leg.kind,
        "open_legs": change.ticket.open_legs,
        "late": late,
    });
    Ok(change.save(tx, "leg.returned", data).await?)
}
