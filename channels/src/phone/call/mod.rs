//! One call as it is known from its events.
//!
//! A [`CallLog`] is a set: events come in any order, twice, or not at all, and two logs of the same events are
//! equal. [`CallLog::call`] is a pure function of that set. So a platform may either keep the events as rows
//! (unique by call, kind and id) and fold them again, or keep the log itself in the call's row and merge into it:
//! merging is commutative, associative and idempotent. A log is bounded, whatever a provider sends.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::inbound::named;
use crate::phone::event::{CallEvent, Cause, Direction, EventKind, Reached, Side};

/// Most events of one kind that are kept of one call: the earliest.
pub const MOST_OF_A_KIND: usize = 50;

named! {
    /// What became of a call.
    Outcome {
        /// A person talked with the citizen.
        Answered = "answered",
        /// It rang and nobody answered.
        Missed = "missed",
        /// The citizen gave up waiting.
        Abandoned = "abandoned",
        /// It went to the answering machine.
        Voicemail = "voicemail",
        /// The citizen heard that the office is closed.
        Closed = "closed",
        /// All lines were engaged.
        Busy = "busy",
        /// It could not be connected, or was refused.
        Failed = "failed",
    }
}

named! {
    /// Where a call stands.
    Stage {
        /// In a menu, in a queue, or on its way.
        Waiting = "waiting",
        /// A telephone of ours rings.
        Ringing = "ringing",
        /// Two persons talk.
        Talking = "talking",
        /// Over.
        Ended = "ended",
    }
}

/// All that was told of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<CallEvent>", into = "Vec<CallEvent>")]
pub struct CallLog(BTreeMap<(&'static str, String), CallEvent>);

impl CallLog {
    /// Adds what was told; whether it changed anything. Of one event told in two ways the earlier one stays.
    pub fn add(&mut self, event: CallEvent) -> bool {
        let kind = event.kind.name();
        let key = (kind, event.id.clone());
        if self.0.get(&key).is_some_and(|known| *known <= event) {
            return false;
        }
        self.0.insert(key.clone(), event);
        let of_kind = || self.0.iter().filter(|((k, _), _)| *k == kind);
        if of_kind().count() > MOST_OF_A_KIND
            && let Some(latest) = of_kind().max_by_key(|(_, event)| *event).map(|(key, _)| key.clone())
        {
            self.0.remove(&latest);
            return latest != key;
        }
        true
    }

    /// Adds all that another log holds; whether it changed anything.
    pub fn merge(&mut self, other: Self) -> bool {
        other.0.into_values().fold(false, |changed, event| self.add(event) | changed)
    }

    /// The events in the order in which they happened.
    #[must_use]
    pub fn events(&self) -> Vec<&CallEvent> {
        let mut events: Vec<&CallEvent> = self.0.values().collect();
        events.sort_by(|a, b| (a.at, &a.kind, &a.id).cmp(&(b.at, &b.kind, &b.id)));
        events
    }

    /// The call as far as it is known; `None` of an empty log.
    #[must_use]
    pub fn call(&self) -> Option<Call> {
        Call::of(&self.events())
    }
}

impl From<Vec<CallEvent>> for CallLog {
    fn from(events: Vec<CallEvent>) -> Self {
        events.into_iter().collect()
    }
}

impl From<CallLog> for Vec<CallEvent> {
    fn from(log: CallLog) -> Self {
        log.0.into_values().collect()
    }
}

impl FromIterator<CallEvent> for CallLog {
    fn from_iter<T: IntoIterator<Item = CallEvent>>(events: T) -> Self {
        let mut log = Self::default();
        for event in events {
            log.add(event);
        }
        log
    }
}

/// Folds the events of one call; `None` when there are none.
#[must_use]
pub fn fold(events: impl IntoIterator<Item = CallEvent>) -> Option<Call> {
    events.into_iter().collect::<CallLog>().call()
}

/// One telephone of ours that rang.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Whose, when told.
    pub agent: Option<String>,
    /// When it began to ring.
    pub rang_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Why it was not.
    pub declined: Option<Cause>,
}

/// A hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub to: String,
}

