//! What happens to terms when something happens to their ticket.
use sportello::kernel::events::Actor;
use sportello::kernel::permissions::Principal;
use sportello::network::LegKind;
use sportello::network::accept::accept;
use sportello::network::ask::{Question, ask};
use sportello::network::inform::inform;
use sportello::network::model::Asked;
use sportello::network::refer::{Referral, refer};
use sportello::network::return_leg::{NotOurs, return_leg};
use sportello::network::withdraw::withdraw;
use sportello::network::works::{Stage, Works, tell_works};
use sportello::network::{Door, Leg, LegError};
use sportello::tickets::classify::{Classification, classify};
use sportello::tickets::close::{Closing, close};
use sportello::tickets::merging::{self, Merge};
use sportello::tickets::{Outcome, assign, reopen, wait};

use super::*;

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

async fn closes(t: &TestApp, code: &str, outcome: Outcome) {
    close(&t.kernel, &agent(t).await, code, None, Closing { outcome, sheet: None }).await.unwrap();
}

async fn send(t: &TestApp, code: &str, kind: LegKind) -> Leg {
    let referral = Referral { unit: "anagrafe".to_owned(), kind, question: "A che punto è?".to_owned() };
    refer(&t.kernel, &agent(t).await, code, None, referral).await.unwrap().1
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

/// Events of a kind.
async fn told(t: &TestApp, kind: &str) -> Vec<String> {
    t.texts(&format!("SELECT data FROM events WHERE kind = '{kind}' ORDER BY id")).await
}

/// All clocks and pauses but their row ids.
async fn everything(t: &TestApp) -> Vec<String> {
    let clocks = "SELECT ticket_id || '/' || leg_id || ' ' || phase || ' ' || round || ' ' || state || ' ' || started_at
            || ' ' || COALESCE(due_at, 0) || ' ' || COALESCE(left_over, -1) || ' ' || COALESCE(missed_at, 0) || ' '
            || COALESCE(ended_at, 0) || ' ' || COALESCE(warned_at, 0) || ' ' || reason || ' ' || COALESCE(day, '') || ' '
            || amount || ' ' || COALESCE((SELECT MAX(p.until_at) FROM clock_pauses p WHERE p.clock_id = clocks.id), 0)
         FROM clocks ORDER BY ticket_id, leg_id, phase, round";
    let mut all = t.texts(clocks).await;
    all.extend(t.texts("SELECT COALESCE(due_at, 0) || ' ' || expected_at FROM tickets ORDER BY id").await);
    all
}

on_each_engine! {
    async fn a_ticket_gets_the_terms_of_its_protocol_and_work_meets_them(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        assert_eq!(states(&t).await, ["take_charge running", "answer running"]);
        assert_eq!(due(&t, &code, "take_charge").await.unwrap(), "2026-03-03T22:59:59.999999Z");
        assert_eq!(due(&t, &code, "answer").await.unwrap(), "2026-03-17T22:59:59.999999Z");
        let desk = t.sign_in(Role::Agent).await;
        let page = desk.get(&at(&code, "")).await.expect(200);
        assert!(page.has("Presa in carico") && page.has("17 marzo 2026") && page.has("L. 241/1990, art. 2"), "{}", page.body);
        let public = t.browser().get(&format!("/sportello/pratica/{code}")).await.expect(200);
        assert!(public.has("17 marzo 2026"), "the citizen is promised the term: {}", public.body);

        assign::take(&t.kernel, &agent(&t).await, &code, None).await.unwrap();
        assert_eq!(states(&t).await, ["take_charge met", "answer running"]);
        closes(&t, &code, Outcome::Answered).await;
        assert_eq!(states(&t).await, ["take_charge met", "answer met"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE due_at IS NULL").await, 1);
    }

    async fn a_term_is_warned_of_once_missed_once_and_stays_missed(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        t.clock.advance(days(13));
        mark(&t).await;
        mark(&t).await;
        assert_eq!(told(&t, "clock.warned").await.len(), 1, "of the answer; the other is missed already");
        let missed = told(&t, "clock.missed").await;
        assert_eq!(missed.len(), 1);
        let event: serde_json::Value = serde_json::from_str(&missed[0]).unwrap();
        assert_eq!(event["clock"]["phase"], "take_charge");
        assert_eq!(event["due"], 1_772_578_799_999_999_i64, "the due instant, not the job's");
        assign::take(&t.kernel, &agent(&t).await, &code, None).await.unwrap();
        assert_eq!(states(&t).await, ["take_charge missed", "answer running"]);

        let (desk, id) = (t.sign_in(Role::Agent).await, term(&t, "take_charge").await);
        let fields = [("act", "correct_met"), ("reason", "Preso al telefono il giorno stesso.")];
        desk.post_form(&at(&code, &format!("/termini/{id}")), &fields).await.expect(403);
        let boss = t.sign_in(Role::Supervisor).await;
        assert!(boss.get(&at(&code, "")).await.expect(200).has("Correggi: era stato rispettato"));
        boss.post_form(&at(&code, &format!("/termini/{id}")), &fields).await.expect(303);
        assert_eq!(states(&t).await, ["take_charge met", "answer running"]);
        let page = boss.get(&at(&code, "")).await.expect(200);
        assert!(page.has("Preso al telefono") && page.has("ha corretto un termine superato"), "{}", page.body);
    }

    async fn what_is_done_late_is_missed_at_its_due_instant_even_if_no_job_ran(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        t.clock.advance(days(20));
        closes(&t, &code, Outcome::Answered).await;
        assert_eq!(states(&t).await, ["take_charge missed", "answer missed"]);
        assert_eq!(t.texts("SELECT day FROM clocks ORDER BY id").await, ["2026-03-03", "2026-03-17"]);
        assert!(told(&t, "clock.missed").await.is_empty());
        mark(&t).await;
        mark(&t).await;
        assert_eq!(told(&t, "clock.missed").await.len(), 2, "the feed is told all the same, once");
    }

    async fn waiting_for_the_citizen_suspends_and_keeps_what_was_left(t: TestApp) {
        usual(&t).await;
        let (code, who) = (arrives(&t).await, agent(&t).await);
        t.clock.advance(days(5));
        wait::wait_for_citizen(&t.kernel, &who, &code, None).await.unwrap();
        assert_eq!(states(&t).await, ["take_charge missed", "answer suspended"]);
        assert_eq!(due(&t, &code, "answer").await, None);
        let page = t.sign_in(Role::Agent).await.get(&at(&code, "")).await.expect(200);
        assert!(page.has("si aspetta il cittadino") && page.has("Restano 10 giorni"), "{}", page.body);
        t.clock.advance(days(40));
        mark(&t).await;
        assert_eq!(told(&t, "clock.missed").await.len(), 1, "a suspended term is not missed");
        wait::resume(&t.kernel, &who, &code, None).await.unwrap();
        // Resumed on 16 April with ten days left; the 26th is a Sunday.
        assert_eq!(due(&t, &code, "answer").await.unwrap(), "2026-04-27T21:59:59.999999Z");
    }

    async fn another_class_begins_other_terms_from_the_day_the_request_arrived(t: TestApp) {
        usual(&t).await;
        let anagrafe = t.category("anagrafe").await;
        save(&t, "procedure", protocol(anagrafe, &[phase("ticket", "conclusion", 30, "calendar_days")])).await;
        let code = arrives(&t).await;
        t.clock.advance(days(1));
        let to = Classification { category: Some("anagrafe/identity-card".into()), ..Classification::default() };
        classify(&t.kernel, &agent(&t).await, &code, None, to).await.unwrap();
        assert_eq!(states(&t).await, ["take_charge cancelled", "answer cancelled", "conclusion running"]);
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-01T21:59:59.999999Z");
    }

    async fn a_ticket_keeps_the_version_it_began_with(t: TestApp) {
        usual(&t).await;
        let first = arrives(&t).await;
        t.clock.advance(days(1));
        let body = json!({ "expected": 1, "valid_from": "2026-03-03",
            "body": protocol(0, &[phase("ticket", "answer", 5, "calendar_days")]) });
        let api = t.api(Role::Admin).await;
        api.send_json(reqwest::Method::PUT, "/api/v1/protocols/usual", &body).await.expect(200);
        api.send_json(reqwest::Method::PUT, "/api/v1/protocols/usual", &body).await.expect(412);
        let second = arrives(&t).await;
        assert_eq!(due(&t, &second, "answer").await.unwrap(), "2026-03-09T22:59:59.999999Z", "the 8th is a Sunday");
        assert_eq!(due(&t, &first, "answer").await.unwrap(), "2026-03-17T22:59:59.999999Z");
    }

    async fn reopening_begins_a_new_answer_and_leaves_the_old_one_met(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        closes(&t, &code, Outcome::Answered).await;
        t.clock.advance(days(3));
        reopen::reopen(&t.kernel, &agent(&t).await, &code, None).await.unwrap();
        assert_eq!(states(&t).await, ["take_charge met", "answer met", "answer running"]);
        assert_eq!(due(&t, &code, "answer").await.unwrap(), "2026-03-20T22:59:59.999999Z");
    }

    async fn what_is_not_ours_owes_no_answer(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        closes(&t, &code, Outcome::NotCompetent).await;
        assert_eq!(states(&t).await, ["take_charge met", "answer cancelled"]);
    }

    async fn a_merged_ticket_owes_nothing_and_a_parted_one_what_it_owed(t: TestApp) {
        usual(&t).await;
        let (first, second) = (arrives(&t).await, arrives(&t).await);
        let who = agent(&t).await;
        merging::merge(&t.kernel, &who, &second, Merge { into: first.clone(), ..Merge::default() }).await.unwrap();
        read(&t).await;
        let owed = "SELECT state FROM clocks WHERE phase = 'answer' ORDER BY id";
        assert_eq!(t.texts(owed).await, ["running", "cancelled"]);
        t.clock.advance(days(2));
        merging::unmerge(&t.kernel, &who, &second, None, "").await.unwrap();
        read(&t).await;
        assert_eq!(t.texts(owed).await, ["running", "running"]);
        assert_eq!(due(&t, &second, "answer").await.unwrap(), "2026-03-17T22:59:59.999999Z");
    }

    async fn a_leg_has_terms_of_its_own_and_one_for_knowledge_has_none(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        send(&t, &code, LegKind::Knowledge).await;
        assert_eq!(states(&t).await, ["take_charge running", "answer running"], "nothing moved");
        let leg = send(&t, &code, LegKind::Competence).await;
        let legs = ["leg receipt", "leg non_appropriateness", "leg answer"];
        let with = |states: [&str; 3]| -> Vec<String> {
            let of_legs = legs.iter().zip(states).map(|(leg, state)| format!("{leg} {state}"));
            ["take_charge met".to_owned(), "answer running".to_owned()].into_iter().chain(of_legs).collect()
        };
        assert_eq!(states(&t).await, with(["running", "running", "running"]));
        t.clock.advance(days(4));
        mark(&t).await;
        assert_eq!(states(&t).await, with(["missed", "met", "running"]), "silence means competence");
        let link = Door::Account { who: Box::new(referent(&t).await), code: code.clone(), number: leg.number };
        let why = NotOurs { reason: "È della Provincia".to_owned(), ..NotOurs::default() };
        let refused = return_leg(&t.kernel, &link, why).await;
        assert!(matches!(refused, Err(LegError::RefuseLate { .. })), "too late to say so: {refused:?}");
        assert_eq!(states(&t).await, with(["missed", "met", "running"]), "and nothing moved");
    }

    async fn what_a_unit_does_with_a_leg_meets_stops_or_ends_its_terms(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        let of = async |leg: &Leg| {
            read(&t).await;
            let sql = format!("SELECT phase || ' ' || state FROM clocks WHERE leg_id = {} ORDER BY id", leg.id);
            t.texts(&sql).await.join(", ")
        };
        let by = async |leg: &Leg| Door::account(&referent(&t).await, &code, leg.number);

        let refused = send(&t, &code, LegKind::Competence).await;
        let why = NotOurs { reason: "È della Provincia".to_owned(), ..NotOurs::default() };
        return_leg(&t.kernel, &by(&refused).await, why).await.unwrap();
        assert_eq!(of(&refused).await, "receipt met, non_appropriateness met, answer cancelled");
        let recalled = send(&t, &code, LegKind::Competence).await;
        withdraw(&t.kernel, &agent(&t).await, &code, recalled.number, None, "Non serve più").await.unwrap();
        assert_eq!(of(&recalled).await, "receipt cancelled, non_appropriateness cancelled, answer cancelled");

        let leg = send(&t, &code, LegKind::Competence).await;
        accept(&t.kernel, &by(&leg).await, "Ugo Bassi").await.unwrap();
        assert_eq!(of(&leg).await, "receipt met, non_appropriateness running, answer running");
        let question = Question {
            text: "Di quale via?".to_owned(), of: Asked::Office, signed: "Ugo Bassi".to_owned(), key: String::new(),
        };
        ask(&t.kernel, &by(&leg).await, question).await.unwrap();
        assert_eq!(of(&leg).await, "receipt met, non_appropriateness running, answer suspended");
        t.clock.advance(days(7));
        inform(&t.kernel, &agent(&t).await, &code, leg.number, None, "Via Roma").await.unwrap();
        assert_eq!(of(&leg).await, "receipt met, non_appropriateness met, answer running");
        let due = format!("SELECT due_at FROM clocks WHERE leg_id = {} AND phase = 'answer'", leg.id);
        let due = jiff::Timestamp::from_microsecond(t.number(&due).await).unwrap().to_string();
        assert_eq!(due, "2026-03-19T22:59:59.999999Z", "ten days, and the seven for which it waited");
        let works = Works {
            text: "Fatto".to_owned(), signed: "Ugo Bassi".to_owned(), files: Vec::new(), key: String::new(),
            stage: Stage::Done,
        };
        tell_works(&t.kernel, &by(&leg).await, works).await.unwrap();
        assert_eq!(of(&leg).await, "receipt met, non_appropriateness met, answer met", "works that are done answer");
    }

    async fn a_leg_that_waits_is_not_counted_while_its_request_is_closed(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        let leg = send(&t, &code, LegKind::Competence).await;
        let answer = format!("SELECT state || ' ' || COALESCE(due_at, 0) FROM clocks WHERE leg_id = {} AND phase = 'answer'", leg.id);
        t.clock.advance(days(2));
        closes(&t, &code, Outcome::Answered).await;
        read(&t).await;
        assert!(t.texts(&answer).await[0].starts_with("cancelled"));
        t.clock.advance(days(30));
        reopen::reopen(&t.kernel, &agent(&t).await, &code, None).await.unwrap();
        mark(&t).await;
        // Eight days were left on the fourth of March; those of the closing are none of the unit's.
        assert_eq!(t.texts(&answer).await, ["running 1775944799999999"], "the end of the eleventh of April");
    }

    async fn a_closure_moves_terms_that_run_and_each_move_is_told_once(t: TestApp) {
        usual(&t).await;
        let code = arrives(&t).await;
        read(&t).await;
        let mut body = office();
        body["closures"] = json!([{ "from": "2026-03-03", "to": "2026-03-05" }]);
        let body = json!({ "expected": 1, "valid_from": "2026-01-01", "body": body });
        let api = t.api(Role::Admin).await;
        api.send_json(reqwest::Method::PUT, "/api/v1/calendars/uffici", &body).await.expect(200);
        assert_eq!(due(&t, &code, "take_charge").await.unwrap(), "2026-03-06T22:59:59.999999Z");
        t.clock.advance(SignedDuration::from_mins(5));
        mark(&t).await;
        mark(&t).await;
        let moved = told(&t, "clock.moved").await;
        assert_eq!(moved.len(), 1, "days of the calendar stay: {moved:?}");
        let event: serde_json::Value = serde_json::from_str(&moved[0]).unwrap();
        assert_eq!((event["old"].as_i64(), event["why"].as_str()), (Some(1_772_578_799_999_999), Some("calendar")));
        let page = t.sign_in(Role::Agent).await.get(&at(&code, "")).await.expect(200);
        assert!(page.has("Una scadenza è cambiata con il calendario"), "{}", page.body);
    }

    async fn all_clocks_follow_from_the_log(t: TestApp) {
        usual(&t).await;
        let who = agent(&t).await;
        let (first, second, third) = (arrives(&t).await, arrives(&t).await, arrives(&t).await);
        send(&t, &first, LegKind::Competence).await;
        t.clock.advance(days(2));
        wait::wait_for_citizen(&t.kernel, &who, &second, None).await.unwrap();
        mark(&t).await;
        let mut body = office();
        body["closures"] = json!([{ "from": "2026-03-05", "to": "2026-03-06" }]);
        let body = json!({ "expected": 1, "valid_from": "2026-01-01", "body": body });
        let api = t.api(Role::Admin).await;
        api.send_json(reqwest::Method::PUT, "/api/v1/calendars/uffici", &body).await.expect(200);
        t.clock.advance(days(10));
        wait::resume(&t.kernel, &who, &second, None).await.unwrap();
        mark(&t).await;
        closes(&t, &third, Outcome::Answered).await;
        reopen::reopen(&t.kernel, &who, &third, None).await.unwrap();
        merging::merge(&t.kernel, &who, &third, Merge { into: second.clone(), ..Merge::default() }).await.unwrap();
        t.clock.advance(days(30));
        mark(&t).await;
        let (before, events) = (everything(&t).await, t.event_kinds().await.len());
        let forget = t.kernel.db.write(|tx| Box::pin(protocols::rebuild(tx)));
        forget.await.unwrap();
        assert_eq!(t.number("SELECT COUNT(*) FROM clocks").await, 0);
        mark(&t).await;
        assert_eq!(everything(&t).await, before);
        assert_eq!(t.event_kinds().await.len(), events, "nothing is told twice");
    }

    async fn the_receipt_promises_the_day_that_the_term_will_show(t: TestApp) {
        calendar(&t).await;
        save(&t, "usual", protocol(0, &[phase("ticket", "answer", 40, "calendar_days")])).await;
        let code = arrives(&t).await;
        let promised = t.number(&format!("SELECT expected_at FROM tickets WHERE code = '{code}'")).await;
        let due = due(&t, &code, "answer").await.unwrap();
        let due = sportello::kernel::time::Instant::parse(&due).unwrap();
        assert_eq!(promised, due.0, "before the reader saw it");
    }
}

async fn referent(t: &TestApp) -> Principal {
    let id = t.user(Role::Referent).await;
    Principal {
        actor: Actor::User(id),
        role: Role::Referent,
        user_id: Some(id),
        name: "Referent Prova".to_owned(),
        language: "it".to_owned(),
        units: [3].into(),
    }
}
