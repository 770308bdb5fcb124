//! Promises to call back, to their end: reached, given up and told, calling again.
use channels::simulate::{Caught, Sink};
use serde_json::json;
use tokio::sync::mpsc;

use super::centre::*;
use super::events::wav;
use crate::support::*;

/// A message on the answering machine, from beginning to end.
async fn message(t: &TestApp, call: &str, from: &str) {
    let messages = t.number("SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'").await;
    post(t, "route", &event(t, call, "", 0, json!({ "from": from }))).await.expect(200);
    let sound = wav(2);
    let query = serde_urlencoded::to_string([("call_id", call), ("from", from), ("to", "800123")]).unwrap();
    let address = signed(t, "recording", &format!("&{query}"), &sound);
    let request = t.browser().request(reqwest::Method::POST, &address).header("content-type", "audio/wav").body(sound);
    t.browser().send(request).await.expect(200);
    let ended = json!({ "from": from, "reached": "voicemail" });
    post(t, "event", &event(t, call, "ended", 20, ended)).await.expect(200);
    wait_for(t, "SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'", messages + 1).await;
    settle(t).await;
}

async fn sender(t: &TestApp, name: &str, driver: &str, settings: serde_json::Value) {
    let new = json!({ "name": name, "driver": driver, "settings": settings, "enabled": true });
    t.api(Role::Admin).await.post_json("/api/v1/accounts", &new).await.expect(201);
}

async fn texts(t: &TestApp) {
    let folder = t.kernel.config.data.join("secrets");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("sms"), "x").unwrap();
    let settings =
        json!({ "account_sid": "AC1", "auth_token": "file:sms", "url": "http://127.0.0.1:9", "sender": "+390862" });
    sender(t, "sms", "sms_twilio", settings).await;
}

async fn letters(t: &TestApp) {
    let folder = t.kernel.config.data.join("spool").join("stampa");
    std::fs::create_dir_all(&folder).unwrap();
    sender(t, "stampa", "letters_print", json!({ "folder": folder.display().to_string() })).await;
}

/// What the office knows of the citizen of the newest ticket besides the number.
async fn knows_email(t: &TestApp, address: &str) {
    let person = t.texts("SELECT person_id || '' FROM tickets ORDER BY id DESC").await.remove(0);
    t.execute(&format!(
        "INSERT INTO identifiers (person_id, kind, value, raw, created_at)
        VALUES ({person}, 'email', '{address}', '{address}', 1)"
    ))
    .await;
}

/// Tries in vain by hand until the promise is over, at the times it names.
async fn give_up(t: &TestApp) {
    let id = t.number("SELECT MAX(id) FROM callbacks").await;
    for _ in 0..3 {
        let due = t.number(&format!("SELECT due_at FROM callbacks WHERE id = {id}")).await;
        t.clock.set(jiff::Timestamp::from_microsecond(due).unwrap().into());
        let log = format!("/scrivania/telefono/richiamate/{id}");
        // A session does not last from one day to the next.
        let agent = t.sign_in(Role::Agent).await;
        agent.post_form(&log, &[("outcome", "no_answer")]).await.expect(303);
    }
    assert_eq!(t.texts(&format!("SELECT state FROM callbacks WHERE id = {id}")).await, ["given_up"]);
}

