//! A SIP edge (Kamailio, with the configuration of `docs/channels/kamailio.cfg`) that asks the platform where a
//! call goes and tells what becomes of it. Requests are proved by [`super::guard`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{CallEvent, Cause, Direction, EventKind, Parties, Reached, Side, clean, number};
use crate::HookRefusal;

/// Largest request that is read.
pub const MOST_BYTES: usize = 16 << 10;

/// Most steps of a plan.
pub const MOST_STEPS: usize = 16;

/// «Where does this call go?» Asked when it comes in, and again when a step says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The call.
    pub call: String,
    /// When it was asked.
    pub at: Timestamp,
    /// Who calls whom.
    pub parties: Parties,
    /// Network address of the caller's telephone or line.
    pub source: Option<String>,
    /// How many times it was asked for this call before.
    pub round: u32,
    /// What the last step of the plan before came to.
    pub last: Option<Cause>,
}

impl Question {
    /// Reads the question.
    ///
    /// # Errors
    /// [`HookRefusal::Malformed`] when it is not one.
    pub fn parse(body: &[u8]) -> Result<Self, HookRefusal> {
        let told = Told::parse(body)?;
        let (call, at, parties) = (told.call()?, told.at()?, told.parties());
        let last = told.cause();
        Ok(Self { call, at, parties, source: told.source.as_deref().and_then(clean), round: told.round, last })
    }

    /// That the call is there. The same however often it is asked.
    #[must_use]
    pub fn event(&self) -> CallEvent {
        CallEvent {
            at: self.at,
            id: "offered".to_owned(),
            call: self.call.clone(),
            kind: EventKind::Offered,
            parties: self.parties.clone(),
        }
    }
}

/// Reads what the edge tells of a call.
///
/// # Errors
/// [`HookRefusal::Malformed`] when it is no event.
pub fn event(body: &[u8]) -> Result<CallEvent, HookRefusal> {
    let told = Told::parse(body)?;
    let kind = told.kind()?;
    let id = told.id.as_deref().and_then(clean).ok_or_else(|| malformed("no id"))?;
    Ok(CallEvent { at: told.at()?, id, call: told.call()?, kind, parties: told.parties() })
}

/// What stands in a request of the edge; what it does not know is missing.
#[derive(Debug, Deserialize)]
struct Told {
    call_id: Option<String>,
    at: Option<Instant>,
    id: Option<String>,
    event: Option<String>,
    direction: Option<Direction>,
    from: Option<String>,
    from_name: Option<String>,
    to: Option<String>,
    source: Option<String>,
    #[serde(default)]
    round: u32,
    queue: Option<String>,
    agent: Option<String>,
    reached: Option<Reached>,
    cause: Option<Cause>,
    code: Option<u16>,
    by: Option<Side>,
    seconds: Option<u32>,
    target: Option<String>,
}

/// Seconds since 1970, as a number or as text with up to six decimals.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Instant {
    Seconds(i64),
    Text(String),
}

impl Told {
    fn parse(body: &[u8]) -> Result<Self, HookRefusal> {
        if body.len() > MOST_BYTES {
            return Err(malformed("too long"));
        }
        serde_json::from_slice(body).map_err(|e| HookRefusal::Malformed(e.to_string()))
    }

    fn call(&self) -> Result<String, HookRefusal> {
        self.call_id.as_deref().and_then(clean).ok_or_else(|| malformed("no call_id"))
    }

    fn at(&self) -> Result<Timestamp, HookRefusal> {
        let micros = match self.at.as_ref().ok_or_else(|| malformed("no time"))? {
            Instant::Seconds(seconds) => seconds.checked_mul(1_000_000),
            Instant::Text(text) => microseconds(text),
        };
        micros.and_then(|m| Timestamp::from_microsecond(m).ok()).ok_or_else(|| malformed("no such time"))
    }

    fn parties(&self) -> Parties {
        Parties {
            direction: Some(self.direction.unwrap_or(Direction::In)),
            from: self.from.as_deref().and_then(number),
            from_name: self.from_name.as_deref().map(|n| n.trim_matches(['"', ' '])).and_then(clean),
            to: self.to.as_deref().and_then(number),
        }
    }

