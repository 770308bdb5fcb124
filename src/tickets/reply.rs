//! Answering the citizen. The answer, its place in the outbox, the change of state and the event are one
//! transaction: either all exist or none.
use serde_json::json;

use super::change::Change;
use super::close::{Closing, close_locked};
use super::hold::HoldRule;
use super::model::{State, Ticket};
use super::resolve::{closes_at, resolve_locked};
use super::{TicketError, store};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::outbox::{self, MailAddresses, MailAttachment, MailPayload, Manner, NewMail, Purpose};
use crate::people;

/// What happens to the ticket after the answer.
#[derive(Debug, Clone)]
pub enum Then {
    /// It stays in work.
    Stay,
    /// It waits for the citizen.
    Wait,
    /// The answer resolves it: it closes by itself unless the citizen objects.
    Resolve(Closing),
    /// It is closed.
    Close(Closing),
}

/// How the answer reaches the citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By mail, to the address the citizen used or has.
    Email,
    /// Said on the phone or at the counter; recorded, nothing is sent.
    Spoken(super::Channel),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub text: String,
    /// Code of the sheet the text comes from.
    pub sheet: Option<String>,
    pub files: Vec<store::StoredFile>,
    pub way: Way,
    pub then: Then,
}

/// Answers the citizen.
///
/// # Errors
/// When the ticket was changed meanwhile or is over, the text is empty, or there is no address to answer to.
pub async fn reply(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    expected: Option<i64>,
    answer: Reply,
) -> Result<Ticket, TicketError> {
    who.require(Permission::WorkTickets)?;
    let text = answer.text.trim().to_owned();
    if text.is_empty() {
        return Err(TicketError::Invalid { field: "text", wrong: "missing" });
    }
    let (now, who, code) = (kernel.now(), who.clone(), code.to_owned());
    let addresses = MailAddresses::new(kernel);
    let until =
        closes_at(&kernel.config.desk, kernel.now()).zoned(&kernel.config.zone()).strftime("%d/%m/%Y").to_string();
    let rule = HoldRule::of(&kernel.config.desk);
    let agency = kernel.agency_name();
    let (tracking, secrets) = (kernel.config.link("/sportello/pratica"), kernel.secrets.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                change.require_active()?;
                rule.check(tx, change.ticket.id, &who, now).await?;
                let ticket = change.ticket.clone();
                let sheet_id = match answer.sheet.as_deref().filter(|s| !s.is_empty()) {
                    Some(sheet) => store::sheet_by_code(tx, sheet).await?,
                    None => None,
                };
                let last = store::last_incoming(tx, ticket.id).await?;
                let recipient = match answer.way {
                    Way::Spoken(_) => String::new(),
                    Way::Email => citizen_address(tx, &ticket, last.as_ref()).await?.ok_or(TicketError::NoAddress)?,
                };
                let language = Language::from_tag(&ticket.language).unwrap_or(Language::Italian);
                let subject = format!("Re: {} [{}]", ticket.subject, codes::grouped(&ticket.code));
                let contact = store::NewContact {
                    ticket_id: ticket.id,
                    direction: "out",
                    channel: match answer.way {
                        Way::Email => "email",
                        Way::Spoken(channel) => channel.as_str(),
                    },
                    person_id: ticket.person_id,
                    author_id: who.user_id,
                    to_address: recipient.clone(),
                    subject: subject.clone(),
                    body: text.clone(),
                    public: true,
                    sheet_id,
                    happened_at: now,
                    created_at: now,
                    ..Default::default()
                };
                let contact_id = store::insert_contact(tx, &contact)
                    .await?
                    .ok_or(TicketError::Invalid { field: "text", wrong: "duplicate" })?;
                store::insert_attachments(tx, contact_id, &answer.files).await?;
                if answer.way == Way::Email {
                    let message_id = addresses.message_id(&ticket.code, &contact_id.to_string());
                    store::remember_message_id(tx, &message_id, ticket.id, Some(contact_id), None).await?;
                    let in_reply_to = last.and_then(|l| l.message_id);
                    let text = match answer.then {
                        Then::Resolve(_) => {
                            let note = language.text_with("mail-reply-resolved", &[("date", until)]);
                            format!("{text}\n\n{note}")
                        }
                        Then::Stay | Then::Wait | Then::Close(_) => text,
                    };
                    let text = language.text_with(
                        "mail-reply",
                        &[
                            ("text", text),
                            ("code", codes::grouped(&ticket.code)),
                            (
                                "link",
                                format!("{tracking}/{}?k={}", ticket.code, secrets.sign("track", &[&ticket.code])),
                            ),
                            ("agency", agency),
                        ],
                    );
                    let payload = MailPayload {
                        subject,
                        text,
                        manner: Manner::Personal,
                        reply_to: addresses.for_ticket(&ticket.code),
                        references: in_reply_to.iter().cloned().collect(),
                        in_reply_to,
                        attachments: answer
                            .files
                            .iter()
                            .map(|f| MailAttachment {
                                name: f.name.clone(),
                                media_type: f.media_type.clone(),
                                blob: f.blob.clone(),
                            })
                            .collect(),
                    };
                    let mail = NewMail {
                        purpose: Purpose::Reply,
                        ticket_id: ticket.id,
                        contact_id: Some(contact_id),
                        leg_id: None,
                        recipient,
                        message_id,
                        payload,
                    };
                    outbox::enqueue_mail(tx, &mail, now).await?;
                }
                if let Some(user) = who.user_id {
                    store::delete_draft(tx, ticket.id, user, "reply").await?;
                }
                if change.ticket.assignee_id.is_none() {
                    change.ticket.assignee_id = who.user_id;
                }
                let next = match answer.then {
                    Then::Wait => State::WaitingCitizen,
                    Then::Stay | Then::Resolve(_) | Then::Close(_) if change.ticket.state == State::New => State::Open,
                    Then::Stay | Then::Resolve(_) | Then::Close(_) => change.ticket.state,
                };
                change.become_state(next)?;
                let data = json!({ "contact": contact_id, "sheet": sheet_id });
                let saved = change.save(tx, "contact.sent", data).await?;
                if matches!(answer.then, Then::Stay | Then::Wait) {
                    return Ok(saved);
                }
                let change = Change::begin_by_id(tx, saved.id, None, who.actor.clone(), now).await?;
                match answer.then {
                    Then::Resolve(how) => resolve_locked(tx, change, &how).await,
                    Then::Close(how) => close_locked(tx, change, &how).await,
                    Then::Stay | Then::Wait => Ok(saved),
                }
            })
        })
        .await
}

/// Where an answer by mail goes: the address of the last message, else the person's first.
async fn citizen_address(
    tx: &mut crate::kernel::database::Tx,
    ticket: &Ticket,
    last: Option<&store::ContactRow>,
) -> Result<Option<String>, TicketError> {
    if let Some(last) = last
        && let Ok(address) = people::Identifier::email(&last.from_address)
    {
        return Ok(Some(address.raw));
    }
    let Some(person) = ticket.person_id else { return Ok(None) };
    let identifiers = people::store::identifiers(tx, person).await?;
    Ok(identifiers.into_iter().find(|i| i.kind == "email").map(|i| i.value))
}
