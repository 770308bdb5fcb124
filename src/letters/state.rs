use serde_json::json;

use super::correct::save;
use super::model::LetterState;
use super::store::{self, LetterRow};
use super::{LetterError, view};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::Outcome;
use crate::tickets::change::Change;
use crate::tickets::close::{Closing, close_locked};

/// How a letter is to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// To be looked at once more.
    New,
    /// Checked.
    Worked,
    /// It came here by mistake; whose it is, or why. Its ticket is closed when nothing else is on it.
    NotOurs { reason: String },
}

/// Says how a letter stands.
///
/// # Errors
/// When it was changed meanwhile, its pages went to another letter, or no reason is given.
pub async fn set_state(
    kernel: &Kernel,
    who: &Principal,
    id: i64,
    version: Option<i64>,
    standing: Standing,
) -> Result<LetterRow, LetterError> {
    who.require(Permission::WorkTickets)?;
    let (state, reason) = match standing {
        Standing::New => (LetterState::New, String::new()),
        Standing::Worked => (LetterState::Worked, String::new()),
        Standing::NotOurs { reason } => (LetterState::NotOurs, reason.trim().replace(['\r', '\0'], "")),
    };
    if state == LetterState::NotOurs && reason.is_empty() {
        return Err(LetterError::Invalid { field: "reason", wrong: "missing" });
    }
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let before = view::begin(tx, id, version).await?;
                let mut after = before.clone();
                state.as_str().clone_into(&mut after.state);
                after.reason = reason;
                save(tx, &after).await?;
                let said = if after.reason.is_empty() {
                    after.state.clone()
                } else {
                    format!("{}: {}", after.state, after.reason)
                };
                store::note(tx, id, who.user_id, "state", &before.state, &said, now).await?;
                let change = Change::begin_by_id(tx, before.ticket_id, None, who.actor.clone(), now).await?;
                let kind = if state == LetterState::NotOurs { "letter.not_ours" } else { "letter.checked" };
                let ticket = change.save(tx, kind, json!({ "contact": id })).await?;
                if state == LetterState::NotOurs
                    && !ticket.state.is_over()
                    && ticket.open_legs == 0
                    && store::others_on(tx, ticket.id, id).await? == 0
                {
                    let change = Change::begin_by_id(tx, ticket.id, None, who.actor, now).await?;
                    close_locked(tx, change, &Closing { outcome: Outcome::NotCompetent, sheet: None }).await?;
                }
                store::letter(tx, id).await?.ok_or(LetterError::NotFound)
            })
        })
        .await
}
