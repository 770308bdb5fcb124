use proptest::prelude::*;

use super::*;
use crate::phone::event::Parties;
use crate::phone::event::tests::any_event;

fn event(second: i64, kind: EventKind) -> CallEvent {
    let at = Timestamp::from_second(1_764_000_000 + second).unwrap_or_default();
    CallEvent { at, id: format!("{}:{second}", kind.name()), call: "c1".into(), kind, parties: Parties::default() }
}

fn ringing(agent: &str) -> EventKind {
    EventKind::Ringing { agent: Some(agent.into()) }
}

fn answered(agent: &str) -> EventKind {
    EventKind::Answered { reached: Reached::Person, agent: Some(agent.into()) }
}

fn ended(cause: Cause, by: Option<Side>, reached: Option<Reached>) -> EventKind {
    EventKind::Ended { cause, by, reached, seconds: None }
}

fn told(events: &[(i64, EventKind)]) -> Call {
    fold(events.iter().map(|(second, kind)| event(*second, kind.clone()))).unwrap()
}

#[test]
fn a_call_that_was_answered_by_the_second_agent() {
    let declined = EventKind::Declined { agent: Some("7".into()), cause: Cause::NoAnswer };
    let call = told(&[
        (0, EventKind::Offered),
        (1, EventKind::Queued { queue: "urp".into() }),
        (2, ringing("7")),
        (12, declined),
        (13, ringing("8")),
        (20, answered("8")),
        (60, EventKind::Transferred { to: "9".into() }),
        (80, ended(Cause::Completed, Some(Side::Caller), Some(Reached::Person))),
    ]);
    assert_eq!((call.outcome, call.stage, call.agent()), (Some(Outcome::Answered), Stage::Ended, Some("8")));
    assert_eq!((call.wait_seconds, call.talk_seconds, call.queue.as_deref()), (Some(20), Some(60), Some("urp")));
    assert_eq!(call.attempts.iter().map(|a| a.declined).collect::<Vec<_>>(), [Some(Cause::NoAnswer), None]);
    assert_eq!((call.transfers.len(), call.ended_by), (1, Some(Side::Caller)));
}

#[test]
fn what_became_of_a_call_follows_from_its_end() {
    let of = |kind| told(&[(0, EventKind::Offered), (9, kind)]).outcome;
    for (cause, outcome) in [
        (Cause::Completed, Outcome::Answered),
        (Cause::Cancelled, Outcome::Abandoned),
        (Cause::NoAnswer, Outcome::Missed),
        (Cause::Unreachable, Outcome::Missed),
        (Cause::Busy, Outcome::Busy),
        (Cause::Rejected, Outcome::Failed),
        (Cause::Failed, Outcome::Failed),
        (Cause::Lost, Outcome::Missed),
    ] {
        assert_eq!(of(ended(cause, None, None)), Some(outcome), "{cause}");
    }
    for (reached, outcome) in [
        (Reached::Person, Outcome::Answered),
        (Reached::Menu, Outcome::Abandoned),
        (Reached::Queue, Outcome::Abandoned),
        (Reached::Voicemail, Outcome::Voicemail),
        (Reached::Closed, Outcome::Closed),
    ] {
        assert_eq!(of(ended(Cause::Completed, None, Some(reached))), Some(outcome), "{reached}");
    }
    let mut ours = [event(0, EventKind::Offered), event(5, ended(Cause::Cancelled, None, None))];
    ours[0].parties.direction = Some(Direction::Out);
    assert_eq!(fold(ours).and_then(|c| c.outcome), Some(Outcome::Missed), "we gave up, not the citizen");
}

