//! "This resolves it": the ticket is answered, and closes by itself unless the citizen objects in time.
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use super::change::Change;
use super::close::{self, Closing};
use super::model::{Outcome, State, Ticket};
use super::{TicketError, store};
use crate::kernel::Kernel;
use crate::kernel::config::Desk;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::leases;
use crate::kernel::time::Instant;

/// How often the due ones are looked for.
const EVERY: Duration = Duration::from_secs(60);
/// The work of one node at a time, under this name.
const LEASE: &str = "close-resolved";
const LEASED: SignedDuration = SignedDuration::from_mins(5);
/// Tickets looked up at once.
const BATCH: i64 = 100;

/// When a ticket that was resolved at an instant closes by itself.
pub fn closes_at(desk: &Desk, resolved_at: Instant) -> Instant {
    resolved_at.plus(SignedDuration::from_hours(24 * i64::from(desk.resolved_days)))
}

/// Resolves a ticket inside a larger change.
///
/// # Errors
/// When its state does not allow it, or the sheet does not exist.
pub async fn resolve_locked(tx: &mut Tx, mut change: Change, how: &Closing) -> Result<Ticket, TicketError> {
    change.become_state(State::Resolved)?;
    let sheet = close::used_sheet(tx, how).await?;
    let now = change.now();
    let ticket = &mut change.ticket;
    ticket.resolved_at = Some(now);
    ticket.outcome = Some(how.outcome.as_str().to_owned());
    ticket.closing_sheet_id = sheet.map(|s| s.id);
    ticket.closing_sheet_version = sheet.map(|s| s.version);
    let data = json!({
        "outcome": how.outcome,
        "sheet": sheet.map(|s| s.id),
        "sheet_version": sheet.map(|s| s.version),
        "without_sheet": close::says_none(how),
    });
    change.save(tx, "ticket.resolved", data).await
}

/// Closes the tickets whose time is over; answers how many.
///
/// # Errors
/// When the database refuses; those closed so far stay closed.
pub async fn close_due(kernel: &Kernel) -> Result<u64, TicketError> {
    let mut closed = 0;
    loop {
        let now = kernel.now();
        let limit = now.minus(closes_at(&kernel.config.desk, now).since(now));
        let mut conn = kernel.db.read().await?;
        let due = store::resolved_until(&mut conn, limit, BATCH).await?;
        drop(conn);
        if due.is_empty() || !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await? {
            return Ok(closed);
        }
        for id in due {
            closed += u64::from(close_one(kernel, id, limit, now).await?);
        }
    }
}

/// Closes a ticket if it is still resolved, and was in time: the citizen may have written meanwhile.
async fn close_one(kernel: &Kernel, id: i64, limit: Instant, now: Instant) -> Result<bool, TicketError> {
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin_by_id(tx, id, None, Actor::System, now).await?;
                let ticket = &change.ticket;
                if ticket.state != State::Resolved || ticket.resolved_at.is_none_or(|at| at > limit) {
                    return Ok(false);
                }
                let outcome = ticket.outcome().unwrap_or(Outcome::Answered);
                // The version it was answered with, whatever was published since.
                let sheet = ticket
                    .closing_sheet_id
                    .map(|id| store::UsedSheet { id, version: ticket.closing_sheet_version.unwrap_or(0) });
                close::finish(tx, change, outcome, sheet, false).await?;
                Ok(true)
            })
        })
        .await
}

/// Closes what is due, now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        match close_due(&kernel).await {
            Ok(0) => {}
            Ok(n) => tracing::info!(tickets.closed = n, "closed {n} resolved tickets whose time was over"),
            Err(e) => tracing::warn!("resolved tickets were not closed: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    let released: Result<(), StoreError> = leases::release(&kernel.db, LEASE, &kernel.node).await;
    drop(released);
}
