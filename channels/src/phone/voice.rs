//! Calls through Twilio, or a provider with the same interface: what its forms tell. They are proved by
//! [`crate::twilio::is_signed`] and answered in [`super::twiml`].

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use super::event::{CallEvent, Cause, Direction, EventKind, Parties, Reached, clean, number};
use crate::pairs::Pairs;
use crate::{HookRefusal, HookRequest};

/// Largest request that is read.
pub const MOST_BYTES: usize = 64 << 10;

/// Id of the answer that is known from the form after a dial.
const DIALLED: &str = "answered:dial";

/// What a form of the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The call of the citizen.
    pub call: String,
    /// The call of this form: the leg of an agent has another one than the citizen's.
    pub leg: String,
    /// When the form came, or what it says of its time.
    pub at: Timestamp,
    /// Who calls whom.
    pub parties: Parties,
    /// State of the leg.
    pub status: Option<Status>,
    /// What became of the telephones that were rung (`DialCallStatus`).
    pub dialled: Option<Status>,
    /// Seconds for which they were connected.
    pub dialled_seconds: Option<u32>,
    /// Seconds of the whole call.
    pub seconds: Option<u32>,
    /// Keys pressed in a menu.
    pub digits: Option<String>,
    /// The queue that was left, and how (`bridged`, `hangup`, `leave`…).
    pub queue: Option<(String, String)>,
    /// A recording that is ready.
    pub recording: Option<Recording>,
}

/// A recording at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its name.
    pub id: String,
    /// Where it can be fetched, with the account's own password. Trust it only if it lies at the provider.
    pub url: String,
    /// Its length.
    pub seconds: Option<u32>,
}

/// The states of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not yet begun, or on its way.
    Waiting,
    /// It rings.
    Ringing,
    /// Connected.
    InProgress,
    /// Over after being connected.
    Completed,
    /// Engaged.
    Busy,
    /// Not possible.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// Given up before it was answered.
    Canceled,
}

impl Status {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "queued" | "initiated" => Self::Waiting,
            "ringing" => Self::Ringing,
            "in-progress" | "answered" => Self::InProgress,
            "completed" => Self::Completed,
            "busy" => Self::Busy,
            "failed" => Self::Failed,
            "no-answer" => Self::NoAnswer,
            "canceled" => Self::Canceled,
            _ => return None,
        })
    }

    /// Why the leg ended; `None` while it goes on.
    #[must_use]
    pub const fn cause(self) -> Option<Cause> {
        Some(match self {
            Self::Waiting | Self::Ringing | Self::InProgress => return None,
            Self::Completed => Cause::Completed,
            Self::Busy => Cause::Busy,
            Self::Failed => Cause::Failed,
            Self::NoAnswer => Cause::NoAnswer,
            Self::Canceled => Cause::Cancelled,
        })
    }
}

/// Reads a form. It must have been proved before.
///
/// # Errors
/// [`HookRefusal::Malformed`] when it is not about a call.
pub fn read(request: &HookRequest) -> Result<Told, HookRefusal> {
    if request.body.len() > MOST_BYTES {
        return Err(HookRefusal::Malformed("too long".to_owned()));
    }
    let raw: &[u8] = if request.method == "GET" { request.query.as_bytes() } else { &request.body };
    let pairs = Pairs::parse(raw);
    let told = |name: &str| pairs.given(name).as_deref().and_then(clean);
    let party = |name: &str| told(name).as_deref().and_then(number);
    let leg = told("CallSid").ok_or_else(|| HookRefusal::Malformed("no CallSid".to_owned()))?;
    let status = |name: &str| told(name).and_then(|s| Status::of(&s));
    let seconds = |name: &str| told(name).and_then(|s| s.parse().ok());
    let direction = told("Direction").map(|d| if d == "inbound" { Direction::In } else { Direction::Out });
    let call = told("ParentCallSid").unwrap_or_else(|| leg.clone());
    let parties = if call == leg {
        Parties { direction, from: party("From"), from_name: told("CallerName"), to: party("To") }
    } else {
        // The numbers of an agent's leg are not those of the citizen.
        Parties::default()
    };
    let at = told("Timestamp").and_then(|at| rfc2822::parse(&at).ok()).map(|at| at.timestamp());
    let recording = told("RecordingSid").zip(told("RecordingUrl")).map(|(id, url)| Recording {
        id,
        url,
        seconds: seconds("RecordingDuration"),
    });
    Ok(Told {
        call,
        leg,
        at: at.unwrap_or(request.now),
        parties,
        status: status("CallStatus"),
        dialled: status("DialCallStatus"),
        dialled_seconds: seconds("DialCallDuration"),
        seconds: seconds("CallDuration"),
        digits: told("Digits"),
        queue: told("QueueSid").map(|id| (id, told("QueueResult").unwrap_or_default())),
        recording,
    })
}

