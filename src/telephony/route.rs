//! Where a call goes: a pure function of who is there, what was asked and whether the office is open.
use super::model::{CallRow, Post, Presence};
use crate::kernel::config::{Phone, PhoneQueue};
use crate::kernel::time::Instant;

/// Telephones that one answer rings, one after the other.
const MOST_RINGS: usize = 4;
/// Name of the queue when none is configured.
pub const DEFAULT_QUEUE: &str = "urp";

/// An agent as routing sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentNow {
    /// Row id.
    pub user: i64,
    pub name: String,
    pub extension: String,
    /// What rings; empty: nothing does.
    pub address: String,
    pub post: Post,
    pub skills: Vec<String>,
    /// Without any, all.
    pub languages: Vec<String>,
    pub state: Presence,
    pub since: Instant,
    /// Whether their telephone rings or they talk.
    pub busy: bool,
    /// Name of the call that engages them; empty without one.
    pub engaged: String,
    /// Whether they finish what their last call left to do, and until when.
    pub wraps: bool,
    pub wrap_until: Option<Instant>,
    /// Why they pause; may be empty.
    pub reason: String,
}

/// An agent as a call finds them.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub agent: &'a AgentNow,
    /// Whether another call engages them, or is about to.
    pub busy: bool,
    /// Whether they finish what their last call left to do.
    pub wraps: bool,
}

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Name of the call.
    pub call: &'a str,
    /// The number that was called.
    pub called: &'a str,
    /// The language that the caller chose; empty: any.
    pub language: &'a str,
    /// The queue that was chosen; empty: the number decides.
    pub queue: &'a str,
    /// How often the call was told to wait before.
    pub round: u32,
    /// Extensions that did not answer in this round.
    pub tried: &'a [String],
    /// Whether there is another switchboard, an answering machine.
    pub overflow: bool,
    pub voicemail: bool,
}

/// One place to go, tried in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goes {
    /// This agent's telephone rings.
    Ring {
        extension: String,
        address: String,
    },
    /// The caller waits and is asked about again.
    Wait,
    /// To another switchboard.
    Overflow,
    Voicemail,
    /// The message of closed offices.
    Closed,
}

/// The queue of a call, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub queue: PhoneQueue,
    pub goes: Vec<Goes>,
}

/// The queue that was chosen, or that of the number, or the first.
pub fn queue_of(rules: &Phone, asked: &Asked<'_>) -> PhoneQueue {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let called = digits(asked.called);
    // The operator may write the country's prefix, and the configuration not.
    let reached = |number: &String| {
        let number = digits(number);
        !number.is_empty() && !called.is_empty() && (called.ends_with(&number) || number.ends_with(&called))
    };
    let queues = &rules.queues;
    let chosen = queues.iter().find(|q| !asked.queue.is_empty() && q.name == asked.queue);
    let by_number = || queues.iter().find(|q| q.numbers.iter().any(reached));
    let found = chosen.or_else(by_number).or_else(|| queues.first()).cloned();
    found.unwrap_or_else(|| PhoneQueue { name: DEFAULT_QUEUE.to_owned(), ..PhoneQueue::default() })
}

/// Decides. Ready agents who can answer the queue ring, the internal post first and then the counters, the one
/// who was idle longest first. Without any, a caller waits as long as somebody is on duty and the wait is not too
/// long; else the call goes to another switchboard, to the answering machine, to the message of closed offices.
pub fn decide(rules: &Phone, agents: &[Found<'_>], open: bool, asked: &Asked<'_>) -> Decision {
    let queue = queue_of(rules, asked);
    let mut elsewhere = Vec::new();
    if open && asked.overflow {
        elsewhere.push(Goes::Overflow);
    }
    if asked.voicemail {
        elsewhere.push(Goes::Voicemail);
    }
    elsewhere.push(Goes::Closed);
    if !open {
        return Decision { queue, goes: elsewhere };
    }
    let is_there = |a: &AgentNow| a.state == Presence::Ready && !a.address.is_empty() && serves(a, &queue);
    let on_duty: Vec<&Found<'_>> = agents.iter().filter(|found| is_there(found.agent)).collect();
    // Who speaks the caller's language, if anybody does: a caller must not be left alone for it.
    let speaks = |found: &&&Found<'_>| asked.language.is_empty() || speaks(found.agent, asked.language);
    let understood = on_duty.iter().filter(speaks).count();
    let mut free: Vec<&AgentNow> = on_duty
        .iter()
        .filter(|found| understood == 0 || speaks(found))
        .filter(|found| !found.busy && !found.wraps && !asked.tried.contains(&found.agent.extension))
        .map(|found| found.agent)
        .collect();
    free.sort_by_key(|a| (a.post, a.since, a.user));
    let mut goes: Vec<Goes> = free
        .iter()
        .take(MOST_RINGS)
        .map(|a| Goes::Ring { extension: a.extension.clone(), address: a.address.clone() })
        .collect();
    let rounds = rules.wait_seconds / rules.queue_seconds.max(1);
    if !on_duty.is_empty() && asked.round < rounds {
        goes.push(Goes::Wait);
    } else {
        goes.extend(elsewhere);
    }
    Decision { queue, goes }
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|word| word.eq_ignore_ascii_case(wanted))
}

