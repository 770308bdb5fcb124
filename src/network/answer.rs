//! What a unit writes about a leg: its answer, a word on its progress, or something more after the answer.
//! It is stored as a contact of the leg, which no citizen ever sees; the front office completes it.
use serde_json::{Value, json};

use super::door::{Door, Entered};
use super::model::{Leg, LegAct, LegState};
use super::referent_links::Visitor;
use super::ways::codes;
use super::{LegError, speak, store};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::tickets::change::Change;
use crate::tickets::close::Closing;
use crate::tickets::model::is_courtesy;
use crate::tickets::receive::clear_closing;
use crate::tickets::reply::{Letterhead, Then};
use crate::tickets::store::{self as ticket_store, NewContact, StoredFile};
use crate::tickets::{Outcome, State, Ticket, TicketError};

/// What a message of a unit means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Meaning {
    /// It answers the leg.
    #[default]
    Answer,
    /// It tells how things stand; the leg stays with the unit.
    Progress,
}

/// A message of a unit, however it came.
#[derive(Debug, Clone)]
pub struct LegMessage {
    /// The contact to store; its ticket, leg, direction and visibility are set here.
    pub contact: NewContact,
    /// Files already in the blob store.
    pub files: Vec<StoredFile>,
    /// The unit's own code for it; empty keeps what is known.
    pub external_code: String,
    pub meaning: Meaning,
}

/// What became of a message.
#[derive(Debug, Clone)]
pub struct Received {
    pub ticket: Ticket,
    pub leg: Leg,
    /// Row id of the contact; `None` when the same message was stored before.
    pub contact: Option<i64>,
}

/// Whom a unit answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Addressee {
    /// The front office, which completes it and answers the citizen.
    #[default]
    Office,
    /// The citizen; only for competence, where the category allows it (D4).
    Citizen,
}

/// What a referent writes on a page or through the API.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub text: String,
    pub files: Vec<StoredFile>,
    pub external_code: String,
    /// Who signs it; may be empty.
    pub signed: String,
    /// Names one sending of the form, so that a double click is one message; may be empty.
    pub key: String,
    pub meaning: Meaning,
    pub addressee: Addressee,
    /// The unit wants to read what the citizen writes after this answer (C31).
    pub keeps_informed: bool,
}

/// Locks the ticket of a leg, or the one that goes on in its place, then reads the leg: all changes of legs go
/// through that lock.
pub(super) async fn lock(tx: &mut Tx, leg_id: i64, actor: Actor, now: Instant) -> Result<(Change, Leg), LegError> {
    let ticket_id = store::leg(tx, leg_id).await?.ok_or(LegError::NotFound)?.ticket_id;
    let change = Change::begin_live(tx, ticket_id, actor, now).await?;
    let leg = store::leg(tx, leg_id).await?.ok_or(LegError::NotFound)?;
    Ok((change, leg))
}

/// Moves a leg by an act. A leg that ends is no longer waited for, and nobody is reminded of it.
///
/// # Errors
/// [`LegError::Withdrawn`], [`LegError::Over`] or [`LegError::NotNow`] when the act is not possible.
pub(super) fn act(change: &mut Change, leg: &mut Leg, act: LegAct) -> Result<(), LegError> {
    let next = leg.after(act).ok_or(match leg.state {
        LegState::Withdrawn => LegError::Withdrawn,
        state if state.is_open() => LegError::NotNow { state },
        state => LegError::Over { state },
    })?;
    if !next.is_open() {
        settle(change, leg)?;
        leg.remind_at = None;
    }
    if next != LegState::Asked {
        leg.asked_at = None;
        leg.asks.clear();
        leg.asking_id = None;
    }
    leg.state = next;
    Ok(())
}

/// Takes a leg out of what its ticket waits for; with none left, the ticket is open again.
fn settle(change: &mut Change, leg: &Leg) -> Result<(), TicketError> {
    if !leg.is_awaited() {
        return Ok(());
    }
    change.ticket.open_legs = (change.ticket.open_legs - 1).max(0);
    if change.ticket.open_legs == 0 && change.ticket.state == State::Referred {
        change.become_state(State::Open)?;
    }
    Ok(())
}

