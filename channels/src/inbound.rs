//! One message from outside, whatever the channel it came by.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pec::Certified;

/// A text that is not the name of any value of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown name {0:?}")]
pub struct UnknownName(pub String);

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Stable name: stored, counted, translated.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownName;
            fn from_str(s: &str) -> Result<Self, $crate::UnknownName> {
                match s { $($text => Ok(Self::$variant),)+ other => Err($crate::UnknownName(other.to_owned())) }
            }
        }
    };
}

pub(crate) use named;

named! {
    /// The channels by which a citizen and the administration reach each other.
    ChannelKind {
        /// A call, answered or not.
        Phone = "phone",
        /// A message left on the answering machine.
        Voicemail = "voicemail",
        /// Ordinary electronic mail.
        Email = "email",
        /// Italian certified mail.
        Pec = "pec",
        /// Text message.
        Sms = "sms",
        /// Telefax.
        Fax = "fax",
        /// Paper mail.
        Letter = "letter",
        /// The public web form.
        WebForm = "web_form",
        /// A visit to a counter.
        Counter = "counter",
    }
}

named! {
    /// Why a message is taken as written by a machine: kept and shown, never answered
    /// (RFC 3834 and what real responders send).
    AutomaticReason {
        /// Carries our own loop header with our own instance id.
        OwnLoop = "own_loop",
        /// `X-Loop` of somebody else.
        ForeignLoop = "foreign_loop",
        /// The sender is one of our own addresses.
        FromOurselves = "from_ourselves",
        /// A delivery or disposition report.
        Report = "report",
        /// A receipt of certified mail (`X-Ricevuta`, RFC 6109).
        PecReceipt = "pec_receipt",
        /// The envelope sender is empty (`Return-Path: <>`).
        NullReturnPath = "null_return_path",
        /// `Auto-Submitted` present and not `no`.
        AutoSubmitted = "auto_submitted",
        /// `List-Id`, `List-Unsubscribe` or `List-Post`.
        MailingList = "mailing_list",
        /// `Precedence: bulk`, `list`, `junk` or `auto_reply`.
        Precedence = "precedence",
        /// `X-Auto-Response-Suppress` with `All`, `AutoReply` or `OOF`.
        SuppressedByExchange = "suppressed_by_exchange",
        /// `X-Autoreply` or `X-Autorespond`.
        Autoresponder = "autoresponder",
        /// The sender is a mailer daemon, a postmaster or a no-reply address.
        RobotSender = "robot_sender",
        /// None of our addresses is in To or Cc: a blind copy, or mail redirected here.
        NotAddressedToUs = "not_addressed_to_us",
    }
}

named! {
    /// Where an attachment stood in the message.
    Placement {
        /// Listed as an attachment.
        Attached = "attached",
        /// Shown in the text, which refers to it by its content id.
        Inline = "inline",
    }
}

named! {
    /// What a report is about.
    ReportKind {
        /// Delivery status notification (RFC 3464).
        Delivery = "delivery",
        /// The recipient's program says the message was shown or deleted (RFC 8098): not a delivery.
        Disposition = "disposition",
        /// Recognised only by the bounce address it was sent to; no details.
        Bounce = "bounce",
        /// A receipt of certified mail (RFC 6109): kept with its legal date.
        Receipt = "receipt",
    }
}

named! {
    /// What happened to a message for one recipient (RFC 3464, 2.3.3).
    Action {
        /// Not delivered, for good.
        Failed = "failed",
        /// Not delivered yet; still tried.
        Delayed = "delayed",
        /// Delivered.
        Delivered = "delivered",
        /// Passed to a system that sends no notifications.
        Relayed = "relayed",
        /// Delivered and multiplied by a list.
        Expanded = "expanded",
    }
}

named! {
    /// What was set aside while reading a message. Nothing is lost: the whole is an attachment or in the raw bytes.
    Notice {
        /// More parts than the limit: those beyond it are only in the attached original.
        TooManyParts = "too_many_parts",
        /// The text was longer than the limit: the rest is in an attachment.
        TextCut = "text_cut",
        /// Nested messages beyond the depth limit are attached unread.
        TooDeep = "too_deep",
        /// Pictures on other machines were not kept: loading them would tell the sender.
        RemoteImagesRemoved = "remote_images_removed",
        /// The message had no id; one was made from its digest.
        MessageIdSynthesised = "message_id_synthesised",
        /// The structure of the message could not be followed: its body is shown as plain text.
        StructureBroken = "structure_broken",
        /// A `winmail.dat` could not be opened and is attached as it came.
        TnefUnreadable = "tnef_unreadable",
        /// Came to a certified mailbox as ordinary mail: it has no legal date and nobody vouches for its sender.
        NotCertified = "not_certified",
        /// Looks like certified mail, but no trusted provider's signature holds over it.
        SignatureUnverified = "signature_unverified",
        /// Parts of the message never came: `[…]` stands for them.
        PartsMissing = "parts_missing",
        /// A fax whose transmission broke off: the pages that arrived are attached.
        PartlyReceived = "partly_received",
        /// The text of some page could not be read by a program; the page itself is attached.
        TextNotRead = "text_not_read",
        /// More pages than are read: those beyond are attached unread.
        PagesNotRead = "pages_not_read",
        /// A batch could not be divided: the whole is attached to each of its letters.
        BatchNotDivided = "batch_not_divided",
    }
}

