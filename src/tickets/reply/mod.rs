//! Answering the citizen. The answer, its place in the outbox, the change of state and the event are one
//! transaction: either all exist or none.
mod addressee;
mod around;

use serde_json::json;

use self::addressee::{person_name, tell};
use self::around::Around;
use super::change::Change;
use super::close::{Closing, close_locked};
use super::depart::{Departure, Words};
use super::hold::HoldRule;
use super::model::{Outcome, State, Ticket};
use super::resolve::{closes_at, resolve_locked};
use super::{TicketError, files, store};
use crate::classification::competence;
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::secrets::Secrets;
use crate::outbox::wording::Carrier;
use crate::outbox::{self, MailAddresses, MailAttachment, MailPayload, Manner, NewMail, Purpose};

pub(super) use self::addressee::{citizen_address, known_to};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By mail, to the address the citizen used or has.
    Email,
    /// By a channel account.
    Account(Dispatch),
    /// Said on the phone or at the counter; recorded, nothing is sent.
    Spoken(super::Channel),
}

/// An answer that leaves by a channel account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dispatch {
    /// Name of the account.
    pub account: String,
    /// Number or address; on paper nothing.
    pub to: String,
    /// Name and postal address, a line each; only on paper.
    pub postal: String,
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
    if answer.text.trim().is_empty() {
        return Err(TicketError::Invalid { field: "text", wrong: "missing" });
    }
    if let Way::Account(dispatch) = &answer.way {
        files::fit(kernel, &dispatch.account, &answer.files).await?;
    }
    let (now, who, code, head) = (kernel.now(), who.clone(), code.to_owned(), Letterhead::of(kernel));
    let rule = HoldRule::of(&kernel.config.desk);
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
                change.require_active()?;
                rule.check(tx, change.ticket.id, &who, now).await?;
                let writer = Writer { user_id: who.user_id, name: who.name, actor: who.actor, takes: who.user_id };
                reply_locked(tx, &head, change, &writer, answer).await
            })
        })
        .await
}

/// What answers need of the installation; prepared outside the transaction.
#[derive(Debug)]
pub struct Letterhead {
    addresses: MailAddresses,
    agency: String,
    /// Address of the tracking page, without the code.
    tracking: String,
    secrets: Secrets,
    /// The day on which a ticket that is resolved now closes by itself.
    until: String,
}

impl Letterhead {
    /// From the installation's settings.
    pub fn of(kernel: &Kernel) -> Self {
        let closes = closes_at(&kernel.config.desk, kernel.now()).zoned(&kernel.config.zone());
        Self {
            addresses: MailAddresses::new(kernel),
            agency: kernel.agency_name(),
            tracking: kernel.config.link("/sportello/pratica"),
            secrets: kernel.secrets.clone(),
            until: closes.strftime("%d/%m/%Y").to_string(),
        }
    }
}

/// Who writes an answer: an agent, or a unit that is competent for it.
#[derive(Debug, Clone)]
pub struct Writer {
    pub user_id: Option<i64>,
    /// As the citizen reads it.
    pub name: String,
    pub actor: Actor,
    /// Who gets a ticket that nobody has: the agent, never a unit.
    pub takes: Option<i64>,
}