/// What an event tells of a leg that a unit wrote about; `late` when its ticket was closed before.
pub(super) fn event_data(leg: &Leg, contact: Option<i64>, late: bool, change: &Change) -> Value {
    json!({
        "leg": leg.id,
        "number": leg.number,
        "unit": leg.unit_id,
        "contact": contact,
        "leg_kind": leg.kind,
        "open_legs": change.ticket.open_legs,
        "late": late,
    })
}

/// Takes a closed ticket back to work for what a unit still had to say, so that somebody reads it.
pub(super) fn wake(change: &mut Change) -> Result<bool, TicketError> {
    let over = change.ticket.state.is_over();
    if over {
        change.become_state(State::Open)?;
        clear_closing(&mut change.ticket);
    }
    Ok(over)
}

/// Stores a message of a unit on its leg, inside the caller's transaction. Nothing that comes is refused: an
/// automatic mail, or one about a leg that is over, is kept beside the leg and changes no state. An answer, or
/// more of one, that comes after the closing reopens the ticket.
///
/// # Errors
/// [`LegError::NotFound`] when there is no such leg.
pub async fn receive_answer(
    tx: &mut Tx,
    leg_id: i64,
    message: LegMessage,
    actor: Actor,
    now: Instant,
) -> Result<Received, LegError> {
    let (mut change, mut leg) = lock(tx, leg_id, actor, now).await?;
    let text = message.contact.body.trim().to_owned();
    let automatic = message.contact.automatic.is_some();
    let message_id = message.contact.message_id.clone();
    let contact = NewContact {
        ticket_id: change.ticket.id,
        leg_id: Some(leg.id),
        via_id: (change.ticket.id != leg.ticket_id).then_some(leg.ticket_id),
        direction: "in",
        public: false,
        ..message.contact
    };
    let Some(contact) = ticket_store::insert_contact(tx, &contact).await? else {
        return Ok(Received { ticket: change.ticket, leg, contact: None });
    };
    ticket_store::insert_attachments(tx, contact, &message.files).await?;
    if let Some(id) = message_id {
        ticket_store::remember_message_id(tx, &id, leg.ticket_id, Some(contact), Some(leg.id)).await?;
    }
    let event = match (automatic, message.meaning, leg.state) {
        (true, ..) => "contact.received",
        (false, Meaning::Answer, LegState::Sent | LegState::Accepted | LegState::Asked) => {
            act(&mut change, &mut leg, LegAct::Answer)?;
            leg.answered_at = Some(now);
            leg.answer = text.clone();
            "leg.answered"
        }
        (false, Meaning::Answer, LegState::Answered) => {
            leg.answer = format!("{}\n\n{text}", leg.answer);
            "leg.updated"
        }
        (false, Meaning::Progress, _) | (false, Meaning::Answer, LegState::Returned | LegState::Withdrawn) => {
            "leg.updated"
        }
    };
    let answers = message.meaning == Meaning::Answer && matches!(leg.state, LegState::Answered);
    // Who is only informed decides nothing: what they add is read on the leg.
    let late = answers && leg.kind.is_decisive() && !automatic && !is_courtesy(&text) && wake(&mut change)?;
    if !message.external_code.trim().is_empty() {
        leg.external_code = message.external_code.trim().chars().take(100).collect();
    }
    store::update_leg(tx, &leg).await?;
    codes::remember(tx, leg.id, &leg.external_code).await?;
    let data = event_data(&leg, Some(contact), late, &change);
    let ticket = change.save(tx, event, data).await?;
    let leg = store::leg(tx, leg.id).await?.ok_or(LegError::NotFound)?;
    Ok(Received { ticket, leg, contact: Some(contact) })
}

