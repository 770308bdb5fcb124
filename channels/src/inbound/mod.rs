//! One message from outside, whatever the channel it came by.

mod named;
mod names;
mod paper;
mod parts;
mod report;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::pec::Certified;

pub use named::UnknownName;
pub(crate) use named::named;
pub use names::{AutomaticReason, ChannelKind, Keyword, Notice};
pub use paper::{CodeEvidence, Paper, PaperCode, PaperPage, SubjectCode};
pub use parts::{Address, Attachment, FileNote, Part, Placement};
pub use report::{Action, DeliveryReport, RecipientReport, ReportKind, StatusCode};

/// One message from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// How it came.
    pub channel: ChannelKind,
    /// The outside's own name for it; for mail the Message-ID. The same message by two mailboxes has the same.
    pub external_id: String,
    /// SHA-256 of the raw bytes, in hexadecimal.
    pub digest: String,
    /// SHA-256 of what the sender wrote, in hexadecimal: the same in every mailbox the message reached, while
    /// the transport's own lines differ. Tells a second copy from another message with the same id.
    pub content_digest: String,
    /// Who wrote it.
    pub from: Option<Address>,
    /// Main recipients.
    pub to: Vec<Address>,
    /// Copies.
    pub cc: Vec<Address>,
    /// Addresses the transport says it was delivered to (`Delivered-To`, `X-Original-To`…).
    pub delivered_to: Vec<String>,
    /// Where the sender wants answers, when not to `from`.
    pub reply_to: Option<Address>,
    /// The subject as written, decoded, on one line.
    pub subject: String,
    /// The subject without `R:`, `Re:`, `Fwd:`… however often repeated.
    pub topic: String,
    /// The whole readable text, from the plain part or made from the HTML.
    pub text: String,
    /// What the sender wrote now: `text` above the quoted history.
    pub reply_text: String,
    /// The quoted history, empty when there is none.
    pub quoted: String,
    /// HTML safe to show. Its pictures refer to attachments as `cid:…`; see [`Inbound::html_with_images`].
    pub html: Option<String>,
    /// Files, in the order of the message.
    pub attachments: Vec<Attachment>,
    /// When the sender says it was written.
    pub sent_at: Option<Timestamp>,
    /// Message-ID without angle brackets, or one made from the digest.
    pub message_id: String,
    /// Ids it answers, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// Ids of its thread, oldest first.
    pub references: Vec<String>,
    /// First 22 bytes of `Thread-Index` in hexadecimal: names a thread of Exchange, which may change Message-IDs.
    pub thread_index: Option<String>,
    /// Why it must not be answered automatically.
    pub automatic: Option<AutomaticReason>,
    /// Values of `X-Loop` and of our own loop header.
    pub loop_markers: Vec<String>,
    /// When it is a report about a message that we sent.
    pub report: Option<DeliveryReport>,
    /// What stood after `+` in addresses of ours it was sent to; not yet verified.
    pub tokens: Vec<String>,
    /// Things in the subject that look like tracking codes.
    pub subject_codes: Vec<SubjectCode>,
    /// What was set aside while reading.
    pub notices: Vec<Notice>,
    /// When it is an envelope or a receipt of certified mail, whether its signature holds or not.
    pub certified: Option<Certified>,
    /// When it is only a part of a message: to be kept until [`crate::sms::join`] has the others.
    pub part: Option<Part>,
    /// When its whole text is a word that steers further messages.
    pub keyword: Option<Keyword>,
    /// What was found on its pages, when it came on paper.
    pub paper: Option<Paper>,
}

impl Inbound {
    /// A message with only its name and digests; what the channel knows is filled in by the caller.
    #[must_use]
    pub fn new(channel: ChannelKind, external_id: impl Into<String>, raw: &[u8]) -> Self {
        let external_id = external_id.into();
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(raw));
        Self {
            channel,
            message_id: external_id.clone(),
            external_id,
            content_digest: digest.clone(),
            digest,
            from: None,
            to: Vec::new(),
            cc: Vec::new(),
            delivered_to: Vec::new(),
            reply_to: None,
            subject: String::new(),
            topic: String::new(),
            text: String::new(),
            reply_text: String::new(),
            quoted: String::new(),
            html: None,
            attachments: Vec::new(),
            sent_at: None,
            in_reply_to: Vec::new(),
            references: Vec::new(),
            thread_index: None,
            automatic: None,
            loop_markers: Vec::new(),
            report: None,
            tokens: Vec::new(),
            subject_codes: Vec::new(),
            notices: Vec::new(),
            certified: None,
            part: None,
            keyword: None,
            paper: None,
        }
    }

    /// Ids by which to look for its thread, best first: what it answers, then its references from the last
    /// to the first, each once.
    #[must_use]
    pub fn thread_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for id in self.in_reply_to.iter().chain(self.references.iter().rev()) {
            if !ids.contains(&id.as_str()) {
                ids.push(id);
            }
        }
        ids
    }

    /// Everybody in it: sender, reply address, recipients and copies; lower case, each once.
    #[must_use]
    pub fn participants(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for a in self.from.iter().chain(&self.reply_to).chain(&self.to).chain(&self.cc) {
            let address = a.address.to_lowercase();
            if !all.contains(&address) {
                all.push(address);
            }
        }
        all
    }

    /// The HTML with each `cid:` picture pointing where `locate` says (by index into `attachments`);
    /// a picture that is not there keeps only its description.
    #[must_use]
    pub fn html_with_images(&self, locate: impl Fn(usize) -> String) -> Option<String> {
        self.html.as_deref().map(|html| crate::email::html::rewrite_images(html, &self.attachments, locate))
    }
}