#[test]
fn what_is_missing_is_concluded_from_what_is_there() {
    let end = EventKind::Ended { cause: Cause::Completed, by: None, reached: None, seconds: Some(30) };
    let call = told(&[(100, end)]);
    assert_eq!((call.outcome, call.talk_seconds, call.wait_seconds), (Some(Outcome::Answered), Some(30), Some(0)));
    let message = EventKind::Recorded { recording: "RE1".into(), seconds: Some(4), voicemail: true };
    assert_eq!(told(&[(0, EventKind::Offered), (40, message)]).outcome, Some(Outcome::Voicemail));
    let call =
        told(&[(0, answered("7")), (50, ended(Cause::Lost, None, None)), (45, ended(Cause::Completed, None, None))]);
    assert_eq!((call.outcome, call.talk_seconds), (Some(Outcome::Answered), Some(45)));
    assert_eq!(fold([]), None);
}

#[test]
fn a_late_answer_sets_an_early_conclusion_right() {
    let mut log: CallLog =
        [event(0, EventKind::Offered), event(9, ended(Cause::Cancelled, None, None))].into_iter().collect();
    assert_eq!(log.call().and_then(|c| c.outcome), Some(Outcome::Abandoned));
    assert!(log.add(event(3, answered("7"))));
    assert!(!log.add(event(3, answered("7"))));
    assert_eq!(log.call().and_then(|c| c.outcome), Some(Outcome::Answered));
}

#[test]
fn a_flood_of_events_is_cut_and_does_not_hide_the_end() {
    let mut log: CallLog = (0..5_000).map(|n| event(n, EventKind::Transferred { to: n.to_string() })).collect();
    log.add(event(6_000, ended(Cause::Completed, None, None)));
    assert_eq!(log.events().len(), MOST_OF_A_KIND + 1);
    let call = log.call().unwrap();
    assert_eq!((call.transfers.len(), call.stage), (MOST_OF_A_KIND, Stage::Ended));
    assert!(!log.add(event(5_500, EventKind::Transferred { to: "x".into() })), "it is cut at once");
}