/// Who names no language speaks all.
fn speaks(agent: &AgentNow, language: &str) -> bool {
    agent.languages.is_empty() || has(&agent.languages, language)
}

/// Whether an agent can answer the calls of a queue.
pub fn serves(agent: &AgentNow, queue: &PhoneQueue) -> bool {
    (queue.skill.is_empty() || has(&agent.skills, &queue.skill))
        && (queue.language.is_empty() || speaks(agent, &queue.language))
}

/// Whose eyes look at calls.
#[derive(Debug, Clone)]
pub enum Seer {
    /// Whoever coordinates, and programs.
    All,
    /// An agent, with their telephone if they have one.
    Agent(Option<Box<AgentNow>>),
}

/// Whether a call is shown to somebody: agents see the calls of queues that they can answer, and their own.
pub fn sees(rules: &Phone, seer: &Seer, call: &CallRow) -> bool {
    let Seer::Agent(agent) = seer else { return true };
    if rules.all_calls || agent.as_ref().is_some_and(|a| a.extension == call.agent) {
        return true;
    }
    if call.is_ours() {
        return false;
    }
    let queue = queue_of(rules, &Asked { called: &call.called, queue: &call.queue, ..Asked::default() });
    match agent {
        Some(agent) => serves(agent, &queue),
        None => queue.skill.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agent(user: i64, post: Post, since: i64) -> AgentNow {
        AgentNow {
            user,
            name: format!("Agente {user}"),
            extension: user.to_string(),
            address: format!("sip:{user}@cc.test"),
            post,
            skills: Vec::new(),
            languages: Vec::new(),
            state: Presence::Ready,
            since: Instant(since),
            busy: false,
            engaged: String::new(),
            wraps: false,
            wrap_until: None,
            reason: String::new(),
        }
    }

    fn rules() -> Phone {
        let queue = |name: &str, number: &str, skill: &str, language: &str| PhoneQueue {
            name: name.into(),
            numbers: vec![number.into()],
            skill: skill.into(),
            language: language.into(),
            ..PhoneQueue::default()
        };
        let queues = vec![
            queue("urp", "800123", "", ""),
            queue("tributi", "085 4321", "tributi", ""),
            queue("english", "800456", "", "en"),
        ];
        Phone { queues, ..Phone::default() }
    }

    fn rung(decision: &Decision) -> Vec<&str> {
        decision
            .goes
            .iter()
            .filter_map(|g| if let Goes::Ring { extension, .. } = g { Some(extension.as_str()) } else { None })
            .collect()
    }

    /// Decides for a call that finds the agents as they are known.
    fn decide(rules: &Phone, agents: &[AgentNow], open: bool, asked: &Asked<'_>) -> Decision {
        let found = |agent| Found { agent, busy: agent.busy, wraps: agent.wraps };
        super::decide(rules, &agents.iter().map(found).collect::<Vec<_>>(), open, asked)
    }

    fn asked(called: &str) -> Asked<'_> {
        Asked { called, overflow: true, voicemail: true, ..Asked::default() }
    }

    #[test]
    fn the_internal_post_rings_first_and_among_equals_who_was_idle_longest() {
        let agents = [
            agent(1, Post::Counter, 1),
            agent(2, Post::Internal, 9),
            agent(3, Post::Internal, 5),
            agent(4, Post::Counter, 3),
        ];
        let decision = decide(&rules(), &agents, true, &asked("800123"));
        assert_eq!(rung(&decision), ["3", "2", "1", "4"]);
        assert_eq!(decision.goes.last(), Some(&Goes::Wait));
        assert_eq!(decision.queue.name, "urp");
    }

    #[test]
    fn only_who_can_answer_is_rung() {
        let mut agents = [agent(1, Post::Internal, 1), agent(2, Post::Internal, 2), agent(3, Post::Internal, 3)];
        agents[1].skills = vec!["Tributi".into()];
        agents[2].languages = vec!["it".into()];
        assert_eq!(rung(&decide(&rules(), &agents, true, &asked("+390854321"))), ["2"]);
        assert_eq!(rung(&decide(&rules(), &agents, true, &asked("800456"))), ["1", "2"], "who names none speaks all");
        agents[0].state = Presence::Pause;
        agents[1].busy = true;
        assert_eq!(rung(&decide(&rules(), &agents, true, &asked("800123"))), ["3"]);
        let tried = ["3".to_owned()];
        let again = decide(&rules(), &agents, true, &Asked { tried: &tried, ..asked("800123") });
        assert_eq!(again.goes, [Goes::Wait]);
    }

    #[test]
    fn a_call_that_nobody_takes_goes_elsewhere() {
        let elsewhere = [Goes::Overflow, Goes::Voicemail, Goes::Closed];
        assert_eq!(decide(&rules(), &[], true, &asked("800123")).goes, elsewhere, "nobody is on duty");
        let mut busy = agent(1, Post::Internal, 1);
        busy.busy = true;
        let waits =
            |round| decide(&rules(), std::slice::from_ref(&busy), true, &Asked { round, ..asked("800123") }).goes;
        assert_eq!(waits(29), [Goes::Wait]);
        assert_eq!(waits(30), elsewhere, "after five minutes");
        let alone = Asked { called: "800123", ..Asked::default() };
        assert_eq!(decide(&rules(), &[], true, &alone).goes, [Goes::Closed]);
    }

    #[test]
    fn at_night_nobody_is_rung() {
        let decision = decide(&rules(), &[agent(1, Post::Internal, 1)], false, &asked("800123"));
        assert_eq!(decision.goes, [Goes::Voicemail, Goes::Closed], "and nobody else's telephone either");
    }

    proptest! {
        #[test]
        fn every_call_goes_somewhere_and_rings_only_who_is_free(
            people in prop::collection::vec((any::<bool>(), any::<bool>(), 0..3_usize, 0..100_i64), 0..8),
            open: bool, round in 0..60_u32, overflow: bool, voicemail: bool, number in "[0-9]{0,6}",
        ) {
            let agents: Vec<_> = people.iter().zip(1..).map(|(&(counter, busy, state, since), user)| {
                let post = if counter { Post::Counter } else { Post::Internal };
                AgentNow { busy, state: Presence::ALL[state], ..agent(user, post, since) }
            }).collect();
            let asked = Asked { called: &number, round, overflow, voicemail, ..Asked::default() };
            let decision = decide(&rules(), &agents, open, &asked);
            prop_assert!(matches!(decision.goes.last(), Some(Goes::Wait | Goes::Closed)), "it ends where nobody is needed");
            let rung = rung(&decision);
            let order: Vec<_> = rung.iter().map(|e| agents.iter().find(|a| a.extension == **e).unwrap()).collect();
            prop_assert!(order.iter().all(|a| open && !a.busy && a.state == Presence::Ready));
            prop_assert!(order.is_sorted_by_key(|a| (a.post, a.since)));
        }

        #[test]
        fn nobody_is_rung_past_somebody_who_should_be(
            people in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>(), 0..4_usize, 0..100_i64), 1..10),
            taxes: bool, english: bool, tried in prop::collection::vec(1..10_usize, 0..3),
        ) {
            let lists = [vec![], vec!["it"], vec!["en"], vec!["it", "en"]];
            let agents: Vec<_> = people.iter().zip(1..).map(|(&(counter, busy, skilled, speaks, since), user)| {
                let post = if counter { Post::Counter } else { Post::Internal };
                let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
                AgentNow {
                    wraps: busy && since % 2 == 0, busy: busy && since % 2 == 1, languages: words(&lists[speaks]),
                    skills: words(if skilled { &["tributi"] } else { &[] }), ..agent(user, post, since)
                }
            }).collect();
            let tried: Vec<String> = tried.iter().map(ToString::to_string).collect();
            let called = if taxes { "085 4321" } else { "800123" };
            let asked = Asked { called, tried: &tried, language: if english { "en" } else { "" }, ..Asked::default() };
            let decision = decide(&rules(), &agents, true, &asked);
            let can = |a: &&AgentNow| !taxes || a.skills.iter().any(|s| s == "tributi");
            let understands = |a: &&AgentNow| a.languages.is_empty() || a.languages.iter().any(|l| l == "en");
            let anybody = agents.iter().filter(can).any(|a| understands(&a));
            let mut expected: Vec<&AgentNow> = agents.iter().filter(can)
                .filter(|a| !english || !anybody || understands(a))
                .filter(|a| !a.busy && !a.wraps && !tried.contains(&a.extension)).collect();
            expected.sort_by_key(|a| (a.post, a.since, a.user));
            let expected: Vec<_> = expected.iter().take(MOST_RINGS).map(|a| a.extension.as_str()).collect();
            prop_assert_eq!(rung(&decision), expected);
        }

        #[test]
        fn an_agent_sees_just_the_calls_that_could_ring_at_theirs(
            skilled: bool, taxes: bool, ours: bool, own: bool, all: bool,
        ) {
            let seer = AgentNow {
                skills: if skilled { vec!["tributi".to_owned()] } else { Vec::new() }, ..agent(1, Post::Internal, 1)
            };
            let call = CallRow {
                called: if taxes { "085 4321".to_owned() } else { "800123".to_owned() },
                direction: if ours { "out".to_owned() } else { "in".to_owned() },
                agent: if own { "1".to_owned() } else { "9".to_owned() },
                ..CallRow::default()
            };
            let rules = Phone { all_calls: all, ..rules() };
            let decision = decide(&rules, std::slice::from_ref(&seer), true, &asked(&call.called));
            let could_ring = !ours && rung(&decision) == ["1"];
            let seer = Seer::Agent(Some(Box::new(seer)));
            prop_assert_eq!(sees(&rules, &seer, &call), all || own || could_ring);
            prop_assert!(sees(&rules, &Seer::All, &call));
        }
    }
}
