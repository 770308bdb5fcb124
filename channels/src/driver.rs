//! What makes a channel complete: a [`Driver`] says what an account of it needs to know and opens it into an
//! [`Account`], whose parts receive, read and send. [`drivers`] lists all; nothing else names them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use crate::email::{EmailDriver, OutgoingAttachment};
use crate::pec::PecDriver;
use crate::phone::CallEvent;
use crate::phone::account::{Cti, SipEdge, TwilioVoice};
use crate::phone::line::Line;
use crate::phone::request::CallRequest;
use crate::phone::voicemail::Voicemail;
use crate::phone::voicemail::twilio::TwilioVoicemail;
use crate::{ChannelKind, Deliver, Held, Normalise, RawItem, Receive, Secret, Standing};

/// Every driver of this build, in the order in which the administration page offers them.
#[must_use]
pub fn drivers() -> &'static [&'static dyn Driver] {
    &[
        &EmailDriver,
        &PecDriver,
        &crate::sms::kannel::Kannel,
        &crate::sms::smpp::Smpp,
        &crate::sms::twilio::Twilio,
        &crate::fax::HylaFax,
        &crate::fax::MailGateway,
        &crate::letters::Scanner,
        &crate::letters::Printer,
        &SipEdge,
        &TwilioVoice,
        &Cti,
        &Voicemail,
        &TwilioVoicemail,
    ]
}

/// One way of speaking with one kind of provider.
pub trait Driver: Send + Sync {
    /// Stable name: stored with each account, part of message keys (`account-driver-<name>`).
    fn name(&self) -> &'static str;

    /// The channel its messages belong to.
    fn kind(&self) -> ChannelKind;

    /// Whether its accounts send: known without opening one.
    fn sends(&self) -> bool {
        true
    }

    /// Whether the provider says what became of every message it took over.
    fn tells(&self) -> bool {
        self.sends() && matches!(self.kind(), ChannelKind::Pec | ChannelKind::Sms | ChannelKind::Fax)
    }

    /// What an account needs to know, in the order in which a person fills it in.
    fn fields(&self) -> &'static [Field];

    /// What a message of an account may hold, known without opening it: its settings hold no secrets here.
    fn limits(&self, _settings: &Settings) -> OutgoingLimits {
        OutgoingLimits::default()
    }

    /// Opens an account. Connects to nothing yet.
    ///
    /// # Errors
    /// Names the field at fault.
    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting>;
}

/// One thing an account needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Stable name: stored, and part of message keys (`account-field-<name>`).
    pub name: &'static str,
    /// What may be written in it.
    pub kind: FieldKind,
    /// Whether an account cannot do without.
    pub required: bool,
    /// What holds when it is left empty.
    pub default: &'static str,
}

impl Field {
    /// A field that must be filled in.
    #[must_use]
    pub const fn required(name: &'static str, kind: FieldKind) -> Self {
        Self { name, kind, required: true, default: "" }
    }

    /// A field that may stay empty.
    #[must_use]
    pub const fn optional(name: &'static str, kind: FieldKind, default: &'static str) -> Self {
        Self { name, kind, required: false, default }
    }
}

/// What may be written in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text on one line.
    Text,
    /// A whole number in these bounds.
    Number { least: i64, most: i64 },
    /// Yes or no, stored as `true` or `false`.
    Flag,
    /// One of these names.
    Choice(&'static [&'static str]),
    /// A reference to a secret (`env:NAME`, `file:NAME`). The secret itself is never stored.
    Secret,
    /// An absolute path on the server.
    Path,
}

/// The settings of one account, secrets already fetched from where their references point.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    secrets: BTreeMap<String, Secret>,
}

impl Settings {
    /// Settings with these values and these fetched secrets, both by field name.
    #[must_use]
    pub const fn new(values: BTreeMap<String, String>, secrets: BTreeMap<String, Secret>) -> Self {
        Self { values, secrets }
    }

