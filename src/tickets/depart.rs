//! An answer on its way out by a channel account: to whom, and in which words each channel carries it.
use channels::ChannelKind;

use super::reply::Dispatch;
use super::{Ticket, TicketError};
use crate::kernel::codes;
use crate::kernel::database::Tx;
use crate::kernel::language::Language;
use crate::outbox::{self, AccountPayload, MailAttachment, NewMessage, Purpose};
use crate::people::Identifier;

/// Where an answer goes, checked.
#[derive(Debug, Clone)]
pub struct Departure {
    account: String,
    pub kind: ChannelKind,
    /// Number or address in normal form; on paper empty.
    pub recipient: String,
    /// Name, then the postal address; on paper only.
    name: String,
    address: String,
}

/// What an answer says.
#[derive(Debug)]
pub struct Words {
    /// The answer with all that stands around it.
    pub said: String,
    pub subject: String,
    pub link: String,
    pub language: Language,
    pub in_reply_to: Option<String>,
    pub files: Vec<MailAttachment>,
}

impl Departure {
    /// Checks that the account works and that the recipient can be reached by it.
    ///
    /// # Errors
    /// [`TicketError::Invalid`] naming `account`, `to` or `postal`.
    pub async fn prepare(tx: &mut Tx, dispatch: &Dispatch) -> Result<Self, TicketError> {
        let wrong = |field, wrong| TicketError::Invalid { field, wrong };
        let account = outbox::senders(tx).await?.into_iter().find(|s| s.name == dispatch.account);
        let account = account.ok_or(wrong("account", "unknown"))?;
        let recipient = match account.kind {
            ChannelKind::Letter => String::new(),
            ChannelKind::Sms | ChannelKind::Fax | ChannelKind::Phone | ChannelKind::Voicemail => {
                Identifier::phone(&dispatch.to).map_err(|_| wrong("to", "number"))?.value
            }
            ChannelKind::Email | ChannelKind::Pec | ChannelKind::WebForm | ChannelKind::Counter => {
                Identifier::email(&dispatch.to).map_err(|_| wrong("to", "address"))?.raw
            }
        };
        let (name, address) = dispatch.postal.trim().split_once('\n').unwrap_or((dispatch.postal.trim(), ""));
        if account.kind == ChannelKind::Letter && (name.is_empty() || address.trim().is_empty()) {
            return Err(wrong("postal", "missing"));
        }
        if outbox::refuses(tx, account.kind.as_str(), &recipient).await? {
            return Err(wrong("to", "refused"));
        }
        let (name, address) = (name.trim().to_owned(), address.trim().replace('\r', ""));
        // So that lists say who a letter is for.
        let recipient = if account.kind == ChannelKind::Letter { name.clone() } else { recipient };
        Ok(Self { account: account.name, kind: account.kind, recipient, name, address })
    }

    /// Whether messages on this channel have a Message-ID by which answers find their ticket.
    pub const fn has_message_id(&self) -> bool {
        matches!(self.kind, ChannelKind::Email | ChannelKind::Pec)
    }

    /// The message, in the words of its channel.
    pub fn message(
        self,
        known: &Ticket,
        ticket: &Ticket,
        contact: i64,
        message_id: String,
        words: Words,
    ) -> NewMessage {
        let code = codes::grouped(&known.code);
        let has_message_id = self.has_message_id();
        NewMessage {
            account: self.account,
            purpose: Purpose::Reply,
            ticket_id: Some(ticket.id),
            contact_id: Some(contact),
            leg_id: None,
            recipient: self.recipient,
            message_id: has_message_id.then_some(message_id),
            payload: AccountPayload {
                recipient_name: self.name,
                recipient_address: self.address,
                subject: words.subject,
                text: words.said,
                attachments: words.files,
                code,
                link: words.link,
                language: words.language.as_str().to_owned(),
                references: words.in_reply_to.iter().cloned().collect(),
                in_reply_to: words.in_reply_to,
                automatic: false,
            },
        }
    }
}
