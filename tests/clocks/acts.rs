//! What people say of a term: suspended for documents, notice before a refusal, observations, extension.
use super::*;

async fn procedure(t: &TestApp, effect: &str) -> String {
    calendar(t).await;
    let mut body = protocol(0, &[phase("ticket", "conclusion", 30, "calendar_days")]);
    body["notice_effect"] = json!(effect);
    save(t, "procedure", body).await;
    let code = arrives(t).await;
    read(t).await;
    code
}

async fn press(t: &TestApp, code: &str, act: &str) -> u16 {
    let desk = t.sign_in(Role::Agent).await;
    let id = term(t, "conclusion").await;
    let fields = [("act", act), ("amount", "15"), ("reason", "Come da fascicolo.")];
    let status = desk.post_form(&at(code, &format!("/termini/{id}")), &fields).await.status;
    read(t).await;
    status
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

on_each_engine! {
    async fn documents_suspend_once_and_for_thirty_days_at_most(t: TestApp) {
        let code = procedure(&t, "suspends").await;
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-01T21:59:59.999999Z");
        t.clock.advance(days(10));
        assert_eq!(press(&t, &code, "documents").await, 303);
        assert_eq!(states(&t).await, ["conclusion suspended"]);
        // Ten days gone; suspended to 11 April at most, then twenty more: 1 May is a holiday.
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-05-02T21:59:59.999999Z");
        let page = t.sign_in(Role::Agent).await.get(&at(&code, "")).await.expect(200);
        assert!(page.has("fine 11 aprile 2026") && page.has("Restano 20 giorni"), "{}", page.body);
        assert_eq!(press(&t, &code, "documents").await, 409);
        t.clock.advance(days(31));
        mark(&t).await;
        assert_eq!(states(&t).await, ["conclusion running"], "it goes on by itself");
        assert_eq!(press(&t, &code, "documents").await, 409, "once only");
        assert_eq!(press(&t, &code, "resume").await, 409);
    }

    async fn documents_that_come_earlier_let_it_go_on_earlier(t: TestApp) {
        let code = procedure(&t, "suspends").await;
        t.clock.advance(days(10));
        press(&t, &code, "documents").await;
        t.clock.advance(days(5));
        assert_eq!(press(&t, &code, "resume").await, 303);
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-07T21:59:59.999999Z", "6 April is Easter Monday");
    }

    async fn the_notice_before_a_refusal_suspends_to_ten_days_after_the_observations(t: TestApp) {
        let code = procedure(&t, "suspends").await;
        t.clock.advance(days(10));
        assert_eq!(press(&t, &code, "observations").await, 409, "of what?");
        assert_eq!(press(&t, &code, "notice").await, 303);
        // Without observations: ten days to 22 March, then the twenty that were left.
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-11T21:59:59.999999Z");
        t.clock.advance(days(6));
        assert_eq!(press(&t, &code, "observations").await, 303);
        // Ten days after 18 March, then twenty.
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-17T21:59:59.999999Z");
        assert_eq!(states(&t).await, ["conclusion suspended"]);
    }

    async fn where_the_notice_interrupts_the_whole_term_begins_again(t: TestApp) {
        let code = procedure(&t, "interrupts").await;
        t.clock.advance(days(10));
        press(&t, &code, "notice").await;
        // Thirty days after 22 March.
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-21T21:59:59.999999Z");
    }

    async fn an_extension_adds_days_and_a_reason_is_asked_for(t: TestApp) {
        let code = procedure(&t, "suspends").await;
        let (desk, id) = (t.sign_in(Role::Agent).await, term(&t, "conclusion").await);
        let here = at(&code, &format!("/termini/{id}"));
        desk.post_form(&here, &[("act", "extend"), ("amount", "15"), ("reason", " ")]).await.expect(422);
        desk.post_form(&here, &[("act", "extend"), ("amount", "no"), ("reason", "Perizia")]).await.expect(422);
        assert_eq!(press(&t, &code, "extend").await, 303);
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-16T21:59:59.999999Z");
        assert_eq!(t.texts("SELECT body FROM contacts WHERE direction = 'note'").await, ["Come da fascicolo."]);
        let api = t.api(Role::Agent).await;
        let act = json!({ "act": { "extend": 1 }, "reason": "Ancora uno" });
        api.post_json(&format!("/api/v1/tickets/{code}/terms/{id}/acts"), &act).await.expect(200);
        assert_eq!(due(&t, &code, "conclusion").await.unwrap(), "2026-04-17T21:59:59.999999Z");
    }
}
