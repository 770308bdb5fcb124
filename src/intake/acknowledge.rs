//! "We have received your request": the tracking code goes to the citizen in the transaction that opened the
//! ticket (002-29, 004-21). Robots get none, and nobody gets many (RFC 3834, C14).
use jiff::SignedDuration;

use super::web_form::{ASSISTED, SMS_ASKED};
use super::{Incoming, IntakeError, store};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::Tx;
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::outbox::wording::{self, Carrier, Part};
use crate::outbox::{
    self, AccountPayload, ConsentSource, MailAddresses, MailPayload, Manner, NewConsent, NewMail, NewMessage, Notice,
    Purpose,
};
use crate::people::{Identifier, IdentifierKind};
use crate::tickets::{self, Channel, Ticket};

/// Automatic answers one address gets in an hour at most.
pub const PER_HOUR: i64 = 5;

/// What an acknowledgement needs besides the ticket; prepared outside the transaction.
#[derive(Debug, Clone)]
pub struct Receipt {
    agency: String,
    /// Address of the tracking page, without the code.
    tracking: String,
    zone: jiff::tz::TimeZone,
    kernel_secrets: crate::kernel::secrets::Secrets,
    /// Whether this installation sends mail by its own server.
    mails: bool,
}

impl Receipt {
    /// From the installation's settings.
    pub fn prepare(kernel: &Kernel) -> Self {
        Self {
            mails: kernel.config.mail.smtp.is_some(),
            agency: kernel.agency_name(),
            tracking: kernel.config.link("/sportello/pratica"),
            zone: kernel.config.zone(),
            kernel_secrets: kernel.secrets.clone(),
        }
    }

    /// Writes the acknowledgement of a new ticket into the outbox, if its sender may have one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn enqueue(
        &self,
        tx: &mut Tx,
        addresses: &MailAddresses,
        ticket: &Ticket,
        incoming: &Incoming,
        now: Instant,
    ) -> Result<(), IntakeError> {
        if incoming.automatic.is_some() {
            return Ok(());
        }
        if incoming.notices.split_whitespace().any(|n| n == SMS_ASKED) {
            self.text(tx, ticket, incoming, now).await?;
        }
        let account = match incoming.channel {
            Channel::Email | Channel::Sms | Channel::Pec => account(tx, incoming).await?,
            _ => None,
        };
        // Who was helped with the form gets its receipt as if they had sent it, and on paper.
        let noted = |name: &str| incoming.notices.split_whitespace().any(|n| n == name);
        let by_form = incoming.channel == Channel::Web || noted(ASSISTED);
        let by_mail = self.mails && (incoming.channel == Channel::Email || by_form);
        if account.is_none() && !by_mail {
            return Ok(());
        }
        let Some(to) = recipient(incoming) else { return Ok(()) };
        let hour_ago = now.minus(SignedDuration::from_hours(1));
        if store::automatic_answers_since(tx, &to.value, hour_ago).await? >= PER_HOUR {
            return Ok(());
        }
        store::note_automatic_answer(tx, &to.value, ticket.id, now).await?;
        let (language, carrier) = (language(ticket), carrier(incoming));
        let text = wording::text(tx, Part::Acknowledgement, carrier, language, &self.values(ticket, incoming)).await?;
        let words = self.words(addresses, ticket, text);
        if incoming.channel != Channel::Sms {
            tickets::store::remember_message_id(tx, &words.message_id, ticket.id, None, None).await?;
        }
        let Some(account) = account else {
            outbox::enqueue_mail(tx, &mail(words, addresses, ticket, incoming, to), now).await?;
            return Ok(());
        };
        let message = NewMessage {
            account,
            purpose: Purpose::Acknowledgement,
            ticket_id: Some(ticket.id),
            contact_id: None,
            leg_id: None,
            recipient: if incoming.channel == Channel::Sms { to.value } else { to.raw },
            message_id: (incoming.channel != Channel::Sms).then_some(words.message_id),
            payload: AccountPayload {
                subject: words.subject,
                text: words.text,
                code: words.code,
                link: words.link,
                language: words.language.as_str().to_owned(),
                in_reply_to: incoming.message_id.clone(),
                references: incoming.message_id.iter().cloned().collect(),
                automatic: true,
                ..AccountPayload::default()
            },
        };
        outbox::enqueue_message(tx, &message, now).await?;
        Ok(())
    }

    /// Who is to have an acknowledgement by our own mail server, if this contact came by no account.
    pub fn by_mail(&self, incoming: &Incoming) -> Option<Identifier> {
        let wanted = self.mails && incoming.automatic.is_none();
        let channel = matches!(incoming.channel, Channel::Email | Channel::Web);
        if wanted && channel { recipient(incoming) } else { None }
    }

    /// The acknowledgement of a new ticket by our own mail server, in the administration's words if it has some.
    pub fn mail(
        &self,
        addresses: &MailAddresses,
        ticket: &Ticket,
        incoming: &Incoming,
        to: Identifier,
        own: Option<&str>,
    ) -> NewMail {
        let values = self.values(ticket, incoming);
        let text = wording::say(own, Part::Acknowledgement, carrier(incoming), language(ticket), &values);
        mail(self.words(addresses, ticket, text), addresses, ticket, incoming, to)
    }

    fn words(&self, addresses: &MailAddresses, ticket: &Ticket, text: String) -> Words {
        let language = language(ticket);
        let (code, link) = (codes::grouped(&ticket.code), self.link(ticket));
        let message_id = addresses.message_id(&ticket.code, "ack");
        let subject = language
            .text_with("mail-acknowledgement-subject", &[("code", code.clone()), ("subject", ticket.subject.clone())]);
        Words { subject, text, code, link, language, message_id }
    }

    /// Where the citizen follows a ticket, sealed.
    fn link(&self, ticket: &Ticket) -> String {
        let key = self.kernel_secrets.sign("track", &[&ticket.code]);
        format!("{}/{}?k={key}", self.tracking, ticket.code)
    }

    fn values(&self, ticket: &Ticket, incoming: &Incoming) -> [(&'static str, String); 6] {
        [
            ("code", codes::grouped(&ticket.code)),
            ("subject", ticket.subject.clone()),
            ("expected", ticket.expected_at.zoned(&self.zone).strftime("%d/%m/%Y").to_string()),
            ("link", self.link(ticket)),
            ("agency", self.agency.clone()),
            ("name", incoming.name.clone()),
        ]
    }

    /// Keeps that the sender of a form wants to be told by text message, and tells them the code that way if it
    /// reaches them by no other.
    async fn text(&self, tx: &mut Tx, ticket: &Ticket, incoming: &Incoming, now: Instant) -> Result<(), IntakeError> {
        let Some(phone) = incoming.identifiers.iter().find(|i| i.kind == IdentifierKind::Phone) else { return Ok(()) };
        let assisted = incoming.notices.split_whitespace().any(|n| n == ASSISTED);
        let new = NewConsent {
            channel: outbox::SMS,
            address: &phone.value,
            given: true,
            source: if assisted { ConsentSource::Assisted } else { ConsentSource::Form },
            raw: None,
            actor: incoming.actor.clone(),
        };
        outbox::record_consent(tx, &new, now).await?;
        if self.mails && recipient(incoming).is_some() {
            return Ok(());
        }
        let hour_ago = now.minus(SignedDuration::from_hours(1));
        if store::automatic_answers_since(tx, &phone.value, hour_ago).await? >= PER_HOUR {
            return Ok(());
        }
        let notice = Notice {
            ticket_id: ticket.id,
            code: codes::grouped(&ticket.code),
            link: self.link(ticket),
            number: &phone.value,
            language: Language::from_tag(&ticket.language).unwrap_or(Language::Italian),
            purpose: Purpose::Acknowledgement,
            part: Part::Acknowledgement,
            values: &self.values(ticket, incoming),
        };
        if outbox::notify_by_sms(tx, &notice, now).await? {
            store::note_automatic_answer(tx, &phone.value, ticket.id, now).await?;
        }
        Ok(())
    }
}

