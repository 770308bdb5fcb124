//! Calls through a provider like Twilio: forms in, markup out.
use channels::twilio::signature;
use serde_json::json;

use super::centre::*;
use crate::support::*;

pub async fn provider(t: &TestApp) {
    let settings = json!({ "account_sid": "AC1", "url": "http://127.0.0.1:9" });
    account(t, "twilio", "phone_twilio", settings, "auth_token").await;
}

/// Sends a signed form about a call to an address of ours, whole or relative.
pub async fn form(t: &TestApp, address: &str, call: &str, more: &[(&str, &str)]) -> Answer {
    let path = address.strip_prefix(&t.url).unwrap_or(address);
    let mut fields = vec![("CallSid", call), ("From", "+393331234567"), ("To", "+39800123"), ("Direction", "inbound")];
    fields.extend(more);
    let body = serde_urlencoded::to_string(&fields).unwrap();
    let signed = signature(&SECRET.into(), &format!("{}{path}", t.url), &body);
    let request = t
        .browser()
        .request(reqwest::Method::POST, path)
        .header("x-twilio-signature", signed)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    t.browser().send(request).await
}

/// The address in an attribute of an answer.
pub fn address(answer: &Answer, attribute: &str) -> String {
    let found = answer.between(&format!("{attribute}=\""), "\"").unwrap_or_else(|| panic!("{}", answer.body));
    found.replace("&amp;", "&")
}