with_phone_on_each_engine! {
    async fn a_message_of_saturday_night_is_tried_three_times_and_ends_in_a_text_message(t: TestApp) {
        t.clock.set("2026-03-07T22:10:00Z".parse::<jiff::Timestamp>().unwrap().into());
        edge(&t, json!({ "voicemail": "sip:vm@cc.test" })).await;
        texts(&t).await;
        letters(&t).await;
        message(&t, "c1", "+393331234567").await;
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        let agent = t.sign_in(Role::Agent).await;
        let shown = agent.get(&format!("/scrivania/telefono/pratiche/{code}")).await.expect(200);
        assert!(shown.has("lunedì 9 marzo") || shown.has("09/03/2026"), "{}", shown.body);
        assert_eq!(t.texts("SELECT due_at || '' FROM callbacks").await, ["1773043200000000"], "Monday 9 March, nine in Rome");

        // Who tries on Sunday tries too early: it is written down, and does not count against them.
        t.clock.set("2026-03-08T09:00:00Z".parse::<jiff::Timestamp>().unwrap().into());
        let log = format!("/scrivania/telefono/richiamate/{}", t.number("SELECT id FROM callbacks").await);
        let agent = t.sign_in(Role::Agent).await;
        let back = format!("/scrivania/pratiche/{code}");
        let answer = agent.post_form(&log, &[("outcome", "busy"), ("back", &back)]).await.expect(303);
        assert_eq!(answer.header("location"), back);
        assert_eq!(t.number("SELECT attempts FROM callbacks").await, 0);
        assert_eq!(t.texts("SELECT due_at || '' FROM callbacks").await, ["1773043200000000"], "never before nine");

        give_up(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM callback_attempts").await, 4);
        assert_eq!(t.texts("SELECT told FROM callbacks").await, ["sms"]);
        assert_eq!(t.texts("SELECT lane || purpose || recipient FROM outbox").await, ["account:smsnotice+393331234567"]);
        let said = t.texts("SELECT payload FROM outbox").await.remove(0);
        assert!(said.contains("abbiamo provato più volte a richiamarti"), "{said}");
        assert_eq!(t.texts("SELECT state || outcome FROM tickets").await, ["closednot_reached"]);
        let agent = t.sign_in(Role::Agent).await;
        let shown = agent.get(&format!("/scrivania/telefono/pratiche/{code}")).await.expect(200);
        assert!(shown.has("avviso mandato per SMS") && shown.has("fuori orario, non conta"), "{}", shown.body);
        let page = agent.get(&back).await.expect(200);
        assert!(page.has("Non raggiunto al telefono") && page.has("richiamata chiusa dopo 3 tentativi"), "{}", page.body);
        assert!(page.has("richiamarti senza trovarti"), "what was sent is in the conversation: {}", page.body);

        // They speak to the machine again: the same ticket is open again, with a new promise.
        t.clock.set("2026-03-10T20:00:00Z".parse::<jiff::Timestamp>().unwrap().into());
        message(&t, "c2", "+393331234567").await;
        assert_eq!(t.texts("SELECT code || state FROM tickets").await, [format!("{code}open")]);
        assert_eq!(t.texts("SELECT state FROM callbacks ORDER BY id").await, ["given_up", "open"]);
        let told = t.api(Role::Agent).await.get_json("/api/v1/callbacks").await.expect(200).json();
        assert_eq!((told.as_array().unwrap().len(), &told[0]["ticket"]), (1, &json!(code)), "{told}");
        // Answered at last, through the API.
        let id = told[0]["id"].as_i64().unwrap();
        let done = t.api(Role::Agent).await
            .post_json(&format!("/api/v1/callbacks/{id}/attempts"), &json!({ "outcome": "answered" })).await.expect(200).json();
        assert_eq!((&done["state"], &done["told"]), (&json!("done"), &json!(null)));
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox").await, 1);
    }

    async fn who_wants_no_text_messages_or_has_no_mobile_gets_a_letter_else_an_email(t: TestApp) {
        edge(&t, json!({ "voicemail": "sip:vm@cc.test" })).await;
        texts(&t).await;
        letters(&t).await;
        let admin = t.api(Role::Admin).await;
        // Anna was written to on paper once, and said STOP to text messages.
        let contact = json!({ "channel": "counter", "external_id": "1", "from": "+393330000001", "text": "Chiedo una copia" });
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let first = t.texts("SELECT code FROM tickets").await.remove(0);
        let answer = json!({ "text": "Ecco la copia.", "way": "account", "account": "stampa",
            "postal": "Anna Bianchi\nVia Roma 1\n67100 L'Aquila AQ" });
        admin.post_json(&format!("/api/v1/tickets/{first}/replies"), &answer).await.expect(200);
        t.execute("INSERT INTO consents (channel, address, state, source, at) VALUES ('sms', '+393330000001', 'withdrawn', 'word', 1)").await;
        message(&t, "c1", "+393330000001").await;
        give_up(&t).await;
        assert_eq!(t.texts("SELECT told FROM callbacks").await, ["letter"]);
        assert_eq!(t.texts("SELECT recipient FROM outbox WHERE lane = 'account:stampa' AND purpose = 'notice'").await, ["Anna Bianchi"]);

        // A landline that nobody knows more of: nothing leads there, and the page says so.
        message(&t, "c2", "+390862123456").await;
        give_up(&t).await;
        assert_eq!(t.texts("SELECT told FROM callbacks ORDER BY id").await, ["letter", "none"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE outcome = 'not_reached'").await, 2);

        // Calling and being answered opens it again.
        agent(&t, "anna@example.it", "7", "sip:7@cc.test", json!({})).await;
        let last = t.texts("SELECT code FROM tickets ORDER BY id DESC").await.remove(0);
        let from = json!({ "from": "0862 123456", "agent": "7" });
        post(&t, "route", &event(&t, "c3", "", 0, from.clone())).await.expect(200);
        post(&t, "event", &event(&t, "c3", "answered", 1, from.clone())).await.expect(200);
        post(&t, "event", &event(&t, "c3", "ended", 30, from)).await.expect(200);
        settle(&t).await;
        assert_eq!(t.texts(&format!("SELECT state FROM tickets WHERE code = '{last}'")).await, ["open"]);
    }

    async fn a_promise_on_a_ticket_that_was_answered_in_writing_ends_in_silence(t: TestApp) {
        edge(&t, json!({ "voicemail": "sip:vm@cc.test" })).await;
        texts(&t).await;
        message(&t, "c1", "+393331234567").await;
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        let answer = json!({ "text": "Lo sportello apre alle 9.", "way": "account", "account": "sms", "to": "+393331234567" });
        t.sign_in(Role::Agent).await;
        let agent = t.api(Role::Agent).await;
        t.clock.advance(SignedDuration::from_secs(60));
        agent.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        // By a program there is no author: what counts is that a person wrote.
        t.execute("UPDATE contacts SET author_id = (SELECT MIN(id) FROM users) WHERE direction = 'out'").await;
        give_up(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'notice'").await, 0);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets WHERE state = 'closed'").await, 0);
    }

    async fn a_wrong_number_gets_no_message(t: TestApp) {
        edge(&t, json!({ "voicemail": "sip:vm@cc.test" })).await;
        texts(&t).await;
        message(&t, "c1", "+393331234567").await;
        let person = t.number("SELECT person_id FROM tickets").await;
        t.execute(&format!("INSERT INTO identifiers (person_id, kind, value, raw, created_at)
            VALUES ({person}, 'email', 'mario@example.it', 'mario@example.it', 1)")).await;
        let agent = t.sign_in(Role::Agent).await;
        let log = format!("/scrivania/telefono/richiamate/{}", t.number("SELECT id FROM callbacks").await);
        agent.post_form(&log, &[("outcome", "wrong_number")]).await.expect(303);
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox WHERE lane <> 'email'").await, 0);
        assert_eq!(t.texts("SELECT state FROM callbacks").await, ["given_up"]);
    }
}

with_mail_on_each_engine! {
    async fn who_is_reached_neither_by_text_nor_by_letter_gets_an_email_that_is_really_sent(t: TestApp) {
        let port = t.kernel.config.mail.smtp.as_ref().unwrap().port;
        let (catch, mut caught) = mpsc::channel::<Caught>(10);
        let sink = Sink::listen(&format!("127.0.0.1:{port}")).await.unwrap();
        tokio::spawn(sink.serve(catch));
        edge(&t, json!({ "voicemail": "sip:vm@cc.test" })).await;
        texts(&t).await;
        letters(&t).await;
        // A landline takes no text messages, and nobody knows where they live.
        message(&t, "c1", "+390862123456").await;
        knows_email(&t, "mario@example.it").await;
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        give_up(&t).await;
        assert_eq!(t.texts("SELECT told FROM callbacks").await, ["email"]);
        assert_eq!(t.texts("SELECT lane || purpose || recipient FROM outbox").await, ["emailnoticemario@example.it"]);
        assert_eq!(t.texts("SELECT state || outcome FROM tickets").await, ["closednot_reached"]);

        let mail = tokio::time::timeout(std::time::Duration::from_secs(30), caught.recv()).await.unwrap().unwrap();
        assert_eq!(mail.to, ["mario@example.it"]);
        let raw = String::from_utf8_lossy(&mail.raw).into_owned();
        let grouped = sportello::kernel::codes::grouped(&code);
        assert!(raw.contains("Subject: Abbiamo provato a richiamarti") && raw.contains(&grouped), "{raw}");
        assert!(raw.contains("auto-generated"), "no machine shall answer it: {raw}");
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'sent'", 1).await;
        let agent = t.sign_in(Role::Agent).await;
        let shown = agent.get(&format!("/scrivania/telefono/pratiche/{code}")).await.expect(200);
        assert!(shown.has("avviso mandato per e-mail"), "{}", shown.body);
        let page = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        assert!(page.has("mario@example.it") && page.has("Non raggiunto al telefono"), "{}", page.body);
        // Once: another look at the promise tells nobody again.
        settle(&t).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM outbox").await, 1);
    }
}

with_phone_on_each_engine! {
    async fn an_email_about_a_promise_leaves_by_an_account_where_there_is_no_server(t: TestApp) {
        edge(&t, json!({ "voicemail": "sip:vm@cc.test" })).await;
        texts(&t).await;
        let settings = json!({ "address": "urp@cc.test", "user": "urp", "password": "file:sms", "imap_host": "127.0.0.1",
            "imap_port": "9", "imap_security": "plain", "smtp_host": "127.0.0.1", "smtp_port": "9", "smtp_security": "plain" });
        sender(&t, "posta", "email", settings).await;
        // A mobile whose owner said STOP.
        t.execute("INSERT INTO consents (channel, address, state, source, at) VALUES ('sms', '+393330000001', 'withdrawn', 'word', 1)").await;
        message(&t, "c1", "+393330000001").await;
        knows_email(&t, "anna@example.it").await;
        give_up(&t).await;
        assert_eq!(t.texts("SELECT told FROM callbacks").await, ["email"]);
        assert_eq!(t.texts("SELECT lane || purpose || recipient FROM outbox").await, ["account:postanoticeanna@example.it"]);
        let said = t.texts("SELECT payload FROM outbox").await.remove(0);
        assert!(said.contains("provato più volte a richiamarti"), "{said}");
        assert_eq!(t.texts("SELECT state || outcome FROM tickets").await, ["closednot_reached"]);
    }
}
