//! How what arrives is handed over: in batches, with the place reached, moving on only once it is durable.

use std::error::Error;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{ChannelKind, Held};

/// An error of the caller's storage, passed through.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The place reached in a source that numbers what it holds.
///
/// For IMAP `validity` is UIDVALIDITY and `position` the last UID handed over. When the source starts a new
/// numbering `validity` changes and reading begins again; the inbox recognises what it already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Which numbering `position` belongs to.
    pub validity: u64,
    /// Number of the last item handed over; zero before the first.
    pub position: u64,
}

/// What could be fetched of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawContent {
    /// All its bytes.
    Whole(Bytes),
    /// Only its header section: the item has `size` bytes, more than the receiver was told to fetch.
    HeadersOnly { headers: Bytes, size: u64 },
    /// The source lists it but would not give it, after repeated attempts; the source's words.
    Unreadable { reason: String },
}

/// One item as it came from outside, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawItem {
    /// Names the item within its account, the same at every fetch (IMAP: `UIDVALIDITY.UID`).
    pub external_ref: String,
    /// When the source received it.
    pub received_at: Option<Timestamp>,
    /// Its bytes, or why they are not there.
    pub content: RawContent,
}

/// Items in the order of their source, and the place reached once they are all stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// To be saved in the same transaction as the items.
    pub cursor: Cursor,
    /// May be empty: then only the cursor moves.
    pub items: Vec<RawItem>,
}

/// Where the receiver of one account puts what it got.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// The place saved with the last accepted batch, if any.
    ///
    /// # Errors
    /// When the storage does not answer; the receiver tries again later.
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError>;

    /// Stores the batch and its cursor. Returns only after both are durable, so the receiver may then
    /// acknowledge upstream. An item seen before must be recognised, not stored twice.
    ///
    /// # Errors
    /// When the storage does not answer; the receiver hands the same items over again later.
    async fn accept(&self, batch: Batch) -> Result<(), BoxError>;
}

/// What a receiver is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReceiverState {
    /// Not running.
    #[default]
    Stopped,
    /// Opening the connection.
    Connecting,
    /// Fetching what is new.
    Fetching,
    /// Everything is fetched; waiting for news.
    Waiting,
    /// The last attempt failed; waiting before the next.
    Retrying,
}

impl ReceiverState {
    /// Stable name for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Connecting => "connecting",
            Self::Fetching => "fetching",
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
        }
    }
}

/// Health of one receiver, for metrics and the operator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceiverStatus {
    /// What it is doing now.
    pub state: ReceiverState,
    /// Whether the source tells of news by itself (IMAP IDLE) or is polled.
    pub pushed: bool,
    /// Items known to be at the source and not handed over yet.
    pub lag: u64,
    /// Items handed over since the start.
    pub received: u64,
    /// Last time everything at the source had been handed over.
    pub last_success: Option<Timestamp>,
    /// What went wrong last, in a sentence; `None` once it works again.
    pub last_error: Option<String>,
}

/// Fetches what arrives on one account.
#[async_trait]
pub trait Receive: Send + Sync {
    /// The channel it belongs to.
    fn kind(&self) -> ChannelKind;

    /// Its health, updated as it changes.
    fn status(&self) -> watch::Receiver<ReceiverStatus>;

    /// Receives until `stop` is cancelled, surviving every failure of the source and of the inbox.
    async fn run(&self, inbox: &dyn Inbox, stop: CancellationToken);

    /// Tries the source without fetching anything. `Ok` says what answered.
    ///
    /// # Errors
    /// One sentence, for an operator, on what is wrong.
    async fn check(&self) -> Result<String, String>;

    /// What the source says it received in a span of time, handed over or not. `None` when it cannot be asked.
    ///
    /// # Errors
    /// As [`Receive::check`].
    async fn held(&self, _span: &Range<Timestamp>) -> Result<Option<Vec<Held>>, String> {
        Ok(None)
    }

    /// Fetches items by name, wherever the place reached is; what is no longer there is not in the answer.
    ///
    /// # Errors
    /// As [`Receive::check`].
    async fn again(&self, _names: &[String]) -> Result<Vec<RawItem>, String> {
        Err("this source gives nothing a second time".to_owned())
    }
}