impl Told {
    /// Whether the form is about an agent's telephone, not the citizen's call.
    #[must_use]
    pub fn is_agents(&self) -> bool {
        self.call != self.leg
    }

    /// What happened. `reached` is what the citizen was connected to by our own last answer, if that was a machine
    /// of ours, and `agent` whose telephone an agent's leg rings: both travel in the addresses of our hooks.
    #[must_use]
    pub fn events(&self, reached: Option<Reached>, agent: Option<&str>) -> Vec<CallEvent> {
        let mut kinds = Vec::new();
        let agent = agent.and_then(clean);
        if self.is_agents() {
            kinds.extend(self.of_agent(agent));
        } else {
            kinds.push(("offered".to_owned(), EventKind::Offered));
            kinds.extend(self.of_citizen(reached, agent));
        }
        if let Some(recording) = &self.recording {
            let voicemail = reached == Some(Reached::Voicemail);
            let kind = EventKind::Recorded { recording: recording.id.clone(), seconds: recording.seconds, voicemail };
            kinds.push((format!("recorded:{}", recording.id), kind));
        }
        let event = |(id, kind): (String, EventKind)| CallEvent {
            at: if id == DIALLED { self.dialled_at() } else { self.at },
            id,
            call: self.call.clone(),
            kind,
            parties: self.parties.clone(),
        };
        kinds.into_iter().map(event).collect()
    }

    fn of_agent(&self, agent: Option<String>) -> Option<(String, EventKind)> {
        let leg = &self.leg;
        Some(match self.status? {
            Status::Waiting => return None,
            Status::Ringing => (format!("ringing:{leg}"), EventKind::Ringing { agent }),
            Status::InProgress => (format!("answered:{leg}"), EventKind::Answered { reached: Reached::Person, agent }),
            // The talk is over; whether the call is, its own form tells.
            Status::Completed => return None,
            other => (format!("declined:{leg}"), EventKind::Declined { agent, cause: other.cause()? }),
        })
    }

    fn of_citizen(&self, reached: Option<Reached>, agent: Option<String>) -> Vec<(String, EventKind)> {
        let mut kinds = Vec::new();
        // The form that follows a dial says for how long it was connected: the answer lies that far back.
        if self.dialled == Some(Status::Completed) {
            let reached = Reached::Person;
            kinds.push((DIALLED.to_owned(), EventKind::Answered { reached, agent }));
        } else if let Some(reached) = reached.filter(|_| self.status == Some(Status::InProgress)) {
            kinds.push((format!("answered:{reached}"), EventKind::Answered { reached, agent: None }));
        }
        if let Some(cause) = self.status.and_then(Status::cause) {
            // A call that reached us is answered by our own texts first: only a dial tells of a person.
            let ours = self.parties.direction != Some(Direction::Out);
            let reached = reached.or(Some(Reached::Menu).filter(|_| ours));
            let kind = EventKind::Ended { cause, by: None, reached, seconds: self.seconds };
            kinds.push(("ended".to_owned(), kind));
        }
        kinds
    }

