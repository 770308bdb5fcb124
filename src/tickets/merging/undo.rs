use serde_json::{Value, json};

use super::{begin_two, note_reason, require_both, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::model::{State, Ticket};
use crate::tickets::{MergeRefusal, TicketError};

/// Parts a merged ticket again: it is as it was, with its contacts, state, owner and assignee. What came after
/// the merge stays with the other ticket, as does what was moved elsewhere by hand since. A ticket that was
/// closed before counts in the closure rate again, on its day. Answers the parted ticket.
///
/// # Errors
/// When it was changed meanwhile, is not merged, or the other was itself merged since.
pub async fn unmerge(
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
                let named = crate::tickets::store::by_code(tx, &code).await?.ok_or(TicketError::NotFound)?;
                let known = store::standing(tx, named.id).await?.ok_or(MergeRefusal::NotMerged)?;
                let (mut parted, mut other) =
                    begin_two(tx, (named.id, expected), (known.into_id, None), &who, now).await?;
                // Read again under the lock: somebody may have parted it in between.
                let merge =
                    store::standing(tx, named.id).await?.filter(|m| m.id == known.id).ok_or(MergeRefusal::NotMerged)?;
                if other.ticket.merged_into_id.is_some() {
                    return Err(MergeRefusal::Nested.into());
                }
                require_both(&who, [&parted.ticket, &other.ticket])?;
                store::return_all(tx, merge.id, parted.ticket.id, other.ticket.id).await?;
                store::repoint_below(tx, parted.ticket.id).await?;
                store::end_merge(tx, merge.id, now).await?;
                let note = note_reason(tx, other.ticket.id, &who, &reason, now).await?;

                let ticket = &mut parted.ticket;
                ticket.merged_into_id = None;
                ticket.state = merge.state;
                ticket.assignee_id = merge.assignee_id;
                ticket.resolved_at = merge.resolved_at;
                ticket.closed_at = merge.closed_at;
                ticket.outcome = merge.outcome;
                ticket.closing_sheet_id = merge.closing_sheet_id;
                ticket.closing_sheet_version = merge.closing_sheet_version;
                other.ticket.decisive_legs -= ticket.decisive_legs;
                other.ticket.external_legs -= ticket.external_legs;
                // How it had been closed, so that the closure rate can be counted from the log alone.
                let closure = match ticket.state {
                    State::Closed => store::last_closing(tx, ticket.id).await?,
                    State::New | State::Open | State::WaitingCitizen | State::Referred | State::Resolved => None,
                };
                let closure = closure.map_or(Value::Null, |(at, data)| json!({ "at": at, "data": data }));

                let data =
                    json!({ "other": ticket.code, "from_ticket": ticket.id, "merge": merge.id, "contact": note });
                let other = other.save(tx, "ticket.gave_back", data).await?;
                let data = json!({
                    "other": other.code, "into": other.id, "merge": merge.id, "closure": closure, "contact": note,
                });
                parted.save(tx, "ticket.unmerged", data).await
            })
        })
        .await
}
