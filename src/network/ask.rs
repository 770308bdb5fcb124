//! "We need to know more": a question of the unit to the front office or, for competence, to the citizen. Meanwhile the
//! leg waits and its time stands still. A question to the citizen goes through the front office, unless the category
//! lets a competent unit ask by itself.
use serde_json::json;

use super::answer::{act, event_data, lock, page_contact};
use super::door::{Door, Entered};
use super::model::{Asked, Leg, LegAct};
use super::purposes::{self, Act, Grant};
use super::{LegError, speak, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::change::Change;
use crate::tickets::reply::{Letterhead, Then};
use crate::tickets::{State, Ticket, store as ticket_store};

/// What a unit asks.
#[derive(Debug, Clone)]
pub struct Question {
    pub text: String,
    pub of: Asked,
    /// Who signs it; may be empty.
    pub signed: String,
    /// Names one sending of the form, so that a double click is one question; may be empty.
    pub key: String,
}

/// Asks. The ticket comes back to whoever has it; a question that goes to the citizen at once waits for them.
///
/// # Errors
/// An empty text, [`LegError::NotFound`] for a wrong or expired link and for legs that the caller may not see,
/// [`LegError::Withdrawn`], [`LegError::Over`], [`LegError::NotItsPart`] when the kind of the leg does not permit
/// it, [`LegError::NoWayToCitizen`] when a question that would go to the citizen at once cannot.
pub async fn ask(kernel: &Kernel, door: &Door, question: Question) -> Result<(Ticket, Leg), LegError> {
    let text = question.text.trim().to_owned();
    if text.is_empty() {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    let head = Letterhead::of(kernel);
    let (now, door, mails) = (kernel.now(), door.clone(), kernel.config.mail.smtp.is_some());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Entered { leg, author, actor, .. } = door.enter(tx, now).await?;
                let (mut change, mut leg) = lock(tx, leg.id, actor.clone(), now).await?;
                let wanted = match question.of {
                    Asked::Office => Act::AskOffice,
                    Asked::Citizen => Act::AskCitizen,
                };
                if purposes::may(leg.kind.into(), wanted) == Grant::No {
                    return Err(LegError::NotItsPart);
                }
                let since = leg.asked_at;
                act(&mut change, &mut leg, LegAct::Ask)?;
                let contact = page_contact(&leg, author, &actor, &question.signed, &text, &question.key, now);
                let Some(contact) = ticket_store::insert_contact(tx, &contact).await? else {
                    return Ok((change.ticket, leg));
                };
                let words = speak::direct_words(tx, &change.ticket).await?;
                let at_once = question.of == Asked::Citizen && words.asks && !change.ticket.state.is_over();
                leg.asked_at = Some(since.unwrap_or(now));
                leg.asks = question.of.as_str().to_owned();
                leg.asking_id = (!at_once).then_some(contact);
                leg.remind_at = None;
                store::update_leg(tx, &leg).await?;
                if change.ticket.state == State::Referred {
                    change.become_state(State::Open)?;
                }
                let mut data = event_data(&leg, Some(contact), false, &change);
                data["of"] = json!(question.of);
                let ticket = change.save(tx, "leg.asked", data).await?;
                if !at_once {
                    return Ok((ticket, leg));
                }
                let change = Change::begin_by_id(tx, ticket.id, None, actor, now).await?;
                let said = speak::Said { text, files: Vec::new(), signed: question.signed, author, then: Then::Wait };
                let ticket = speak::speak(tx, &head, mails, change, &leg, said).await?;
                Ok((ticket, leg))
            })
        })
        .await
}

/// The front office sends a unit's question on to the citizen, in the unit's words or in better ones.
///
/// # Errors
/// When the ticket was changed meanwhile or is over, no question waits for approval ([`LegError::NotNow`]), or
/// nothing leads to the citizen ([`LegError::NoWayToCitizen`]).
pub async fn approve(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    number: i64,
    expected: Option<i64>,
    words: &str,
) -> Result<Ticket, LegError> {
    who.require(Permission::WorkTickets)?;
    let head = Letterhead::of(kernel);
    let mails = kernel.config.mail.smtp.is_some();
    let (now, who, code, words) = (kernel.now(), who.clone(), code.to_owned(), words.trim().to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                change.require_active()?;
                let mut leg = store::leg_by_number(tx, change.ticket.id, number).await?.ok_or(LegError::NotFound)?;
                let Some(asking) = leg.asking_id.filter(|_| leg.asked_of() == Some(Asked::Citizen)) else {
                    return Err(LegError::NotNow { state: leg.state });
                };
                let text = if words.is_empty() {
                    ticket_store::contact(tx, asking).await?.map(|c| c.body).unwrap_or_default()
                } else {
                    words
                };
                leg.asking_id = None;
                store::update_leg(tx, &leg).await?;
                let said = speak::Said {
                    text,
                    files: Vec::new(),
                    signed: String::new(),
                    author: who.user_id,
                    then: Then::Wait,
                };
                speak::speak(tx, &head, mails, change, &leg, said).await
            })
        })
        .await
}
