//! What a proved request says of a call, whoever made it, and the answer it waits for.

use jiff::Timestamp;

use super::edge::Question;
use super::event::CallEvent;
use super::voice::Told;

/// What a request tells, and what it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRequest {
    /// What happened: to be stored before the answer is given.
    pub events: Vec<CallEvent>,
    /// What is asked, if anything.
    pub ask: Option<Ask>,
}

/// A question about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A SIP edge asks where a call goes: answered by a [`super::edge::Plan`].
    Edge(Box<Question>, Places),
    /// A provider asks what a call does next: answered by a [`super::twiml::Response`].
    Voice(Box<VoiceAsk>, Places),
}

/// Where calls can go beside agents. Empty: there is no such place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// The answering machine.
    pub voicemail: String,
    /// What says that the offices are closed.
    pub closed: String,
    /// What announces and plays to those who wait.
    pub media: String,
    /// Another switchboard, for calls that wait too long.
    pub overflow: String,
}

/// Where in the conversation a provider's call is. All but the call itself travels in the addresses of our hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceAsk {
    /// The form.
    pub told: Told,
    /// When it came.
    pub at: Timestamp,
    /// Which of our answers it follows.
    pub step: VoiceStep,
    /// The queue that was chosen; empty before the choice.
    pub queue: String,
    /// How often the call was told to wait or rang somebody in vain.
    pub round: u32,
    /// Agents who did not answer.
    pub tried: Vec<String>,
}

/// Which of our answers a form follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiceStep {
    /// None: the call came in.
    Start,
    /// The menu.
    Menu,
    /// The queue's «please wait».
    Queue,
    /// Telephones that rang.
    Dialled,
    /// A message that was recorded.
    Recorded,
}

impl CallRequest {
    /// Something that happened, nothing asked.
    #[must_use]
    pub const fn told(events: Vec<CallEvent>) -> Self {
        Self { events, ask: None }
    }
}