    /// Why it ended: in our words, or as a SIP code.
    fn cause(&self) -> Option<Cause> {
        self.cause.or_else(|| self.code.map(of_code))
    }

    fn kind(&self) -> Result<EventKind, HookRefusal> {
        let agent = || self.agent.as_deref().and_then(clean);
        let reached = self.reached;
        Ok(match self.event.as_deref().unwrap_or_default() {
            "queued" => {
                let queue = self.queue.as_deref().and_then(clean);
                EventKind::Queued { queue: queue.ok_or_else(|| malformed("no queue"))? }
            }
            "ringing" => EventKind::Ringing { agent: agent() },
            "declined" => EventKind::Declined { agent: agent(), cause: self.cause().unwrap_or(Cause::Failed) },
            "answered" => EventKind::Answered { reached: reached.unwrap_or(Reached::Person), agent: agent() },
            "transferred" => {
                let to = self.target.as_deref().and_then(number);
                EventKind::Transferred { to: to.ok_or_else(|| malformed("no target"))? }
            }
            "ended" => EventKind::Ended {
                cause: self.cause().unwrap_or(Cause::Completed),
                by: self.by,
                reached,
                seconds: self.seconds,
            },
            other => return Err(HookRefusal::Malformed(format!("no event is called {other:?}"))),
        })
    }
}

fn microseconds(text: &str) -> Option<i64> {
    let (seconds, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 6 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = format!("{decimals:0<6}").parse().ok()?;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)
}

/// What a final answer of SIP (RFC 3261, 21) means for a call.
const fn of_code(code: u16) -> Cause {
    match code {
        200..300 => Cause::Completed,
        408 | 480 => Cause::NoAnswer,
        404 | 410 | 484 | 502 | 503 | 504 => Cause::Unreachable,
        486 | 600 | 603 => Cause::Busy,
        487 => Cause::Cancelled,
        _ => Cause::Failed,
    }
}

fn malformed(why: &str) -> HookRefusal {
    HookRefusal::Malformed(why.to_owned())
}

/// Where a call goes: the edge tries each step, and the next one when it comes to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Plan {
    steps: Vec<Step>,
}

/// One step of a plan. Addresses are SIP URIs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Step {
    /// Rings an agent's telephone.
    Ring {
        /// Where.
        uri: String,
        /// Whose it is: comes back in the events.
        agent: String,
        /// For how long.
        seconds: u32,
        /// Whether the exchange is asked to record the talk (header `X-Record`).
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        record: bool,
    },
    /// Lets the caller wait, then asks again.
    Queue {
        /// Name of the queue: comes back in the events.
        queue: String,
        /// A media server that announces and plays before the call is answered (183); empty: the caller hears
        /// what the network plays.
        uri: String,
        /// Name of what the media server says first (header `X-Announcement`).
        announcement: String,
        /// Name of what it plays (header `X-Music`).
        music: String,
        /// When to ask again.
        seconds: u32,
    },
    /// The answering machine.
    Voicemail {
        /// Where it is.
        uri: String,
    },
    /// The message of closed offices.
    Closed {
        /// The media server that says it.
        uri: String,
    },
    /// Refuses the call.
    Reject {
        /// A final code of SIP, 400 to 699.
        code: u16,
        /// Its words.
        reason: String,
    },
}

impl Plan {
    /// A plan of these steps, of which no more than [`MOST_STEPS`] are kept. What could break the SIP message is
    /// taken out of them.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().take(MOST_STEPS).map(Step::tidy).collect() }
    }

    /// The answer to a [`Question`].
    #[must_use]
    pub fn to_json(&self) -> String {
        // Serialising plain text and numbers does not fail; an empty plan is refused by the edge.
        serde_json::to_string(self).unwrap_or_else(|_| "{\"steps\":[]}".to_owned())
    }
}