with_phone_on_each_engine! {
    async fn a_caller_chooses_in_the_menu_and_talks_with_who_knows(t: TestApp) {
        provider(&t).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        agent(&t, "bruno@example.it", "8", "client:bruno", json!({ "skills": ["tributi"] })).await;
        t.services.telephony.refresh().await.unwrap();
        let menu = form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(menu.header("content-type").starts_with("text/xml"), "{}", menu.body);
        assert!(menu.has("Benvenuti") && menu.has("ufficio tributi prema 2") && menu.has("language=\"it-IT\""), "{}", menu.body);
        let chosen = address(&menu, "action");
        let wrong = form(&t, &chosen, "CA1", &[("CallStatus", "in-progress"), ("Digits", "9")]).await.expect(200);
        assert!(wrong.has("<Redirect>"), "{}", wrong.body);
        let dial = form(&t, &chosen, "CA1", &[("CallStatus", "in-progress"), ("Digits", "2")]).await.expect(200);
        assert!(dial.has(">bruno</Client>") && dial.has("timeout=\"2\""), "{}", dial.body);
        assert_eq!(t.texts("SELECT stage || agent FROM calls").await, ["ringing8"]);

        t.clock.advance(SignedDuration::from_secs(50));
        let over = [("CallStatus", "in-progress"), ("DialCallStatus", "completed"), ("DialCallDuration", "40")];
        assert!(form(&t, &address(&dial, "action"), "CA1", &over).await.expect(200).has("<Hangup/>"));
        for _ in 0..2 {
            let ended = [("CallStatus", "completed"), ("CallDuration", "55")];
            form(&t, "/hooks/twilio/status", "CA1", &ended).await.expect(200);
        }
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome || agent || talk_seconds FROM calls").await, ["answered840"]);
        assert!(t.texts("SELECT body FROM contacts").await[0].contains("conversazione 0:40. Ha risposto Bruno Prova."));
    }

    async fn a_caller_whom_nobody_answers_waits_and_then_leaves_a_message(t: TestApp) {
        provider(&t).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        let ringing = [("CallStatus", "in-progress")];
        let dial = form(&t, "/hooks/twilio/queue?queue=urp", "CA1", &ringing).await.expect(200);
        assert!(dial.has(">sip:7@cc.test</Sip>"), "{}", dial.body);
        let unanswered = [("CallStatus", "in-progress"), ("DialCallStatus", "no-answer")];
        let mut answer = form(&t, &address(&dial, "action"), "CA1", &unanswered).await.expect(200);
        assert!(answer.has("Resti in linea") && answer.has("<Redirect>"), "{}", answer.body);
        // Anna goes to lunch: nobody is on duty.
        let boss = t.api(Role::Supervisor).await;
        let away = json!({ "state": "pause" });
        boss.send_json(reqwest::Method::PUT, "/api/v1/phone/agents/anna@example.it", &away).await.expect(200);
        t.services.telephony.refresh().await.unwrap();
        answer = form(&t, &address(&answer, "action"), "CA1", &ringing).await.expect(200);
        assert!(answer.has("<Record") && answer.has("nessuno può rispondere"), "{}", answer.body);
        // The sound cannot be fetched: the message says where it is.
        let ready = address(&answer, "recordingStatusCallback");
        let recorded = [("RecordingSid", "RE1"), ("RecordingUrl", "http://127.0.0.1:9/Recordings/RE1"), ("RecordingDuration", "5"),
            ("RecordingStatus", "completed")];
        form(&t, &ready, "CA1", &recorded).await.expect(200);
        let thanks = form(&t, &address(&answer, "action"), "CA1", &ringing).await.expect(200);
        assert!(thanks.has("Grazie") && thanks.has("<Hangup/>"), "{}", thanks.body);
        form(&t, "/hooks/twilio/status", "CA1", &[("CallStatus", "completed")]).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'", 1).await;
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["voicemail"]);
        assert_eq!(t.texts("SELECT reason || number FROM callbacks").await, ["voicemail+393331234567"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM call_events WHERE kind = 'declined'").await, 1);
    }

    async fn at_night_the_answering_machine_says_so_and_forged_forms_are_refused(t: TestApp) {
        t.clock.set("2026-03-07T22:10:00Z".parse::<jiff::Timestamp>().unwrap().into());
        provider(&t).await;
        let answer = form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(answer.has("Gli uffici sono chiusi") && answer.has("<Record"), "{}", answer.body);
        let forged = t.browser().request(reqwest::Method::POST, "/hooks/twilio/voice")
            .header("x-twilio-signature", "AAAA").header("content-type", "application/x-www-form-urlencoded").body("CallSid=CA2");
        t.browser().send(forged).await.expect(403);
        assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, 1);
    }

    async fn a_proven_request_that_says_nothing_waits_for_a_person_also_without_a_body(t: TestApp) {
        provider(&t).await;
        let path = "/hooks/twilio/status?From=%2B393331234567&CallStatus=completed";
        let ask = |signed: String| t.browser().request(reqwest::Method::GET, path).header("x-twilio-signature", signed);
        t.browser().send(ask("forged".to_owned())).await.expect(403);
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items").await, 0);
        let signed = signature(&SECRET.into(), &format!("{}{path}", t.url), "");
        for _ in 0..2 {
            t.browser().send(ask(signed.clone())).await.expect(400);
        }
        assert_eq!(t.texts("SELECT state || ' ' || reason FROM raw_items").await, ["quarantined malformed: no CallSid"]);
        let supervisor = t.sign_in(Role::Supervisor).await;
        let id = t.number("SELECT id FROM raw_items").await;
        let original = supervisor.get(&format!("/scrivania/quarantena/{id}/originale")).await.expect(200);
        assert_eq!(original.body, "GET status?From=%2B393331234567&CallStatus=completed\n");
    }

    async fn without_an_agent_the_other_switchboard_rings_once_and_then_the_machine_answers(t: TestApp) {
        let settings = json!({ "account_sid": "AC1", "url": "http://127.0.0.1:9", "overflow": "sip:centralino@altrove.test" });
        account(&t, "twilio", "phone_twilio", settings, "auth_token").await;
        let menu = form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        let dial = form(&t, &address(&menu, "action"), "CA1", &[("CallStatus", "in-progress"), ("Digits", "1")]).await.expect(200);
        // As long as three telephones may ring.
        assert!(dial.has("centralino@altrove.test") && dial.has("timeout=\"6\""), "{}", dial.body);
        let busy = [("CallStatus", "in-progress"), ("DialCallStatus", "no-answer")];
        let next = form(&t, &address(&dial, "action"), "CA1", &busy).await.expect(200);
        assert!(!next.has("centralino@altrove.test") && next.has("<Record"), "it is not rung again: {}", next.body);

        // Another call is answered there: it is over when they are.
        let menu = form(&t, "/hooks/twilio/voice", "CA2", &[("CallStatus", "ringing")]).await.expect(200);
        let dial = form(&t, &address(&menu, "action"), "CA2", &[("CallStatus", "in-progress"), ("Digits", "1")]).await.expect(200);
        let over = [("CallStatus", "in-progress"), ("DialCallStatus", "completed"), ("DialCallDuration", "30")];
        assert!(form(&t, &address(&dial, "action"), "CA2", &over).await.expect(200).has("<Hangup/>"));
        form(&t, "/hooks/twilio/status", "CA2", &[("CallStatus", "completed"), ("CallDuration", "40")]).await.expect(200);
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome FROM calls WHERE call = 'CA2'").await, ["answered"]);
    }

    async fn forms_in_any_order_and_twice_give_the_same_call(t: TestApp) {
        provider(&t).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        for (n, order) in orders(4).into_iter().enumerate() {
            let (call, leg) = (format!("CA{n}"), format!("CL{n}"));
            for which in order.iter().chain(&order) {
                let parent = ("ParentCallSid", call.as_str());
                match which {
                    0 => form(&t, "/hooks/twilio/status", &call, &[("CallStatus", "in-progress")]).await,
                    1 => form(&t, "/hooks/twilio/status?agent=7", &leg, &[parent, ("CallStatus", "ringing")]).await,
                    2 => form(&t, "/hooks/twilio/status?agent=7", &leg, &[parent, ("CallStatus", "in-progress")]).await,
                    _ => form(&t, "/hooks/twilio/status", &call, &[("CallStatus", "completed"), ("CallDuration", "55")]).await,
                }.expect(200);
            }
        }
        settle(&t).await;
        assert_eq!(t.texts("SELECT DISTINCT outcome || agent FROM calls").await, ["answered7"]);
        assert_eq!((t.number("SELECT COUNT(*) FROM calls").await, t.number("SELECT COUNT(*) FROM contacts").await), (24, 24));
    }
}
