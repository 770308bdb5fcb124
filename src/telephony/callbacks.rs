//! Promises to call back: each attempt is logged; who cannot be reached is given up after some, and told so.
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;

use super::model::{Attempt, CallbackRow};
use super::{PhoneError, Telephony, store};
use crate::kernel::config::Phone;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::hours::Hours;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::tickets::change::Change;
use crate::tickets::close::{Closing, close_locked};
use crate::tickets::tell::{Office, tell};
use crate::tickets::{self, Channel, Outcome, State};

/// What the catalogues call the news that nobody was reached.
const NOT_REACHED: &str = "tell-not-reached";

/// Logs what an agent's attempt to call somebody back came to.
///
/// # Errors
/// When the caller may not, or the promise is not open.
pub async fn attempt(
    telephony: &Telephony,
    who: &Principal,
    id: i64,
    outcome: Attempt,
) -> Result<CallbackRow, PhoneError> {
    who.require(Permission::WorkTickets)?;
    let (now, who, rules) = (telephony.kernel().now(), who.clone(), Rules::of(telephony));
    telephony
        .kernel()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::lock_callback(tx, id).await?.filter(|b| b.state == "open");
                let row = row.ok_or(PhoneError::NotFound)?;
                let tried = Tried { outcome, at: now, user: who.user_id, actor: who.actor, call: None };
                log(tx, row, tried, &rules, now).await
            })
        })
        .await
}

/// What attempts are judged by; prepared outside the transaction.
#[derive(Debug)]
pub struct Rules {
    phone: Phone,
    hours: Arc<Hours>,
    office: Office,
}

impl Rules {
    /// Of this installation.
    pub fn of(telephony: &Telephony) -> Self {
        let kernel = telephony.kernel();
        Self { phone: kernel.config.phone.clone(), hours: telephony.hours(), office: Office::of(kernel) }
    }
}

/// An attempt: what came of it, when, who made it, and by which call, if it was one that we were told of.
#[derive(Debug, Clone)]
pub struct Tried {
    pub outcome: Attempt,
    pub at: Instant,
    pub user: Option<i64>,
    pub actor: Actor,
    pub call: Option<i64>,
}

/// Logs an attempt on a locked promise and says where it stands then. A call counts once, however often and by how
/// many nodes it is looked at.
pub async fn log(
    tx: &mut Tx,
    mut row: CallbackRow,
    tried: Tried,
    rules: &Rules,
    now: Instant,
) -> Result<CallbackRow, PhoneError> {
    let Tried { outcome, at, user, actor, call } = tried;
    if !store::insert_attempt(tx, row.id, call, user, outcome.as_str(), at).await? {
        return Ok(row);
    }
    after(&mut row, outcome, at, &rules.phone, &rules.hours, now);
    let data = json!({ "callback": row.id, "outcome": outcome.as_str(), "state": row.state });
    events::append(tx, now, &[NewEvent { kind: "callback.tried", ticket: Some(row.ticket_id), actor, data }]).await?;
    if row.state == "given_up" {
        give_up(tx, &mut row, outcome, rules, now).await?;
    }
    store::save_callback(tx, &row, now).await?;
    Ok(row)
}

/// Where a promise stands after an attempt. Before the office opens nobody expects a call: what comes to nothing
/// then does not count against them.
fn after(row: &mut CallbackRow, outcome: Attempt, at: Instant, phone: &Phone, hours: &Hours, now: Instant) {
    let in_vain = matches!(outcome, Attempt::NoAnswer | Attempt::Busy);
    if !in_vain || hours.is_open(at) {
        row.attempts += 1;
    }
    let state = match outcome {
        Attempt::Answered => "done",
        Attempt::WrongNumber => "given_up",
        Attempt::NoAnswer | Attempt::Busy if row.attempts >= i64::from(phone.callback_attempts) => "given_up",
        Attempt::NoAnswer | Attempt::Busy => "open",
    };
    state.clone_into(&mut row.state);
    if state == "open" {
        let later = now.plus(SignedDuration::from_mins(phone.callback_minutes.into()));
        row.due_at = hours.next_opening(later).unwrap_or(later);
    }
}

