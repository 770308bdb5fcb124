//! Calls told by hand: what they become, in whatever order they are told.
use serde_json::{Value, json};

use super::centre::*;
use crate::support::*;

/// All that is known of calls, without when it was heard.
async fn rows(t: &TestApp) -> Vec<String> {
    t.texts(
        "SELECT caller || '|' || caller_name || '|' || called || '|' || queue || '|' || agent || '|' || stage || '|' || outcome
            || '|' || started_at || '|' || COALESCE(answered_at, 0) || '|' || COALESCE(ended_at, 0)
            || '|' || COALESCE(wait_seconds, -1) || '|' || COALESCE(talk_seconds, -1) || '|' || recordings
         FROM calls ORDER BY id").await
}

with_phone_on_each_engine! {
    async fn an_answered_call_is_a_contact_on_a_new_ticket_of_its_agent(t: TestApp) {
        edge(&t, json!({})).await;
        let anna = agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        talk(&t, "c1", "7").await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 0, "events may still be on their way");
        settle(&t).await;
        assert_eq!(t.number("SELECT assignee_id FROM tickets WHERE channel = 'phone'").await, anna);
        let body = t.texts("SELECT body FROM contacts").await;
        assert_eq!(body, ["Telefonata al 800123. Attesa 0:06, conversazione 1:05. Ha risposto Anna Prova."]);
        assert_eq!(t.texts("SELECT value FROM identifiers").await, ["+393331234567"]);
        assert_eq!(t.texts("SELECT name FROM persons").await, ["Mario"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM callbacks").await, 0);

        // The second call of the same person is theirs too.
        talk(&t, "c2", "7").await;
        settle(&t).await;
        assert_eq!(t.number("SELECT COUNT(DISTINCT person_id) FROM tickets").await, 1);
        let calls = t.api(Role::Integration).await.get_json("/api/v1/calls").await.expect(200).json();
        let first = &calls["calls"][1];
        assert_eq!((&first["outcome"], &first["talk_seconds"]), (&json!("answered"), &json!(65)), "{calls}");
        assert_eq!(first["ticket"], json!(t.texts("SELECT code FROM tickets ORDER BY id").await[0]));
    }

    async fn a_call_goes_to_the_ticket_that_was_written_while_talking(t: TestApp) {
        edge(&t, json!({})).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        let anna = t.sign_in_as("anna@example.it").await;
        post(&t, "route", &event(&t, "c1", "", 0, json!({}))).await.expect(200);
        post(&t, "event", &event(&t, "c1", "answered", 0, json!({ "agent": "7" }))).await.expect(200);
        t.clock.advance(SignedDuration::from_secs(30));
        let written = [("channel", "phone"), ("phone", "333 1234567"), ("name", "Mario Rossi"), ("subject", "Divano"),
            ("text", "Chiede dove portarlo."), ("kind", "information"), ("category", ""), ("once", "f1")];
        anna.post_files("/scrivania/pratiche/nuova", &written, &[]).await.expect(303);
        post(&t, "event", &event(&t, "c1", "ended", 30, json!({}))).await.expect(200);
        settle(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'phone'").await, 2);
        assert_eq!(t.number("SELECT contact_id FROM calls").await, t.number("SELECT MAX(id) FROM contacts").await);
    }

    async fn a_call_that_nobody_answered_is_a_missed_contact_and_a_promise(t: TestApp) {
        edge(&t, json!({})).await;
        for (call, id) in [("c1", 1), ("c2", 2)] {
            post(&t, "route", &event(&t, call, "", 0, json!({}))).await.expect(200);
            post(&t, "event", &event(&t, call, "ended", 40, json!({ "cause": "cancelled", "by": "caller" }))).await.expect(200);
            settle(&t).await;
            assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, id);
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1, "who calls again is one ticket");
        assert_eq!(t.texts("SELECT reason || state || number FROM callbacks").await, ["missedopen+393331234567"]);
        // Answered at last: nobody waits any more.
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        talk(&t, "c3", "7").await;
        settle(&t).await;
        assert_eq!(t.texts("SELECT state FROM callbacks").await, ["called_again"]);
    }

    async fn a_message_of_saturday_night_is_due_on_monday_morning(t: TestApp) {
        t.clock.set("2026-03-07T22:10:00Z".parse::<jiff::Timestamp>().unwrap().into());
        edge(&t, json!({ "voicemail": "sip:vm@cc.test", "closed": "sip:closed@cc.test" })).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        let plan = post(&t, "route", &event(&t, "c1", "", 0, json!({}))).await.expect(200).json();
        let actions: Vec<_> = plan["steps"].as_array().unwrap().iter().map(|s| s["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["voicemail", "closed"], "nobody's telephone rings at night");
        let sound = wav(3);
        let address = signed(&t, "recording", "&call_id=c1&from=%2B393331234567&to=800123", &sound);
        let request = t.browser().request(reqwest::Method::POST, &address).header("content-type", "audio/wav").body(sound);
        t.browser().send(request).await.expect(200);
        post(&t, "event", &event(&t, "c1", "ended", 20, json!({ "reached": "voicemail" }))).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'", 1).await;
        settle(&t).await;
        let due = t.number("SELECT due_at FROM callbacks WHERE reason = 'voicemail'").await;
        assert_eq!(jiff::Timestamp::from_microsecond(due).unwrap().to_string(), "2026-03-09T08:00:00Z");
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
        assert_eq!(t.texts("SELECT media_type FROM attachments").await, ["audio/wav"]);
        let callback = t.number("SELECT ticket_id FROM callbacks").await;
        assert_eq!(callback, t.number("SELECT ticket_id FROM calls").await);
    }

    async fn hours_chosen_on_a_page_hold_for_the_next_call_and_its_promise(t: TestApp) {
        t.clock.set("2026-03-04T09:00:00Z".parse::<jiff::Timestamp>().unwrap().into());
        edge(&t, json!({ "voicemail": "sip:vm@cc.test", "closed": "sip:closed@cc.test" })).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        // Whether a call comes to ring, or to be turned away: asked again, because boards follow a moment later.
        let rings = async |call: &str, wanted: bool| -> bool {
            for n in 0..50 {
                let call = format!("{call}.{n}");
                let plan = post(&t, "route", &event(&t, &call, "", 0, json!({}))).await.expect(200).json();
                let over = json!({ "cause": "cancelled", "by": "caller" });
                post(&t, "event", &event(&t, &call, "ended", 5, over)).await.expect(200);
                if (plan["steps"][0]["action"] == "ring") == wanted {
                    return wanted;
                }
                // Whoever was just rung is not rung again for some seconds.
                t.clock.advance(SignedDuration::from_secs(5));
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            !wanted
        };
        assert!(rings("c1", true).await, "a Wednesday morning of the configured hours");
        let admin = t.sign_in(Role::Admin).await;
        let hours = |expected: &'static str, desk: bool, closures: &'static str| {
            let mut fields = vec![
                ("name", "Numero verde"), ("expected", expected), ("since", "2026-01-01"), ("holidays", "true"),
                ("patron", ""), ("closures", closures), ("mon", "14:00-18:00"), ("wed", "10:30-12:00"), ("thu", "9:00-13:00"),
            ];
            fields.extend(desk.then_some(("desk", "true")));
            fields
        };
        admin.post_form("/scrivania/calendari/nuovo", &hours("0", false, "")).await.expect(303);
        assert!(rings("c2", true).await, "a calendar of terms alone changes nothing for calls");
        let page = "/scrivania/calendari/numero-verde";
        admin.post_form(page, &hours("1", true, "05/03/2026")).await.expect(303);
        assert!(admin.get(page).await.expect(200).has("name=\"desk\" value=\"true\" checked"));
        assert!(admin.get("/scrivania/calendari").await.expect(200).has("Orari degli operatori"));
        assert!(!rings("c3", false).await, "not yet open, without a restart");
        t.clock.set("2026-03-04T11:30:00Z".parse::<jiff::Timestamp>().unwrap().into());
        let from = "+393339876543";
        post(&t, "route", &event(&t, "c4", "", 0, json!({ "from": from }))).await.expect(200);
        let over = json!({ "from": from, "cause": "cancelled", "by": "caller" });
        post(&t, "event", &event(&t, "c4", "ended", 20, over)).await.expect(200);
        settle(&t).await;
        let due = t.number(&format!("SELECT due_at FROM callbacks WHERE number = '{from}'")).await;
        let monday = jiff::Timestamp::from_microsecond(due).unwrap().to_string();
        assert_eq!(monday, "2026-03-09T13:00:00Z", "Thursday is closed, and on Friday nobody answers");
        admin.post_form(page, &hours("2", false, "")).await.expect(303);
        assert!(rings("c5", true).await, "the configured hours again");
    }

    async fn events_in_any_order_and_told_twice_are_the_same_call(t: TestApp) {
        edge(&t, json!({})).await;
        let told = |call: &str| -> Vec<(&'static str, Value)> {
            vec![
                ("route", event(&t, call, "", 0, json!({}))),
                ("event", event(&t, call, "queued", 1, json!({ "queue": "urp" }))),
                ("event", event(&t, call, "ringing", 2, json!({ "agent": "7" }))),
                ("event", event(&t, call, "declined", 22, json!({ "agent": "7", "code": 480 }))),
                ("event", event(&t, call, "answered", 30, json!({ "agent": "8" }))),
                ("event", event(&t, call, "transferred", 40, json!({ "target": "sip:9@cc.test" }))),
                ("event", event(&t, call, "ended", 95, json!({ "by": "callee" }))),
            ]
        };
        for (call, order) in [("c1", [0, 1, 2, 3, 4, 5, 6]), ("c2", [6, 5, 4, 3, 2, 1, 0]), ("c3", [4, 0, 6, 2, 1, 5, 3])] {
            let events = told(call);
            for place in order.into_iter().chain(order) {
                post(&t, events[place].0, &events[place].1).await.expect(200);
            }
        }
        let rows = rows(&t).await;
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| *row == rows[0]), "{rows:#?}");
        assert!(rows[0].contains("|urp|8|ended|answered|"), "{}", rows[0]);
        assert_eq!(t.number("SELECT COUNT(*) FROM call_events").await, 21);
        settle(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 3);
        // Told once more when all is done: no second effect.
        let events = t.number("SELECT COUNT(*) FROM events").await;
        for (path, told) in told("c1") {
            post(&t, path, &told).await.expect(200);
        }
        settle(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM events").await, events);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 3);
    }

    async fn a_call_whose_end_nobody_tells_ends_by_silence_and_gives_way_to_the_truth(t: TestApp) {
        edge(&t, json!({})).await;
        let end = event(&t, "c1", "ended", 20, json!({ "reached": "person" }));
        post(&t, "route", &event(&t, "c1", "", 0, json!({}))).await.expect(200);
        t.clock.advance(SignedDuration::from_hours(5));
        settle(&t).await;
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["missed"]);
        assert_eq!(t.texts("SELECT state FROM callbacks").await, ["open"]);
        post(&t, "event", &end).await.expect(200);
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["answered"]);
        assert_eq!(t.texts("SELECT state FROM callbacks").await, ["dropped"]);
        assert!(t.texts("SELECT body FROM contacts").await[0].starts_with("Telefonata al 800123"));
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 1);
    }

    async fn what_is_forged_late_or_broken_is_refused_and_counted(t: TestApp) {
        edge(&t, json!({})).await;
        let told = event(&t, "c1", "ringing", 0, json!({}));
        let good = signed(&t, "event", "", told.to_string().as_bytes());
        let other = event(&t, "c2", "ringing", 0, json!({}));
        for (address, body) in [
            (good.replace("&v1=", "&v1=A"), &told),
            (good.split("&v1=").next().unwrap().to_owned(), &told),
            (good.replace("/event", "/route"), &told),
            (good.clone(), &other),
        ] {
            t.browser().post_json(&address, body).await.expect(403);
        }
        t.clock.advance(SignedDuration::from_secs(301));
        t.browser().post_json(&good, &told).await.expect(403);
        post(&t, "event", &json!({ "call_id": "c1" })).await.expect(400);
        assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, 0);
        let metrics = t.browser().get("/metrics").await.expect(200);
        let counted = metrics.between("hook_requests_total{account=\"telefono\",result=\"forbidden\"} ", "\n");
        assert!(counted.is_some_and(|n| n.trim().parse::<u32>().unwrap() >= 5), "{}", metrics.body);
    }

    async fn two_calls_of_one_moment_ring_two_agents(t: TestApp) {
        edge(&t, json!({})).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({ "post": "counter" })).await;
        t.clock.advance(SignedDuration::from_secs(1));
        agent(&t, "bruno@example.it", "8", "sip:8@cc.test", json!({ "skills": ["tributi"] })).await;
        t.services.telephony.refresh().await.unwrap();
        let first = |answer: Answer| answer.json()["steps"][0].clone();
        let one = first(post(&t, "route", &event(&t, "c1", "", 0, json!({}))).await.expect(200));
        assert_eq!(one, json!({ "action": "ring", "uri": "sip:8@cc.test", "agent": "8", "seconds": 2 }), "the internal post");
        let two = first(post(&t, "route", &event(&t, "c2", "", 0, json!({}))).await.expect(200));
        assert_eq!(two["agent"], "7");
        let three = first(post(&t, "route", &event(&t, "c3", "", 0, json!({}))).await.expect(200));
        assert_eq!((&three["action"], &three["queue"]), (&json!("queue"), &json!("urp")));
        t.clock.advance(SignedDuration::from_secs(10));
        let taxes = first(post(&t, "route", &event(&t, "c4", "", 0, json!({ "to": "+39800124" }))).await.expect(200));
        assert_eq!(taxes["agent"], "8", "who knows about taxes");
    }
}

/// Some seconds of silence.
pub fn wav(seconds: u32) -> Vec<u8> {
    let data = 16_000 * seconds;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8_000_u32.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(data.to_le_bytes());
    file.resize(file.len() + data as usize, 0);
    file
}
