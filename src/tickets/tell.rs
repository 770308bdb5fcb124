//! The office tells a citizen something of its own accord, by the first way that reaches them: a text message, a
//! letter, an e-mail.
use channels::ChannelKind;
use serde_json::json;

use super::change::Change;
use super::depart::{Departure, Words};
use super::reply::{self, Dispatch, citizen_address, known_to};
use super::ways::notice_way;
use super::{Channel, Ticket, TicketError, store};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::Tx;
use crate::kernel::language::Language;
use crate::kernel::secrets::Secrets;
use crate::outbox::wording::{self, Carrier, Part};
use crate::outbox::{self, MailAddresses, MailPayload, Manner, NewMail, Purpose};
use crate::people::Identifier;

/// What the words of the office need besides the ticket; prepared outside the transaction.
#[derive(Debug)]
pub struct Office {
    agency: String,
    /// Number that citizens call, as people read it; may be empty.
    phone: String,
    /// Address of the tracking page, without the code.
    tracking: String,
    secrets: Secrets,
    addresses: MailAddresses,
    /// Whether this installation sends mail by its own server.
    mails: bool,
}

impl Office {
    /// Name of the agency.
    pub fn agency(&self) -> &str {
        &self.agency
    }

    /// The citizen's own page of a ticket.
    pub fn link(&self, code: &str) -> String {
        format!("{}/{code}?k={}", self.tracking, self.secrets.sign("track", &[code]))
    }

    /// From the installation's settings.
    pub fn of(kernel: &Kernel) -> Self {
        Self {
            agency: kernel.agency_name(),
            phone: kernel.config.agency.phone.clone(),
            tracking: kernel.config.link("/sportello/pratica"),
            secrets: kernel.secrets.clone(),
            addresses: MailAddresses::new(kernel),
            mails: kernel.config.mail.smtp.is_some(),
        }
    }
}

/// A way that leads to a citizen.
enum Way {
    Account(Departure, String),
    Mail(String),
}

/// Tells the citizen of a locked ticket what stands in the catalogues under `what`, `what-sms` and `what-subject`;
/// answers by which channel, `None` when nothing is known that leads to them. `number` is where they were called.
///
/// # Errors
/// When the database refuses.
pub async fn tell(
    tx: &mut Tx,
    change: Change,
    office: &Office,
    number: Option<&str>,
    what: &str,
) -> Result<(Ticket, Option<Channel>), TicketError> {
    tell_of(tx, change, office, number, what, &[]).await
}

