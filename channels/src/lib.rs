//! Wire formats and clients of the channels by which citizens reach the administration.
//!
//! Each channel turns bytes from outside into an [`Inbound`] (trait [`Normalise`], pure), fetches those
//! bytes from where they arrive (trait [`Receive`], which hands them to an [`Inbox`] and moves on only once
//! they are durable) and sends messages out (trait [`Deliver`]). Nothing here knows databases or tickets.

mod ber;
pub mod calls;
pub mod conformance;
mod driver;
pub mod email;
pub mod fax;
pub mod guard;
mod http;
mod inbound;
pub mod letters;
pub mod open311;
mod outcome;
mod pairs;
pub mod paper;
pub mod pec;
mod peer;
pub mod phone;
mod receive;
mod secret;
pub mod simulate;
pub mod sms;
pub mod twilio;
mod waiting;
pub mod webhook;

pub use driver::{
    Account, Context, Driver, Field, FieldKind, Hook, HookAccepted, HookAnswer, HookRefusal, HookRequest, Outgoing,
    OutgoingLimits, Settings, WrongSetting, drivers,
};
pub use inbound::{
    Action, Address, Attachment, AutomaticReason, ChannelKind, CodeEvidence, DeliveryReport, FileNote, Inbound,
    Keyword, Notice, Paper, PaperCode, PaperPage, Part, Placement, RecipientReport, ReportKind, StatusCode,
    SubjectCode, UnknownName,
};
pub use outcome::{DeliveryError, Printable, Refusal, Rejected, Sent};
pub use peer::{Fate, Held, Standing, Totals, Unreported};
pub use receive::{Batch, BoxError, Cursor, Inbox, RawContent, RawItem, Receive, ReceiverState, ReceiverStatus};
pub use secret::Secret;

use async_trait::async_trait;

/// Turns the bytes of one message into an [`Inbound`]. Pure and deterministic: the same bytes give the same
/// value on every node, so a quarantined message can be tried again.
pub trait Normalise: Send + Sync {
    /// The channel whose bytes this understands.
    fn kind(&self) -> ChannelKind;

    /// Reads one message.
    ///
    /// # Errors
    /// [`Rejected`] when the bytes cannot be taken as a message at all; the caller keeps them aside for a human.
    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected>;

    /// Reads all messages of one item: a batch of scanned letters holds many. Each has its own `external_id`.
    ///
    /// # Errors
    /// As [`Normalise::normalise`].
    fn normalise_all(&self, raw: &[u8]) -> Result<Vec<Inbound>, Rejected> {
        self.normalise(raw).map(|message| vec![message])
    }
}

/// Sends messages of type `M` to one recipient each.
#[async_trait]
pub trait Deliver<M: Send + Sync>: Send + Sync {
    /// The channel by which this sends.
    fn kind(&self) -> ChannelKind;

    /// How many messages it may be sending at the same time. Mail servers count connections; gateways of texts are
    /// long in answering, and take many.
    fn at_once(&self) -> usize {
        8
    }

    /// Sends one message and says what the provider answered.
    ///
    /// # Errors
    /// [`DeliveryError::Permanent`] when trying again is useless, [`DeliveryError::Transient`] when it is not.
    async fn deliver(&self, message: &M) -> Result<Sent, DeliveryError>;

    /// Tries the provider without sending anything. `Ok` says what answered.
    ///
    /// # Errors
    /// One sentence, for an operator, on what is wrong.
    async fn check(&self) -> Result<String, String>;

    /// Asks the provider what became of messages it took over, each answered in its place. `None` when it cannot be
    /// asked: it tells by itself, or never.
    ///
    /// # Errors
    /// As [`Deliver::check`].
    async fn fates(&self, _sent: &[Unreported]) -> Result<Option<Vec<Fate>>, String> {
        Ok(None)
    }
}
