use serde_json::json;

use super::change::Change;
use super::hold::HoldRule;
use super::model::{Outcome, State, Ticket};
use super::store::UsedSheet;
use super::{TicketError, incidents, store};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Permission, Principal};

/// How a ticket is closed.
#[derive(Debug, Clone)]
pub struct Closing {
    pub outcome: Outcome,
    /// Code of the sheet that answered it, for attribution. Empty: somebody said that none did; `None`: nobody said.
    pub sheet: Option<String>,
}

/// Closes a ticket. The event holds all that the closure rate is made of, so that the rate can be counted
/// again from the log alone.
///
/// # Errors
/// When it was changed meanwhile, is closed already, or the sheet does not exist.
pub async fn close(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    how: Closing,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let rule = HoldRule::of(&kernel.config.desk);
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                rule.check(tx, change.ticket.id, &who, now).await?;
                close_locked(tx, change, &how).await
            })
        })
        .await
}

/// Closes a ticket inside a larger change.
///
/// # Errors
/// As [`close`].
pub async fn close_locked(tx: &mut Tx, change: Change, how: &Closing) -> Result<Ticket, TicketError> {
    if !Outcome::CHOICES.contains(&how.outcome) {
        return Err(TicketError::Invalid { field: "outcome", wrong: "unknown" });
    }
    let sheet = used_sheet(tx, how).await?;
    finish(tx, change, how.outcome, sheet, says_none(how)).await
}

/// The sheet that answered it, if it names one.
pub(super) async fn used_sheet(tx: &mut Tx, how: &Closing) -> Result<Option<UsedSheet>, TicketError> {
    let Some(code) = how.sheet.as_deref().filter(|s| !s.is_empty()) else { return Ok(None) };
    let unknown = TicketError::Invalid { field: "sheet", wrong: "unknown" };
    store::used_sheet(tx, code).await?.ok_or(unknown).map(Some)
}

/// Whether somebody said that no sheet answered it.
pub(super) fn says_none(how: &Closing) -> bool {
    how.sheet.as_deref().is_some_and(str::is_empty)
}

/// The closing itself.
pub(super) async fn finish(
    tx: &mut Tx,
    mut change: Change,
    outcome: Outcome,
    sheet: Option<UsedSheet>,
    without_sheet: bool,
) -> Result<Ticket, TicketError> {
    change.become_state(State::Closed)?;
    let now = change.now();
    let (decisive_above, external_above) = incidents::legs_above(tx, change.ticket.id).await?;
    let ticket = &mut change.ticket;
    ticket.closed_at = Some(now);
    ticket.resolved_at.get_or_insert(now);
    ticket.outcome = Some(outcome.as_str().to_owned());
    ticket.closing_sheet_id = sheet.map(|s| s.id);
    ticket.closing_sheet_version = sheet.map(|s| s.version).filter(|v| *v > 0);
    let data = json!({
        "outcome": outcome,
        "sheet": sheet.map(|s| s.id),
        "sheet_version": sheet.map(|s| s.version),
        "without_sheet": without_sheet,
        "channel": ticket.channel,
        "category": ticket.category_id,
        "strict": ticket.strict_front_office() && decisive_above == 0,
        "wide": ticket.wide_front_office() && external_above == 0,
    });
    change.save(tx, "ticket.closed", data).await
}
