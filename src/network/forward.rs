//! Reports and complaints of the web form go to the competent unit at once (001-19), by a leg like any other.
use super::LegError;
use super::model::{self, LegKind};
use super::refer::{self, Asked};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::knowledge::forward;
use crate::organisation;
use crate::tickets::Ticket;
use crate::tickets::change::Change;

/// Sends a new ticket to the unit that is competent for its category, or that its `sheet` names, if the category says so
/// and the rules for legs allow it; otherwise the front office finds it among the new ones.
///
/// # Errors
/// When the database refuses.
pub async fn forward(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    sheet: Option<i64>,
    now: Instant,
) -> Result<Option<model::Leg>, LegError> {
    let Some(category) = ticket.category_id else { return Ok(None) };
    let Some(unit) = forward::unit_for(tx, category, sheet, ticket.kind).await? else { return Ok(None) };
    let Some(unit) = organisation::store::unit(tx, unit).await?.filter(|u| u.exists_at(now)) else { return Ok(None) };
    let route = match refer::route(tx, ticket.owner_unit_id, unit, now).await {
        Ok(route) => route,
        Err(LegError::Invalid { .. } | LegError::Scope | LegError::Unreachable | LegError::Way { .. }) => {
            return Ok(None);
        }
        Err(e) => return Err(e),
    };
    let language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    let asked = Asked {
        kind: LegKind::Competence,
        question: language.text(&format!("forward-question-{}", ticket.kind.as_str())),
        sent_by: None,
        follows: None,
    };
    let change = Change::begin_by_id(tx, ticket.id, None, Actor::System, now).await?;
    let (_, leg) = refer::send(tx, kernel, change, route, asked).await?;
    Ok(Some(leg))
}

/// A leg that a rule sends with the opening of a ticket.
#[derive(Debug, Clone)]
pub struct Leg {
    /// Row ids.
    pub ticket: i64,
    pub unit: i64,
    pub kind: LegKind,
    pub question: String,
}

/// Sends a leg that a rule asks for, if the rules for legs allow it; otherwise the front office sends it.
///
/// # Errors
/// When the database refuses.
pub async fn send_at_once(tx: &mut Tx, kernel: &Kernel, leg: Leg, now: Instant) -> Result<(), LegError> {
    let Some(unit) = organisation::store::unit(tx, leg.unit).await?.filter(|u| u.exists_at(now)) else { return Ok(()) };
    let change = Change::begin_by_id(tx, leg.ticket, None, Actor::System, now).await?;
    let route = match refer::route(tx, change.ticket.owner_unit_id, unit, change.now()).await {
        Ok(route) => route,
        Err(e @ (LegError::Invalid { .. } | LegError::Scope | LegError::Unreachable | LegError::Way { .. })) => {
            // The request comes in all the same; whoever has it sends it.
            tracing::warn!(ticket.id = leg.ticket, unit.id = leg.unit, "a rule's leg cannot be sent: {e}");
            return Ok(());
        }
        Err(e) => return Err(e),
    };
    let asked = Asked { kind: leg.kind, question: leg.question, sent_by: None, follows: None };
    refer::send(tx, kernel, change, route, asked).await?;
    Ok(())
}

/// Sends a leg of a locked ticket inside a larger change, as a rule of automation asks.
///
/// # Errors
/// When the ticket is over, or the rules for legs do not allow it.
pub async fn send_locked(
    tx: &mut Tx,
    kernel: &Kernel,
    change: Change,
    (unit, kind): (&str, LegKind),
    question: String,
) -> Result<model::Leg, LegError> {
    change.require_active()?;
    let unknown = LegError::Invalid { field: "unit", wrong: "unknown" };
    let now = change.now();
    let unit = organisation::store::unit_by_slug(tx, unit).await?.filter(|u| u.exists_at(now)).ok_or(unknown)?;
    let route = refer::route(tx, change.ticket.owner_unit_id, unit, now).await?;
    let asked = Asked { kind, question, sent_by: None, follows: None };
    Ok(refer::send(tx, kernel, change, route, asked).await?.1)
}
