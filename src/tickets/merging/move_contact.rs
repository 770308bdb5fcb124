use serde_json::json;

use super::{after_move, begin_two, live_by_code, note_reason, require_both, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::model::Ticket;
use crate::tickets::{MergeRefusal, TicketError};

/// Where a message goes.
#[derive(Debug, Clone, Default)]
pub struct Moving {
    /// Version of the ticket it lies in, as the caller saw it.
    pub version: Option<i64>,
    /// Code of the ticket it goes to.
    pub to: String,
    /// Its version as the caller saw it.
    pub to_version: Option<i64>,
    /// Kept as an internal note; may be empty.
    pub reason: String,
}

/// Moves a message to another ticket, which is answered. It keeps its author and time; answers to it go there
/// from now on.
///
/// # Errors
/// When either ticket was changed meanwhile, the message is not in this one or belongs to a leg, nothing of the
/// citizen would be left, or the other ticket is closed.
pub async fn move_contact(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    contact: i64,
    how: Moving,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let named = crate::tickets::store::by_code(tx, &code).await?.ok_or(TicketError::NotFound)?;
                let target = live_by_code(tx, &how.to).await?;
                if target.id == named.id || Some(target.id) == named.merged_into_id {
                    return Err(MergeRefusal::Same.into());
                }
                let (from, to) = begin_two(tx, (named.id, how.version), (target.id, how.to_version), &who, now).await?;
                for change in [&from, &to] {
                    if let Some(id) = change.ticket.merged_into_id {
                        return Err(TicketError::Merged { into: crate::tickets::store::code_of(tx, id).await? });
                    }
                }
                require_both(&who, [&from.ticket, &to.ticket])?;
                if to.ticket.state.is_over() {
                    return Err(MergeRefusal::TargetOver.into());
                }
                let row = store::movable(tx, from.ticket.id, &[contact]).await?.remove(0);
                let via = after_move(row.person_id, to.ticket.person_id, row.via_id.unwrap_or(from.ticket.id));
                // A merged ticket's message that goes to the ticket it came from, or a message moved back.
                let via = via.filter(|home| *home != to.ticket.id);
                store::move_one(tx, &row, to.ticket.id, via, now).await?;
                let note = note_reason(tx, to.ticket.id, &who, &how.reason, now).await?;
                let (source, goal) = (from.ticket.code.clone(), to.ticket.code.clone());
                from.save(tx, "contact.moved_out", json!({ "contact": contact, "other": goal })).await?;
                to.save(tx, "contact.moved_in", json!({ "contact": contact, "other": source, "note": note })).await
            })
        })
        .await
}
