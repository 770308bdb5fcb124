//! Whose messages somebody may see and move: those of the tickets in their scope.
use super::OutboxError;
use super::store::{self, OutboxRow};
use crate::kernel::database::Tx;
use crate::kernel::permissions::{Permission, Principal, Scope};

/// A message, locked, if it belongs to a ticket that the caller sees.
///
/// # Errors
/// [`OutboxError::NotFound`] for others, so that nothing is told about them.
pub async fn visible(tx: &mut Tx, who: &Principal, id: i64) -> Result<OutboxRow, OutboxError> {
    who.require(Permission::WorkTickets)?;
    let row = store::lock(tx, id).await?.ok_or(OutboxError::NotFound)?;
    let owner = match row.ticket_id {
        Some(ticket) => store::owner_of(tx, ticket).await?,
        None => None,
    };
    if in_scope(&who.scope(), owner) { Ok(row) } else { Err(OutboxError::NotFound) }
}

/// Whether a message of a ticket with this owner unit is inside; one without a ticket is for those who see all.
pub fn in_scope(scope: &Scope, owner: Option<i64>) -> bool {
    match owner {
        Some(unit) => scope.has(unit),
        None => *scope == Scope::All,
    }
}
