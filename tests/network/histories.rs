//! Whatever happens in whatever order, the counters tell the legs and the log tells one owner at each instant.
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use sportello::network::accept::accept;
use sportello::network::ask::{Question, ask};
use sportello::network::follow::follow;
use sportello::network::inform::inform;
use sportello::network::model::Asked;
use sportello::network::withdraw::withdraw;
use sportello::network::works::{Stage, Works, tell_works};
use sportello::network::{LegKind, answer, return_leg};
use sportello::tickets::Outcome;
use sportello::tickets::close::{Closing, close};
use sportello::tickets::hand_over::{hand_over, take_over};
use sportello::tickets::reopen::reopen;
use sportello::tickets::takeovers::give_back;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Send(LegKind, &'static str),
    Answer(i64),
    Return(i64),
    Withdraw(i64),
    Accept(i64),
    Ask(i64, Asked),
    Inform(i64),
    Works(i64),
    Follow(i64),
    HandOver(&'static str),
    TakeOver(&'static str),
    GiveBack,
    Close,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let unit = prop_oneof![Just("anagrafe"), Just("asl-prevention"), Just("contact-centre"), Just("counter")];
    let kind = prop::sample::select(LegKind::ALL);
    let step = prop_oneof![
        4 => (kind, unit.clone()).prop_map(|(kind, unit)| Step::Send(kind, unit)),
        3 => (1..6_i64).prop_map(Step::Answer),
        1 => (1..6_i64).prop_map(Step::Return),
        1 => (1..6_i64).prop_map(Step::Withdraw),
        2 => (1..6_i64).prop_map(Step::Accept),
        2 => (1..6_i64, prop::sample::select(Asked::ALL)).prop_map(|(n, of)| Step::Ask(n, of)),
        2 => (1..6_i64).prop_map(Step::Inform),
        1 => (1..6_i64).prop_map(Step::Works),
        1 => (1..6_i64).prop_map(Step::Follow),
        1 => unit.clone().prop_map(Step::HandOver),
        1 => unit.prop_map(Step::TakeOver),
        1 => Just(Step::GiveBack),
        1 => Just(Step::Close),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..16)
}

/// Does one step; a refusal is as good as anything else.
async fn run(t: &TestApp, code: &str, step: &Step) {
    let who = agent(t).await;
    let k = &t.kernel;
    match step {
        Step::Send(kind, unit) => drop(send(t, code, unit, *kind).await),
        Step::Answer(n) => drop(answer::write(k, &Door::account(&who, code, *n), written("Sì")).await),
        Step::Return(n) => {
            let suggests = if n % 2 == 0 { "asl-prevention".to_owned() } else { String::new() };
            let why = return_leg::NotOurs { reason: "No".to_owned(), suggests, ..Default::default() };
            drop(return_leg::return_leg(k, &Door::account(&who, code, *n), why).await);
        }
        Step::Withdraw(n) => drop(withdraw(k, &who, code, *n, None, "Basta").await),
        Step::Accept(n) => drop(accept(k, &Door::account(&who, code, *n), "").await),
        Step::Ask(n, of) => {
            let question = Question { text: "Dove?".to_owned(), of: *of, signed: String::new(), key: String::new() };
            drop(ask(k, &Door::account(&who, code, *n), question).await);
        }
        Step::Inform(n) => drop(inform(k, &who, code, *n, None, "Qui").await),
        Step::Works(n) => {
            let (text, signed, key) = ("Fatto".to_owned(), String::new(), String::new());
            let works = Works { text, signed, files: Vec::new(), key, stage: Stage::Done };
            drop(tell_works(k, &Door::account(&who, code, *n), works).await);
        }
        Step::Follow(n) => drop(follow(k, &who, code, *n, None).await),
        Step::HandOver(unit) => drop(hand_over(k, &who, code, None, unit, "Tocca a loro").await),
        Step::TakeOver(unit) => {
            drop(take_over(k, &supervisor(t).await, code, None, unit, "Serve un livello più alto").await)
        }
        Step::GiveBack => drop(give_back(k, &supervisor(t).await, code, None, "Torna a loro").await),
        Step::Close => drop(close(k, &who, code, None, Closing { outcome: Outcome::Answered, sheet: None }).await),
        Step::Reopen => drop(reopen(k, &who, code, None).await),
    }
}

async fn check(t: &TestApp, code: &str, after: &[Step]) {
    let (state, open, decisive, external) = counters(t, code).await;
    let legs = async |which: &str| {
        t.number(&format!(
            "SELECT COUNT(*) FROM legs l JOIN tickets t ON t.id = l.ticket_id WHERE t.code = '{code}' AND l.kind <> 'knowledge' AND {which}"
        ))
        .await
    };
    assert_eq!(open, legs("l.state IN ('sent', 'accepted', 'asked')").await, "{after:?}");
    assert_eq!(decisive, legs("TRUE").await, "{after:?}");
    assert_eq!(external, legs("l.external").await, "{after:?}");
    assert!(state != "referred" || open > 0, "it waits for nobody: {after:?}");

    let log = t
        .texts(&format!(
            "SELECT e.data FROM events e JOIN tickets t ON t.id = e.ticket_id WHERE t.code = '{code}' ORDER BY e.id"
        ))
        .await;
    let kinds = t
        .texts(&format!(
            "SELECT e.kind FROM events e JOIN tickets t ON t.id = e.ticket_id WHERE t.code = '{code}' ORDER BY e.id"
        ))
        .await;
    let mut owner = serde_json::Value::Null;
    for (kind, data) in kinds.iter().zip(&log) {
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        if data["from"].is_null() && data["to"].is_null() && kind.starts_with("leg.") {
            // Seen, taken in charge, given to somebody: the ticket itself is as it was.
            continue;
        }
        if kind != "ticket.opened" {
            assert_eq!(data["from"]["unit"], owner, "{kind} after {after:?}");
        }
        if !matches!(kind.as_str(), "ticket.opened" | "ticket.handed_over" | "ticket.taken_over" | "ticket.given_back")
        {
            assert_eq!(data["to"]["unit"], owner, "{kind} moves the owner: {after:?}");
        }
        owner = data["to"]["unit"].clone();
        assert!(owner.is_i64(), "somebody owns it: {after:?}");
    }
    assert_eq!(owner, t.number(&format!("SELECT owner_unit_id FROM tickets WHERE code = '{code}'")).await);
}

on_each_engine! {
    async fn every_history_has_one_owner_and_counts_its_legs(t: TestApp) {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
        for _ in 0..12 {
            let code = ticket(&t).await;
            let steps = steps().new_tree(&mut runner).unwrap().current();
            for (done, step) in steps.iter().enumerate() {
                run(&t, &code, step).await;
                check(&t, &code, &steps[..=done]).await;
            }
        }
    }
}