/// Lives of calls as they really go, in order of time.
fn any_life() -> impl Strategy<Value = Vec<CallEvent>> {
    let try_agent = prop::sample::select(vec![Cause::NoAnswer, Cause::Busy, Cause::Unreachable]);
    let tries = prop::collection::vec(("[a-c]", try_agent), 0..4);
    let queue = prop::option::of(prop::sample::select(vec!["urp", "anagrafe"]));
    let side = prop::sample::select(Side::ALL.to_vec());
    let end = prop_oneof![("[a-c]", 0..3_usize).prop_map(|(agent, transfers)| Some((agent, transfers))), Just(None),];
    let unanswered = prop::sample::select(vec![Cause::Cancelled, Cause::NoAnswer, Cause::Busy, Cause::Failed]);
    let steps = prop::collection::vec(0..40_i64, 24);
    (tries, queue, side, end, unanswered, any::<bool>(), steps).prop_map(
        |(tries, queue, side, end, unanswered, recorded, steps)| {
            let mut kinds = vec![EventKind::Offered];
            kinds.extend(queue.map(|queue| EventKind::Queued { queue: queue.to_owned() }));
            for (agent, cause) in tries {
                kinds.push(ringing(&agent));
                kinds.push(EventKind::Declined { agent: Some(agent), cause });
            }
            if let Some((agent, transfers)) = end {
                kinds.extend([ringing(&agent), answered(&agent)]);
                kinds.extend((0..transfers).map(|n| EventKind::Transferred { to: n.to_string() }));
                kinds.push(ended(Cause::Completed, Some(side), Some(Reached::Person)));
                let recording = EventKind::Recorded { recording: "r".into(), seconds: Some(1), voicemail: false };
                kinds.extend(recorded.then_some(recording));
            } else {
                kinds.push(ended(unanswered, Some(side), None));
            }
            let mut at = 0;
            let moment = |(kind, step): (EventKind, i64)| {
                at += step + 1;
                event(at, kind)
            };
            kinds.into_iter().zip(steps).map(moment).collect()
        },
    )
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_give_the_same_call(
        events in prop::collection::vec(any_event(), 1..30), seed in any::<u64>(), again in 0..30_usize,
    ) {
        let expected = events.iter().cloned().collect::<CallLog>();
        let mut other = events.clone();
        other.extend(events.iter().take(again).cloned());
        shuffle(&mut other, seed);
        let log = other.into_iter().collect::<CallLog>();
        prop_assert_eq!(&log, &expected);
        prop_assert_eq!(log.call(), expected.call());
    }

    #[test]
    fn merging_is_commutative_associative_and_idempotent(
        a in prop::collection::vec(any_event(), 0..20), b in prop::collection::vec(any_event(), 0..20),
        c in prop::collection::vec(any_event(), 0..20),
    ) {
        let [a, b, c] = [a, b, c].map(CallLog::from);
        let merged = |one: &CallLog, other: &CallLog| { let mut m = one.clone(); m.merge(other.clone()); m };
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(&merged(&a, &a), &a);
        prop_assert!(!merged(&a, &b).merge(b.clone()), "told again, it changes nothing");
    }

    #[test]
    fn a_cut_log_still_does_not_depend_on_the_order(seconds in prop::collection::vec((0..400_i64, 0..90_u8), 60..160), seed in any::<u64>()) {
        let make = |(second, id): &(i64, u8)| CallEvent { id: id.to_string(), ..event(*second, ringing("a")) };
        let mut events: Vec<_> = seconds.iter().map(make).collect();
        let expected = CallLog::from(events.clone());
        shuffle(&mut events, seed);
        prop_assert_eq!(CallLog::from(events), expected);
    }

    #[test]
    fn a_stored_log_is_the_same_log(events in prop::collection::vec(any_event(), 0..30)) {
        let log = CallLog::from(events);
        let stored = serde_json::to_string(&log).unwrap();
        prop_assert_eq!(serde_json::from_str::<CallLog>(&stored).unwrap(), log);
    }

    #[test]
    fn what_is_known_early_is_not_contradicted_later(life in any_life()) {
        let whole = fold(life.clone()).unwrap();
        prop_assert!(whole.outcome.is_some() && whole.stage == Stage::Ended);
        for end in 1..life.len() {
            let early = fold(life[..end].to_vec()).unwrap();
            prop_assert_eq!(early.started_at, whole.started_at);
            prop_assert!(early.answered_at.is_none() || early.answered_at == whole.answered_at);
            prop_assert!(early.wait_seconds.is_none() || early.wait_seconds == whole.wait_seconds);
            prop_assert!(early.ended_at.is_none() || early.ended_at == whole.ended_at);
            prop_assert!(early.outcome.is_none() || early.outcome == whole.outcome);
            prop_assert!(early.queue.is_none() || early.queue == whole.queue);
            for (e, w) in early.attempts.iter().zip(&whole.attempts) {
                prop_assert!(e.agent == w.agent && e.rang_at == w.rang_at);
                prop_assert!(e.declined.is_none() || e.declined == w.declined);
                prop_assert!(e.answered_at.is_none() || e.answered_at == w.answered_at);
            }
            prop_assert!(early.attempts.len() <= whole.attempts.len());
        }
    }

    #[test]
    fn the_end_alone_tells_what_became_of_a_call(life in any_life(), kept in any::<u64>()) {
        let whole = fold(life.clone()).unwrap();
        let is_end = |e: &CallEvent| matches!(e.kind, EventKind::Ended { .. });
        let some = life.iter().enumerate().filter(|(n, e)| is_end(e) || kept >> n & 1 == 1);
        let part = fold(some.map(|(_, e)| e.clone())).unwrap();
        prop_assert_eq!((part.outcome, part.ended_at, part.ended_by), (whole.outcome, whole.ended_at, whole.ended_by));
    }

    #[test]
    fn durations_are_never_negative_and_fit_together(events in prop::collection::vec(any_event(), 1..30)) {
        let call = fold(events).unwrap();
        prop_assert!(call.answered_at.is_none_or(|at| at >= call.started_at));
        prop_assert!(call.talk_seconds.is_none() || (call.answered_at.is_some() && call.ended_at.is_some()));
        prop_assert!(call.ended_at.is_none() || call.outcome.is_some());
        prop_assert!(call.outcome.is_none() || call.stage == Stage::Ended);
    }
}

fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for i in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(i, (seed >> 33) as usize % (i + 1));
    }
}
