//! What happens in a telephone call, in the same words whoever tells of it: a SIP edge, Twilio, a PBX.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::inbound::named;

/// Longest name or address kept of an event, in characters.
const LONGEST: usize = 200;

named! {
    /// Who began the call.
    Direction {
        /// A citizen called us.
        In = "in",
        /// We called a citizen.
        Out = "out",
    }
}

named! {
    /// One of the two ends of a call.
    Side {
        /// Who called.
        Caller = "caller",
        /// Who was called.
        Callee = "callee",
    }
}

named! {
    /// What the call was connected to.
    Reached {
        /// A person.
        Person = "person",
        /// Menu of choices.
        Menu = "menu",
        /// The music of a queue.
        Queue = "queue",
        /// The answering machine.
        Voicemail = "voicemail",
        /// The message of closed offices.
        Closed = "closed",
    }
}

named! {
    /// Why a call, or one attempt at reaching an agent, ended.
    Cause {
        /// Somebody hung up after talking.
        Completed = "completed",
        /// The caller gave up before anybody answered.
        Cancelled = "cancelled",
        /// It rang and nobody answered.
        NoAnswer = "no_answer",
        /// The line was engaged, or the agent refused.
        Busy = "busy",
        /// The other end could not be reached.
        Unreachable = "unreachable",
        /// Refused by decision of the administration, before anything rang.
        Rejected = "rejected",
        /// Something broke.
        Failed = "failed",
        /// Nobody told of the end: concluded from silence by the platform.
        Lost = "lost",
    }
}

/// Something that happened in a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallEvent {
    /// When it happened, as far as the teller knows.
    pub at: Timestamp,
    /// Names it within its call: the same thing told twice has the same id.
    pub id: String,
    /// The call it belongs to, unique at its teller.
    pub call: String,
    /// What happened.
    pub kind: EventKind,
    /// Who calls whom, as far as the teller says: any event may be the only one that arrives.
    #[serde(default)]
    pub parties: Parties,
}

/// Who calls whom. Numbers as the teller writes them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Parties {
    /// Who began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Number of the caller; `None` when withheld or not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Name shown by the caller's telephone: anybody can write anything there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// Number that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// The kinds of things that happen in a call, in the order in which they do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// It came in, or was begun.
    Offered,
    /// It waits in a queue.
    Queued {
        /// Name of the queue.
        queue: String,
    },
    /// An agent's telephone rings.
    Ringing {
        /// Who is called.
        agent: Option<String>,
    },
    /// An attempt at an agent ended without an answer; the call goes on.
    Declined {
        /// Who was called.
        agent: Option<String>,
        /// Why it came to nothing.
        cause: Cause,
    },
    /// Somebody or something answered.
    Answered {
        /// What answered.
        reached: Reached,
        /// Who, if a person.
        agent: Option<String>,
    },
    /// Handed to somebody else.
    Transferred {
        /// Number or name it was handed to.
        to: String,
    },
    /// A recording is ready.
    Recorded {
        /// Name or address of the recording at the teller.
        recording: String,
        /// Its length.
        seconds: Option<u32>,
        /// A message for us, not the recording of a talk.
        voicemail: bool,
    },
    /// Over.
    Ended {
        /// Why.
        cause: Cause,
        /// Who hung up.
        by: Option<Side>,
        /// What it was last connected to.
        reached: Option<Reached>,
        /// How long it was connected.
        seconds: Option<u32>,
    },
}

impl EventKind {
    /// Stable name: part of event ids, counted.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Queued { .. } => "queued",
            Self::Ringing { .. } => "ringing",
            Self::Declined { .. } => "declined",
            Self::Answered { .. } => "answered",
            Self::Transferred { .. } => "transferred",
            Self::Recorded { .. } => "recorded",
            Self::Ended { .. } => "ended",
        }
    }
}

