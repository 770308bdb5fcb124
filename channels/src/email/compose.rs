//! Building the mail we send: own Message-ID, threading, and the headers that keep machines from answering
//! machines (RFC 5322, RFC 3834).

use bytes::Bytes;
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, Mailbox, MultiPart, SinglePart};
use lettre::{Address as MailAddress, Message};
use sha2::{Digest, Sha256};

use crate::Address;
use crate::email::automatic::LOOP_HEADER;

/// Longest `References` kept: the first id and the latest ones.
const REFERENCES_KEPT: usize = 20;

/// Whether a machine writes, and why (RFC 3834, 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Automatic {
    /// A person wrote it.
    #[default]
    No,
    /// An automatic answer to a message, such as an acknowledgement: sent with an empty envelope sender.
    Replied,
    /// A notice that nobody's message caused.
    Generated,
}

/// A file to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingAttachment {
    /// File name as the recipient will see it.
    pub name: String,
    /// Media type; when it cannot be parsed the file goes as `application/octet-stream`.
    pub media_type: String,
    /// Content.
    pub bytes: Bytes,
    /// Content id without angle brackets, for a picture that the HTML shows as `cid:…`.
    pub content_id: Option<String>,
}

/// One mail to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Who writes, as the recipient sees it.
    pub from: Address,
    /// The one recipient.
    pub to: Address,
    /// Envelope sender, where bounces go (see [`crate::email::AddressKey::verp`]). `None`: the address of `from`.
    /// An automatic reply always goes with an empty one.
    pub envelope_from: Option<String>,
    /// Where the answer should go (see [`crate::email::AddressKey::plus`]).
    pub reply_to: Option<Address>,
    /// Subject, one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same in HTML, if wanted.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<OutgoingAttachment>,
    /// Message-ID of ours, without angle brackets.
    pub message_id: String,
    /// Id of the message it answers, without angle brackets.
    pub in_reply_to: Option<String>,
    /// Ids of the thread, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// Whether a machine writes.
    pub automatic: Automatic,
    /// Id of this installation, by which it recognises its own messages.
    pub loop_id: String,
    /// The `Date` header.
    pub date: Timestamp,
}

/// A mail that cannot be built: trying again is useless.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// One of the addresses is not an address; says which.
    #[error("the address of {0} is not valid")]
    Address(&'static str),
    /// The library refused it.
    #[error("the message cannot be built: {0}")]
    Build(String),
}

/// A mail ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// RFC 5322 bytes; the same mail always gives the same.
    pub bytes: Vec<u8>,
    /// Envelope sender; `None` is the empty one.
    pub envelope_from: Option<String>,
    /// Envelope recipient.
    pub envelope_to: String,
}

impl OutgoingMail {
    /// Builds the message.
    ///
    /// # Errors
    /// [`ComposeError`] when an address is not valid.
    pub fn compose(&self) -> Result<Composed, ComposeError> {
        let to = mailbox(&self.to, "the recipient")?;
        let from = mailbox(&self.from, "the sender")?;
        let envelope_from = match (self.automatic, &self.envelope_from) {
            (Automatic::Replied, _) => None,
            (_, Some(address)) => Some(parse(address, "the envelope sender")?),
            (_, None) => Some(from.email.clone()),
        };
        let envelope = Envelope::new(envelope_from.clone(), vec![to.email.clone()]).map_err(build)?;
        let envelope_to = to.email.to_string();
        let mut message = Message::builder()
            .envelope(envelope)
            .date(self.date.into())
            .from(from)
            .to(to)
            .subject(one_line(&self.subject))
            .message_id(Some(bracketed(&self.message_id)));
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(mailbox(reply_to, "the reply address")?);
        }
        if let Some(id) = &self.in_reply_to {
            message = message.in_reply_to(bracketed(id));
        }
        if !self.references.is_empty() {
            message = message.references(kept(&self.references));
        }
        for (name, value) in self.marks() {
            message = message.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        let message = match self.body() {
            Body::Single(part) => message.singlepart(part),
            Body::Multi(parts) => message.multipart(parts),
        };
        Ok(Composed {
            bytes: message.map_err(build)?.formatted(),
            envelope_from: envelope_from.map(|a| a.to_string()),
            envelope_to,
        })
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        let mut marks = Vec::new();
        if !self.loop_id.is_empty() {
            marks.push((LOOP_HEADER, one_line(&self.loop_id)));
        }
        let kind = match self.automatic {
            Automatic::No => return marks,
            Automatic::Replied => "auto-replied",
            Automatic::Generated => "auto-generated",
        };
        marks.push(("Auto-Submitted", kind.to_owned()));
        marks.push(("Precedence", "bulk".to_owned()));
        marks.push(("X-Auto-Response-Suppress", "All".to_owned()));
        marks
    }

    fn body(&self) -> Body {
        let text = SinglePart::plain(self.text.clone());
        let readable = match &self.html {
            None => Body::Single(text),
            Some(html) => Body::Multi(
                MultiPart::alternative()
                    .boundary(self.boundary("alt"))
                    .singlepart(text)
                    .singlepart(SinglePart::html(html.clone())),
            ),
        };
        if self.attachments.is_empty() {
            return readable;
        }
        let mixed = MultiPart::mixed().boundary(self.boundary("mix"));
        let mut mixed = match readable {
            Body::Single(part) => mixed.singlepart(part),
            Body::Multi(parts) => mixed.multipart(parts),
        };
        for file in &self.attachments {
            let kind = ContentType::parse(&file.media_type)
                .or_else(|_| ContentType::parse("application/octet-stream"))
                .unwrap_or(ContentType::TEXT_PLAIN);
            let name = one_line(&file.name);
            let part = match &file.content_id {
                Some(id) => Part::new_inline_with_name(one_line(id), name),
                None => Part::new(name),
            };
            mixed = mixed.singlepart(part.body(file.bytes.to_vec(), kind));
        }
        Body::Multi(mixed)
    }

    /// Made from the message id, so that a second attempt sends the very same bytes.
    fn boundary(&self, level: &str) -> String {
        let digest = Sha256::digest(self.message_id.as_bytes());
        format!("={level}_{}", data_encoding::HEXLOWER.encode(&digest[..16]))
    }
}

enum Body {
    Single(SinglePart),
    Multi(MultiPart),
}

fn build(e: impl std::fmt::Display) -> ComposeError {
    ComposeError::Build(e.to_string())
}

fn parse(address: &str, whose: &'static str) -> Result<MailAddress, ComposeError> {
    address.trim().parse().map_err(|_| ComposeError::Address(whose))
}

fn mailbox(a: &Address, whose: &'static str) -> Result<Mailbox, ComposeError> {
    let name = a.name.as_deref().map(one_line).filter(|n| !n.is_empty());
    Ok(Mailbox::new(name, parse(&a.address, whose)?))
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn bracketed(id: &str) -> String {
    format!("<{}>", one_line(id).trim_matches(['<', '>']))
}

fn kept(ids: &[String]) -> String {
    let skipped = ids.len().saturating_sub(REFERENCES_KEPT);
    let ids = ids.iter().enumerate().filter(|(i, _)| *i == 0 || *i > skipped);
    ids.map(|(_, id)| bracketed(id)).collect::<Vec<_>>().join(" ")
}