impl Step {
    fn tidy(self) -> Self {
        let word = |text: String| clean(&text).unwrap_or_default().replace([' ', '<', '>', '"'], "");
        let line = |text: String| clean(&text).unwrap_or_default();
        let within = |seconds: u32, most: u32| seconds.clamp(1, most);
        match self {
            Self::Ring { uri, agent, seconds, record } => {
                Self::Ring { uri: word(uri), agent: line(agent), seconds: within(seconds, 180), record }
            }
            Self::Queue { queue, uri, announcement, music, seconds } => Self::Queue {
                queue: line(queue),
                uri: word(uri),
                announcement: line(announcement),
                music: line(music),
                seconds: within(seconds, 600),
            },
            Self::Voicemail { uri } => Self::Voicemail { uri: word(uri) },
            Self::Closed { uri } => Self::Closed { uri: word(uri) },
            Self::Reject { code, reason } => Self::Reject { code: code.clamp(400, 699), reason: line(reason) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_question_is_read() {
        let body = r#"{"call_id":"1-2@h","at":"1764000000.25","from":"+393331","from_name":"\"Mario\"","to":"800123",
            "source":"10.0.0.1:5060","round":2,"code":480}"#;
        let question = Question::parse(body.as_bytes()).unwrap();
        assert_eq!((question.call.as_str(), question.round, question.last), ("1-2@h", 2, Some(Cause::NoAnswer)));
        assert_eq!(question.at.to_string(), "2025-11-24T16:00:00.25Z");
        let event = question.event();
        assert_eq!((event.id.as_str(), &event.kind), ("offered", &EventKind::Offered));
        assert_eq!(event.parties.from_name.as_deref(), Some("Mario"));
        assert_eq!(event.parties.direction, Some(Direction::In));
        for broken in ["", "{}", "[]", r#"{"call_id":"","at":1}"#, r#"{"call_id":"a","at":"x"}"#, r#"{"call_id":"a"}"#]
        {
            assert!(Question::parse(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn events_are_read() {
        let read = |rest: &str| event(format!(r#"{{"call_id":"c","id":"i","at":1764000000,{rest}}}"#).as_bytes());
        let kind = |rest: &str| read(rest).map(|e| e.kind);
        assert_eq!(kind(r#""event":"ringing","agent":"7""#), Ok(EventKind::Ringing { agent: Some("7".into()) }));
        assert_eq!(
            kind(r#""event":"declined","agent":"7","code":486"#),
            Ok(EventKind::Declined { agent: Some("7".into()), cause: Cause::Busy })
        );
        let ended = EventKind::Ended {
            cause: Cause::Completed,
            by: Some(Side::Callee),
            reached: Some(Reached::Voicemail),
            seconds: Some(9),
        };
        assert_eq!(kind(r#""event":"ended","by":"callee","reached":"voicemail","seconds":9"#), Ok(ended));
        assert_eq!(
            kind(r#""event":"transferred","target":"sip:9@cc.test""#),
            Ok(EventKind::Transferred { to: "9".into() })
        );
        assert!(read(r#""event":"dreaming""#).is_err());
        assert!(read(r#""event":"queued""#).is_err());
    }

    #[test]
    fn a_plan_says_its_steps_and_breaks_no_message() {
        let plan = Plan::new([
            Step::Ring { uri: "sip:7@cc.test\r\nX: y".into(), agent: "7".into(), seconds: 0, record: false },
            Step::Reject { code: 200, reason: "Chiuso\r\n".into() },
        ]);
        assert_eq!(
            plan.to_json(),
            r#"{"steps":[{"action":"ring","uri":"sip:7@cc.testX:y","agent":"7","seconds":1},{"action":"reject","code":400,"reason":"Chiuso"}]}"#
        );
        let many = Plan::new(vec![Step::Voicemail { uri: "sip:vm".into() }; 100]);
        assert_eq!(many.steps.len(), MOST_STEPS);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,100}", n in any::<i64>()) {
            let _either = (Question::parse(&body).is_ok(), event(&body).is_ok());
            let json = serde_json::json!({"call_id": text, "id": text, "at": n, "event": "ended", "code": 486, "from": text});
            let _either = event(json.to_string().as_bytes());
            let json = serde_json::json!({"call_id": "a", "at": text, "from_name": text});
            let _either = Question::parse(json.to_string().as_bytes());
        }

        #[test]
        fn an_instant_is_read_as_it_was_written(seconds in 0..4_000_000_000_i64, micros in 0..1_000_000_i64) {
            prop_assert_eq!(microseconds(&format!("{seconds}.{micros:06}")), Some(seconds * 1_000_000 + micros));
        }
    }
}
