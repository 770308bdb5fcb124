use serde_json::json;

use super::change::Change;
use super::model::Ticket;
use super::{TicketError, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};

/// Says that a ticket has nothing to do with another it was linked to; `kind` is that of the link.
///
/// # Errors
/// When there is no such link, or it was settled before.
pub async fn dismiss_link(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    other: &str,
    kind: &str,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let (now, who) = (kernel.now(), who.clone());
    let (code, other, kind) = (code.to_owned(), other.to_owned(), kind.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, None, who.actor.clone(), now).await?;
                if !store::settle_link(tx, change.ticket.id, &other, &kind, now).await? {
                    return Err(TicketError::NotFound);
                }
                change.save(tx, "ticket.link_dismissed", json!({ "other": other, "kind": kind })).await
            })
        })
        .await
}
