//! "This resolves it": the ticket closes by itself unless the citizen objects.
use sportello::tickets::resolve::close_due;

use super::{answers, at, contact};
use crate::support::*;

async fn resolved(t: &TestApp, agent: &Browser) -> String {
    let code = contact(t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
    let fields = [
        ("kind", "reply"),
        ("way", "email"),
        ("then", "resolve"),
        ("outcome", "answered"),
        ("text", "All'isola ecologica."),
    ];
    let sent = agent.post_form(&at(&code, "/risposta"), &fields).await.expect(303);
    assert!(agent.get(sent.location()).await.expect(200).has("la pratica è risolta e si chiuderà da sola"));
    code
}

async fn state(t: &TestApp) -> String {
    t.texts("SELECT state FROM tickets").await.remove(0)
}

async fn closings(t: &TestApp) -> Vec<String> {
    t.texts("SELECT actor FROM events WHERE kind = 'ticket.closed'").await
}

/// The citizen writes in the same conversation.
async fn writes(t: &TestApp, id: &str, text: &str) {
    let code = t.texts("SELECT code FROM tickets").await.remove(0);
    answers(t, id, &code, text, None).await;
}

on_each_engine! {
    async fn a_resolved_ticket_closes_by_itself_once_when_its_time_is_over(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let code = resolved(&t, &agent).await;
        assert_eq!(state(&t).await, "resolved");
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("Si chiude da sola il 9 marzo 2026") && page.has("Chiudi subito") && page.has("Riapri"), "{}", page.body);
        let mail = t.texts("SELECT payload FROM outbox WHERE purpose = 'reply'").await.remove(0);
        assert!(mail.contains("rispondi a questa e-mail entro il 09/03/2026"), "{mail}");
        let public = t.browser().get(&format!("/sportello/pratica/{code}")).await.expect(200);
        assert!(public.has("Risposta inviata") && public.has("il 9 marzo 2026, se non ci scrivi"), "{}", public.body);

        t.clock.advance(SignedDuration::from_hours(7 * 24 - 1));
        assert_eq!(close_due(&t.kernel).await.unwrap(), 0);
        assert!(closings(&t).await.is_empty(), "the closure counts at the closing");
        t.clock.advance(SignedDuration::from_hours(1));
        let (one, two) = tokio::join!(close_due(&t.kernel), close_due(&t.kernel));
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        assert_eq!((state(&t).await, closings(&t).await), ("closed".to_owned(), vec!["system".to_owned()]));
        assert_eq!(t.texts("SELECT outcome FROM tickets").await, ["answered"]);
        assert!(t.sign_in(Role::Agent).await.get(&at(&code, "")).await.has("Chiusa da"));
    }

    async fn a_citizen_who_objects_gets_the_ticket_back_to_work(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        resolved(&t, &agent).await;
        writes(&t, "2", "Grazie mille!").await;
        assert_eq!(state(&t).await, "resolved", "thanks are no objection");
        t.clock.advance(SignedDuration::from_hours(48));
        writes(&t, "3", "Ma l'isola è chiusa, come faccio?").await;
        assert_eq!(state(&t).await, "open");
        t.clock.advance(SignedDuration::from_hours(24 * 30));
        assert_eq!(close_due(&t.kernel).await.unwrap(), 0);
        assert!(closings(&t).await.is_empty());
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE resolved_at IS NULL AND outcome IS NULL").await, 1);
    }

    async fn an_agent_closes_a_resolved_ticket_at_once_or_a_program_resolves_one(t: TestApp) {
        let agent = t.sign_in(Role::Agent).await;
        let code = resolved(&t, &agent).await;
        agent.post_form(&at(&code, "/chiudi"), &[("outcome", "answered")]).await.expect(303);
        assert_eq!(closings(&t).await.len(), 1);
        let second = contact(&t, "2", "333 1234567", "Orari", "Quando aprite?").await;
        let reply = json!({ "text": "Alle 9.", "way": "phone", "then": "resolve" });
        let done = t.api(Role::Agent).await.post_json(&format!("/api/v1/tickets/{second}/replies"), &reply).await.expect(200);
        assert_eq!(done.json()["state"], "resolved");
    }
}
