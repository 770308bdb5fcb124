//! Recordings of talks: fetched, heard by whoever may, deleted in time.
use serde_json::json;
use sportello::telephony::delete_due;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::centre::*;
use super::events::wav;
use super::provider::{address, form};
use crate::support::*;

/// A provider that holds one recording of three seconds.
async fn holder() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let n = stream.read(&mut head).await.unwrap_or(0);
            let found = String::from_utf8_lossy(&head[..n]).starts_with("GET /Recordings/RE1.wav ");
            let (status, body) = if found { ("200 OK", wav(3)) } else { ("404 Not Found", Vec::new()) };
            let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _gone = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        }
    });
    url
}

with_phone_on_each_engine! {
    async fn a_talk_is_announced_recorded_heard_by_who_may_and_deleted_in_time(t: TestApp) {
        let url = holder().await;
        account(&t, "twilio", "phone_twilio", json!({ "account_sid": "AC1", "url": url, "records": "true" }), "auth_token").await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        let menu = form(&t, "/hooks/twilio/voice", "CA1", &[("CallStatus", "ringing")]).await.expect(200);
        assert!(menu.has("La chiamata con l&apos;operatore è registrata") || menu.has("La chiamata con l’operatore è registrata"), "{}", menu.body);
        let talks = ("CallStatus", "in-progress");
        let dial = form(&t, &address(&menu, "action"), "CA1", &[talks, ("Digits", "1")]).await.expect(200);
        assert!(dial.has("record=\"record-from-answer-dual\""), "{}", dial.body);
        let ready = address(&dial, "recordingStatusCallback");
        let over = [talks, ("DialCallStatus", "completed"), ("DialCallDuration", "40")];
        form(&t, &address(&dial, "action"), "CA1", &over).await.expect(200);
        form(&t, "/hooks/twilio/status", "CA1", &[("CallStatus", "completed"), ("CallDuration", "55")]).await.expect(200);
        let told = format!("{url}/Recordings/RE1");
        let recorded = [("RecordingSid", "RE1"), ("RecordingUrl", told.as_str()), ("RecordingDuration", "3"), ("RecordingStatus", "completed")];
        for _ in 0..2 {
            form(&t, &ready, "CA1", &recorded).await.expect(200);
        }
        settle(&t).await;
        assert_eq!(t.texts("SELECT outcome FROM calls").await, ["answered"], "no message on the machine");
        assert_eq!(t.texts("SELECT name || media_type || seconds FROM call_recordings").await, ["RE1audio/wav3"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts").await, 1);
        assert!(!t.texts("SELECT raw FROM call_events").await.iter().any(|raw| raw.contains("WAVE")));

        // The agent of the call hears it on its contact, whole and in parts; that is written down once.
        let contact = t.number("SELECT id FROM contacts").await;
        let part = format!("/scrivania/telefono/contatti/{contact}");
        let anna = t.sign_in_as("anna@example.it").await;
        let shown = anna.get(&part).await.expect(200);
        assert!(shown.has("<audio controls") && shown.has("0:03"), "{}", shown.body);
        let source = shown.between("src=\"", "\"").unwrap().to_owned();
        let played = anna.get(&source).await.expect(200);
        assert_eq!((played.header("content-type"), played.header("accept-ranges")), ("audio/wav", "bytes"));
        let request = anna.request(reqwest::Method::GET, &source).header("range", "bytes=44-143");
        let some = anna.send(request).await.expect(206);
        assert_eq!(some.header("content-range"), format!("bytes 44-143/{}", wav(3).len()));
        let heard = "SELECT COUNT(*) FROM events WHERE kind = 'recording.heard'";
        assert_eq!(t.number(heard).await, 1);
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        assert!(anna.get(&format!("/scrivania/pratiche/{code}")).await.expect(200).has("Anna Prova ha ascoltato la registrazione"));

        // A colleague does not; whoever coordinates does, on the page and through the API.
        let marco = t.sign_in(Role::Agent).await;
        assert!(marco.get(&part).await.expect(200).has("la ascolta chi ha risposto o chi coordina"));
        marco.get(&source).await.expect(403);
        t.sign_in(Role::Supervisor).await.get(&source).await.expect(200);
        t.api(Role::Integration).await.get("/api/v1/recordings/1").await.expect(403);
        let id = t.number("SELECT id FROM call_recordings").await;
        t.api(Role::Supervisor).await.get(&format!("/api/v1/recordings/{id}")).await.expect(200);
        assert_eq!(t.number(heard).await, 3);

        // Three months later it is gone, and the page says when.
        assert_eq!(delete_due(&t.services.telephony).await.unwrap(), 0);
        let blob = t.texts("SELECT blob FROM call_recordings").await.remove(0);
        t.kernel.blobs.get(&blob).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(24 * 91));
        assert_eq!(delete_due(&t.services.telephony).await.unwrap(), 1);
        assert!(t.kernel.blobs.get(&blob).await.is_err());
        let boss = t.sign_in(Role::Supervisor).await;
        boss.get(&source).await.expect(404);
        assert!(boss.get(&part).await.expect(200).has("cancellata il"));
        assert_eq!(delete_due(&t.services.telephony).await.unwrap(), 0);
    }

    async fn an_exchange_that_is_asked_to_record_hands_the_recording_over(t: TestApp) {
        edge(&t, json!({ "records": "true" })).await;
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        t.services.telephony.refresh().await.unwrap();
        let plan = post(&t, "route", &event(&t, "c1", "", 0, json!({}))).await.expect(200).json();
        assert_eq!(plan["steps"][0]["record"], json!(true), "{plan}");
        for told in [event(&t, "c1", "answered", 6, json!({ "agent": "7" })), event(&t, "c1", "ended", 71, json!({}))] {
            post(&t, "event", &told).await.expect(200);
        }
        settle(&t).await;
        let sound = wav(2);
        // Overtaken by its call: it comes after the contact was made, and twice.
        for _ in 0..2 {
            let address = signed(&t, "recording", "&call_id=c1&kind=talk", &sound);
            let request = t.browser().request(reqwest::Method::POST, &address).header("content-type", "audio/wav").body(sound.clone());
            t.browser().send(request).await.expect(200);
        }
        settle(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM call_recordings WHERE blob IS NOT NULL").await, 1);
        assert_eq!(t.texts("SELECT outcome || channel FROM calls JOIN contacts ON contacts.id = calls.contact_id").await, ["answeredphone"]);
        let contact = t.number("SELECT contact_id FROM calls").await;
        let boss = t.sign_in(Role::Supervisor).await;
        assert!(boss.get(&format!("/scrivania/telefono/contatti/{contact}")).await.expect(200).has("<audio"));
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE channel = 'voicemail'").await, 0);
    }
}