    /// When an agent answered: as long ago as the talk lasted.
    fn dialled_at(&self) -> Timestamp {
        let lasted = SignedDuration::from_secs(self.dialled_seconds.unwrap_or(0).into());
        self.at.checked_sub(lasted).unwrap_or(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::{Call, CallLog, Outcome, Stage};
    use crate::twilio::is_signed;
    use crate::twilio::tests::{TOKEN, signed_form};
    use proptest::prelude::*;

    const URL: &str = "https://cc.example.gov.it/hooks/voce/step";

    fn told(second: i64, form: &str) -> Told {
        let mut request = signed_form(URL, "step", form);
        assert!(is_signed(&request, &TOKEN.into()));
        request.now = Timestamp::from_second(1_764_000_000 + second).unwrap_or_default();
        read(&request).unwrap()
    }

    const CITIZEN: &str = "CallSid=CA1&From=%2B393331234567&To=%2B39085123&Direction=inbound";

    /// Every order of the forms must give one call.
    fn call(events: Vec<CallEvent>) -> Call {
        let backwards: CallLog = events.iter().rev().cloned().collect();
        let log: CallLog = events.into_iter().collect();
        assert_eq!(backwards, log);
        log.call().unwrap()
    }

    #[test]
    fn a_call_goes_through_menu_queue_and_agent() {
        let mut events = told(0, &format!("{CITIZEN}&CallStatus=ringing")).events(None, None);
        let menu = told(8, &format!("{CITIZEN}&CallStatus=in-progress&Digits=1"));
        assert_eq!(menu.digits.as_deref(), Some("1"));
        events.extend(menu.events(Some(Reached::Menu), None));
        let leg = "CallSid=CA2&ParentCallSid=CA1&From=%2B39085123&To=client%3Aanna&Direction=outbound-dial";
        events.extend(told(10, &format!("{leg}&CallStatus=ringing")).events(None, Some("anna")));
        events.extend(told(14, &format!("{leg}&CallStatus=in-progress")).events(None, Some("anna")));
        events.extend(told(74, &format!("{leg}&CallStatus=completed&CallDuration=60")).events(None, Some("anna")));
        let after = format!("{CITIZEN}&CallStatus=in-progress&DialCallStatus=completed&DialCallDuration=60");
        events.extend(told(74, &after).events(None, Some("anna")));
        events.extend(told(75, &format!("{CITIZEN}&CallStatus=completed&CallDuration=75")).events(None, None));
        let call = call(events);
        assert_eq!(
            (call.id.as_str(), call.from.as_deref(), call.agent()),
            ("CA1", Some("+393331234567"), Some("anna"))
        );
        assert_eq!((call.outcome, call.wait_seconds, call.talk_seconds), (Some(Outcome::Answered), Some(14), Some(61)));
        assert_eq!(call.attempts.len(), 1);
    }

    #[test]
    fn nobody_was_reached_unless_a_telephone_was_answered() {
        let start = || told(0, &format!("{CITIZEN}&CallStatus=ringing")).events(None, None);
        let end = || told(9, &format!("{CITIZEN}&CallStatus=completed&CallDuration=9")).events(None, None);
        assert_eq!(call([start(), end()].concat()).outcome, Some(Outcome::Abandoned));
        let closed = told(1, &format!("{CITIZEN}&CallStatus=in-progress")).events(Some(Reached::Closed), None);
        assert_eq!(call([start(), closed, end()].concat()).outcome, Some(Outcome::Closed));
        let leg = "CallSid=CA2&ParentCallSid=CA1&CallStatus=no-answer";
        let unanswered = told(20, leg).events(None, Some("anna"));
        let message =
            format!("{CITIZEN}&RecordingSid=RE1&RecordingUrl=https%3A%2F%2Fapi.twilio.com%2FRE1&RecordingDuration=7");
        let message = told(30, &message);
        assert_eq!(message.recording.as_ref().map(|r| r.url.as_str()), Some("https://api.twilio.com/RE1"));
        let message = message.events(Some(Reached::Voicemail), None);
        let call = call([start(), unanswered, message, end()].concat());
        assert_eq!((call.outcome, call.stage), (Some(Outcome::Voicemail), Stage::Ended));
        assert_eq!((call.attempts[0].declined, call.recordings[0].seconds), (Some(Cause::NoAnswer), Some(7)));
    }

    #[test]
    fn a_call_of_ours_reached_the_citizen() {
        let form = "CallSid=CA1&From=%2B39085&To=%2B39333&Direction=outbound-api&CallStatus=completed&CallDuration=30\
            &Timestamp=Mon%2C+24+Nov+2025+16%3A01%3A00+%2B0000";
        let call = call(told(900, form).events(None, None));
        assert_eq!((call.outcome, call.talk_seconds), (Some(Outcome::Answered), Some(30)));
        assert_eq!(call.ended_at.map(|at| at.as_second()), Some(1_764_000_060), "the form's own time counts");
    }

    proptest! {
        #[test]
        fn any_form_is_read_or_refused(body in ".{0,200}", value in "[ -~]{0,40}") {
            let form = format!("CallSid={value}&CallStatus={value}&Timestamp={value}&DialCallDuration={value}&{body}");
            for form in [&body, &form] {
                if let Ok(told) = read(&signed_form(URL, "step", form)) {
                    prop_assert!(told.events(Some(Reached::Menu), Some(&value)).len() <= 4);
                }
            }
        }

        #[test]
        fn a_talk_may_be_of_any_length(seconds in any::<u32>()) {
            let form = format!("{CITIZEN}&CallStatus=completed&DialCallStatus=completed&DialCallDuration={seconds}");
            prop_assert_eq!(call(told(0, &form).events(None, None)).outcome, Some(Outcome::Answered));
        }
    }
}
