use serde_json::json;

use super::{IncidentRefusal, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::merging::{begin_two, live_by_code, note_reason, require_both};
use crate::tickets::model::{State, Ticket};
use crate::tickets::{MergeRefusal, TicketError};

/// What is gathered below what.
#[derive(Debug, Clone, Default)]
pub struct Gathering {
    /// Version of the ticket that goes below, as the caller saw it.
    pub version: Option<i64>,
    /// Code of the ticket above.
    pub below: String,
    /// Kept as an internal note; may be empty.
    pub reason: String,
}

/// Gathers a ticket below another, which is worked in its place; answers the one below. Somebody who has the one
/// above gets a ticket that nobody has; nothing else of it changes.
///
/// # Errors
/// When it was changed meanwhile or is over, the two are one, the one above is over or below another itself, or
/// tickets are below the one that is gathered.
pub async fn attach(kernel: &Kernel, who: &Principal, code: &str, how: Gathering) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let named = crate::tickets::store::by_code(tx, &code).await?.ok_or(TicketError::NotFound)?;
                let above = live_by_code(tx, &how.below).await.map_err(|e| match e {
                    TicketError::Merging(MergeRefusal::Unknown) => IncidentRefusal::Unknown.into(),
                    other => other,
                })?;
                if above.id == named.id {
                    return Err(IncidentRefusal::Same.into());
                }
                let (mut child, parent) = begin_two(tx, (named.id, how.version), (above.id, None), &who, now).await?;
                if let Some(into) = child.ticket.merged_into_id {
                    return Err(TicketError::Merged { into: crate::tickets::store::code_of(tx, into).await? });
                }
                require_both(&who, [&child.ticket, &parent.ticket])?;
                child.require_active()?;
                if parent.ticket.state.is_over() || parent.ticket.merged_into_id.is_some() {
                    return Err(IncidentRefusal::ParentOver.into());
                }
                if let Some(tied) = store::parent(tx, child.ticket.id).await? {
                    // Pressed twice is pressed once.
                    return if tied.parent_id == parent.ticket.id {
                        Ok(child.ticket)
                    } else {
                        Err(IncidentRefusal::Elsewhere.into())
                    };
                }
                if store::parent(tx, parent.ticket.id).await?.is_some() {
                    return Err(IncidentRefusal::ParentIsChild.into());
                }
                if store::child_count(tx, child.ticket.id).await?.0 > 0 {
                    return Err(IncidentRefusal::HasChildren.into());
                }
                let given_to = parent.ticket.assignee_id.filter(|_| child.ticket.assignee_id.is_none());
                if given_to.is_some() {
                    child.ticket.assignee_id = given_to;
                    if child.ticket.state == State::New {
                        child.become_state(State::Open)?;
                    }
                }
                store::insert_parent(tx, child.ticket.id, parent.ticket.id, who.user_id, given_to, now).await?;
                let note = note_reason(tx, child.ticket.id, &who, &how.reason, now).await?;
                let data = json!({ "other": parent.ticket.code, "parent": parent.ticket.id, "contact": note });
                child.save(tx, "ticket.attached", data).await
            })
        })
        .await
}
