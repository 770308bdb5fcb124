//! Whatever is merged in whatever order, parting it again gives back what was; and at every step nothing lies in
//! a ticket that is no more, and every figure agrees.
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use sportello::kernel::events::Actor;
use sportello::kernel::permissions::Principal;
use sportello::supervision::Closures;
use sportello::tickets::close::{Closing, close};
use sportello::tickets::merging::{self, Merge, Moving};
use sportello::tickets::reply::{Reply, Then, Way, reply};
use sportello::tickets::{Outcome, assign, hand_over, note, reopen};

use super::{contact, count};
use crate::support::*;

#[derive(Debug, Clone)]
enum Step {
    Take(usize),
    Reply(usize),
    Note(usize),
    HandOver(usize),
    Close(usize),
    Reopen(usize),
    Move(usize, usize),
    Merge(usize, usize),
    Part(usize),
}

const TICKETS: usize = 4;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = 0..TICKETS;
    let step = prop_oneof![
        1 => n.clone().prop_map(Step::Take),
        1 => n.clone().prop_map(Step::Reply),
        1 => n.clone().prop_map(Step::Note),
        1 => n.clone().prop_map(Step::HandOver),
        2 => n.clone().prop_map(Step::Close),
        1 => n.clone().prop_map(Step::Reopen),
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::Move(a, b)),
        4 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::Merge(a, b)),
        3 => n.prop_map(Step::Part),
    ];
    prop::collection::vec(step, 4..14)
}

async fn agent(t: &TestApp) -> Principal {
    let id = t.user(Role::Agent).await;
    Principal {
        actor: Actor::User(id),
        role: Role::Agent,
        user_id: Some(id),
        name: "Agent Prova".to_owned(),
        language: "it".to_owned(),
        units: [1].into(),
    }
}

/// Does one step; a refusal is as good as anything else. Answers whether it was done.
async fn run(t: &TestApp, codes: &[String], step: &Step) -> bool {
    let (who, k) = (agent(t).await, &t.kernel);
    match *step {
        Step::Take(n) => assign::take(k, &who, &codes[n], None).await.is_ok(),
        Step::Reply(n) => {
            let answer =
                Reply { text: "Ecco.".to_owned(), sheet: None, files: Vec::new(), way: Way::Email, then: Then::Wait };
            reply(k, &who, &codes[n], None, answer).await.is_ok()
        }
        Step::Note(n) => note::note(k, &who, &codes[n], "nota", Vec::new()).await.is_ok(),
        Step::HandOver(n) => hand_over::hand_over(k, &who, &codes[n], None, "counter", "tocca a loro").await.is_ok(),
        Step::Close(n) => {
            close(k, &who, &codes[n], None, Closing { outcome: Outcome::Answered, sheet: None }).await.is_ok()
        }
        Step::Reopen(n) => reopen::reopen(k, &who, &codes[n], None).await.is_ok(),
        Step::Move(a, b) => {
            let sql = format!(
                "SELECT k.id FROM contacts k JOIN tickets t ON t.id = k.ticket_id WHERE t.code = '{}' ORDER BY k.id DESC",
                codes[a]
            );
            let Some(id) = t.number_or_none(&sql).await else { return false };
            let how = Moving { to: codes[b].clone(), ..Moving::default() };
            merging::move_contact(k, &who, &codes[a], id, how).await.is_ok()
        }
        Step::Merge(a, b) => {
            let how = Merge { into: codes[b].clone(), ..Merge::default() };
            merging::merge(k, &who, &codes[a], how).await.is_ok()
        }
        Step::Part(n) => merging::unmerge(k, &who, &codes[n], None, "").await.is_ok(),
    }
}