/// What an acknowledgement says.
struct Words {
    subject: String,
    text: String,
    code: String,
    link: String,
    language: Language,
    message_id: String,
}

fn mail(words: Words, addresses: &MailAddresses, ticket: &Ticket, incoming: &Incoming, to: Identifier) -> NewMail {
    NewMail {
        purpose: Purpose::Acknowledgement,
        ticket_id: ticket.id,
        contact_id: None,
        leg_id: None,
        recipient: to.raw,
        message_id: words.message_id,
        payload: MailPayload {
            subject: words.subject,
            text: words.text,
            manner: if incoming.message_id.is_some() { Manner::AutoReplied } else { Manner::AutoGenerated },
            reply_to: addresses.for_ticket(&ticket.code),
            in_reply_to: incoming.message_id.clone(),
            references: incoming.message_id.iter().cloned().collect(),
            attachments: Vec::new(),
        },
    }
}

fn language(ticket: &Ticket) -> Language {
    Language::from_tag(&ticket.language).unwrap_or(Language::Italian)
}

fn carrier(incoming: &Incoming) -> Carrier {
    match incoming.channel {
        Channel::Sms => Carrier::Sms,
        Channel::Pec => Carrier::Pec,
        _ => Carrier::Email,
    }
}

/// The channel account by which a contact came, if it also sends.
async fn account(tx: &mut Tx, incoming: &Incoming) -> Result<Option<String>, IntakeError> {
    let Some(&raw) = incoming.raw.stored().first() else { return Ok(None) };
    let Some(name) = store::account_of_raw(tx, raw).await? else { return Ok(None) };
    Ok(outbox::senders(tx).await?.into_iter().find(|s| s.name == name).map(|s| s.name))
}

/// The address to acknowledge to: where the contact came from, else the first e-mail given with it.
fn recipient(incoming: &Incoming) -> Option<Identifier> {
    if incoming.channel == Channel::Sms {
        // Short numbers and names of senders take no answer.
        return Identifier::phone(&incoming.from_address).ok();
    }
    Identifier::email(&incoming.from_address)
        .ok()
        .or_else(|| incoming.identifiers.iter().find(|i| i.kind == IdentifierKind::Email).cloned())
}
