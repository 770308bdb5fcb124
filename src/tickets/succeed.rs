//! A ticket of a unit that closed goes to the unit that goes on with its work (D19): nothing is left with a
//! unit that no longer exists, and whoever works on a ticket keeps it.
use serde_json::json;

use super::change::Change;
use super::model::Ticket;
use super::{TicketError, store};
use crate::kernel::database::{Conn, StoreError, Tx};

/// Open tickets of a unit, at most `limit`, by row id and category (0: none).
///
/// # Errors
/// When the database cannot be read.
pub async fn left_behind(conn: &mut Conn, unit: i64, limit: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    store::open_of_unit(conn, unit, limit).await
}

/// Gives a locked ticket to the unit that goes on, with a note of the reason: a hand-over by the system.
///
/// # Errors
/// When the database refuses.
pub async fn succeed(tx: &mut Tx, mut change: Change, unit: i64, reason: String) -> Result<Ticket, TicketError> {
    let (now, before) = (change.now(), change.ticket.owner_unit_id);
    change.ticket.owner_unit_id = unit;
    let note = store::NewContact {
        ticket_id: change.ticket.id,
        direction: "note",
        channel: "note",
        body: reason,
        happened_at: now,
        created_at: now,
        ..Default::default()
    };
    let contact = store::insert_contact(tx, &note).await?;
    let data = json!({ "unit": unit, "unit_before": before, "contact": contact, "successor": true });
    change.save(tx, "ticket.handed_over", data).await
}
