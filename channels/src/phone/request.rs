//! What a proved request says of a call, whoever made it, and the answer it waits for.

use bytes::Bytes;
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
    /// Recordings of talks that came with it: to be stored with the events.
    pub sounds: Vec<Sound>,
}

/// The recording of a talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// The call.
    pub call: String,
    /// Its own name within the call.
    pub name: String,
    /// How long it plays.
    pub seconds: Option<u32>,
    /// What it is by its first bytes.
    pub media_type: String,
    /// The sound as it came; empty when it could not be fetched.
    pub bytes: Bytes,
    /// Where it lies when it could not be fetched.
    pub url: String,
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
    /// Whether talks are recorded, where the line can do that.
    pub records: bool,
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
    /// The language that the caller chose, `it` or `en`; empty before the choice.
    pub language: String,
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
        Self { events, ask: None, sounds: Vec::new() }
    }
}
