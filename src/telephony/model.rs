//! Calls, agents and promises as stored, without I/O.
use channels::phone::{Call, Stage};
use sqlx::FromRow;

use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;
use crate::people::Identifier;

stored_enum! {
    /// Whether an agent takes calls.
    Presence {
        Ready = "ready",
        Pause = "pause",
        Off = "off",
    }
}

stored_enum! {
    /// Where an agent sits: calls ring the internal post first.
    Post {
        Internal = "internal",
        Counter = "counter",
    }
}

stored_enum! {
    /// What became of an attempt to call back.
    Attempt {
        // First what most attempts that are logged by hand come to.
        NoAnswer = "no_answer",
        Busy = "busy",
        Answered = "answered",
        WrongNumber = "wrong_number",
    }
}

/// A call as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[cfg_attr(test, derive(Default))]
pub struct CallRow {
    pub id: i64,
    pub call: String,
    pub account: String,
    pub direction: String,
    pub caller: String,
    pub caller_name: String,
    pub called: String,
    pub queue: String,
    pub agent: String,
    pub stage: String,
    pub outcome: String,
    pub started_at: Instant,
    pub answered_at: Option<Instant>,
    pub ended_at: Option<Instant>,
    pub wait_seconds: Option<i64>,
    pub talk_seconds: Option<i64>,
    pub recordings: String,
    pub heard_at: Instant,
    pub settle_at: Option<Instant>,
    pub chosen_id: Option<i64>,
    pub ticket_id: Option<i64>,
    pub contact_id: Option<i64>,
    /// Since when the recording of the talk is paused.
    pub paused_at: Option<Instant>,
}

impl CallRow {
    /// Takes over what the events say; whether anything changed.
    pub fn tell(&mut self, call: &Call) -> bool {
        let before = self.clone();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        self.direction = call.direction.map(|d| d.as_str().to_owned()).unwrap_or_default();
        (self.caller, self.caller_name, self.called) = (text(&call.from), text(&call.from_name), text(&call.to));
        self.queue = text(&call.queue);
        self.agent = agent(call).unwrap_or_default().to_owned();
        call.stage.as_str().clone_into(&mut self.stage);
        self.outcome = call.outcome.map(|o| o.as_str().to_owned()).unwrap_or_default();
        self.started_at = call.started_at.into();
        self.answered_at = call.answered_at.map(Into::into);
        self.ended_at = call.ended_at.map(Into::into);
        self.wait_seconds = call.wait_seconds.map(i64::from);
        self.talk_seconds = call.talk_seconds.map(i64::from);
        self.recordings = serde_json::to_string(&call.recordings).unwrap_or_default();
        *self != before
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Ended.as_str()
    }

    /// Whether we called.
    pub fn is_ours(&self) -> bool {
        self.direction == "out"
    }

    /// The citizen's number as told.
    pub fn citizen(&self) -> &str {
        if self.is_ours() { &self.called } else { &self.caller }
    }

    /// The citizen's number in normal form; `None` when it is withheld.
    pub fn number(&self) -> Option<String> {
        normal(self.citizen())
    }
}

/// A number in normal form, or as it is; `None` when there is none.
pub fn normal(number: &str) -> Option<String> {
    let number = number.trim();
    (!number.is_empty()).then(|| Identifier::phone(number).map_or_else(|_| number.to_owned(), |i| i.value))
}

/// Whose telephone talks or talked, else whose rings.
fn agent(call: &Call) -> Option<&str> {
    let rings = || call.attempts.iter().rev().find(|a| a.declined.is_none()).and_then(|a| a.agent.as_deref());
    let last = || call.attempts.last().and_then(|a| a.agent.as_deref());
    call.agent().or_else(rings).or_else(last)
}

/// The telephone of an agent as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AgentRow {
    pub user_id: i64,
    pub name: String,
    pub login: String,
    pub extension: String,
    pub address: String,
    pub post: String,
    pub skills: String,
    pub languages: String,
    pub state: String,
    pub since: Instant,
    /// Why they pause; may be empty.
    pub reason: String,
    /// Until when they finish what their last call left to do.
    pub wrap_until: Option<Instant>,
}

/// The recording of a talk.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct RecordingRow {
    pub id: i64,
    pub call: String,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub seconds: Option<i64>,
    pub blob: Option<String>,
    pub url: String,
    pub created_at: Instant,
    pub deleted_at: Option<Instant>,
}

/// A pause in the recording of a talk.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PauseRow {
    pub paused_at: Instant,
    /// Name of who paused it.
    pub paused_by: String,
    /// `None`: until the end of the talk, or it still is.
    pub resumed_at: Option<Instant>,
    pub resumed_by: String,
    /// Whether the recorder was told; otherwise whoever talked paused it at the telephone.
    pub told: bool,
}

/// A promise to call back, with what the desk shows of it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct CallbackRow {
    pub id: i64,
    pub ticket_id: i64,
    pub code: String,
    pub number: String,
    pub reason: String,
    pub due_at: Instant,
    pub state: String,
    pub attempts: i64,
    /// How the citizen learnt that nobody reached them: a channel, `none`; empty otherwise.
    pub told: String,
    pub created_at: Instant,
}