    /// The text of a field, empty when it was left so.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |v| v.trim())
    }

    /// The text of a field, `None` when it was left empty.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// The number in a field.
    ///
    /// # Errors
    /// When the field holds no number of that type.
    pub fn number<N: std::str::FromStr>(&self, name: &'static str) -> Result<N, WrongSetting> {
        self.text(name).parse().map_err(|_| WrongSetting::new(name, "not a number"))
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// The secret a field refers to, empty when it refers to none.
    #[must_use]
    pub fn secret(&self, name: &str) -> Secret {
        self.secrets.get(name).cloned().unwrap_or_default()
    }
}

/// What every account may know of the installation.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Name of the account, unique in the installation.
    pub account: String,
    /// Address under which the account's hooks are called, without a slash at the end.
    pub hook_url: String,
    /// Marks our own mail (`X-Sportello-Loop`).
    pub loop_id: String,
    /// Addresses of ours on this channel, so that our own messages are recognised.
    pub own_addresses: Vec<String>,
    /// Directory that the account may use for files on their way; nothing in it is the only copy.
    pub scratch: std::path::PathBuf,
    /// Where programs that read pages are looked for, written like `PATH`; `None` for `PATH` itself.
    pub programs: Option<String>,
}

/// A setting that an account cannot be opened with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct WrongSetting {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong with it, in a sentence for an operator.
    pub why: String,
}

impl WrongSetting {
    /// A field and what is wrong with it.
    #[must_use]
    pub fn new(field: &'static str, why: impl Into<String>) -> Self {
        Self { field, why: why.into() }
    }
}

/// What one account can do; what it cannot is `None`.
#[derive(Clone)]
pub struct Account {
    /// Reads the bytes that the account received.
    pub normaliser: Arc<dyn Normalise>,
    /// Fetches what waits at the provider.
    pub receiver: Option<Arc<dyn Receive>>,
    /// Sends.
    pub sender: Option<Arc<dyn Deliver<Outgoing>>>,
    /// Answers the provider's own requests.
    pub hook: Option<Arc<dyn Hook>>,
}

/// What a message on a channel may hold, for the one who writes it; `None` without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutgoingLimits {
    /// Most text messages that one text may become.
    pub segments: Option<usize>,
    /// Most pages, the cover among them.
    pub pages: Option<usize>,
    /// Largest message with its files, in megabytes as it travels.
    pub megabytes: Option<usize>,
}

/// One message to one recipient, in the terms that all channels share; each takes what it can carry.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// Our own name for it, the same at every attempt: a provider that knows it must not send twice.
    pub id: String,
    /// Address or number in normal form (E.164 for numbers).
    pub recipient: String,
    /// Name of the recipient, when known; on paper, lines of the address follow it.
    pub recipient_name: String,
    /// Postal address, for paper.
    pub recipient_address: String,
    /// Name of the administration.
    pub sender_name: String,
    /// Subject, empty where there is none.
    pub subject: String,
    /// The text.
    pub text: String,
    /// Files that go with it.
    pub attachments: Vec<OutgoingAttachment>,
    /// Tracking code in groups of three, for cover pages and codes to be scanned.
    pub code: String,
    /// Where the citizen follows the ticket.
    pub link: String,
    /// Language of the text, `it` or `en`.
    pub language: String,
    /// When it was written.
    pub date: Timestamp,
    /// Our Message-ID without angle brackets, on channels that have one.
    pub message_id: String,
    /// Message-ID it answers.
    pub in_reply_to: Option<String>,
    /// Message-IDs of its thread, oldest first.
    pub references: Vec<String>,
    /// Written by a program, not by a person.
    pub automatic: bool,
}

/// A request of a provider to the address of an account.
#[derive(Debug, Clone)]
pub struct HookRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The public address that was called, with its query as it came.
    pub url: String,
    /// What follows the account's own address, without slashes around it.
    pub path: String,
    /// The query as it came, without `?`.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
    /// When it came.
    pub now: Timestamp,
}

