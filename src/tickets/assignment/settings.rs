//! How units give out, what agents can and hold, and who is ready.
use serde_json::json;

use super::model::{DeskAgent, HEAVIEST, MOST, UnitPolicy};
use super::{AssignmentError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};

/// Longest list of words.
const LONG: usize = 200;

fn fits(field: &'static str, words: &[String]) -> Result<(), AssignmentError> {
    let plain = |w: &String| w.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c));
    let long: usize = words.iter().map(|w| w.chars().count() + 1).sum();
    if long <= LONG && words.iter().all(plain) {
        Ok(())
    } else {
        Err(AssignmentError::Invalid { field, wrong: "shape" })
    }
}

/// Says how a unit gives its tickets out.
///
/// # Errors
/// [`AssignmentError::Invalid`] for a capacity or a weight out of range, or words that are none.
pub async fn set_policy(
    kernel: &Kernel,
    who: &Principal,
    unit: &str,
    policy: UnitPolicy,
) -> Result<(), AssignmentError> {
    who.require(Permission::TakeOver)?;
    if !(1..=MOST).contains(&policy.capacity) {
        return Err(AssignmentError::Invalid { field: "capacity", wrong: "range" });
    }
    if !policy.weights.values().all(|weight| (0..=HEAVIEST).contains(weight)) {
        return Err(AssignmentError::Invalid { field: "weights", wrong: "range" });
    }
    if policy.level.is_some_and(|level| !(1..=4).contains(&level)) {
        return Err(AssignmentError::Invalid { field: "level", wrong: "range" });
    }
    fits("skills", &policy.skills)?;
    let (now, actor, unit) = (kernel.now(), who.actor.clone(), unit.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let known = store::unit_lines(tx).await?.into_iter().find(|line| line.slug == unit);
                let unit = known.ok_or(AssignmentError::NotFound)?.id;
                store::save_policy(tx, unit, &policy).await?;
                let data = json!({ "unit": unit, "policy": policy.policy });
                events::append(tx, now, &[NewEvent { kind: "unit.policy_set", ticket: None, actor, data }]).await?;
                Ok(())
            })
        })
        .await
}

/// Says what an agent can and how much they hold; `None` as capacity: as much as their unit says.
///
/// # Errors
/// [`AssignmentError::Invalid`] for a capacity out of range, or words that are none; [`AssignmentError::NotFound`] for
/// somebody who does not work tickets.
pub async fn set_agent(kernel: &Kernel, who: &Principal, agent: DeskAgent) -> Result<(), AssignmentError> {
    who.require(Permission::TakeOver)?;
    if agent.capacity.is_some_and(|n| !(0..=MOST).contains(&n)) {
        return Err(AssignmentError::Invalid { field: "capacity", wrong: "range" });
    }
    fits("skills", &agent.skills)?;
    fits("languages", &agent.languages)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::working(tx).await?.contains(&agent.user_id) {
                    return Err(AssignmentError::NotFound);
                }
                store::save_agent(tx, &agent).await?;
                let data = json!({ "user": agent.user_id, "users": [agent.user_id] });
                events::append(tx, now, &[NewEvent { kind: "agent.changed", ticket: None, actor, data }]).await?;
                Ok(())
            })
        })
        .await
}

/// Whether an agent takes what is given out by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    Busy,
}

/// Says whether an agent takes what is given out: agents for themselves, supervisors for everybody.
///
/// # Errors
/// [`AssignmentError::NotFound`] for somebody who does not work tickets.
pub async fn set_ready(
    kernel: &Kernel,
    who: &Principal,
    user: i64,
    readiness: Readiness,
) -> Result<(), AssignmentError> {
    who.require(if who.user_id == Some(user) { Permission::WorkTickets } else { Permission::TakeOver })?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::working(tx).await?.contains(&user) {
                    return Err(AssignmentError::NotFound);
                }
                let ready = readiness == Readiness::Ready;
                store::set_ready(tx, user, ready.then_some(now)).await?;
                let data = json!({ "user": user, "users": [user], "ready": ready });
                events::append(tx, now, &[NewEvent { kind: "agent.readiness", ticket: None, actor, data }]).await?;
                Ok(())
            })
        })
        .await
}