/// Somebody writes about a leg: a referent on the page of a link or of an account, or an agent who was told.
///
/// # Errors
/// [`LegError::NotFound`] for a wrong or expired link and for legs that the caller may not see,
/// [`LegError::Withdrawn`], an empty text; for an answer to the citizen [`LegError::NotItsPart`] when the unit may not
/// give it, [`LegError::NoWayToCitizen`] when nothing leads to them.
pub async fn write(kernel: &Kernel, door: &Door, written: Written) -> Result<Received, LegError> {
    if written.text.trim().is_empty() {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    let (now, door, head) = (kernel.now(), door.clone(), Letterhead::of(kernel));
    let mails = kernel.config.mail.smtp.is_some();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Entered { leg, author, actor, .. } = door.enter(tx, now).await?;
                // The lock comes first: a withdrawal that is about to commit must be seen.
                let (change, mut leg) = lock(tx, leg.id, actor.clone(), now).await?;
                if leg.state == LegState::Withdrawn {
                    return Err(LegError::Withdrawn);
                }
                let to_citizen = written.addressee == Addressee::Citizen;
                if to_citizen && !speak::may_answer(tx, &change.ticket, &leg).await? {
                    return Err(LegError::NotItsPart);
                }
                if written.keeps_informed && !leg.keeps_informed {
                    leg.keeps_informed = true;
                    store::update_leg(tx, &leg).await?;
                }
                let contact = page_contact(&leg, author, &actor, &written.signed, &written.text, &written.key, now);
                let message = LegMessage {
                    contact,
                    files: written.files.clone(),
                    external_code: written.external_code,
                    meaning: written.meaning,
                };
                let received = receive_answer(tx, leg.id, message, actor.clone(), now).await?;
                if !to_citizen || received.contact.is_none() {
                    return Ok(received);
                }
                let change = Change::begin_by_id(tx, received.ticket.id, None, actor, now).await?;
                // Whatever else is awaited decides when the ticket is answered.
                let then = if change.ticket.open_legs == 0 {
                    Then::Resolve(Closing { outcome: Outcome::Answered, sheet: None })
                } else {
                    Then::Stay
                };
                let said =
                    speak::Said { text: written.text, files: written.files, signed: written.signed, author, then };
                let ticket = speak::speak(tx, &head, mails, change, &leg, said).await?;
                Ok(Received { ticket, ..received })
            })
        })
        .await
}

/// A leg by ticket code and number, if the caller may write on it: agents on all, referents on their units'.
pub(super) async fn visible_leg(
    conn: &mut crate::kernel::database::Conn,
    who: &Principal,
    code: &str,
    number: i64,
) -> Result<Leg, LegError> {
    let code = TrackingCode::parse(code).map_err(|_| LegError::NotFound)?;
    let ticket = ticket_store::by_code(conn, code.as_str()).await?.ok_or(LegError::NotFound)?;
    let leg = store::leg_by_number(conn, ticket.id, number).await?.ok_or(LegError::NotFound)?;
    let theirs = who.role.may(Permission::AnswerLegs) && who.units.contains(&leg.unit_id);
    if theirs || who.role.may(Permission::WorkTickets) { Ok(leg) } else { Err(LegError::NotFound) }
}

/// A leg by ticket code and number, if somebody who came by a referent's link may write on it: their units', and what
/// was given to them.
pub(super) async fn visible_to(
    conn: &mut crate::kernel::database::Conn,
    visitor: &Visitor,
    code: &str,
    number: i64,
) -> Result<Leg, LegError> {
    let code = TrackingCode::parse(code).map_err(|_| LegError::NotFound)?;
    let ticket = ticket_store::by_code(conn, code.as_str()).await?.ok_or(LegError::NotFound)?;
    let leg = store::leg_by_number(conn, ticket.id, number).await?.ok_or(LegError::NotFound)?;
    let theirs = visitor.units.contains(&leg.unit_id) || leg.referent_id == Some(visitor.referent.id);
    if theirs { Ok(leg) } else { Err(LegError::NotFound) }
}

/// The contact of something written on a page.
pub(super) fn page_contact(
    leg: &Leg,
    author_id: Option<i64>,
    actor: &Actor,
    signed: &str,
    text: &str,
    key: &str,
    now: Instant,
) -> NewContact {
    NewContact {
        ticket_id: leg.ticket_id,
        direction: "in",
        channel: "web",
        author_id,
        leg_id: Some(leg.id),
        // Tells a program from a link, which has no author either.
        from_address: if matches!(actor, Actor::Token(_)) { actor.to_text() } else { String::new() },
        from_name: signed.trim().chars().take(200).collect(),
        body: text.trim().to_owned(),
        dedupe_key: (!key.is_empty()).then(|| format!("leg:{}:{key}", leg.id)),
        happened_at: now,
        created_at: now,
        ..Default::default()
    }
}
