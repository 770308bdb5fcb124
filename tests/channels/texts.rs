//! Text messages through a real Kannel.
use peers::Kannel;
use serde_json::json;

use super::{last_code, open, secret, wait_for};
use crate::support::*;

const CITIZEN: &str = "+393331234567";
const KEY: &str = "parola-del-gancio";

async fn start(t: &TestApp) -> (Kannel, Browser) {
    let hook = format!("{}/hooks/sms", t.url);
    let service = format!("post-url = \"{hook}/in?key={KEY}&from=%p&to=%P&id=%I&at=%T&charset=%C&coding=%c&udh=%u\"");
    let kannel = tokio::task::spawn_blocking(move || Kannel::start(&service)).await.unwrap();
    secret(t, "kannel", kannel.password());
    secret(t, "hook", KEY);
    let settings = json!({
        "url": kannel.sendsms(), "user": kannel.user(), "password": "file:kannel", "hook_password": "file:hook",
        "sender": "ComuneXY",
    });
    let admin = open(t, "sms", "sms_kannel", settings).await;
    (kannel, admin)
}

on_each_engine! {
    async fn a_citizen_texts_is_told_the_code_and_answered(t: TestApp) {
        let (mut kannel, admin) = start(&t).await;
        kannel.receive(CITIZEN, "800123", "text", "Segnalo una buca in via Roma");
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        assert_eq!(t.texts("SELECT channel FROM tickets").await, ["sms"]);
        assert_eq!(t.texts("SELECT value FROM identifiers").await, [CITIZEN]);
        let code = last_code(&t).await;
        kannel.connect_network();
        let grouped = sportello::kernel::codes::grouped(&code);
        let told = kannel.wait_until_delivered(&grouped);
        assert!(told.contains(CITIZEN), "{told}");
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'delivered'", 1).await;

        let answer = json!({"text": "Interveniamo domani.", "way": "account", "account": "sms", "to": "333 1234567",
            "then": "wait_for_citizen"});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        kannel.wait_until_delivered("Interveniamo");
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'delivered' AND purpose = 'reply'", 1).await;
        assert_eq!(t.texts("SELECT channel FROM contacts WHERE direction = 'out'").await, ["sms"]);

        // The page offers the way the citizen came, with the number filled in.
        let page = t.sign_in(Role::Agent).await.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("value=\"account:sms\" checked") && page.has(&format!("value=\"{CITIZEN}\"")), "{}", page.body);
    }

    async fn a_long_text_in_parts_of_any_order_is_one_contact(t: TestApp) {
        let (_kannel, _admin) = start(&t).await;
        let provider = t.browser();
        let part = |number: u8, text: &str| {
            format!("/hooks/sms/in?key={KEY}&from=%2B393331234567&to=800123&id=p{number}&at=2026-03-02+08:00:00&charset=UTF-8\
                &coding=0&udh=%05%00%03%2A%03%0{number}&text={text}")
        };
        provider.get(&part(3, "lampione.")).await.expect(200);
        provider.get(&part(1, "Buongiorno,+da+ieri+")).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'held'", 2).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 0);
        provider.get(&part(2, "non+va+il+")).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 1).await;
        let text = t.texts("SELECT body FROM contacts WHERE direction = 'in'").await;
        assert_eq!(text, ["Buongiorno, da ieri non va il lampione."]);
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE state = 'done'").await, 3);

        // Of another only the beginning comes: after a while what is there is taken in.
        let lost = part(1, "Solo+l'inizio").replace("%2A", "%2B").replace("p1", "q1");
        provider.get(&lost).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'held'", 1).await;
        t.clock.advance(SignedDuration::from_hours(3));
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 2).await;
        assert!(t.texts("SELECT notices FROM contacts WHERE notices <> ''").await[0].contains("parts_missing"));
    }

    async fn who_writes_stop_gets_nothing_more_until_they_write_start(t: TestApp) {
        let (_kannel, admin) = start(&t).await;
        let provider = t.browser();
        let text = |id: &str, text: &str| format!("/hooks/sms/in?key={KEY}&from=%2B393331234567&to=800123&id={id}\
            &at=2026-03-02+08:00:00&charset=UTF-8&coding=0&udh=&text={text}");
        provider.get(&text("1", "Quando+aprite%3F")).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        provider.get(&text("2", "STOP")).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM consents WHERE state = 'withdrawn'", 1).await;
        let path = format!("/api/v1/tickets/{}/replies", last_code(&t).await);
        let answer = json!({"text": "Alle 9.", "way": "account", "account": "sms", "to": CITIZEN});
        let refused = admin.post_json(&path, &answer).await.expect(422).json();
        assert_eq!(refused["errors"][0]["code"], "refused", "{refused}");
        provider.get(&text("3", "START")).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM consents WHERE state = 'given'", 1).await;
        admin.post_json(&path, &answer).await.expect(200);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1, "words that steer open no ticket");
    }

    async fn a_forged_call_is_refused_and_counted(t: TestApp) {
        let (_kannel, _admin) = start(&t).await;
        let stranger = t.browser();
        stranger.get("/hooks/sms/in?key=indovino&from=%2B393331234567&text=ciao").await.expect(403);
        stranger.get("/hooks/sms/dlr?id=m1&seal=x&status=1").await.expect(403);
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items").await, 0);
        let metrics = stranger.get("/metrics").await.expect(200);
        assert!(metrics.has("hook_requests_total{account=\"sms\",result=\"forbidden\"} 2"), "{}", metrics.body);
        let huge = "x".repeat(3 << 20);
        let sent = stranger.request(reqwest::Method::POST, &format!("/hooks/sms/in?key={KEY}")).body(huge);
        assert_eq!(stranger.send(sent).await.status, 413);
    }
}
