//! What becomes of calls that are over: a contact on a ticket, and a promise to call back who was not answered.
use std::time::Duration;

use channels::phone::{CallEvent, Cause, EventKind, Parties};
use jiff::SignedDuration;
use serde_json::json;

use super::model::{Attempt, CallRow};
use super::{PhoneError, Telephony, callbacks, presence, record, store};
use crate::intake::{Incoming, IntakeError, RawSource, TakenIn, ThreadHints};
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::leases;
use crate::kernel::live::Pace;
use crate::kernel::time::Instant;
use crate::people::Identifier;
use crate::tickets::{self, Channel, RequestKind};

/// The work of one node at a time, under this name.
const LEASE: &str = "settle-calls";
const LEASED: SignedDuration = SignedDuration::from_secs(30);
const POLL: Duration = Duration::from_secs(1);
const COALESCE: Duration = Duration::from_millis(100);
const DISTANCE: Duration = Duration::from_millis(300);
const BATCH: i64 = 50;
/// How long a message on the answering machine is waited for once its call is over, and how often it is looked for.
const RECORDING: SignedDuration = SignedDuration::from_secs(120);
const AGAIN: SignedDuration = SignedDuration::from_secs(2);
/// After the end of a call, the time in which its agent still writes its ticket.
const AFTERWARDS: SignedDuration = SignedDuration::from_mins(10);

/// Settles the calls that are due; answers how many.
///
/// # Errors
/// When the database refuses; those settled so far stay so.
pub async fn settle_due(telephony: &Telephony) -> Result<usize, PhoneError> {
    let kernel = telephony.kernel();
    let _alone = telephony.inner.settling.lock().await;
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let due = store::due_calls(&mut conn, now, BATCH).await?;
    let since = now.minus(SignedDuration::from_hours(kernel.config.phone.lost_hours.into()));
    let silent = store::silent_calls(&mut conn, since).await?;
    let wrapped = store::wrapped_until(&mut conn, now).await?;
    drop(conn);
    if (due.is_empty() && silent.is_empty() && wrapped.is_empty())
        || !leases::hold(&kernel.db, LEASE, &kernel.node, now, LEASED).await?
    {
        return Ok(0);
    }
    for user in wrapped {
        presence::end_wrap(kernel, user, now).await?;
    }
    for call in &silent {
        lose(telephony, call).await?;
    }
    for call in &due {
        if let Err(e) = settle(telephony, call, now).await {
            // One call that cannot be settled holds the others up no more than a while.
            tracing::warn!(call.id = call.id, "call {} is not settled for now: {e}", call.id);
            done(telephony, call, None, None, Some(now.plus(SignedDuration::from_secs(30)))).await?;
        }
    }
    Ok(due.len())
}

/// Nobody told of the end: it is concluded. A real end that comes later takes its place.
async fn lose(telephony: &Telephony, call: &CallRow) -> Result<(), PhoneError> {
    let kind = EventKind::Ended { cause: Cause::Lost, by: None, reached: None, seconds: None };
    let event = CallEvent {
        at: call.heard_at.timestamp(),
        id: "lost".to_owned(),
        call: call.call.clone(),
        kind,
        parties: Parties::default(),
    };
    Ok(record::record(telephony.kernel(), &call.account, vec![event], &[]).await?)
}

async fn settle(telephony: &Telephony, call: &CallRow, now: Instant) -> Result<(), PhoneError> {
    if call.is_ours() {
        called_back(telephony, call, now).await?;
        return done(telephony, call, None, None, None).await;
    }
    match call.outcome.as_str() {
        "closed" => done(telephony, call, None, None, None).await,
        "answered" => answered(telephony, call, now).await,
        "voicemail" => {
            let mut conn = telephony.kernel().db.read().await?;
            let message = store::voicemail_contact(&mut conn, &call.call).await?;
            drop(conn);
            match message {
                Some((contact, ticket)) => promise(telephony, call, ticket, contact, "voicemail", now).await,
                // It may still be on its way; who hung up without a word is called back all the same.
                None if now.since(call.ended_at.unwrap_or(call.heard_at)) < RECORDING => {
                    done(telephony, call, None, None, Some(now.plus(AGAIN))).await
                }
                None => missed(telephony, call, now).await,
            }
        }
        _ => missed(telephony, call, now).await,
    }
}

