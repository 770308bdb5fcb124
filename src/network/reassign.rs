//! A leg is given to a named referent of its unit, by a colleague, by the front office, or by the program when its holder
//! is away.
use serde_json::json;

use super::answer::lock;
use super::door::{Door, Entered};
use super::mail::{self, Said};
use super::model::{Leg, LegState};
use super::remind::can_be_given;
use super::{LegError, referent_links, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::organisation::{self, Referent};
use crate::outbox::Purpose;
use crate::tickets::Ticket;

/// Gives a leg to a referent of its unit or of one above, who is told by mail; `None` gives it back to the whole unit.
///
/// # Errors
/// [`LegError::NotFound`] for a wrong or expired link and for legs that the caller may not see, [`LegError::Over`],
/// or a referent who is not one of the unit's ([`LegError::Invalid`]).
pub async fn reassign(kernel: &Kernel, door: &Door, to: Option<i64>) -> Result<(Ticket, Leg), LegError> {
    let (kernel, door, now) = (kernel.clone(), door.clone(), kernel.now());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let Entered { leg, actor, .. } = door.enter(tx, now).await?;
            if let Some(id) = to
                && !colleagues(tx, &kernel, &leg).await?.iter().any(|r| r.id == id)
            {
                return Err(LegError::Invalid { field: "referent", wrong: "unknown" });
            }
            give(tx, &kernel, leg.id, to, actor).await
        })
    })
    .await
}

/// The referents to whom a leg can be given: those of its unit and of the units above it.
///
/// # Errors
/// When the database cannot be read.
pub async fn colleagues(
    conn: &mut crate::kernel::database::Conn,
    kernel: &Kernel,
    leg: &Leg,
) -> Result<Vec<Referent>, LegError> {
    let mut places = vec![leg.unit_id];
    while let Some(unit) = organisation::store::unit(conn, places[places.len() - 1]).await?
        && let Some(parent) = unit.parent_id.filter(|p| !places.contains(p))
    {
        places.push(parent);
    }
    let all = organisation::store::referents_at(conn, kernel.now()).await?;
    Ok(all.into_iter().filter(|r| places.contains(&r.unit_id) && !r.email.is_empty()).collect())
}

/// Gives a leg to somebody inside a larger change, without asking whether they belong to its unit.
pub(super) async fn give(
    tx: &mut Tx,
    kernel: &Kernel,
    leg: i64,
    to: Option<i64>,
    actor: Actor,
) -> Result<(Ticket, Leg), LegError> {
    let now = kernel.now();
    let (change, mut leg) = lock(tx, leg, actor.clone(), now).await?;
    if !can_be_given(&leg) {
        return Err(if leg.state == LegState::Withdrawn {
            LegError::Withdrawn
        } else {
            LegError::Over { state: leg.state }
        });
    }
    let before = leg.referent_id;
    if before == to {
        return Ok((change.ticket, leg));
    }
    leg.referent_id = to;
    store::update_leg(tx, &leg).await?;
    let ticket = change.ticket;
    if let Some(id) = to
        && let Some(referent) = organisation::store::referent(tx, id).await?
    {
        let link = format!("{}/{}/{}", referent_links::address(tx, kernel, id).await?, ticket.code, leg.number);
        let values = [("link", link), ("name", referent.name)];
        // Given to and fro, each time is a mail of its own.
        let name = format!("given-{id}-{}", now.0);
        let said = Said { purpose: Purpose::LegReminder, key: "leg-mail-given", name: &name, values: &values };
        mail::tell(tx, kernel, &ticket, &leg, referent.email, said, now).await?;
    }
    let data = json!({
        "leg": leg.id, "number": leg.number, "unit": leg.unit_id, "leg_kind": leg.kind,
        "referent": to, "referent_before": before,
    });
    let event = NewEvent { kind: "leg.reassigned", ticket: Some(ticket.id), actor, data };
    events::append(tx, now, &[event]).await?;
    Ok((ticket, leg))
}