/// The promise ends without a talk: the citizen is told by another way, and a ticket that waits for nothing else is
/// closed as "not reached". Whoever was answered otherwise meanwhile is left in peace.
async fn give_up(
    tx: &mut Tx,
    row: &mut CallbackRow,
    outcome: Attempt,
    rules: &Rules,
    now: Instant,
) -> Result<(), PhoneError> {
    let change = Change::begin_live(tx, row.ticket_id, Actor::System, now).await?;
    if change.ticket.state.is_over() || store::was_answered(tx, change.ticket.id, row.created_at).await? {
        "none".clone_into(&mut row.told);
        return Ok(());
    }
    // Who has this number is somebody else.
    let number = (outcome != Attempt::WrongNumber).then_some(row.number.as_str());
    let (ticket, by) = tell(tx, change, &rules.office, number, NOT_REACHED).await?;
    by.map_or("none", Channel::as_str).clone_into(&mut row.told);
    let data = json!({ "callback": row.id, "number": row.attempts, "told": row.told });
    let given_up = NewEvent { kind: "callback.given_up", ticket: Some(ticket.id), actor: Actor::System, data };
    events::append(tx, now, &[given_up]).await?;
    let only_call = matches!(ticket.channel, Channel::Phone | Channel::Voicemail);
    if rules.phone.callback_closes && only_call && matches!(ticket.state, State::New | State::Open) {
        let change = Change::begin_by_id(tx, ticket.id, None, Actor::System, now).await?;
        close_locked(tx, change, &Closing { outcome: Outcome::NotReached, sheet: None }).await?;
    }
    Ok(())
}

/// Code of the ticket to which a call from a number goes back: of a promise that is open, or of one that was given
/// up.
pub async fn waiting(telephony: &Telephony, number: Option<&str>) -> Result<Option<String>, PhoneError> {
    let Some(number) = number else { return Ok(None) };
    let mut conn = telephony.kernel().db.read().await?;
    match store::callback_of(&mut conn, number).await? {
        Some(open) => Ok(Some(open.code)),
        None => Ok(tickets::store::not_reached(&mut conn, number).await?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::config::Config;

    #[test]
    fn somebody_who_never_answers_is_given_up_after_three_attempts() {
        let config = Config::default();
        let hours = Hours::of(&config.phone, config.zone()).unwrap();
        let mut row = CallbackRow {
            id: 1,
            ticket_id: 1,
            code: String::new(),
            number: "+393331234567".into(),
            reason: "voicemail".into(),
            due_at: Instant(0),
            state: "open".into(),
            attempts: 0,
            told: String::new(),
            created_at: Instant(0),
        };
        let friday = Instant::parse("2026-03-06T16:30:00Z").unwrap();
        after(&mut row, Attempt::NoAnswer, friday, &config.phone, &hours, friday);
        assert_eq!((row.state.as_str(), row.due_at.rfc3339().as_str()), ("open", "2026-03-09T08:00:00Z"));
        let due = row.due_at;
        after(&mut row, Attempt::Busy, due, &config.phone, &hours, due);
        assert_eq!((row.state.as_str(), row.due_at.rfc3339().as_str()), ("open", "2026-03-09T10:00:00Z"));
        let early = Instant::parse("2026-03-09T06:30:00Z").unwrap();
        after(&mut row, Attempt::NoAnswer, early, &config.phone, &hours, early);
        assert_eq!((row.state.as_str(), row.attempts), ("open", 2), "nobody was expected to answer at half past seven");
        assert_eq!(row.due_at.rfc3339(), "2026-03-09T08:30:00Z");
        let due = row.due_at;
        after(&mut row, Attempt::NoAnswer, due, &config.phone, &hours, due);
        assert_eq!((row.state.as_str(), row.attempts), ("given_up", 3));
    }
}
