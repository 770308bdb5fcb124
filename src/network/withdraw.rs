//! The front office takes a leg back before it is answered, and says why.
use serde_json::json;

use super::answer::act;
use super::model::LegAct;
use super::ways::carry::{Said, carry};
use super::ways::choose;
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::organisation;
use crate::tickets::Ticket;
use crate::tickets::change::Change;

/// Withdraws a leg; its links open nothing any more, and its unit is told by mail.
///
/// # Errors
/// When the ticket was changed meanwhile, there is no such leg, no reason is given, or it is over
/// ([`LegError::Over`]).
pub async fn withdraw(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    number: i64,
    expected: Option<i64>,
    reason: &str,
) -> Result<Ticket, LegError> {
    who.require(Permission::WorkTickets)?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(LegError::Invalid { field: "reason", wrong: "missing" });
    }
    let (now, who, code, kernel) = (kernel.now(), who.clone(), code.to_owned(), kernel.clone());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
            let mut leg = store::leg_by_number(tx, change.ticket.id, number).await?.ok_or(LegError::NotFound)?;
            if !leg.state.is_open() {
                return Err(LegError::Over { state: leg.state });
            }
            act(&mut change, &mut leg, LegAct::Recall)?;
            leg.reason = reason;
            store::update_leg(tx, &leg).await?;
            store::revoke_tokens(tx, leg.id, now).await?;
            if let Some(unit) = organisation::store::unit(tx, leg.unit_id).await? {
                match choose::of_leg(tx, &leg, &unit, now).await {
                    Ok(departure) => {
                        carry(tx, &kernel, &change.ticket, &leg, &departure, Said::Withdrawn, now).await?;
                    }
                    // Its link opens nothing any more, whether it can be told or not.
                    Err(LegError::Unreachable | LegError::Way { .. }) => {}
                    Err(e) => return Err(e),
                }
            }
            let data = json!({
                "leg": leg.id,
                "number": leg.number,
                "unit": leg.unit_id,
                "leg_kind": leg.kind,
                "open_legs": change.ticket.open_legs,
            });
            Ok(change.save(tx, "leg.recalled", data).await?)
        })
    })
    .await
}
