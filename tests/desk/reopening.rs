//! What a message does to a ticket that is closed: by its writer, its words, its age and the kind of request.
use super::{answers, at, contact};
use crate::support::*;

async fn closed(t: &TestApp, agent: &Browser, kind: &str) -> String {
    let code = contact(t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
    agent.post_form(&at(&code, "/classifica"), &[("kind", kind)]).await.expect(303);
    agent.post_form(&at(&code, "/chiudi"), &[("outcome", "answered")]).await.expect(303);
    code
}

async fn writes(t: &TestApp, id: &str, code: &str, text: &str) -> String {
    answers(t, id, code, text, None).await
}

async fn state(t: &TestApp, code: &str) -> String {
    t.texts(&format!("SELECT state FROM tickets WHERE code = '{code}'")).await.remove(0)
}

async fn days(t: &TestApp, days: i64) {
    t.clock.advance(SignedDuration::from_hours(24 * days));
}

on_each_engine! {
    async fn thanks_wake_nobody_and_a_question_reopens(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let code = closed(&t, &agent, "information").await;
        assert_eq!(writes(&t, "2", &code, "Grazie, siete stati gentilissimi").await, code);
        answers(&t, "4", &code, "Sono in ferie fino al 20.", Some("auto-replied")).await;
        assert_eq!(state(&t, &code).await, "closed");
        assert_eq!(writes(&t, "3", &code, "E il materasso?").await, code);
        assert_eq!(state(&t, &code).await, "open");
    }

    async fn after_the_time_a_message_opens_one_linked_ticket_and_the_next_goes_there(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let old = closed(&t, &agent, "information").await;
        days(&t, 31).await;
        let new = writes(&t, "2", &old, "E il materasso?").await;
        assert_ne!(new, old);
        assert_eq!((state(&t, &old).await, state(&t, &new).await), ("closed".to_owned(), "new".to_owned()));
        assert_eq!(writes(&t, "3", &old, "Nessuno mi risponde?").await, new, "the conversation goes on in one place");
        assert_eq!(writes(&t, "4", &old, "Grazie").await, old, "thanks for the old one open nothing");
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 2);
        let agent = t.sign_in(Role::Agent).await;
        let page = agent.get(&at(&new, "")).await.expect(200);
        assert!(page.has("Continua una pratica chiusa") && page.has(&at(&old, "")), "{}", page.body);
        let page = agent.get(&at(&old, "")).await.expect(200);
        assert!(page.has("Continua in questa pratica") && page.has(&at(&new, "")), "{}", page.body);
    }
}

async fn each_kind_has_its_time(engine: Engine) {
    let t = TestApp::configured(engine, |config| {
        config.desk.reopen_days_of.complaint = Some(90);
        config.desk.reopen_days_of.information = Some(0);
    });
    let t = t.await;
    let agent = t.sign_in(Role::Agent).await;
    let complaint = closed(&t, &agent, "complaint").await;
    days(&t, 60).await;
    assert_eq!(writes(&t, "2", &complaint, "Succede ancora, perché?").await, complaint);
    let agent = t.sign_in(Role::Agent).await;
    agent.post_form(&at(&complaint, "/classifica"), &[("kind", "information")]).await.expect(303);
    agent.post_form(&at(&complaint, "/chiudi"), &[("outcome", "answered")]).await.expect(303);
    assert_ne!(writes(&t, "3", &complaint, "E adesso?").await, complaint, "with 0 days nothing reopens");
    t.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_has_its_time_on_sqlite() {
    each_kind_has_its_time(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_has_its_time_on_postgres() {
    each_kind_has_its_time(Engine::Postgres).await;
}