named! {
    /// How a tracking code was found on paper.
    CodeEvidence {
        /// In a code that we print on letters and cover pages.
        Symbol = "symbol",
        /// In printed words: a letter may have been misread.
        Words = "words",
    }
}

named! {
    /// A text that is a single word by which people steer the messages they get, in Italian or English.
    Keyword {
        /// Send me nothing more.
        Stop = "stop",
        /// Send to me again.
        Start = "start",
        /// Tell me what this is.
        Help = "help",
    }
}

/// Place of a text among those that a telephone cut one message into. See [`crate::sms::join`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// Number that the telephone gave to the whole message; used again after some hundreds.
    pub reference: u16,
    /// How many parts there are.
    pub total: u8,
    /// Which one this is, from 1.
    pub sequence: u8,
    /// Second half of a character whose first half ends the part before.
    pub opens_with: Option<u16>,
    /// First half of a character whose second half begins the next part.
    pub ends_with: Option<u16>,
}

/// A name and an electronic address as written by the sender.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// Display name, if any.
    pub name: Option<String>,
    /// `local@domain`, domain in lower case; on channels with numbers, E.164 or the number as it came.
    pub address: String,
}

/// A file that came with a message, its bytes exactly as the sender's program had them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A file name safe to show and to save: no path, no control characters, never empty.
    pub name: String,
    /// Media type in lower case, as declared.
    pub media_type: String,
    /// The decoded content.
    pub bytes: Bytes,
    /// Content id without angle brackets, when the HTML may refer to it as `cid:…`.
    pub content_id: Option<String>,
    /// Listed or shown in the text.
    pub placement: Placement,
    /// What a reader should know of it.
    pub note: Option<FileNote>,
}

/// What a reader should know of a file that is not just a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNote {
    /// It carries a signature around its content, which is listed too. The signature was not verified.
    Signed,
    /// It was taken out of the signed file of this name.
    TakenFrom(String),
    /// It is a container that could not be opened: it is here as it came.
    Unreadable,
}

/// Something in a subject that has the shape of a tracking code. Only its shape was checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubjectCode {
    /// Nine symbols of Crockford base 32, upper case, without separators.
    pub code: String,
    /// Number of the referral, when written `code/n`.
    pub leg: Option<u32>,
}

/// A tracking code found on a page. We print it on what we send, so who holds the page knows the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PaperCode {
    /// The code.
    pub code: SubjectCode,
    /// How it was found.
    pub evidence: CodeEvidence,
    /// Number of the page, from 1.
    pub page: usize,
}

/// What was found on the pages of a fax or a scanned letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Pages, zero when they could not be counted.
    pub pages: usize,
    /// How sure the program was of the text, in percent, by letters; `None` when it read none.
    pub confidence: Option<u8>,
    /// Tracking codes, those in symbols first.
    pub codes: Vec<PaperCode>,
    /// What other bar codes say: numbers of registered letters, for one.
    pub barcodes: Vec<String>,
}

/// An enhanced status code `class.subject.detail` (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatusCode {
    /// 2 success, 4 temporary, 5 permanent.
    pub class: u8,
    /// What it is about: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// Which case of it.
    pub detail: u16,
}

impl StatusCode {
    /// Finds a code at the beginning of `text`, as in `5.1.1 no such user`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim_start().split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        let mut numbers = word.split('.').filter(|n| !n.is_empty() && n.len() <= 3);
        let class = numbers.next()?.parse().ok().filter(|c| matches!(c, 2 | 4 | 5))?;
        Some(Self { class, subject: numbers.next()?.parse().ok()?, detail: numbers.next()?.parse().ok()? })
    }

    /// Whether trying again is useless.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        self.class == 5
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What a report says of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientReport {
    /// Address the report is about, as the reporting system knows it.
    pub recipient: String,
    /// Address we had written, when it differs.
    pub original_recipient: Option<String>,
    /// What happened.
    pub action: Action,
    /// Enhanced status code.
    pub status: Option<StatusCode>,
    /// The remote system's words.
    pub diagnostic: Option<String>,
    /// The remote system.
    pub remote_mta: Option<String>,
}

/// A report about a message that we sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryReport {
    /// Delivery, reading, a bounce without details, or a legal receipt.
    pub kind: ReportKind,
    /// Message-ID of the message it is about, without angle brackets.
    pub original_message_id: Option<String>,
    /// The reporting system.
    pub reporting_mta: Option<String>,
    /// Per recipient; empty when the report has no machine-readable part.
    pub recipients: Vec<RecipientReport>,
    /// Token of the bounce address it was sent to (`bounce+<token>@…`), not yet verified.
    pub bounce_token: Option<String>,
    /// Ids under which the provider may know the message, every spelling of them (decimal, hexadecimal). For
    /// certified mail also the Message-ID under which the recipient sees it.
    pub provider_ids: Vec<String>,
    /// Our own name for it ([`crate::Outgoing::id`]), when the provider hands it back.
    pub own_id: Option<String>,
    /// The report as certified mail and fax name it (`avvenuta-consegna`, `done`); empty elsewhere.
    pub name: String,
    /// When it happened, by the reporting system's clock.
    pub at: Option<Timestamp>,
}

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

impl DeliveryReport {
    /// A report without particulars.
    #[must_use]
    pub const fn new(kind: ReportKind) -> Self {
        Self {
            kind,
            original_message_id: None,
            reporting_mta: None,
            recipients: Vec::new(),
            bounce_token: None,
            provider_ids: Vec::new(),
            own_id: None,
            name: String::new(),
            at: None,
        }
    }
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
