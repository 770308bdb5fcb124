//! Putting right what lies in the wrong place: two tickets about one thing are merged, and parted again when
//! that was wrong; a message moves to another ticket; some messages become a ticket of their own (C18).
//!
//! A merged ticket stays as a tombstone: closed, in no figure, and every way that led to it (code, search,
//! tracking page, mail) leads to the one that goes on. Contacts keep author and time and remember where they
//! came from. On the citizen's side each contact stays with the ticket whose citizen it is with
//! (`contacts.via_id`): two citizens whose tickets were merged see one state and never each other's words.
mod home;
mod merge;
mod move_contact;
mod split;
pub mod store;
mod undo;

pub use home::{after_move, for_incoming};
pub use merge::{Merge, merge};
pub use move_contact::{Moving, move_contact};
pub use split::{Split, split};
pub use undo::unmerge;

use super::change::Change;
use super::model::Ticket;
use super::store::NewContact;
use super::{MergeRefusal, TicketError};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::time::Instant;

/// Times a ticket is looked for while others merge and part it.
const TRIES: usize = 10;

/// Locks a ticket, or the one that goes on in its place; `None` when there is none. Only one row is ever
/// locked, so that this waits for no merge that waits for it.
///
/// # Errors
/// When the database refuses.
pub async fn lock_live(tx: &mut Tx, id: i64) -> Result<Option<Ticket>, StoreError> {
    for _ in 0..TRIES {
        let Some(named) = super::store::by_id(tx, id).await? else { return Ok(None) };
        let live = named.merged_into_id.unwrap_or(id);
        let Some(ticket) = super::store::lock_by_id(tx, live).await? else { return Ok(None) };
        let still = super::store::by_id(tx, id).await?.and_then(|t| t.merged_into_id).unwrap_or(id);
        if ticket.merged_into_id.is_none() && still == live {
            return Ok(Some(ticket));
        }
    }
    Err(StoreError::Inconsistent { table: "tickets", column: "merged_into_id" })
}

/// Which of two tickets is locked first, so that two who join the same two the other way round do not wait for
/// each other.
pub(super) async fn begin_two(
    tx: &mut Tx,
    (first, first_version): (i64, Option<i64>),
    (second, second_version): (i64, Option<i64>),
    who: &Principal,
    now: Instant,
) -> Result<(Change, Change), TicketError> {
    let begin = async |tx: &mut Tx, id, version| Change::begin_merged(tx, id, version, who.actor.clone(), now).await;
    Ok(if first < second {
        let a = begin(tx, first, first_version).await?;
        (a, begin(tx, second, second_version).await?)
    } else {
        let b = begin(tx, second, second_version).await?;
        (begin(tx, first, first_version).await?, b)
    })
}

/// The ticket of a code, or the one that goes on in its place.
pub(super) async fn live_by_code(tx: &mut Tx, code: &str) -> Result<Ticket, TicketError> {
    let named = super::store::by_code(tx, code).await?.ok_or(MergeRefusal::Unknown)?;
    match named.merged_into_id {
        None => Ok(named),
        Some(into) => Ok(super::store::by_id(tx, into).await?.ok_or(MergeRefusal::Unknown)?),
    }
}

/// Passes when somebody works tickets, and sees this one.
pub(super) fn require_both(who: &Principal, tickets: [&Ticket; 2]) -> Result<(), TicketError> {
    who.require(Permission::WorkTickets)?;
    let scope = who.scope();
    if tickets.iter().all(|t| scope.has(t.owner_unit_id)) { Ok(()) } else { Err(Forbidden.into()) }
}

/// Why it was done, as an internal note; row id of the note when there is a reason.
pub(super) async fn note_reason(
    tx: &mut Tx,
    ticket: i64,
    who: &Principal,
    reason: &str,
    now: Instant,
) -> Result<Option<i64>, TicketError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Ok(None);
    }
    let note = NewContact {
        ticket_id: ticket,
        direction: "note",
        channel: "note",
        author_id: who.user_id,
        body: reason.chars().take(2_000).collect(),
        happened_at: now,
        created_at: now,
        ..Default::default()
    };
    Ok(super::store::insert_contact(tx, &note).await?)
}
