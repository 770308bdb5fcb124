use serde_json::json;

use super::{begin_two, live_by_code, note_reason, require_both, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::model::{Outcome, State, Ticket};
use crate::tickets::{MergeRefusal, TicketError, incidents};

/// What joins what.
#[derive(Debug, Clone, Default)]
pub struct Merge {
    /// Version of the ticket that ends, as the caller saw it.
    pub version: Option<i64>,
    /// Code of the ticket that goes on.
    pub into: String,
    /// Its version as the caller saw it.
    pub into_version: Option<i64>,
    /// Kept as an internal note; may be empty.
    pub reason: String,
}

/// Merges a ticket into another, which is answered. Contacts, files and links go on there; legs stay with their
/// code and are shown there, and those that had to be waited for count there too. The merged ticket counts in no
/// closure rate any more, whatever it was.
///
/// # Errors
/// When either was changed meanwhile, they are one, the other is closed, a unit has still to answer, or tickets are
/// gathered below the one that ends.
pub async fn merge(kernel: &Kernel, who: &Principal, code: &str, how: Merge) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let named = crate::tickets::store::by_code(tx, &code).await?.ok_or(TicketError::NotFound)?;
                let target = live_by_code(tx, &how.into).await?;
                if target.id == named.id || Some(target.id) == named.merged_into_id {
                    return Err(MergeRefusal::Same.into());
                }
                let (mut from, mut into) =
                    begin_two(tx, (named.id, how.version), (target.id, how.into_version), &who, now).await?;
                for change in [&from, &into] {
                    if let Some(id) = change.ticket.merged_into_id {
                        return Err(TicketError::Merged { into: crate::tickets::store::code_of(tx, id).await? });
                    }
                }
                require_both(&who, [&from.ticket, &into.ticket])?;
                if into.ticket.state.is_over() {
                    return Err(MergeRefusal::TargetOver.into());
                }
                if from.ticket.open_legs > 0 {
                    return Err(MergeRefusal::OpenLegs.into());
                }
                if incidents::child_count(tx, from.ticket.id).await?.0 > 0 {
                    return Err(MergeRefusal::HasBelow.into());
                }
                let merge = store::insert_merge(tx, &from.ticket, into.ticket.id, now).await?;
                store::move_all(tx, from.ticket.id, into.ticket.id, merge, now).await?;
                store::repoint(tx, from.ticket.id, into.ticket.id).await?;
                let note = note_reason(tx, into.ticket.id, &who, &how.reason, now).await?;

                let ended = &mut from.ticket;
                ended.merged_into_id = Some(into.ticket.id);
                ended.state = State::Closed;
                ended.closed_at = Some(now);
                ended.resolved_at.get_or_insert(now);
                ended.outcome = Some(Outcome::Merged.as_str().to_owned());
                ended.closing_sheet_id = None;
                ended.closing_sheet_version = None;
                into.ticket.decisive_legs += ended.decisive_legs;
                into.ticket.external_legs += ended.external_legs;

                let (other, id) = (into.ticket.code.clone(), into.ticket.id);
                let ended = from
                    .save(tx, "ticket.merged", json!({ "other": other, "into": id, "merge": merge, "contact": note }))
                    .await?;
                let data = json!({ "other": ended.code, "from_ticket": ended.id, "merge": merge, "contact": note });
                into.save(tx, "ticket.absorbed", data).await
            })
        })
        .await
}
