//! Drafts live on the server, apart from the ticket's version: what others do to the ticket never touches
//! them (C17).
use super::TicketError;
use super::hold::HoldRule;
use super::store::{self, DraftRow};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};

/// Kinds of draft a user may have on a ticket.
pub const KINDS: [&str; 2] = ["reply", "note"];

/// Saves what a user is writing; empty text forgets it. Answers the ticket's row id if who holds the ticket may
/// have changed.
///
/// # Errors
/// When the ticket does not exist or the kind is none of [`KINDS`].
pub async fn save(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    kind: &str,
    body: &str,
) -> Result<Option<i64>, TicketError> {
    who.require(Permission::WorkTickets)?;
    let kind =
        KINDS.into_iter().find(|k| *k == kind).ok_or(TicketError::Invalid { field: "kind", wrong: "unknown" })?;
    let Some(user) = who.user_id else { return Err(TicketError::Forbidden(crate::kernel::permissions::Forbidden)) };
    let (now, code, body) = (kernel.now(), code.to_owned(), body.to_owned());
    let rule = HoldRule::of(&kernel.config.desk);
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let ticket = store::by_code(tx, &code).await?.ok_or(TicketError::NotFound)?;
                let moved = store::save_draft(tx, ticket.id, user, kind, &body, now, rule.stale(now)).await?;
                Ok((rule.is_on() && moved && kind == "reply").then_some(ticket.id))
            })
        })
        .await
}

/// A user's drafts on a ticket.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(kernel: &Kernel, who: &Principal, ticket: i64) -> Result<Vec<DraftRow>, TicketError> {
    let Some(user) = who.user_id else { return Ok(Vec::new()) };
    let mut conn = kernel.db.read().await?;
    Ok(store::drafts(&mut conn, ticket, user).await?)
}
