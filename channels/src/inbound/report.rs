//! What is reported of a message that we sent.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::named;

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
