//! Mail that did not leave, on the page of its ticket.
use super::{at, contact};
use crate::support::*;

async fn failed(t: &TestApp, purpose: &str) -> i64 {
    t.execute(&format!(
        "UPDATE outbox SET state = 'failed', last_error = '550 no such mailbox', settled_at = created_at WHERE purpose = '{purpose}'"
    )).await;
    t.number(&format!("SELECT id FROM outbox WHERE purpose = '{purpose}'")).await
}

on_each_engine! {
    async fn a_failed_answer_is_sent_again_or_elsewhere_from_the_ticket(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Divano", "Dove lo porto?").await;
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("kind", "reply"), ("way", "email"), ("text", "All'isola ecologica.")];
        agent.post_form(&at(&code, "/risposta"), &fields).await.expect(303);
        let id = failed(&t, "reply").await;
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("550 no such mailbox") && page.has(&format!("/scrivania/posta-in-uscita/{id}/riprova")), "{}", page.body);
        let sent = agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/riprova"), &[("ticket", &code)]).await.expect(303);
        assert_eq!(sent.location(), at(&code, "?fatto=resent"));
        assert!(agent.get(sent.location()).await.expect(200).has("Il messaggio riparte subito"));
        assert_eq!(t.texts("SELECT state FROM outbox").await, ["pending"]);

        failed(&t, "reply").await;
        let elsewhere = [("ticket", code.as_str()), ("address", "maria.neri@example.org")];
        let sent = agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/rispedisci"), &elsewhere).await.expect(303);
        let page = agent.get(sent.location()).await.expect(200);
        assert!(page.has("a maria.neri@example.org") && !page.has("/riprova"), "{}", page.body);
        // From the page of the outbox, or with a strange code, one comes back to the outbox.
        let id = failed(&t, "reply").await.max(t.number("SELECT MAX(id) FROM outbox").await);
        let back = agent.post_form(&format!("/scrivania/posta-in-uscita/{id}/riprova"), &[("ticket", "//evil.example")]).await.expect(303);
        assert_eq!(back.location(), "/scrivania/posta-in-uscita");
    }

    async fn a_failed_leg_shows_the_words_of_the_server_too(t: TestApp) {
        let code = contact(&t, "1", "maria@example.org", "Carta", "È pronta?").await;
        let agent = t.sign_in(Role::Agent).await;
        let fields = [("unit", "anagrafe"), ("kind", "inquiry"), ("question", "È pronta?")];
        agent.post_form(&at(&code, "/invii"), &fields).await.expect(303);
        let id = failed(&t, "leg").await;
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("550 no such mailbox") && page.has(&format!("/scrivania/posta-in-uscita/{id}/rispedisci")), "{}", page.body);
        agent.post_form(&at(&code, "/invii/1/ritira"), &[("reason", "non serve più")]).await.expect(303);
        let told = failed(&t, "leg_withdrawn").await;
        let page = agent.get(&at(&code, "")).await.expect(200);
        assert!(page.has("Non partito: Invio ritirato") && page.has(&format!("/scrivania/posta-in-uscita/{told}/riprova")), "{}", page.body);
        assert!(!page.has(&format!("/scrivania/posta-in-uscita/{id}/riprova")), "what was withdrawn is not sent again");
    }
}
