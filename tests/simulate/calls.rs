//! Calls by each kind of line.
use serde_json::json;

use super::outside::*;
use crate::support::*;

async fn agents(t: &TestApp) {
    let boss = t.api(Role::Supervisor).await;
    for (login, extension) in [("anna@example.it", "7"), ("bruno@example.it", "8")] {
        t.add_user(login, Role::Agent, &["contact-centre"]).await;
        let ready = json!({ "state": "ready", "extension": extension, "address": format!("sip:{extension}@cc.test") });
        let path = format!("/api/v1/phone/agents/{login}");
        boss.send_json(reqwest::Method::PUT, &path, &ready).await.expect(200);
    }
    t.services.telephony.refresh().await.unwrap();
}

async fn all_are_contacts(t: &TestApp, calls: i64) {
    wait_for(t, "SELECT COUNT(*) FROM calls WHERE stage = 'ended'", calls).await;
    assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, calls);
    wait_for(t, "SELECT COUNT(*) FROM contacts WHERE channel IN ('phone', 'voicemail')", calls).await;
    let outcomes = t.texts("SELECT DISTINCT outcome FROM calls ORDER BY outcome").await;
    assert!(outcomes.contains(&"answered".to_owned()) && outcomes.len() > 1, "{outcomes:?}");
    assert_eq!(t.number("SELECT COUNT(*) FROM calls WHERE caller NOT LIKE '+39399%'").await, 0);
}

outside_on_each_engine! {
    async fn calls_through_an_edge_are_decided_answered_missed_and_recorded(t: TestApp) {
        account(&t, "telefono", "phone_sip", json!({ "secret": "file:simulator", "voicemail": "sip:vm@192.0.2.2" })).await;
        agents(&t).await;
        simulate(&["phone", "--url", &t.url, "--account", "telefono", "--secret", &secret(&t), "--count", "20",
            "--rate", "8/s", "--speed", "100", "--answered", "0.6", "--seed", "3"], 20).await;
        all_are_contacts(&t, 20).await;
        let left = t.number("SELECT COUNT(*) FROM call_events WHERE kind = 'recorded'").await;
        assert!(left > 0, "nobody left a message");
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'").await, left);
        assert_eq!(t.number("SELECT COUNT(*) FROM attachments WHERE media_type = 'audio/wav'").await, left);
    }

    async fn calls_told_by_an_exchange_are_calls(t: TestApp) {
        account(&t, "centralino", "phone_cti", json!({ "secret": "file:simulator" })).await;
        simulate(&["phone", "--as", "cti", "--url", &t.url, "--account", "centralino", "--secret", &secret(&t),
            "--count", "12", "--rate", "max", "--speed", "200", "--answered", "0.6"], 12).await;
        all_are_contacts(&t, 12).await;
        assert!(t.number("SELECT COUNT(*) FROM calls WHERE agent IN ('Giada', 'Nicolò', 'Samira')").await > 0);
    }

    async fn calls_through_a_provider_follow_its_answers(t: TestApp) {
        let listen = format!("127.0.0.1:{}", free_port());
        let settings = json!({ "account_sid": "AC1", "auth_token": "file:simulator", "url": format!("http://{listen}"), "records": "true" });
        account(&t, "voce", "phone_twilio", settings).await;
        agents(&t).await;
        simulate(&["phone", "--as", "twilio", "--url", &t.url, "--account", "voce", "--secret", &secret(&t),
            "--count", "12", "--rate", "5/s", "--speed", "100", "--answered", "0.4", "--patient", "1", "--listen", &listen], 12).await;
        all_are_contacts(&t, 12).await;
        let left = t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'").await;
        assert!(left > 0, "nobody left a message");
        assert_eq!(t.number("SELECT COUNT(*) FROM attachments WHERE media_type = 'audio/wav'").await, left);
        let talks = t.number("SELECT COUNT(*) FROM calls WHERE outcome = 'answered'").await;
        wait_for(&t, "SELECT COUNT(*) FROM call_recordings WHERE blob IS NOT NULL", talks).await;
    }
}