/// A recording of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// Name or address at the teller.
    pub recording: String,
    /// Its length.
    pub seconds: Option<u32>,
    /// A message for us, not the recording of a talk.
    pub voicemail: bool,
}

/// What is known of one call: the row of the call log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Its name at the teller.
    pub id: String,
    /// Who began.
    pub direction: Option<Direction>,
    /// Number of the caller as told; `None` when withheld.
    pub from: Option<String>,
    /// Name shown by the caller's telephone.
    pub from_name: Option<String>,
    /// Number that was called.
    pub to: Option<String>,
    /// The last queue it waited in.
    pub queue: Option<String>,
    /// Our telephones that rang, in order.
    pub attempts: Vec<Attempt>,
    /// First sign of it.
    pub started_at: Timestamp,
    /// When a person answered.
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Seconds from the first sign until a person answered or the call was over.
    pub wait_seconds: Option<u32>,
    /// Seconds from a person's answer until the end.
    pub talk_seconds: Option<u32>,
    /// Where it stands.
    pub stage: Stage,
    /// What became of it, once it is over.
    pub outcome: Option<Outcome>,
    /// Who hung up.
    pub ended_by: Option<Side>,
    /// Hand-overs, in order.
    pub transfers: Vec<Transfer>,
    /// Its recordings, in order.
    pub recordings: Vec<Recording>,
}

/// The end of a call as told.
struct End {
    at: Timestamp,
    cause: Cause,
    by: Option<Side>,
    reached: Option<Reached>,
    seconds: Option<u32>,
}

