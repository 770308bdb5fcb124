//! Pauses in recordings: told to who records, written down with who and when.
use std::sync::{Arc, Mutex};

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::centre::*;
use super::provider::{address, form};
use crate::support::*;

/// A provider that records one talk, and remembers what it was told.
#[derive(Clone, Default)]
struct Recorder {
    told: Arc<Mutex<Vec<String>>>,
    /// `paused`, `in-progress`; empty when nothing is recorded.
    state: Arc<Mutex<String>>,
    /// Requests that are answered with 500 before the next one is done.
    broken: Arc<Mutex<u32>>,
}

impl Recorder {
    async fn listen(&self) -> String {
        let recorder = self.clone();
        crate::support::play_provider(move |asked| recorder.answer(asked)).await
    }

    /// As documented: what is paused cannot be paused, and a call without a recording has none.
    fn answer(&self, asked: &Asked) -> (u16, Value) {
        if asked.basic != BASE64.encode(format!("AC1:{SECRET}").as_bytes()) {
            return (401, json!({ "code": 20003, "message": "Authenticate" }));
        }
        let mut broken = self.broken.lock().unwrap();
        if *broken > 0 {
            *broken -= 1;
            return (500, Value::Null);
        }
        let mut state = self.state.lock().unwrap();
        if asked.line.starts_with("GET /2010-04-01/Accounts/AC1/Calls/CA1/Recordings.json ") {
            return (200, json!({ "recordings": [{ "status": "completed" }, { "status": *state }] }));
        }
        let current = "POST /2010-04-01/Accounts/AC1/Calls/CA1/Recordings/Twilio.CURRENT.json ";
        if !asked.line.starts_with(current) || state.is_empty() {
            return (404, json!({ "code": 20404, "message": "not found" }));
        }
        let wished = if asked.body.contains("Status=paused") { "paused" } else { "in-progress" };
        if *state == wished {
            return (400, json!({ "code": 21220, "message": "Invalid call state" }));
        }
        wished.clone_into(&mut state);
        self.told.lock().unwrap().push(asked.body.clone());
        (200, json!({ "status": wished }))
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

/// Anna talks with a citizen through the provider; the call's row id.
async fn talk_with_anna(t: &TestApp, recorder: &Recorder, more: Value) -> (i64, Answer) {
    let mut settings = json!({ "account_sid": "AC1", "url": recorder.listen().await, "records": "true" });
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    account(t, "twilio", "phone_twilio", settings, "auth_token").await;
    agent(t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
    t.services.telephony.refresh().await.unwrap();
    let ringing = [("CallStatus", "in-progress")];
    let dial = form(t, "/hooks/twilio/queue?queue=urp", "CA1", &ringing).await.expect(200);
    let leg = [("ParentCallSid", "CA1"), ("CallStatus", "in-progress")];
    form(t, &address(&dial, "statusCallback"), "CA2", &leg).await.expect(200);
    assert_eq!(t.texts("SELECT stage || agent FROM calls").await, ["talking7"]);
    (t.number("SELECT id FROM calls").await, dial)
}

with_phone_on_each_engine! {
    async fn an_agent_pauses_the_recording_while_a_card_is_read_out(t: TestApp) {
        let recorder = Recorder::default();
        let (id, dial) = talk_with_anna(&t, &recorder, json!({})).await;
        *recorder.state.lock().unwrap() = "in-progress".into();
        let anna = t.sign_in_as("anna@example.it").await;
        let notice = anna.get("/scrivania/telefono/chiamata").await.expect(200);
        assert!(notice.has("In linea con") && notice.has("Metti in pausa la registrazione"), "{}", notice.body);
        let known = notice.between("name=\"known\" value=\"", "\"").unwrap().to_owned();
        let set = format!("/scrivania/telefono/chiamate/{id}/registrazione");
        // Nobody does it for a colleague.
        t.sign_in(Role::Agent).await.post_form(&set, &[("wish", "pause")]).await.expect(403);
        anna.post_form(&set, &[("wish", "stop")]).await.expect(422);
        assert!(recorder.told().is_empty());

        t.clock.advance(SignedDuration::from_secs(72));
        for _ in 0..2 {
            let done = anna.post_form(&set, &[("wish", "pause"), ("back", "/scrivania/telefono/chiamata")]).await.expect(303);
            assert_eq!(done.header("location"), "/scrivania/telefono/chiamata");
        }
        assert_eq!(recorder.told(), ["Status=paused&PauseBehavior=silence"], "told once");
        let notice = anna.get(&format!("/scrivania/telefono/chiamata?known={known}")).await.expect(200);
        assert!(notice.has("Registrazione in pausa") && notice.has("Riprendi la registrazione"), "{}", notice.body);
        assert!(anna.get("/scrivania/telefono").await.expect(200).has("Riprendi la registrazione"));
        let calls = t.api(Role::Supervisor).await.get("/api/v1/calls?live=true").await.expect(200).json();
        assert_eq!(calls["calls"][0]["recording"], "paused", "{calls}");

        t.clock.advance(SignedDuration::from_secs(53));
        anna.post_form(&set, &[("wish", "resume")]).await.expect(303);
        assert_eq!(recorder.told().last().unwrap(), "Status=in%2Dprogress");
        assert_eq!(t.number("SELECT COUNT(*) FROM calls WHERE paused_at IS NULL").await, 1);

        // The contact says when and by whom, with or without the sound.
        t.clock.advance(SignedDuration::from_secs(20));
        let over = [("CallStatus", "in-progress"), ("DialCallStatus", "completed"), ("DialCallDuration", "145")];
        form(&t, &address(&dial, "action"), "CA1", &over).await.expect(200);
        form(&t, "/hooks/twilio/status", "CA1", &[("CallStatus", "completed")]).await.expect(200);
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome || talk_seconds FROM calls").await, ["answered145"]);
        let contact = t.number("SELECT contact_id FROM calls").await;
        let part = anna.get(&format!("/scrivania/telefono/contatti/{contact}")).await.expect(200);
        assert!(part.has("Registrazione in pausa da 1:12 a 2:05 della conversazione (Anna Prova,"), "{}", part.body);
        assert_eq!(t.texts("SELECT kind || actor FROM events WHERE kind LIKE 'recording.%' ORDER BY id").await.len(), 2);
        // What is over is not recorded.
        anna.post_form(&set, &[("wish", "pause")]).await.expect(409);
    }

    async fn a_pause_that_the_provider_does_not_make_is_none(t: TestApp) {
        let recorder = Recorder::default();
        let (id, _) = talk_with_anna(&t, &recorder, json!({ "pauses": "skip" })).await;
        let path = format!("/api/v1/calls/{id}/recording");
        let (boss, pause) = (t.api(Role::Supervisor).await, json!({ "paused": true }));
        let put = async |to: Value| boss.send_json(reqwest::Method::PUT, &path, &to).await;
        // Nothing is recorded; the provider is broken; then for a moment only.
        assert_eq!(put(pause.clone()).await.expect(409).json()["code"], "not_recorded");
        *recorder.state.lock().unwrap() = "in-progress".into();
        *recorder.broken.lock().unwrap() = 3;
        assert_eq!(put(pause.clone()).await.expect(503).json()["code"], "recorder_refuses");
        assert_eq!(t.number("SELECT COUNT(*) FROM call_pauses").await, 0);
        *recorder.broken.lock().unwrap() = 1;
        let paused = put(pause.clone()).await.expect(200).json();
        assert_eq!((&paused["recording"], &paused["pauses"][0]["told"]), (&json!("paused"), &json!(true)), "{paused}");
        assert_eq!(recorder.told(), ["Status=paused&PauseBehavior=skip"]);
        // Somebody resumed it at the provider: what is wished is so already.
        *recorder.state.lock().unwrap() = "in-progress".into();
        let resumed = put(json!({ "paused": false })).await.expect(200).json();
        assert_eq!(resumed["recording"], "on", "{resumed}");
        assert!(resumed["pauses"][0]["resumed_at"].is_string());
        assert_eq!(recorder.told().len(), 1);
        t.api(Role::Integration).await.send_json(reqwest::Method::PUT, &path, &pause).await.expect(403);
        boss.send_json(reqwest::Method::PUT, "/api/v1/calls/999/recording", &pause).await.expect(404);
    }

    async fn where_the_exchange_records_a_pause_is_made_by_hand_and_written_down(t: TestApp) {
        edge(&t, json!({ "records": "true" })).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        post(&t, "route", &event(&t, "c1", "", 0, json!({}))).await.expect(200);
        post(&t, "event", &event(&t, "c1", "answered", 0, json!({ "agent": "7" }))).await.expect(200);
        let id = t.number("SELECT id FROM calls").await;
        let anna = t.sign_in_as("anna@example.it").await;
        let page = anna.get("/scrivania/telefono").await.expect(200);
        assert!(page.has("fermala anche dal telefono"), "{}", page.body);
        t.clock.advance(SignedDuration::from_secs(5));
        anna.post_form(&format!("/scrivania/telefono/chiamate/{id}/registrazione"), &[("wish", "pause")]).await.expect(303);
        // The talk ends meanwhile.
        post(&t, "event", &event(&t, "c1", "ended", 30, json!({}))).await.expect(200);
        settle(&t).await;
        let contact = t.number("SELECT contact_id FROM calls").await;
        let part = anna.get(&format!("/scrivania/telefono/contatti/{contact}")).await.expect(200);
        assert!(part.has("fermata a mano dal telefono, da 0:05 a fine della conversazione (Anna Prova"), "{}", part.body);
    }

    async fn talks_that_nobody_records_have_nothing_to_pause(t: TestApp) {
        edge(&t, json!({})).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        post(&t, "event", &event(&t, "c1", "answered", 0, json!({ "agent": "7" }))).await.expect(200);
        let id = t.number("SELECT id FROM calls").await;
        let anna = t.sign_in_as("anna@example.it").await;
        let page = anna.get("/scrivania/telefono").await.expect(200);
        assert!(page.has("In conversazione") && !page.has("/registrazione\""), "{}", page.body);
        anna.post_form(&format!("/scrivania/telefono/chiamate/{id}/registrazione"), &[("wish", "pause")]).await.expect(409);
    }
}
