//! A refused leg goes on to the unit that the refusal suggests: by one click of the front office, with the same question.
use super::model::{Leg, LegState};
use super::refer::{self, Asked};
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::organisation;
use crate::tickets::Ticket;
use crate::tickets::change::Change;

/// Sends a new leg, of the same kind and with the same question, to the unit that the refusal of a leg suggests.
///
/// # Errors
/// When the ticket was changed meanwhile or is over, the leg was not refused with a suggestion
/// ([`LegError::NotNow`]), somebody followed it already ([`LegError::Over`]), or the unit may not receive it.
pub async fn follow(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    number: i64,
    expected: Option<i64>,
) -> Result<(Ticket, Leg), LegError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code, kernel) = (kernel.now(), who.clone(), code.to_owned(), kernel.clone());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
            change.require_active()?;
            let refused = store::leg_by_number(tx, change.ticket.id, number).await?.ok_or(LegError::NotFound)?;
            let Some(unit) = refused.suggested_unit_id.filter(|_| refused.state == LegState::Returned) else {
                return Err(LegError::NotNow { state: refused.state });
            };
            if store::legs(tx, change.ticket.id).await?.iter().any(|l| l.follows_id == Some(refused.id)) {
                return Err(LegError::Over { state: refused.state });
            }
            let unknown = LegError::Invalid { field: "unit", wrong: "unknown" };
            let unit = organisation::store::unit(tx, unit).await?.filter(|u| u.exists_at(now)).ok_or(unknown)?;
            let route = refer::route(tx, change.ticket.owner_unit_id, unit, now).await?;
            let asked = Asked {
                kind: refused.kind,
                question: refused.question.clone(),
                sent_by: who.user_id,
                follows: Some(refused.id),
            };
            refer::send(tx, &kernel, change, route, asked).await
        })
    })
    .await
}