/// All that a merge and its undoing must leave as it was.
async fn snapshot(t: &TestApp) -> Vec<String> {
    t.read_feed(Arc::new(Closures::new(t.kernel.config.zone()))).await;
    count(t).await;
    let queries = [
        "SELECT code || ' ' || state || ' ' || owner_unit_id || ' ' || COALESCE(assignee_id, 0) || ' ' || COALESCE(outcome, '-')
            || ' ' || COALESCE(closed_at, 0) || ' ' || COALESCE(resolved_at, 0) || ' ' || COALESCE(person_id, 0)
            || ' ' || COALESCE(merged_into_id, 0) || ' ' || decisive_legs || ' ' || external_legs || ' ' || open_legs
         FROM tickets ORDER BY id",
        "SELECT id || ' ' || ticket_id || ' ' || COALESCE(via_id, 0) || ' ' || COALESCE(author_id, 0) || ' ' || happened_at
         FROM contacts ORDER BY id",
        "SELECT contact_id || ' ' || ticket_id FROM outbox WHERE contact_id IS NOT NULL ORDER BY id",
        "SELECT message_id || ' ' || ticket_id FROM message_ids ORDER BY message_id, ticket_id",
        "SELECT ticket_id || ' ' || day || ' ' || closed_at || ' ' || unit_id || ' ' || channel FROM closures ORDER BY ticket_id",
        "SELECT day || ' ' || unit_id || ' ' || closed FROM closure_daily WHERE closed <> 0 ORDER BY day, unit_id, channel",
        "SELECT unit_id || ' ' || assignee_id || ' ' || state || ' ' || n FROM queue_counts
         WHERE n <> 0 ORDER BY unit_id, assignee_id, state",
    ];
    let mut all = Vec::new();
    for sql in queries {
        all.extend(t.texts(sql).await);
    }
    all
}

async fn check(t: &TestApp, after: &[Step]) {
    let none = async |sql: &str| assert_eq!(t.number(sql).await, 0, "{sql} after {after:?}");
    none("SELECT COUNT(*) FROM contacts k JOIN tickets t ON t.id = k.ticket_id WHERE t.merged_into_id IS NOT NULL")
        .await;
    none("SELECT COUNT(*) FROM tickets a JOIN tickets b ON b.id = a.merged_into_id WHERE b.merged_into_id IS NOT NULL")
        .await;
    none(
        "SELECT COUNT(*) FROM tickets WHERE merged_into_id IS NOT NULL AND (state <> 'closed' OR outcome <> 'merged')",
    )
    .await;
    snapshot(t).await;
    none("SELECT COUNT(*) FROM closures c JOIN tickets t ON t.id = c.ticket_id WHERE t.state <> 'closed' OR t.merged_into_id IS NOT NULL").await;
    none(
        "SELECT COUNT(*) FROM tickets t WHERE t.state = 'closed' AND t.merged_into_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM closures c WHERE c.ticket_id = t.id AND c.closed_at = t.closed_at)",
    )
    .await;
    none(
        "SELECT COUNT(*) FROM queue_counts q WHERE n <> (SELECT COUNT(*) FROM tickets t
           WHERE t.owner_unit_id = q.unit_id AND COALESCE(t.assignee_id, 0) = q.assignee_id AND t.state = q.state)",
    )
    .await;
    let api = t.api(Role::Supervisor).await;
    let path = "/api/v1/supervision/closure-rate?from=2026-01-01&to=2026-12-31&by=day";
    let kept = api.get_json(path).await.expect(200).json();
    let log = api.get_json(&format!("{path}&source=log")).await.expect(200).json();
    assert_eq!(kept["total"], log["total"], "{after:?}");
}

on_each_engine! {
    async fn parting_gives_back_what_was_merged(t: TestApp) {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
        let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
        let mut merges = 0;
        for round in 0..10 {
            let mut codes = Vec::new();
            for n in 0..TICKETS {
                // Two citizens with two tickets each.
                let from = format!("c{}-{round}@example.org", n % 2);
                codes.push(contact(&t, &format!("{round}-{n}"), &from, "Divano", "Dove lo porto?").await);
            }
            let steps = steps().new_tree(&mut runner).unwrap().current();
            for (done, step) in steps.iter().enumerate() {
                t.clock.advance(SignedDuration::from_hours(5));
                if let Step::Merge(a, _) = step {
                    let before = snapshot(&t).await;
                    if run(&t, &codes, step).await {
                        merges += 1;
                        assert_ne!(snapshot(&t).await, before);
                        assert!(run(&t, &codes, &Step::Part(*a)).await, "{:?}", &steps[..=done]);
                        assert_eq!(snapshot(&t).await, before, "{:?}", &steps[..=done]);
                    }
                }
                run(&t, &codes, step).await;
                check(&t, &steps[..=done]).await;
            }
        }
        assert!(merges > 10, "the histories merge: {merges}");
    }
}