impl Call {
    /// Who answered, the last one if it was handed on.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        let answered = self.attempts.iter().filter(|a| a.answered_at.is_some());
        answered.max_by_key(|a| a.answered_at).and_then(|a| a.agent.as_deref())
    }

    fn of(events: &[&CallEvent]) -> Option<Self> {
        let first = events.first()?;
        let mut call = Self {
            id: first.call.clone(),
            direction: first_told(events, |e| e.parties.direction),
            from: first_told(events, |e| e.parties.from.clone()),
            from_name: first_told(events, |e| e.parties.from_name.clone()),
            to: first_told(events, |e| e.parties.to.clone()),
            queue: None,
            attempts: Vec::new(),
            started_at: first.at,
            answered_at: None,
            ended_at: None,
            wait_seconds: None,
            talk_seconds: None,
            stage: Stage::Waiting,
            outcome: None,
            ended_by: None,
            transfers: Vec::new(),
            recordings: Vec::new(),
        };
        let (mut end, mut machine): (Option<End>, Option<Reached>) = (None, None);
        for event in events {
            match &event.kind {
                EventKind::Offered => {}
                EventKind::Queued { queue } => call.queue = Some(queue.clone()),
                EventKind::Ringing { agent } => call.rings(agent.as_ref(), event.at),
                EventKind::Declined { agent, cause } => {
                    call.attempt(agent.as_ref()).declined = Some(*cause);
                }
                EventKind::Answered { reached: Reached::Person, agent } => call.answers(agent.as_ref(), event.at),
                EventKind::Answered { reached, .. } => machine = Some(*reached),
                EventKind::Transferred { to } => call.transfers.push(Transfer { at: event.at, to: to.clone() }),
                EventKind::Recorded { recording, seconds, voicemail } => call.recordings.push(Recording {
                    recording: recording.clone(),
                    seconds: *seconds,
                    voicemail: *voicemail,
                }),
                EventKind::Ended { cause, by, reached, seconds } => {
                    // What was concluded from silence gives way to what was told.
                    if end.as_ref().is_none_or(|end| end.cause == Cause::Lost && *cause != Cause::Lost) {
                        end = Some(End { at: event.at, cause: *cause, by: *by, reached: *reached, seconds: *seconds });
                    }
                }
            }
        }
        call.concludes(end.as_ref(), machine);
        Some(call)
    }

    fn rings(&mut self, agent: Option<&String>, at: Timestamp) {
        let attempt = self.attempt(agent);
        attempt.rang_at = attempt.rang_at.or(Some(at));
    }

    fn answers(&mut self, agent: Option<&String>, at: Timestamp) {
        self.answered_at = self.answered_at.or(Some(at));
        if !self.attempts.iter().any(|a| a.answered_at.is_some() && a.agent.as_ref() == agent) {
            self.attempt(agent).answered_at = Some(at);
        }
    }

    /// The attempt at an agent that still goes on, or a new one.
    fn attempt(&mut self, agent: Option<&String>) -> &mut Attempt {
        let same = |a: &Attempt| agent.is_none() || a.agent.is_none() || a.agent.as_ref() == agent;
        let goes_on = |a: &Attempt| a.answered_at.is_none() && a.declined.is_none() && same(a);
        let place = self.attempts.iter().rposition(goes_on).unwrap_or(self.attempts.len());
        if place == self.attempts.len() {
            self.attempts.push(Attempt { agent: None, rang_at: None, answered_at: None, declined: None });
        }
        let attempt = &mut self.attempts[place];
        if attempt.agent.is_none() {
            attempt.agent = agent.cloned();
        }
        attempt
    }

    fn concludes(&mut self, end: Option<&End>, machine: Option<Reached>) {
        let told = end.and_then(|e| e.reached);
        let reached = machine.or(told);
        let completed = end.is_some_and(|e| e.cause == Cause::Completed);
        let person = told == Some(Reached::Person) || reached.is_none();
        let by_person = self.answered_at.is_some() || (completed && person);
        if let Some(end) = end {
            let connected = end.seconds.filter(|_| by_person && machine.is_none());
            if self.answered_at.is_none() {
                self.answered_at =
                    connected.and_then(|s| end.at.checked_sub(jiff::SignedDuration::from_secs(s.into())).ok());
                self.started_at = self.answered_at.map_or(self.started_at, |at| at.min(self.started_at));
            }
            self.ended_at = Some(end.at);
            self.ended_by = end.by;
            self.talk_seconds = self.answered_at.map(|at| between(at, end.at));
        }
        self.wait_seconds =
            self.answered_at.or(self.ended_at.filter(|_| !by_person)).map(|at| between(self.started_at, at));
        let message = reached == Some(Reached::Voicemail) || self.recordings.iter().any(|r| r.voicemail);
        self.outcome = match end {
            None if self.recordings.iter().any(|r| r.voicemail) && !by_person => Some(Outcome::Voicemail),
            None => None,
            Some(_) if by_person => Some(Outcome::Answered),
            Some(_) if message => Some(Outcome::Voicemail),
            Some(end) => Some(self.unanswered(end.cause, reached)),
        };
        self.stage = if self.outcome.is_some() {
            Stage::Ended
        } else if by_person {
            Stage::Talking
        } else if self.attempts.iter().any(|a| a.declined.is_none()) {
            Stage::Ringing
        } else {
            Stage::Waiting
        };
    }

    fn unanswered(&self, cause: Cause, reached: Option<Reached>) -> Outcome {
        let ours = self.direction == Some(Direction::Out);
        match cause {
            Cause::Busy => Outcome::Busy,
            Cause::Rejected | Cause::Failed => Outcome::Failed,
            Cause::Unreachable if ours => Outcome::Failed,
            Cause::Unreachable | Cause::NoAnswer => Outcome::Missed,
            _ if reached == Some(Reached::Closed) => Outcome::Closed,
            Cause::Lost => Outcome::Missed,
            Cause::Cancelled if ours => Outcome::Missed,
            Cause::Cancelled | Cause::Completed => Outcome::Abandoned,
        }
    }
}

fn first_told<T>(events: &[&CallEvent], told: impl Fn(&CallEvent) -> Option<T>) -> Option<T> {
    events.iter().find_map(|e| told(e))
}

fn between(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.duration_since(from).as_secs()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
