//! What only a person can say of a term. Each act is an event of the ticket, with its reason as an internal note; the
//! clock follows from the event.
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::apply::Named;
use super::{Follower, ProtocolError};
use crate::clocks::model::ClockPause;
use crate::clocks::protocol::ProtocolBody;
use crate::clocks::{Book, Calendar, Clock, ClockState, NoticeEffect};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::tickets::Ticket;
use crate::tickets::change::Change;
use crate::tickets::store::{self as ticket_store, NewContact};

/// What is done to a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Missing documents were asked for: it is suspended as long as the protocol allows (L. 241/1990 art. 2 c. 7).
    Documents,
    /// The notice before a refusal was sent (L. 241/1990 art. 10-bis).
    Notice,
    /// Observations on that notice arrived: the term goes on as many days later as the notice gave.
    Observations,
    /// It goes on now.
    Resume,
    /// It becomes longer, by so many of its units.
    Extend(i64),
    /// It was met after all, though it was marked as missed.
    CorrectMet,
    /// It should never have run.
    CorrectCancelled,
}

/// Longest extension at once, in units of the term.
const EXTENSION: i64 = 365;
const REASON: usize = 2_000;

/// Does something to a clock of a ticket.
///
/// # Errors
/// When the ticket was changed meanwhile, there is no such clock, the reason is missing, or the term does not allow it
/// ([`ProtocolError::Clock`]). Corrections are for supervisors.
pub async fn act(
    kernel: &Kernel,
    who: &Principal,
    (code, expected): (&str, Option<i64>),
    clock: i64,
    what: Act,
    reason: &str,
) -> Result<Ticket, ProtocolError> {
    who.require(Permission::WorkTickets)?;
    if matches!(what, Act::CorrectMet | Act::CorrectCancelled) {
        who.require(Permission::TakeOver)?;
    }
    let reason: String = reason.trim().chars().take(REASON).collect();
    if reason.is_empty() {
        return Err(ProtocolError::Invalid { field: "reason", wrong: "missing" });
    }
    let (now, who, code, zone) = (kernel.now(), who.clone(), code.to_owned(), kernel.config.zone());
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
            let ticket = change.ticket.id;
            let found = crate::clocks::store::clock(tx, clock).await?.filter(|k| k.ticket_id == ticket);
            let mut clock = found.ok_or(ProtocolError::NotFound)?;
            let pauses = crate::clocks::store::pauses(tx, clock.id).await?;
            let book = Book::read(tx, &zone).await?;
            let version = book.version(clock.version_id).ok_or(ProtocolError::NotFound)?;
            let calendar = book.calendar(clock.calendar_id, now).ok_or(ProtocolError::NotFound)?;
            clock.pass(now);
            let (kind, mut data) = told(what, &clock, &pauses, &version.body, &calendar, now)?;
            let note = NewContact {
                ticket_id: ticket,
                direction: "note",
                channel: "note",
                author_id: who.user_id,
                body: reason,
                happened_at: now,
                created_at: now,
                ..Default::default()
            };
            let contact = ticket_store::insert_contact(tx, &note).await?;
            data["clock"] = json!(Named::of(&clock));
            data["contact"] = json!(contact);
            Ok::<Ticket, ProtocolError>(change.save(tx, kind, data).await?)
        })
    });
    let ticket = write.await?;
    catch_up(kernel).await?;
    Ok(ticket)
}

/// The event of an act, if the term allows it.
fn told(
    what: Act,
    clock: &Clock,
    pauses: &[ClockPause],
    body: &ProtocolBody,
    calendar: &Calendar,
    now: Instant,
) -> Result<(&'static str, Value), ProtocolError> {
    let refuse = |wrong| Err(ProtocolError::Clock { wrong });
    let holding = |reason: &str| {
        pauses.iter().any(|p| p.reason == reason && p.from_at <= now && p.until_at.is_none_or(|until| now < until))
    };
    let corrects = matches!(what, Act::CorrectMet | Act::CorrectCancelled);
    if !corrects && !clock.is_live() {
        return refuse("term_over");
    }
    match what {
        Act::Documents => {
            if body.documents_days == 0 {
                return refuse("term_no_documents");
            }
            if body.documents_once && pauses.iter().any(|p| p.reason == "documents") {
                return refuse("term_suspended_before");
            }
            if holding("documents") || holding("notice") {
                return refuse("term_suspended");
            }
            let until = calendar.end_of_days_after(now, body.documents_days);
            Ok(("clock.suspended", json!({ "reason": "documents", "until": until })))
        }
        Act::Notice => {
            if body.notice_days == 0 || !clock.phase.is_final() {
                return refuse("term_no_notice");
            }
            if holding("documents") || holding("notice") {
                return refuse("term_suspended");
            }
            let until = calendar.end_of_days_after(now, body.notice_days);
            let interrupts = body.notice_effect == NoticeEffect::Interrupts;
            Ok(("clock.suspended", json!({ "reason": "notice", "until": until, "interrupts": interrupts })))
        }
        Act::Observations => {
            if !holding("notice") {
                return refuse("term_not_suspended");
            }
            let until = calendar.end_of_days_after(now, body.notice_days);
            Ok(("clock.resumed", json!({ "reason": "observations", "until": until })))
        }
        Act::Resume => {
            if !holding("documents") && !holding("notice") {
                return refuse("term_not_suspended");
            }
            Ok(("clock.resumed", json!({ "until": now })))
        }
        Act::Extend(amount) => {
            if !(1..=EXTENSION).contains(&amount) {
                return Err(ProtocolError::Invalid { field: "amount", wrong: "unreadable" });
            }
            Ok(("clock.extended", json!({ "amount": amount })))
        }
        Act::CorrectMet | Act::CorrectCancelled => {
            if clock.state != ClockState::Missed {
                return refuse("term_not_missed");
            }
            let (state, at) = match what {
                Act::CorrectMet => (ClockState::Met, clock.missed_at.unwrap_or(now)),
                _ => (ClockState::Cancelled, now),
            };
            Ok(("clock.corrected", json!({ "state": state, "at": at })))
        }
    }
}

/// Lets the reader of clocks read what there is, so that the next page shows what was just done.
///
/// # Errors
/// When the database refuses.
pub async fn catch_up(kernel: &Kernel) -> Result<(), StoreError> {
    let reader = Arc::new(Follower::new(kernel.config.zone()));
    while events::step(&kernel.db, reader.clone()).await? > 0 {}
    Ok(())
}
