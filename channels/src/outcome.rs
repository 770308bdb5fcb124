//! What became of a message: refused at the door, sent, or not sent and why.

use std::fmt;

use crate::StatusCode;

/// Why bytes could not be taken as a message of their channel. The bytes themselves stay with the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// There was nothing.
    #[error("the message is empty")]
    Empty,
    /// Larger than the normaliser was told to read; sizes in bytes.
    #[error("the message has {size} bytes, more than the limit of {limit}")]
    TooLarge { size: usize, limit: usize },
    /// Not a message of this channel.
    #[error("the message cannot be read: {0}")]
    Malformed(String),
}

impl Rejected {
    /// Stable name for counters and translations.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::Malformed(_) => "malformed",
        }
    }
}

/// The provider has taken charge of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The provider's own id for it, when its answer has one (`queued as …`).
    pub provider_id: Option<String>,
    /// The provider's whole answer.
    pub response: String,
    /// On paper, the pages that people have yet to post.
    pub printable: Option<Printable>,
}

/// A finished letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable {
    /// Its pages.
    pub pdf: Vec<u8>,
    /// How many.
    pub pages: usize,
    /// Whether it was handed to somebody who prints it.
    pub handed_over: bool,
}

/// The words of a provider that did not take a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Reply code of the protocol (SMTP 550…), when the provider answered at all.
    pub code: Option<u16>,
    /// Enhanced status code (RFC 3463), when given.
    pub status: Option<StatusCode>,
    /// What the provider said, or what went wrong on the way to it.
    pub text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code} {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// A message that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The provider will never take it: wrong address, refused content, unusable message.
    #[error("refused for good: {0}")]
    Permanent(Refusal),
    /// It may go later: provider down or busy, wrong credentials, TLS trouble.
    #[error("not sent for now: {0}")]
    Transient(Refusal),
}

impl DeliveryError {
    /// The provider's words, in either case.
    #[must_use]
    pub const fn refusal(&self) -> &Refusal {
        match self {
            Self::Permanent(r) | Self::Transient(r) => r,
        }
    }

    /// Stable name for counters.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Permanent(_) => "permanent",
            Self::Transient(_) => "transient",
        }
    }
}
