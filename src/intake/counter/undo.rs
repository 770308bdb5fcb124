//! A visit registered by mistake is taken back within a minute, as if nobody had come; the log keeps that it was.
use serde_json::json;

use super::VisitError;
use super::model::UNDO;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::change::Change;
use crate::tickets::receive::clear_closing;
use crate::tickets::{Outcome, State};

/// Undoes a visit of the caller. A ticket that was opened for it ends as a mistake and counts in no figure; a ticket
/// that was there before is open again, and keeps a note instead of the contact.
///
/// # Errors
/// [`VisitError::TooLate`] after a minute, for a visit of somebody else, or when somebody worked on the ticket since.
pub async fn undo(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), VisitError> {
    who.require(Permission::WorkTickets)?;
    let (now, who) = (kernel.now(), who.clone());
    let language = Language::from_tag(&who.language).unwrap_or(Language::Italian);
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let visit = store::visit(tx, id).await?.ok_or(VisitError::NotFound)?;
            if visit.user_id != who.user_id || now.since(visit.registered_at) > UNDO {
                return Err(VisitError::TooLate);
            }
            let mut change = Change::begin_by_id(tx, visit.ticket_id, None, who.actor.clone(), now).await?;
            // What others changed since must not be overwritten.
            if change.ticket.touched_at > visit.registered_at || !store::mark_undone(tx, id, now).await? {
                return Err(VisitError::TooLate);
            }
            let data = json!({ "contact": visit.contact_id });
            store::contact_to_note(tx, visit.contact_id, &language.text("visit-undone-note")).await?;
            if visit.opened {
                change.become_state(State::Closed)?;
                change.ticket.closed_at = Some(now);
                change.ticket.resolved_at = Some(now);
                change.ticket.outcome = Some(Outcome::Mistaken.as_str().to_owned());
                change.ticket.closing_sheet_id = None;
                change.ticket.closing_sheet_version = None;
                change.save(tx, "visit.undone", data).await?;
            } else {
                if change.ticket.state.is_over() {
                    change.become_state(State::Open)?;
                    clear_closing(&mut change.ticket);
                }
                change.save(tx, "visit.removed", data).await?;
            }
            Ok::<(), VisitError>(())
        })
    });
    write.await
}
