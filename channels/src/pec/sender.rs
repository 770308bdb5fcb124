//! Sending certified mail: the mailbox itself writes to one recipient, within the size the law allows.

use std::fmt;

use async_trait::async_trait;

use crate::email::driver::mail;
use crate::email::smtp::unusable;
use crate::email::{Automatic, SmtpSender};
use crate::{ChannelKind, Deliver, DeliveryError, Outgoing, Sent};

/// How much of the message a delivery receipt brings back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReceiptDetail {
    /// The whole message.
    #[default]
    Complete,
    /// The message with digests instead of its files.
    Brief,
    /// The certification data only.
    Synthetic,
}

impl fmt::Display for ReceiptDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "completa",
            Self::Brief => "breve",
            Self::Synthetic => "sintetica",
        })
    }
}

/// Bounds on what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PecLimits {
    /// Largest message, in bytes as it travels.
    pub max_bytes: usize,
    /// From this size on, a complete receipt is asked for as a brief one.
    pub brief_above: usize,
}

/// Sends certified mail as one mailbox.
pub struct PecSender {
    smtp: SmtpSender,
    address: String,
    loop_id: String,
    detail: ReceiptDetail,
    limits: PecLimits,
}

/// The smaller of its two readings: what is within the limit by this one is so with every provider.
pub(super) const MEGABYTE: usize = 1_000_000;

impl PecSender {
    /// A sender for the mailbox `address`.
    #[must_use]
    pub const fn new(
        smtp: SmtpSender,
        address: String,
        loop_id: String,
        detail: ReceiptDetail,
        limits: PecLimits,
    ) -> Self {
        Self { smtp, address, loop_id, detail, limits }
    }
}

#[async_trait]
impl Deliver<Outgoing> for PecSender {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Pec
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Sent, DeliveryError> {
        if outgoing.message_id.is_empty() {
            return Err(unusable("the message has no Message-ID: its receipts could not be matched".to_owned()));
        }
        let mut mail = mail(outgoing, &self.address, &self.loop_id);
        // The provider takes nothing whose envelope sender is not the mailbox: an empty one neither.
        if mail.automatic == Automatic::Replied {
            mail.automatic = Automatic::Generated;
        }
        let mut composed = mail.compose().map_err(|e| unusable(e.to_string()))?;
        let size = composed.bytes.len();
        if size > self.limits.max_bytes {
            let tenths = size.div_ceil(MEGABYTE / 10);
            return Err(unusable(format!(
                "with its files the message takes {}.{} MB, and certified mail carries {} MB at most: send fewer or \
                 smaller files, or a link to them",
                tenths / 10,
                tenths % 10,
                self.limits.max_bytes / MEGABYTE,
            )));
        }
        let brief = self.detail == ReceiptDetail::Complete && size > self.limits.brief_above;
        let detail = if brief { ReceiptDetail::Brief } else { self.detail };
        composed.bytes.splice(0..0, format!("X-TipoRicevuta: {detail}\r\n").into_bytes());
        self.smtp.submit(&composed).await
    }

    async fn check(&self) -> Result<String, String> {
        self.smtp.check().await
    }
}
