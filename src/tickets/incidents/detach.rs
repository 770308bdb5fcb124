use serde_json::json;

use super::{IncidentRefusal, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::TicketError;
use crate::tickets::change::Change;
use crate::tickets::merging::note_reason;
use crate::tickets::model::Ticket;

/// Lets a ticket go from below another. Whoever got it only by being gathered loses it again, so that it waits
/// in its unit's queue; what was answered stays answered.
///
/// # Errors
/// When it was changed meanwhile, or is below no ticket.
pub async fn detach(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    reason: &str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code, reason) = (kernel.now(), who.clone(), code.to_owned(), reason.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut child = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                let tied = store::parent(tx, child.ticket.id).await?.ok_or(IncidentRefusal::NotBelow)?;
                store::end_parent(tx, tied.id, now).await?;
                if tied.given_to.is_some() && child.ticket.assignee_id == tied.given_to && !child.ticket.state.is_over()
                {
                    child.ticket.assignee_id = None;
                }
                let note = note_reason(tx, child.ticket.id, &who, &reason, now).await?;
                let data = json!({ "other": tied.code, "parent": tied.parent_id, "contact": note });
                child.save(tx, "ticket.detached", data).await
            })
        })
        .await
}