/// A name or number from outside, fit to be kept: one line, cut, `None` when nothing is left.
pub(crate) fn clean(text: &str) -> Option<String> {
    let line: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// The number in what a telephone shows of its caller; `None` when it is withheld.
pub(crate) fn number(text: &str) -> Option<String> {
    let mut text = text.trim();
    for scheme in ["sips:", "sip:", "tel:"] {
        text = text.strip_prefix(scheme).map_or(text, |rest| rest.split(['@', ';']).next().unwrap_or_default());
    }
    let withheld = ["anonymous", "restricted", "unknown", "unavailable", "private", "asserted-identity"];
    // Numbers by which Twilio and others spell the words above on a keypad.
    let spelled = ["+266696687", "266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"];
    let number = clean(text)?;
    let lower = number.to_ascii_lowercase();
    (!withheld.contains(&lower.as_str()) && !spelled.contains(&lower.as_str())).then_some(number)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any event of a small world, so that events meet: few calls, ids, agents and instants.
    pub(crate) fn any_event() -> impl Strategy<Value = CallEvent> {
        (any_kind(), 0..60_i64, 0..3_u8, any_parties()).prop_map(|(kind, second, n, parties)| CallEvent {
            at: Timestamp::from_second(1_764_000_000 + second).unwrap_or_default(),
            id: format!("{}:{n}", kind.name()),
            call: "c1".to_owned(),
            kind,
            parties,
        })
    }

    fn any_parties() -> impl Strategy<Value = Parties> {
        let name = || prop::option::of(prop::sample::select(vec!["+393331", "800123", "+39085"]));
        let direction = prop::option::of(prop::sample::select(Direction::ALL.to_vec()));
        (direction, name(), name()).prop_map(|(direction, from, to)| Parties {
            direction,
            from: from.map(str::to_owned),
            from_name: None,
            to: to.map(str::to_owned),
        })
    }

    fn any_kind() -> impl Strategy<Value = EventKind> {
        let agent = || prop::option::of(prop::sample::select(vec!["7".to_owned(), "8".to_owned()]));
        let cause = || prop::sample::select(Cause::ALL.to_vec());
        let reached = || prop::sample::select(Reached::ALL.to_vec());
        let seconds = || prop::option::of(0..90_u32);
        prop_oneof![
            Just(EventKind::Offered),
            prop::sample::select(vec!["urp", "anagrafe"]).prop_map(|q| EventKind::Queued { queue: q.to_owned() }),
            agent().prop_map(|agent| EventKind::Ringing { agent }),
            (agent(), cause()).prop_map(|(agent, cause)| EventKind::Declined { agent, cause }),
            (reached(), agent()).prop_map(|(reached, agent)| EventKind::Answered { reached, agent }),
            "[a-c]".prop_map(|to| EventKind::Transferred { to }),
            ("[a-c]", seconds(), any::<bool>())
                .prop_map(|(recording, seconds, voicemail)| { EventKind::Recorded { recording, seconds, voicemail } }),
            (
                cause(),
                prop::option::of(prop::sample::select(Side::ALL.to_vec())),
                prop::option::of(reached()),
                seconds()
            )
                .prop_map(|(cause, by, reached, seconds)| EventKind::Ended { cause, by, reached, seconds }),
        ]
    }

    #[test]
    fn a_withheld_number_is_nobodys() {
        for text in ["anonymous", "Anonymous", "sip:anonymous@anonymous.invalid", "+266696687", "", " \u{0} "] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("sip:+393331234567@10.0.0.1;user=phone").as_deref(), Some("+393331234567"));
        assert_eq!(number("tel:+39085;ext=1").as_deref(), Some("+39085"));
        assert_eq!(number(" 085 1234 ").as_deref(), Some("085 1234"));
        assert!(number(&"9".repeat(5000)).is_some_and(|n| n.len() == LONGEST));
    }

    proptest! {
        #[test]
        fn an_event_is_read_as_it_was_stored(event in any_event()) {
            let stored = serde_json::to_string(&event).unwrap_or_default();
            prop_assert_eq!(serde_json::from_str::<CallEvent>(&stored).ok(), Some(event));
        }
    }
}
