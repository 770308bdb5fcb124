//! Referring a ticket to a unit. The leg, its link, its mail, the ticket's state and the event are one
//! transaction: either all exist or none.
use serde_json::json;

use super::model::{Leg, LegKind};
use super::terms::Terms;
use super::ways::carry::{Said, carry};
use super::ways::choose::{self, Departure};
use super::{LegError, referent_links, rules, store};
use crate::classification::answers;
use crate::classification::fields::FieldReader;
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::organisation::{self, AgencyKind, Unit};
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
            let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
            change.require_active()?;
            let unknown = LegError::Invalid { field: "unit", wrong: "unknown" };
            let unit = organisation::store::unit_by_slug(tx, &referral.unit)
                .await?
                .filter(|u| u.exists_at(now))
                .ok_or(unknown)?;
            let route = route(tx, change.ticket.owner_unit_id, unit, now).await?;
            let asked = Asked { kind: referral.kind, question, sent_by: who.user_id, follows: None };
            send(tx, &kernel, change, route, asked).await
        })
    })
    .await
}

/// Where a leg goes: a unit that may receive it and that somebody reads.
#[derive(Debug)]
pub(super) struct Route {
    unit: i64,
    /// Belongs to another agency.
    external: bool,
    /// By which way it leaves.
    departure: Departure,
}

/// What a leg asks, and the user who asks it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) kind: LegKind,
    pub(super) question: String,
    pub(super) sent_by: Option<i64>,
    /// The refused leg that it follows, by row id.
    pub(super) follows: Option<i64>,
}

/// Checks the way from the unit that owns a ticket to another one.
///
/// # Errors
/// When the unit owns the ticket already, may not receive from the owner, or cannot be reached.
pub(super) async fn route(tx: &mut Tx, owner: i64, unit: Unit, now: Instant) -> Result<Route, LegError> {
    let owner = organisation::store::unit(tx, owner).await?.ok_or(LegError::NotFound)?;
    if unit.id == owner.id {
        return Err(LegError::Invalid { field: "unit", wrong: "owner" });
    }
    if !unit.may_receive_from(&owner) {
        return Err(LegError::Scope);
    }
    let departure = choose::departure(tx, &unit, now).await?;
    let agency = organisation::store::agency(tx, unit.agency_id).await?.ok_or(LegError::NotFound)?;
    Ok(Route { unit: unit.id, external: agency.kind != AgencyKind::Own, departure })
}

/// A question with what the ticket's category asked, as far as back offices see it.
async fn with_answers(tx: &mut Tx, kernel: &Kernel, ticket: &Ticket, question: String) -> Result<String, LegError> {
    let language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    let asked = answers::of_ticket(tx, ticket).await?;
    let lines = asked.shown(FieldReader::BackOffice, language);
    let lines: Vec<String> = lines.into_iter().map(|(label, answer)| format!("{label}: {answer}")).collect();
    Ok(if lines.is_empty() { question } else { format!("{question}\n\n{}", lines.join("\n")) })
}

/// Sends a leg inside a larger change: the leg, its mail, the ticket's state and the event.
///
/// # Errors
/// When the ticket's state does not allow it.
pub(super) async fn send(
    tx: &mut Tx,
    kernel: &Kernel,
    mut change: Change,
    route: Route,
    asked: Asked,
) -> Result<(Ticket, Leg), LegError> {
    let now = change.now();
    let terms = Terms::new(kernel, rules::read(tx).await?);
    // Nobody waits for a unit that is only informed.
    let due = asked.kind.is_decisive().then(|| terms.due(now));
    let question = if asked.kind.shows_files() {
        with_answers(tx, kernel, &change.ticket, asked.question).await?
    } else {
        asked.question
    };
    let new = store::NewLeg {
        ticket_id: change.ticket.id,
        number: store::next_number(tx, change.ticket.id).await?,
        sender_unit_id: change.ticket.owner_unit_id,
        unit_id: route.unit,
        kind: asked.kind,
        external: route.external,
        question,
        sent_by: asked.sent_by,
        sent_at: now,
        follows_id: asked.follows,
        refuse_until: asked.kind.is_decisive().then(|| terms.refuse_until(now)),
        due_at: due,
        remind_at: due.and_then(|due| terms.remind_at(due, 0)),
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
            change.ticket.assignee_id = asked.sent_by;
        }
    }
    carry(tx, kernel, &change.ticket, &leg, &route.departure, Said::Leg, now).await?;
    referent_links::tell_new(tx, kernel, &change.ticket, &leg, &route.departure.shown, now).await?;
    let data = json!({
        "leg": leg.id,
        "number": leg.number,
        "unit": leg.unit_id,
        "leg_kind": leg.kind,
        "external": leg.external,
        "open_legs": change.ticket.open_legs,
        "follows": leg.follows_id,
    });
    let ticket = change.save(tx, "leg.sent", data).await?;
    Ok((ticket, leg))
}