/// As [`tell`], with further values that the texts name.
///
/// # Errors
/// When the database refuses.
pub async fn tell_of(
    tx: &mut Tx,
    change: Change,
    office: &Office,
    number: Option<&str>,
    what: &str,
    more: &[(&'static str, String)],
) -> Result<(Ticket, Option<Channel>), TicketError> {
    let ticket = change.ticket.clone();
    let Some(way) = way(tx, &ticket, office, number).await? else { return Ok((ticket, None)) };
    let last = store::last_incoming(tx, ticket.id).await?;
    let known = known_to(tx, &ticket, last.as_ref()).await?;
    let language = Language::from_tag(&known.language).unwrap_or(Language::Italian);
    let code = codes::grouped(&known.code);
    let link = office.link(&known.code);
    let (channel, key) = match &way {
        Way::Account(departure, _) => match departure.kind {
            ChannelKind::Sms => (Channel::Sms, format!("{what}-sms")),
            ChannelKind::Letter => (Channel::Letter, what.to_owned()),
            _ => (Channel::Email, what.to_owned()),
        },
        Way::Mail(_) => (Channel::Email, what.to_owned()),
    };
    let called = if office.phone.is_empty() {
        language.text("tell-call-us")
    } else {
        language.text_with("tell-call-number", &[("phone", office.phone.clone())])
    };
    let mut values = vec![("code", code.clone()), ("agency", office.agency.clone()), ("call", called)];
    values.extend(more.iter().cloned());
    let said = language.text_with(&key, &values);
    let subject = language.text_with(&format!("{what}-subject"), &values);
    let letter = Letter { channel, way, known, link, language, subject, said };
    Ok((send(tx, change, office, letter).await?, Some(channel)))
}

/// The ticket as its citizen knows it, whom the office is about to tell something: of two whose tickets were merged
/// each knows their own.
///
/// # Errors
/// When the database refuses.
pub async fn known_by_citizen(tx: &mut Tx, ticket: &Ticket) -> Result<Ticket, TicketError> {
    let last = store::last_incoming(tx, ticket.id).await?;
    known_to(tx, ticket, last.as_ref()).await
}

/// Tells the citizen of a locked ticket something in words that are already made, by the way that reaches them, or by
/// one channel alone; answers by which. `postal` is name and address on paper, empty where only earlier letters know.
///
/// # Errors
/// [`TicketError::NoAddress`] when nothing leads to them that they did not refuse.
pub async fn say(
    tx: &mut Tx,
    change: Change,
    office: &Office,
    (by, postal): (Option<Channel>, &str),
    (subject, said): (String, String),
) -> Result<(Ticket, Channel), TicketError> {
    let ticket = change.ticket.clone();
    let (channel, way) = notice_way(tx, &ticket, office.mails, by, postal).await?.ok_or(TicketError::NoAddress)?;
    let last = store::last_incoming(tx, ticket.id).await?;
    let way = match way {
        reply::Way::Account(dispatch) => {
            let to = if dispatch.postal.is_empty() { dispatch.to.clone() } else { dispatch.postal.clone() };
            Way::Account(Departure::prepare(tx, &dispatch).await?, to)
        }
        reply::Way::Email | reply::Way::Spoken(_) => {
            Way::Mail(citizen_address(tx, &ticket, last.as_ref()).await?.ok_or(TicketError::NoAddress)?)
        }
    };
    let known = known_to(tx, &ticket, last.as_ref()).await?;
    let language = Language::from_tag(&known.language).unwrap_or(Language::Italian);
    let link = office.link(&known.code);
    let letter = Letter { channel, way, known, link, language, subject, said };
    Ok((send(tx, change, office, letter).await?, channel))
}

/// What is said, to whom and how.
struct Letter {
    channel: Channel,
    way: Way,
    known: Ticket,
    link: String,
    language: Language,
    subject: String,
    said: String,
}

async fn send(tx: &mut Tx, change: Change, office: &Office, letter: Letter) -> Result<Ticket, TicketError> {
    let Letter { channel, way, known, link, language, subject, said } = letter;
    let (ticket, code) = (change.ticket.clone(), codes::grouped(&known.code));
    let to = match &way {
        Way::Account(_, to) | Way::Mail(to) => to.clone(),
    };
    let carrier = match channel {
        Channel::Sms => Carrier::Sms,
        Channel::Letter => Carrier::Letter,
        _ => Carrier::Email,
    };
    let around = [
        ("code", code),
        ("link", link.clone()),
        ("agency", office.agency.clone()),
        ("unit", store::unit_name(tx, ticket.owner_unit_id, language).await?),
        ("agent", office.agency.clone()),
        ("name", String::new()),
    ];
    let signature = wording::text(tx, Part::Signature, carrier, language, &around).await?;
    let now = change.now();
    let contact = store::NewContact {
        ticket_id: ticket.id,
        direction: "out",
        channel: channel.as_str(),
        person_id: known.person_id,
        via_id: (known.id != ticket.id).then_some(known.id),
        to_address: to.clone(),
        subject: subject.clone(),
        body: said.clone(),
        public: true,
        happened_at: now,
        created_at: now,
        ..Default::default()
    };
    let contact_id =
        store::insert_contact(tx, &contact).await?.ok_or(TicketError::Invalid { field: "text", wrong: "duplicate" })?;
    let message_id = office.addresses.message_id(&known.code, &contact_id.to_string());
    let said = wording::join(carrier, &[&said, &signature]);
    match way {
        Way::Mail(recipient) => {
            store::remember_message_id(tx, &message_id, known.id, Some(contact_id), None).await?;
            let payload = MailPayload {
                subject: format!("{subject} [{}]", codes::grouped(&known.code)),
                text: said,
                manner: Manner::AutoGenerated,
                reply_to: office.addresses.for_ticket(&known.code),
                references: Vec::new(),
                in_reply_to: None,
                attachments: Vec::new(),
            };
            let mail = NewMail {
                purpose: Purpose::Notice,
                ticket_id: ticket.id,
                contact_id: Some(contact_id),
                leg_id: None,
                recipient,
                message_id,
                payload,
            };
            outbox::enqueue_mail(tx, &mail, now).await?;
        }
        Way::Account(departure, _) => {
            if departure.has_message_id() {
                store::remember_message_id(tx, &message_id, known.id, Some(contact_id), None).await?;
            }
            let words = Words { said, subject, link, language, in_reply_to: None, files: Vec::new() };
            let mut message = departure.message(&known, &ticket, contact_id, message_id, words);
            message.purpose = Purpose::Notice;
            message.payload.automatic = true;
            outbox::enqueue_message(tx, &message, now).await?;
        }
    }
    let data = json!({ "contact": contact_id, "channel": channel });
    change.save(tx, "citizen.told", data).await
}

/// A text message if the number takes them and its owner did not ask for none, else a letter to the address they
/// were written to last, else an e-mail.
async fn way(tx: &mut Tx, ticket: &Ticket, office: &Office, number: Option<&str>) -> Result<Option<Way>, TicketError> {
    let senders = outbox::senders(tx).await?;
    let account = |kind: ChannelKind| senders.iter().find(|s| s.kind == kind).map(|s| s.name.clone());
    let number = number.and_then(|n| Identifier::phone(n).ok()).filter(Identifier::takes_texts);
    if let (Some(number), Some(account)) = (number, account(ChannelKind::Sms))
        && !outbox::refuses(tx, ChannelKind::Sms.as_str(), &number.value).await?
    {
        let dispatch = Dispatch { account, to: number.value.clone(), postal: String::new() };
        return Ok(Some(Way::Account(Departure::prepare(tx, &dispatch).await?, number.value)));
    }
    if let (Some(person), Some(account)) = (ticket.person_id, account(ChannelKind::Letter))
        && let Some(postal) = store::last_postal(tx, person).await?
    {
        let dispatch = Dispatch { account, to: String::new(), postal: postal.clone() };
        // What was written by hand once may lack a line today.
        if let Ok(departure) = Departure::prepare(tx, &dispatch).await {
            return Ok(Some(Way::Account(departure, postal)));
        }
    }
    let last = store::last_incoming(tx, ticket.id).await?;
    let Some(address) = citizen_address(tx, ticket, last.as_ref()).await? else { return Ok(None) };
    if office.mails {
        return Ok(Some(Way::Mail(address)));
    }
    let Some(account) = account(ChannelKind::Email) else { return Ok(None) };
    let dispatch = Dispatch { account, to: address.clone(), postal: String::new() };
    Ok(Some(Way::Account(Departure::prepare(tx, &dispatch).await?, address)))
}