/// Somebody talked with the citizen.
async fn answered(telephony: &Telephony, call: &CallRow, now: Instant) -> Result<(), PhoneError> {
    let mut conn = telephony.kernel().db.read().await?;
    let agent = store::agent_by_extension(&mut conn, &call.agent).await?;
    let noted = match (&agent, call.number(), call.answered_at, call.ended_at) {
        (Some(agent), Some(number), Some(from), Some(to)) => {
            store::ticket_noted_by(&mut conn, agent.user_id, &number, from, to.plus(AFTERWARDS)).await?
        }
        _ => None,
    };
    let on = match call.chosen_id.or(noted) {
        Some(id) => tickets::store::by_id(&mut conn, id).await?,
        None => None,
    };
    drop(conn);
    // Who calls after we tried in vain goes on with what they wanted then.
    let code = match on {
        Some(ticket) => Some(ticket.code),
        None => callbacks::waiting(telephony, call.number().as_deref()).await?,
    };
    let agent_name = agent.as_ref().map_or_else(|| call.agent.clone(), |a| a.name.clone());
    let words = words(telephony, call, "answered", &agent_name);
    let (ticket, contact) = contact(telephony, call, words, code, agent.map(|a| a.user_id)).await?;
    // Who rang again and was answered need not be called back, nor who was thought lost.
    let (number, id) = (call.number(), call.id);
    telephony
        .kernel()
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::drop_callback(tx, id, "dropped", now).await?;
                if let Some(number) = number {
                    while let Some(mut callback) = store::callback_of(tx, &number).await? {
                        "called_again".clone_into(&mut callback.state);
                        store::save_callback(tx, &callback, now).await?;
                    }
                }
                Ok::<_, PhoneError>(())
            })
        })
        .await?;
    done(telephony, call, Some(ticket), Some(contact), None).await
}

/// Nobody answered.
async fn missed(telephony: &Telephony, call: &CallRow, now: Instant) -> Result<(), PhoneError> {
    let number = call.number();
    let mut conn = telephony.kernel().db.read().await?;
    let again = match &number {
        Some(number) => store::callback_of(&mut conn, number).await?.is_some(),
        None => false,
    };
    drop(conn);
    let words = words(telephony, call, "missed", "");
    let on = callbacks::waiting(telephony, number.as_deref()).await?;
    let (ticket, contact) = contact(telephony, call, words, on, None).await?;
    if again || number.is_none() {
        return done(telephony, call, Some(ticket), Some(contact), None).await;
    }
    promise(telephony, call, ticket, contact, "missed", now).await
}

/// Promises to call back in opening hours.
async fn promise(
    telephony: &Telephony,
    call: &CallRow,
    ticket: i64,
    contact: i64,
    reason: &'static str,
    now: Instant,
) -> Result<(), PhoneError> {
    let (id, ended) = (call.id, call.ended_at.unwrap_or(call.heard_at));
    let due = telephony.hours().next_opening(ended).unwrap_or(ended);
    if let Some(number) = call.number() {
        telephony
            .kernel()
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if store::insert_callback(tx, id, ticket, &number, reason, due, now).await? {
                        let data = json!({ "call": id, "reason": reason });
                        let promised =
                            NewEvent { kind: "callback.promised", ticket: Some(ticket), actor: Actor::System, data };
                        events::append(tx, now, &[promised]).await?;
                    }
                    Ok::<_, PhoneError>(())
                })
            })
            .await?;
    }
    done(telephony, call, Some(ticket), Some(contact), None).await
}

/// A call of ours to somebody who was promised one is an attempt.
async fn called_back(telephony: &Telephony, call: &CallRow, now: Instant) -> Result<(), PhoneError> {
    let Some(number) = call.number() else { return Ok(()) };
    let outcome = match call.outcome.as_str() {
        "answered" => Attempt::Answered,
        "busy" => Attempt::Busy,
        _ => Attempt::NoAnswer,
    };
    let (call_id, extension, at, rules) =
        (call.id, call.agent.clone(), call.started_at, callbacks::Rules::of(telephony));
    telephony
        .kernel()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(open) = store::callback_of(tx, &number).await? else { return Ok(()) };
                let Some(open) = store::lock_callback(tx, open.id).await? else { return Ok(()) };
                let user = store::agent_by_extension(tx, &extension).await?.map(|a| a.user_id);
                let actor = user.map_or(Actor::System, Actor::User);
                let tried = callbacks::Tried { outcome, at, user, actor, call: Some(call_id) };
                callbacks::log(tx, open, tried, &rules, now).await.map(drop)
            })
        })
        .await
}

/// Subject and text of a contact.
struct Said {
    subject: String,
    text: String,
}

fn words(telephony: &Telephony, call: &CallRow, what: &str, agent: &str) -> Said {
    let config = &telephony.kernel().config;
    let language = Language::from_tag(&config.desk.language).unwrap_or(Language::Italian);
    let number = call.number().unwrap_or_else(|| language.text("phone-withheld"));
    let span = |seconds: Option<i64>| {
        let seconds = seconds.unwrap_or(0);
        format!("{}:{:02}", seconds / 60, seconds % 60)
    };
    let subject = language.text_with(&format!("phone-contact-{what}"), &[("number", number)]);
    let facts = [
        ("wait", span(call.wait_seconds)),
        ("talk", span(call.talk_seconds)),
        ("agent", agent.to_owned()),
        ("called", call.called.clone()),
    ];
    Said { text: language.text_with(&format!("phone-contact-{what}-text"), &facts), subject }
}