impl HookRequest {
    /// The first header of this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body; of a request without one `GET path?query`, which says all there is.
    #[must_use]
    pub fn with_address(&self) -> Bytes {
        if !self.body.is_empty() {
            return self.body.clone();
        }
        format!("{} {}?{}\n", self.method, self.path, self.query).into()
    }
}

/// What a request brought, and what to say once it is durable.
#[derive(Debug, Clone, Default)]
pub struct HookAccepted {
    /// To be stored before the answer is given.
    pub items: Vec<RawItem>,
    /// What it tells or asks of a call. An answer that is asked for takes the place of `answer`.
    pub call: Option<CallRequest>,
    /// The answer.
    pub answer: HookAnswer,
}

/// An answer to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAnswer {
    /// Media type of `body`.
    pub media_type: &'static str,
    /// What the provider expects to read.
    pub body: String,
}

impl Default for HookAnswer {
    fn default() -> Self {
        Self { media_type: "text/plain; charset=utf-8", body: String::new() }
    }
}

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookRefusal {
    /// Signature or password missing or wrong, or the request is too old: 403.
    #[error("the request is not signed as agreed")]
    Forbidden,
    /// No such address below the account's own: 404.
    #[error("nothing is called this way")]
    NotFound,
    /// Proved, and not what the provider documents: 400, and the body is kept for a person.
    #[error("the request cannot be read: {0}")]
    Malformed(String),
}

/// Takes what a provider pushes.
#[async_trait]
pub trait Hook: Send + Sync {
    /// Largest body it reads, in bytes: a larger one is refused before it is read whole.
    fn limit(&self) -> usize {
        1 << 20
    }

    /// Whether a request may be heard, by its head alone: its body is not read yet. Where the body itself is signed,
    /// every request may.
    fn admits(&self, _head: &HookRequest) -> bool {
        true
    }

    /// What is kept of a request that was proved and cannot be read: its body. Where the proof is not in the address,
    /// [`HookRequest::with_address`]. Nothing is kept when it is empty.
    fn kept(&self, request: &HookRequest) -> Bytes {
        request.body.clone()
    }

    /// The line whose calls it is told of, where something can be wished of it.
    fn line(&self) -> Option<&dyn Line> {
        None
    }

    /// What the provider says it received for us in a span of time, told us or not: messages, or calls that are over.
    /// `None` when it cannot be asked.
    ///
    /// # Errors
    /// In a sentence, when it does not answer.
    async fn held(&self, _span: &Range<Timestamp>) -> Result<Option<Vec<Held>>, String> {
        Ok(None)
    }

    /// Fetches messages by name; what is no longer there is not in the answer.
    ///
    /// # Errors
    /// As [`Hook::held`].
    async fn again(&self, _names: &[String]) -> Result<Vec<RawItem>, String> {
        Err("this provider gives nothing a second time".to_owned())
    }

    /// What the provider should have told of calls, by their names.
    ///
    /// # Errors
    /// As [`Hook::held`].
    async fn told_of(&self, _calls: &[String]) -> Result<Vec<CallEvent>, String> {
        Err("this provider tells of calls once".to_owned())
    }

    /// Whether [`Hook::standing`] says something: it is asked every minute then, because what is counted in memory
    /// is gone when the provider starts again.
    fn counts(&self) -> bool {
        false
    }

    /// What the names of reports begin with, among those that this hook gives to what it stores.
    fn report_prefix(&self) -> &'static str {
        ""
    }

    /// How the provider itself stands now; `None` when it does not say.
    ///
    /// # Errors
    /// As [`Hook::held`].
    async fn standing(&self) -> Result<Option<Standing>, String> {
        Ok(None)
    }

    /// Verifies a request and says what to store and what to answer. It stores nothing itself.
    ///
    /// # Errors
    /// When the request is forged, unknown or unreadable.
    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal>;
}
