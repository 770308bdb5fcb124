//! Promises to call back: each attempt is logged; who cannot be reached is given up after some.
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
    let (now, who, telephony) = (telephony.kernel().now(), who.clone(), telephony.clone());
    telephony
        .clone()
        .kernel()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::lock_callback(tx, id).await?.filter(|b| b.state == "open");
                let row = row.ok_or(PhoneError::NotFound)?;
                let rules = &telephony.kernel().config.phone;
                let tried = Tried { outcome, user: who.user_id, actor: who.actor, call: None };
                log(tx, row, tried, rules, telephony.hours(), now).await
            })
        })
        .await
}

/// An attempt: what came of it, who made it, and by which call, if it was one that we were told of.
#[derive(Debug, Clone)]
pub struct Tried {
    pub outcome: Attempt,
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
    rules: &Phone,
    hours: &Hours,
    now: Instant,
) -> Result<CallbackRow, PhoneError> {
    let Tried { outcome, user, actor, call } = tried;
    if !store::insert_attempt(tx, row.id, call, user, outcome.as_str(), now).await? {
        return Ok(row);
    }
    after(&mut row, outcome, rules, hours, now);
    store::save_callback(tx, &row, now).await?;
    let data = json!({ "callback": row.id, "outcome": outcome.as_str(), "state": row.state });
    events::append(tx, now, &[NewEvent { kind: "callback.tried", ticket: Some(row.ticket_id), actor, data }]).await?;
    Ok(row)
}

/// Where a promise stands after an attempt.
fn after(row: &mut CallbackRow, outcome: Attempt, rules: &Phone, hours: &Hours, now: Instant) {
    row.attempts += 1;
    let state = match outcome {
        Attempt::Answered => "done",
        Attempt::WrongNumber => "given_up",
        Attempt::NoAnswer | Attempt::Busy if row.attempts >= i64::from(rules.callback_attempts) => "given_up",
        Attempt::NoAnswer | Attempt::Busy => "open",
    };
    state.clone_into(&mut row.state);
    if state == "open" {
        let later = now.plus(SignedDuration::from_mins(rules.callback_minutes.into()));
        row.due_at = hours.next_opening(later).unwrap_or(later);
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
        };
        let friday = Instant::parse("2026-03-06T16:30:00Z").unwrap();
        after(&mut row, Attempt::NoAnswer, &config.phone, &hours, friday);
        assert_eq!((row.state.as_str(), row.due_at.rfc3339().as_str()), ("open", "2026-03-09T08:00:00Z"));
        let due = row.due_at;
        after(&mut row, Attempt::Busy, &config.phone, &hours, due);
        assert_eq!((row.state.as_str(), row.due_at.rfc3339().as_str()), ("open", "2026-03-09T10:00:00Z"));
        let due = row.due_at;
        after(&mut row, Attempt::NoAnswer, &config.phone, &hours, due);
        assert_eq!((row.state.as_str(), row.attempts), ("given_up", 3));
    }
}
