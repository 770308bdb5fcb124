//! Referring a ticket to a unit. The leg, its link, its mail, the ticket's state and the event are one
//! transaction: either all exist or none.
use serde_json::json;

use super::model::{AgencyKind, Leg, LegKind};
use super::{LegError, mail, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::outbox::Purpose;
use crate::tickets::change::Change;
use crate::tickets::{State, Ticket};

/// What is asked of whom.
#[derive(Debug, Clone)]
pub struct Referral {
    /// Slug of the unit.
    pub unit: String,
    pub kind: LegKind,
    pub question: String,
}

/// Sends a ticket to a unit. A leg for competence or inquiry makes the ticket wait for it; one for knowledge
/// changes neither its state nor what it waits for.
///
/// # Errors
/// When the ticket was changed meanwhile or is over, the question is missing, the unit does not exist, owns
/// the ticket already, cannot be reached, or may not receive from the owner ([`LegError::Scope`]).
pub async fn refer(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    referral: Referral,
) -> Result<(Ticket, Leg), LegError> {
    who.require(Permission::WorkTickets)?;
    let question = referral.question.trim().to_owned();
    if question.is_empty() {
        return Err(LegError::Invalid { field: "question", wrong: "missing" });
    }
    let (now, who, code, kernel) = (kernel.now(), who.clone(), code.to_owned(), kernel.clone());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
            change.require_active()?;
            let unknown = LegError::Invalid { field: "unit", wrong: "unknown" };
            let unit = store::unit_by_slug(tx, &referral.unit).await?.filter(|u| u.exists_at(now)).ok_or(unknown)?;
            let owner = store::unit(tx, change.ticket.owner_unit_id).await?.ok_or(LegError::NotFound)?;
            if unit.id == owner.id {
                return Err(LegError::Invalid { field: "unit", wrong: "owner" });
            }
            if !unit.may_receive_from(&owner) {
                return Err(LegError::Scope);
            }
            let recipient = mail::address_of(tx, &unit).await?;
            if recipient.is_none() && !store::has_referent(tx, unit.id).await? {
                return Err(LegError::Unreachable);
            }
            let agency = store::agency(tx, unit.agency_id).await?.ok_or(LegError::NotFound)?;
            let new = store::NewLeg {
                ticket_id: change.ticket.id,
                number: store::next_number(tx, change.ticket.id).await?,
                unit_id: unit.id,
                kind: referral.kind,
                external: agency.kind != AgencyKind::Own,
                question,
                sent_by: who.user_id,
                sent_at: now,
            };
            let id = store::insert_leg(tx, &new).await?;
            let leg = store::leg(tx, id).await?.ok_or(LegError::NotFound)?;
            if leg.kind.is_decisive() {
                change.become_state(State::Referred)?;
                change.ticket.decisive_legs += 1;
                change.ticket.open_legs += 1;
                // Only what somebody must answer counts: who is merely informed closes nothing.
                change.ticket.external_legs += i64::from(leg.external);
                if change.ticket.assignee_id.is_none() {
                    change.ticket.assignee_id = who.user_id;
                }
            }
            if let Some(recipient) = recipient {
                mail::send(tx, &kernel, &change.ticket, &leg, recipient, Purpose::Leg, now).await?;
            }
            let data = json!({
                "leg": leg.id,
                "number": leg.number,
                "unit": leg.unit_id,
                "leg_kind": leg.kind,
                "external": leg.external,
                "open_legs": change.ticket.open_legs,
            });
            let ticket = change.save(tx, "leg.sent", data).await?;
            Ok((ticket, leg))
        })
    })
    .await
}
