//! Who else is on a ticket, and the hard lock of those who write.
use std::time::Duration;

use super::{at, contact};
use crate::support::*;

async fn colleagues(t: &TestApp) -> (Browser, Browser) {
    t.add_user("marco@example.it", Role::Agent, &["contact-centre"]).await;
    t.add_user("giulia@example.it", Role::Agent, &["contact-centre"]).await;
    (t.sign_in_as("marco@example.it").await, t.sign_in_as("giulia@example.it").await)
}

async fn beat(who: &Browser, code: &str, doing: &str) {
    who.post_form(&at(code, "/presenze"), &[("page", "p1"), ("doing", doing)]).await.expect(204);
}

async fn presences(who: &Browser, code: &str) -> Answer {
    who.get(&at(code, "/presenze")).await.expect(200)
}

async fn draft(who: &Browser, code: &str, text: &str) {
    who.post_form(&at(code, "/bozza"), &[("kind", "reply"), ("body", text)]).await.expect(204);
}

async fn answer(who: &Browser, code: &str, then: &str) -> Answer {
    let fields = [("kind", "reply"), ("way", "email"), ("then", then), ("text", "All'isola ecologica.")];
    who.post_form(&at(code, "/risposta"), &fields).await
}

on_each_engine! {
    async fn colleagues_see_who_looks_and_who_writes_until_they_leave_or_fall_silent(t: TestApp) {
        t.start_background();
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let (marco, giulia) = colleagues(&t).await;
        let mut live = giulia.live().await;
        let page = giulia.get(&at(&code, "")).await.expect(200);
        assert!(page.has(&format!("aria-live=\"polite\" data-presence-url=\"{}\"", at(&code, "/presenze"))), "{}", page.body);

        beat(&giulia, &code, "looking").await;
        beat(&marco, &code, "looking").await;
        let told = |(name, _): &(String, String)| name == "presence";
        while !told(&live.next().await) {}
        let seen = presences(&giulia, &code).await;
        assert!(seen.has("Marco Prova sta guardando") && !seen.has("Giulia Prova"), "{}", seen.body);
        beat(&marco, &code, "writing").await;
        assert!(presences(&giulia, &code).await.has("Marco Prova sta scrivendo una risposta"));
        beat(&marco, &code, "gone").await;
        assert!(!presences(&giulia, &code).await.has("Marco"));

        // A browser that died says nothing more: it is forgotten, and the others are told.
        beat(&marco, &code, "looking").await;
        t.clock.advance(SignedDuration::from_secs(46));
        assert!(!presences(&giulia, &code).await.has("Marco"));
        assert_eq!(t.number("SELECT COUNT(*) FROM events WHERE ticket_id IS NOT NULL AND kind <> 'ticket.opened'").await, 0, "nothing is stored");
    }

    async fn a_beat_needs_a_page_a_ticket_and_somebody_who_works_there(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let path = at(&code, "/presenze");
        let long = "x".repeat(41);
        agent.post_form(&path, &[("page", &long), ("doing", "looking")]).await.expect(422);
        agent.post_form("/scrivania/pratiche/000000000/presenze", &[("page", "p"), ("doing", "looking")]).await.expect(404);
        let referent = t.sign_in(Role::Referent).await;
        referent.post_form(&path, &[("page", "p"), ("doing", "looking")]).await.expect(403);
        referent.get(&path).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_of_one_node_sees_the_colleague_on_the_other() {
    let t = TestApp::start(Engine::Postgres).await;
    let other = t.second_node().await;
    t.start_background();
    other.start_background();
    let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
    let (marco, _) = colleagues(&t).await;
    let giulia = other.sign_in_as("giulia@example.it").await;
    let mut live = giulia.live().await;
    // Listening starts in the background.
    tokio::time::sleep(Duration::from_millis(300)).await;
    beat(&marco, &code, "writing").await;
    while live.next().await.0 != "presence" {}
    assert!(presences(&giulia, &code).await.has("Marco Prova sta scrivendo una risposta"));
    beat(&marco, &code, "gone").await;
    while live.next().await.0 != "presence" {}
    assert!(!presences(&giulia, &code).await.has("Marco"));
    t.stop().await;
}

/// A Sportello of each engine where who writes holds the ticket.
async fn locking(engine: Engine) -> TestApp {
    TestApp::configured(engine, |config| config.desk.hard_lock = true).await
}

async fn who_writes_holds_the_ticket(engine: Engine) {
    let t = locking(engine).await;
    let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
    let (marco, giulia) = colleagues(&t).await;
    draft(&marco, &code, "Gentile Maria").await;
    t.clock.advance(SignedDuration::from_mins(2));
    draft(&giulia, &code, "Buongiorno").await;
    draft(&marco, &code, "Gentile Maria, il divano").await;

    let refused = answer(&giulia, &code, "stay").await.expect(409);
    assert!(refused.has("Marco Prova sta scrivendo una risposta dalle 09:00"), "{}", refused.body);
    assert!(refused.has("All&#39;isola ecologica.</textarea>"), "the text is kept: {}", refused.body);
    giulia.post_form(&at(&code, "/chiudi"), &[("outcome", "answered")]).await.expect(409);
    let program = t.api(Role::Agent).await;
    let problem = program.post_json(&format!("/api/v1/tickets/{code}/close"), &json!({"outcome": "answered"})).await;
    let problem = problem.expect(409).json();
    assert_eq!(problem["code"], "held_by_another");
    assert_eq!((&problem["held_by"], &problem["since"]), (&json!("Marco Prova"), &json!("2026-03-02T08:00:00Z")));
    let part = presences(&giulia, &code).await;
    assert!(part.has("Marco Prova sta scrivendo una risposta dalle 09:00") && !part.has("/libera"), "{}", part.body);
    // A note stops nobody, and is stopped by nobody.
    giulia.post_form(&at(&code, "/risposta"), &[("kind", "note"), ("note", "la conosco")]).await.expect(303);

    answer(&marco, &code, "stay").await.expect(303);
    answer(&giulia, &code, "close").await.expect(303);
    t.stop().await;
}

async fn the_hold_ends_by_silence_or_when_it_is_freed(engine: Engine) {
    let t = locking(engine).await;
    let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
    let (marco, giulia) = colleagues(&t).await;
    draft(&marco, &code, "Gentile Maria").await;
    t.clock.advance(SignedDuration::from_mins(11));
    answer(&giulia, &code, "stay").await.expect(303);

    draft(&marco, &code, "Gentile Maria, di nuovo").await;
    answer(&giulia, &code, "stay").await.expect(409);
    giulia.post_form(&at(&code, "/libera"), &[]).await.expect(403);
    let supervisor = t.sign_in(Role::Supervisor).await;
    assert!(presences(&supervisor, &code).await.has(&at(&code, "/libera")));
    supervisor.post_form(&at(&code, "/libera"), &[]).await.expect(303);
    assert!(giulia.get(&at(&code, "")).await.has("Supervisor Prova ha liberato la pratica"));
    // Further words of the same spell do not hold it again; a new beginning does.
    draft(&marco, &code, "Gentile Maria, ancora").await;
    answer(&giulia, &code, "stay").await.expect(303);
    t.clock.advance(SignedDuration::from_mins(11));
    draft(&marco, &code, "Gentile Maria, da capo").await;
    answer(&giulia, &code, "stay").await.expect(409);
    marco.post_form(&at(&code, "/libera"), &[]).await.expect(303);
    answer(&giulia, &code, "stay").await.expect(303);
    draft(&giulia, &code, "una").await;
    draft(&giulia, &code, "").await;
    answer(&marco, &code, "stay").await.expect(303);
    t.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_holds_the_ticket_on_sqlite() {
    who_writes_holds_the_ticket(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_holds_the_ticket_on_postgres() {
    who_writes_holds_the_ticket(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hold_ends_by_silence_or_when_it_is_freed_on_sqlite() {
    the_hold_ends_by_silence_or_when_it_is_freed(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hold_ends_by_silence_or_when_it_is_freed_on_postgres() {
    the_hold_ends_by_silence_or_when_it_is_freed(Engine::Postgres).await;
}