/// Answers the citizen of a locked ticket inside a larger change.
///
/// # Errors
/// When there is no address to answer to, or the state does not allow what comes then.
pub async fn reply_locked(
    tx: &mut Tx,
    head: &Letterhead,
    mut change: Change,
    writer: &Writer,
    answer: Reply,
) -> Result<Ticket, TicketError> {
    let now = change.now();
    let text = answer.text.trim().to_owned();
    let ticket = change.ticket.clone();
    let postal = match &answer.way {
        Way::Account(dispatch) => dispatch.postal.clone(),
        Way::Email | Way::Spoken(_) => String::new(),
    };
    let sheet = match answer.sheet.as_deref().filter(|s| !s.is_empty()) {
        Some(sheet) => store::used_sheet(tx, sheet).await?,
        None => None,
    };
    let sheet_id = sheet.map(|s| s.id);
    let last = store::last_incoming(tx, ticket.id).await?;
    let departure = match &answer.way {
        Way::Account(dispatch) => Some(Departure::prepare(tx, dispatch).await?),
        Way::Email | Way::Spoken(_) => None,
    };
    let recipient = match answer.way {
        Way::Spoken(_) => String::new(),
        Way::Account(_) => departure.as_ref().map(|d| d.recipient.clone()).unwrap_or_default(),
        Way::Email => citizen_address(tx, &ticket, last.as_ref()).await?.ok_or(TicketError::NoAddress)?,
    };
    let known = known_to(tx, &ticket, last.as_ref()).await?;
    let language = Language::from_tag(&known.language).unwrap_or(Language::Italian);
    let subject = format!("Re: {} [{}]", known.subject, codes::grouped(&known.code));
    let contact = store::NewContact {
        ticket_id: ticket.id,
        direction: "out",
        channel: match answer.way {
            Way::Email => "email",
            Way::Account(_) => departure.as_ref().map_or("email", |d| d.kind.as_str()),
            Way::Spoken(channel) => channel.as_str(),
        },
        person_id: known.person_id,
        via_id: (known.id != ticket.id).then_some(known.id),
        author_id: writer.user_id,
        to_address: if postal.is_empty() { recipient.clone() } else { postal },
        subject: subject.clone(),
        body: text.clone(),
        public: true,
        sheet_id,
        happened_at: now,
        created_at: now,
        ..Default::default()
    };
    let contact_id =
        store::insert_contact(tx, &contact).await?.ok_or(TicketError::Invalid { field: "text", wrong: "duplicate" })?;
    store::insert_attachments(tx, contact_id, &answer.files).await?;
    if let Some(sheet) = sheet {
        store::keep_sheet_version(tx, contact_id, sheet.version).await?;
    }
    let link = format!("{}/{}?k={}", head.tracking, known.code, head.secrets.sign("track", &[&known.code]));
    let carrier = match answer.way {
        Way::Email | Way::Spoken(_) => Carrier::Email,
        Way::Account(_) => departure.as_ref().and_then(|d| Carrier::of(d.kind)).unwrap_or(Carrier::Email),
    };
    let around = Around {
        carrier,
        language,
        until: matches!(answer.then, Then::Resolve(_)).then(|| head.until.clone()),
        // A short message carries no files: its link leads to them.
        files: carrier == Carrier::Sms && !answer.files.is_empty(),
        elsewhere: elsewhere(tx, &ticket, &answer.then, language).await?,
        values: vec![
            ("code", codes::grouped(&known.code)),
            ("link", link.clone()),
            ("agency", head.agency.clone()),
            ("agent", writer.name.clone()),
            ("unit", store::unit_name(tx, ticket.owner_unit_id, language).await?),
            ("name", person_name(tx, &known).await?),
        ],
    };
    let said = around.put(tx, &text).await?;
    let files: Vec<MailAttachment> = answer
        .files
        .iter()
        .filter(|_| carrier != Carrier::Sms)
        .map(|f| MailAttachment { name: f.name.clone(), media_type: f.media_type.clone(), blob: f.blob.clone() })
        .collect();
    let message_id = head.addresses.message_id(&known.code, &contact_id.to_string());
    let in_reply_to = last.and_then(|l| l.message_id);
    let written = !matches!(answer.way, Way::Spoken(_));
    match (answer.way, departure) {
        (Way::Email, _) => {
            store::remember_message_id(tx, &message_id, known.id, Some(contact_id), None).await?;
            let payload = MailPayload {
                subject,
                text: said,
                manner: Manner::Personal,
                reply_to: head.addresses.for_ticket(&known.code),
                references: in_reply_to.iter().cloned().collect(),
                in_reply_to,
                attachments: files,
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
        (_, Some(departure)) => {
            if departure.has_message_id() {
                store::remember_message_id(tx, &message_id, known.id, Some(contact_id), None).await?;
            }
            let words = Words { said, subject, link, language, in_reply_to, files };
            let message = departure.message(&known, &ticket, contact_id, message_id, words);
            outbox::enqueue_message(tx, &message, now).await?;
        }
        (Way::Spoken(_) | Way::Account(_), None) => {}
    }
    if written && carrier != Carrier::Sms {
        tell(tx, &known, &ticket, language, &around.values, now).await?;
    }
    if let Some(user) = writer.user_id {
        store::delete_draft(tx, ticket.id, user, "reply").await?;
    }
    if change.ticket.assignee_id.is_none() {
        change.ticket.assignee_id = writer.takes;
    }
    let next = match answer.then {
        Then::Wait => State::WaitingCitizen,
        Then::Stay | Then::Resolve(_) | Then::Close(_) if change.ticket.state == State::New => State::Open,
        Then::Stay | Then::Resolve(_) | Then::Close(_) => change.ticket.state,
    };
    change.become_state(next)?;
    let data = json!({
        "contact": contact_id,
        "sheet": sheet_id,
        "sheet_version": sheet.map(|s| s.version),
    });
    let saved = change.save(tx, "contact.sent", data).await?;
    if matches!(answer.then, Then::Stay | Then::Wait) {
        return Ok(saved);
    }
    let change = Change::begin_by_id(tx, saved.id, None, writer.actor.clone(), now).await?;
    match answer.then {
        Then::Resolve(how) => resolve_locked(tx, change, &how).await,
        Then::Close(how) => close_locked(tx, change, &how).await,
        Then::Stay | Then::Wait => Ok(saved),
    }
}

/// What the answer says of who is competent: the notice of the class, and where that body is reached, when the answer ends
/// the ticket as not ours.
async fn elsewhere(tx: &mut Tx, ticket: &Ticket, then: &Then, language: Language) -> Result<String, TicketError> {
    let not_ours = |how: &Closing| how.outcome == Outcome::NotCompetent;
    match then {
        Then::Close(how) | Then::Resolve(how) if not_ours(how) => {}
        Then::Stay | Then::Wait | Then::Resolve(_) | Then::Close(_) => return Ok(String::new()),
    }
    let Some(category) = ticket.category_id else { return Ok(String::new()) };
    Ok(competence::notice(tx, category, language).await?)
}