/// Makes the contact of a call, on this ticket if there is one; made before, it says what is known now.
async fn contact(
    telephony: &Telephony,
    call: &CallRow,
    said: Said,
    code: Option<String>,
    agent: Option<i64>,
) -> Result<(i64, i64), PhoneError> {
    let kernel = telephony.kernel();
    if let (Some(ticket), Some(contact)) = (call.ticket_id, call.contact_id) {
        let Said { subject, text } = said;
        kernel
            .db
            .write(move |tx| {
                Box::pin(async move { store::rewrite_contact(tx, contact, &subject, &text).await.map(drop) })
            })
            .await?;
        return Ok((ticket, contact));
    }
    let mut conn = kernel.db.read().await?;
    let events = store::events(&mut conn, &call.call).await?;
    drop(conn);
    let raw = serde_json::to_vec(&events).unwrap_or_default();
    let identifier = match call.number() {
        Some(number) => Identifier::guess(&number),
        None => Identifier::external(&format!("call:{}", call.call)),
    };
    let incoming = Incoming {
        evidence: crate::people::Evidence::Vouched,
        notices: String::new(),
        paper: None,
        channel: Channel::Phone,
        raw: RawSource::Fresh {
            account: call.account.clone(),
            external_id: format!("call:{}", call.call),
            size: i64::try_from(raw.len()).unwrap_or(i64::MAX),
            body: Some(raw),
            blob: None,
        },
        identifiers: vec![identifier],
        name: call.caller_name.clone(),
        from_address: call.number().unwrap_or_default(),
        to_address: call.called.clone(),
        subject: said.subject,
        text: said.text,
        quoted: String::new(),
        html: None,
        files: Vec::new(),
        automatic: None,
        message_id: None,
        dedupe_key: None,
        thread: ThreadHints { proven: code.map(|code| (code, None)), ..ThreadHints::default() },
        kind: RequestKind::Information,
        answered: None,
        sheet: None,
        category_id: None,
        owner_unit_id: unit(telephony, &call.account).await?,
        forwards: false,
        registered_by: agent,
        language: kernel.config.desk.language.clone(),
        happened_at: call.started_at,
        actor: agent.map_or(Actor::Citizen, Actor::User),
    };
    let taken = telephony.intake().take_in(incoming).await?;
    let contact = match taken {
        TakenIn::Opened { contact_id, .. } | TakenIn::Added { contact_id, .. } | TakenIn::Seen { contact_id, .. } => {
            contact_id
        }
        TakenIn::ForLeg { .. } => return Err(PhoneError::NotFound),
    };
    let mut conn = kernel.db.read().await?;
    let ticket = tickets::store::by_code(&mut conn, taken.code()).await?.ok_or(PhoneError::NotFound)?;
    Ok((ticket.id, contact))
}

/// The unit that owns what comes by an account.
async fn unit(telephony: &Telephony, account: &str) -> Result<i64, IntakeError> {
    let intake = telephony.intake();
    if let Some(slug) = intake.accounts().get(account).and_then(|a| a.unit) {
        match intake.unit(&slug).await {
            Err(IntakeError::NoEntryUnit { .. }) => tracing::warn!(intake.account = account, "there is no unit {slug}"),
            found => return found,
        }
    }
    intake.unit(&telephony.kernel().config.desk.entry_unit).await
}

async fn done(
    telephony: &Telephony,
    call: &CallRow,
    ticket: Option<i64>,
    contact: Option<i64>,
    again_at: Option<Instant>,
) -> Result<(), PhoneError> {
    let (call, now) = (call.clone(), telephony.kernel().now());
    let settled: Result<(), StoreError> = telephony
        .kernel()
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::settled(tx, &call, ticket, contact, again_at).await?;
                if ticket.is_some() {
                    record::announce(tx, call.id, &call.stage, &[], now).await?;
                }
                Ok(())
            })
        })
        .await;
    Ok(settled?)
}

/// Settles what is due until the process stops.
pub async fn follow(telephony: Telephony) {
    let kernel = telephony.kernel().clone();
    let mut pace = Pace::new(COALESCE, DISTANCE);
    while !kernel.stop.is_cancelled() {
        let woken = kernel.wake.next();
        if let Err(e) = settle_due(&telephony).await {
            tracing::warn!("calls that are over wait: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = woken => pace.rest().await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
    let released: Result<(), StoreError> = leases::release(&kernel.db, LEASE, &kernel.node).await;
    drop(released);
}
