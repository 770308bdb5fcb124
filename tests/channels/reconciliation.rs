//! What other channels handed over is compared with what is stored, and what was sent with what was told of it.
use std::sync::{Arc, Mutex};

use peers::{HylaFax, Kannel};
use serde_json::{Value, json};

use super::{last_code, open, secret, wait_for};
use crate::support::*;

const DAY: &str = "2026-03-02";

async fn compare(t: &TestApp, account: &str) -> Value {
    let sheets = t.api(Role::Supervisor).await.post_json("/api/v1/reconciliation", &json!({"day": DAY})).await;
    let sheets = sheets.expect(200).json();
    sheets.as_array().unwrap().iter().find(|s| s["account"] == account).cloned().unwrap_or_default()
}

async fn recover(t: &TestApp, account: &str) -> Value {
    let path = format!("/api/v1/reconciliation/{account}/{DAY}/recover");
    t.api(Role::Supervisor).await.post_json(&path, &json!({})).await.expect(200).json()
}

fn kinds(sheet: &Value) -> Vec<&str> {
    sheet["differences"].as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap()).collect()
}

/// Compares the texts again and again, each time some seconds later.
async fn compare_until(t: &TestApp, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut sheet = Value::Null;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        // No faster than a gateway that has just begun may count: it would seem to have begun anew.
        t.clock.advance(SignedDuration::from_secs(5));
        sheet = compare(t, "sms").await;
        if is_so(&sheet) {
            return sheet;
        }
    }
    panic!("it never came to be so: {sheet}");
}

on_each_engine! {
    async fn texts_that_vanish_after_they_were_acknowledged_are_noticed(t: TestApp) {
        secret(&t, "kannel", "password");
        secret(&t, "hook", "parola");
        let settings = json!({"url": "http://127.0.0.1:1/cgi-bin/sendsms", "user": "sportello", "password": "file:kannel",
            "hook_password": "file:hook"});
        open(&t, "sms", "sms_kannel", settings).await;
        let gateway = t.browser();
        for n in [1, 2, 3, 3] {
            let text = format!("/hooks/sms/in?key=parola&from=%2B3933312345{n:02}&to=800&id=k{n}&at=2026-03-02+08:00:00\
                &charset=UTF-8&coding=0&udh=&text=Buca+in+via+Roma");
            gateway.get(&text).await.expect(200);
        }
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'done'", 3).await;
        let sheet = compare(&t, "sms").await;
        let figures = (&sheet["asked"], &sheet["handed"], &sheet["stored"], &sheet["contacts"]);
        assert_eq!(figures, (&json!("door"), &json!(3), &json!(3), &json!(3)), "{sheet}");
        assert_eq!(sheet["differences"], json!([]));
        // As in a database that was put back from yesterday's copy.
        t.execute("DELETE FROM raw_items WHERE external_id = (SELECT MAX(external_id) FROM raw_items)").await;
        let sheet = compare(&t, "sms").await;
        assert_eq!((kinds(&sheet).as_slice(), &sheet["stored"]), (["uncounted"].as_slice(), &json!(2)), "{sheet}");
    }

    async fn a_provider_of_texts_is_asked_what_it_received_and_what_became_of_ours(t: TestApp) {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let delivered = sent.clone();
        // Five texts on two pages: a citizen's that we know, one that we do not, one of ours, one of another number, one of
        // another day.
        let entry = |sid: &str, direction: &str, to: &str, at: &str| json!({ "sid": sid, "direction": direction, "to": to,
            "from": "+393331234567", "body": format!("Testo {sid}"), "num_media": "0", "status": "received",
            "date_sent": at });
        let day = "Mon, 02 Mar 2026 07:30:00 +0000";
        let pages = [
            vec![entry("SM1", "inbound", "+39800123", day), entry("SM2", "inbound", "+39800123", day)],
            vec![entry("SM3", "outbound-api", "+39333", day),
                entry("SM5", "inbound", "+39800123", "Sun, 01 Mar 2026 07:30:00 +0000")],
        ];
        let url = play_provider(move |asked| {
            let account = "/2010-04-01/Accounts/AC1";
            if asked.basic.is_empty() {
                return (401, Value::Null);
            }
            if asked.line.starts_with("POST") {
                sent.lock().unwrap().push(asked.body.clone());
                return (201, json!({ "sid": format!("SM9{}", sent.lock().unwrap().len()), "status": "queued" }));
            }
            if asked.line.starts_with(&format!("GET {account}/Messages.json?")) {
                let page: usize = asked.query("Page").and_then(|n| n.parse().ok()).unwrap_or(0);
                if page == 0 {
                    assert_eq!(asked.query("To").as_deref(), Some("+39800123"));
                    assert_eq!((asked.query("DateSent>").unwrap().as_str(), asked.query("DateSent<").unwrap().as_str()),
                        ("2026-02-28", "2026-03-03"));
                }
                let next = (page == 0).then(|| format!("{account}/Messages.json?Page=1&PageToken=x"));
                return (200, json!({ "messages": pages[page], "next_page_uri": next }));
            }
            let path = asked.line.split("/Messages/").nth(1).unwrap_or_default();
            let sid = path.split('.').next().unwrap_or_default();
            if sid.starts_with("SM9") {
                // The first failed, and nobody was told; later ones are on their way.
                let status = if sid == "SM91" { "undelivered" } else { "queued" };
                return (200, json!({ "sid": sid, "status": status, "error_code": 30003, "to": "+393331234567" }));
            }
            match pages.iter().flatten().find(|entry| entry["sid"] == sid) {
                Some(entry) => (200, entry.clone()),
                None => (404, Value::Null),
            }
        }).await;
        secret(&t, "twilio", "gettone");
        let settings = json!({ "account_sid": "AC1", "auth_token": "file:twilio", "url": url, "sender": "+39800123" });
        open(&t, "sms", "sms_twilio", settings).await;
        let form = "MessageSid=SM1&From=%2B393331234567&To=%2B39800123&Body=Testo+SM1&NumMedia=0";
        let signed = channels::twilio::signature(&"gettone".into(), &format!("{}/hooks/sms/in", t.url), form);
        let request = t.browser().request(reqwest::Method::POST, "/hooks/sms/in").header("x-twilio-signature", signed)
            .header("content-type", "application/x-www-form-urlencoded").body(form);
        t.browser().send(request).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 1).await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND lane = 'account:sms'", 1).await;
        t.clock.advance(SignedDuration::from_hours(1));

        let sheet = compare(&t, "sms").await;
        assert_eq!((&sheet["asked"], &sheet["handed"], &sheet["stored"], &sheet["sent"]),
            (&json!("source"), &json!(2), &json!(1), &json!(1)), "{sheet}");
        assert_eq!(kinds(&sheet), ["missing", "report"], "{sheet}");
        assert_eq!(sheet["differences"][0]["name"], "SM2", "{sheet}");
        assert_eq!(delivered.lock().unwrap().len(), 1);
        let sheet = recover(&t, "sms").await;
        assert_eq!(sheet["differences"], json!([]), "{sheet}");
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in' AND body = 'Testo SM2'", 1).await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND lane = 'account:sms'", 1).await;
        // What is there does not come twice.
        recover(&t, "sms").await;
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in'").await, 2);
    }

    async fn a_provider_that_refuses_the_question_is_not_taken_for_one_that_has_nothing(t: TestApp) {
        let url = play_provider(|_| (401, json!({ "code": 20003, "message": "Authenticate" }))).await;
        secret(&t, "twilio", "gettone");
        let settings = json!({ "account_sid": "AC1", "auth_token": "file:twilio", "url": url, "sender": "+39800123" });
        open(&t, "sms", "sms_twilio", settings).await;
        let sheet = compare(&t, "sms").await;
        assert_eq!((&sheet["asked"], &sheet["error"]), (&json!("none"), &json!("401 20003 Authenticate")), "{sheet}");
    }

    async fn texts_that_a_gateway_keeps_back_are_counted_on_its_status_page(t: TestApp) {
        let service = format!("post-url = \"{}/hooks/sms/in?key=parola&from=%p&to=%P&id=%I&at=%T&charset=%C&coding=%c&udh=%u\"", t.url);
        let mut kannel = tokio::task::spawn_blocking(move || Kannel::start(&service)).await.unwrap();
        secret(&t, "kannel", kannel.password());
        secret(&t, "hook", "parola");
        secret(&t, "status", kannel.status_password());
        let settings = json!({ "url": kannel.sendsms(), "user": kannel.user(), "password": "file:kannel",
            "hook_password": "file:hook", "status_url": kannel.status(), "status_password": "file:status", "smsc": "FAKE" });
        open(&t, "sms", "sms_kannel", settings).await;
        // Its half that calls us is gone: what comes waits, and nobody is told.
        kannel.stop_calling();
        kannel.receive("+393331234567", "800123", "text", "Segnalo una buca in via Roma");
        kannel.wait_until_stored();
        let sheet = compare(&t, "sms").await;
        assert_eq!(kinds(&sheet), ["waiting"], "{sheet}");
        assert_eq!(sheet["differences"][0]["name"], "1", "{sheet}");
        assert!(sheet["error"].as_str().unwrap().contains("no smsbox is connected"), "{sheet}");
        // A wrong password is said, not taken for silence.
        secret(&t, "status", "altra");
        let sheet = compare(&t, "sms").await;
        assert!(sheet["error"].as_str().unwrap().contains("refuses the password"), "{sheet}");
    }

    async fn texts_that_somebody_else_acknowledged_are_missed_by_the_totals_of_the_gateway(t: TestApp) {
        // What Kannel calls says that all is well, and keeps nothing.
        let heard = Arc::new(Mutex::new(0));
        let hearing = heard.clone();
        let url = play_provider(move |_| {
            *hearing.lock().unwrap() += 1;
            (200, Value::Null)
        }).await;
        let service = format!("get-url = \"{url}/nowhere?from=%p&text=%b\"");
        let mut kannel = tokio::task::spawn_blocking(move || Kannel::start(&service)).await.unwrap();
        secret(&t, "kannel", kannel.password());
        secret(&t, "hook", "parola");
        secret(&t, "status", kannel.status_password());
        let settings = json!({ "url": kannel.sendsms(), "user": kannel.user(), "password": "file:kannel", "sender": "800123",
            "hook_password": "file:hook", "status_url": kannel.status(), "status_password": "file:status", "smsc": "FAKE" });
        let admin = open(&t, "sms", "sms_kannel", settings).await;
        assert_eq!(compare(&t, "sms").await["gateway_received"], Value::Null, "the first reading is where counting begins");
        kannel.receive("+393331234567", "800123", "text", "Segnalo una buca");
        let sheet = compare_until(&t, |sheet| kinds(sheet) == ["lost"]).await;
        assert_eq!((&sheet["gateway_received"], &sheet["differences"][0]["name"]), (&json!(1), &json!("1")), "{sheet}");
        assert_eq!(*heard.lock().unwrap(), 1);

        // Its counters begin anew; what was counted stays, and what is sent is counted too.
        kannel.stop();
        let mut kannel = tokio::task::spawn_blocking(move || { kannel.resume(); kannel }).await.unwrap();
        compare_until(&t, |sheet| sheet["gateway_received"] == 1).await;
        kannel.connect_network();
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+393331234567", "text": "Chiedo notizie"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let answer = json!({"text": "Stiamo provvedendo.", "way": "account", "account": "sms", "to": "+393331234567"});
        let path = format!("/api/v1/tickets/{}/replies", last_code(&t).await);
        admin.post_json(&path, &answer).await.expect(200);
        let sheet = compare_until(&t, |sheet| sheet["gateway_sent"] == 1).await;
        assert_eq!((kinds(&sheet).as_slice(), &sheet["gateway_received"]), (["lost"].as_slice(), &json!(1)), "{sheet}");
        kannel.receive("+393331234567", "800123", "text", "La buca e sempre li");
        let sheet = compare_until(&t, |sheet| sheet["differences"][0]["name"] == "2").await;
        assert_eq!((kinds(&sheet).as_slice(), &sheet["gateway_received"]), (["lost"].as_slice(), &json!(2)), "{sheet}");
        let page = t.sign_in(Role::Supervisor).await.get("/scrivania/quadratura").await.expect(200);
        assert!(page.has("il gateway conta 2 ricevuti e 1 inviati"), "{}", page.body);
    }

    async fn a_scan_that_lies_in_its_folder_unstored_is_named_and_taken(t: TestApp) {
        let scan = t.kernel.config.data.join("spool/scanner");
        std::fs::create_dir_all(&scan).unwrap();
        let settings = json!({"folder": scan.display().to_string(), "settle_seconds": "1"});
        open(&t, "scanner", "letters_scan", settings).await;
        let pdf = channels::paper::separator();
        let when = std::time::SystemTime::from(t.clock.now().timestamp());
        let lay = |name: &str, bytes: &[u8]| {
            std::fs::write(scan.join(name), bytes).unwrap();
            std::fs::File::options().append(true).open(scan.join(name)).unwrap().set_modified(when).unwrap();
        };
        lay("posta.pdf", &pdf);
        lay("appunti.doc", b"not paper");
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state <> 'stored'", 1).await;
        t.clock.advance(SignedDuration::from_hours(1));
        let sheet = compare(&t, "scanner").await;
        assert_eq!((&sheet["handed"], &sheet["stored"]), (&json!(2), &json!(1)), "{sheet}");
        assert_eq!(sheet["differences"][0]["name"], "appunti.doc", "nobody will ever take this one: {sheet}");
        // It was moved away as done, and the database lost it.
        for _ in 0..100 {
            if scan.join("done/posta.pdf").exists() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        t.execute("DELETE FROM raw_items").await;
        let sheet = compare(&t, "scanner").await;
        assert_eq!(kinds(&sheet), ["left", "missing"], "{sheet}");
        let sheet = recover(&t, "scanner").await;
        assert_eq!((kinds(&sheet).as_slice(), &sheet["stored"]), (["left"].as_slice(), &json!(1)), "{sheet}");
    }

    async fn a_fax_whose_outcome_was_never_told_is_asked_for_at_the_server(t: TestApp) {
        // Its scripts call nobody: every report is lost.
        let server = tokio::task::spawn_blocking(|| HylaFax::start("SENDTO=\n", "#!/bin/sh\nexit 0\n")).await.unwrap();
        let folder = t.kernel.config.data.join("spool/recvq");
        std::fs::create_dir_all(&folder).unwrap();
        let settings = json!({"server": format!("127.0.0.1:{}", server.port()), "spool": folder.display().to_string()});
        let admin = open(&t, "fax", "fax_hylafax", settings).await;
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let answer = json!({"text": "Ecco la copia.", "way": "account", "account": "fax", "to": "0862123456"});
        let path = format!("/api/v1/tickets/{}/replies", last_code(&t).await);
        admin.post_json(&path, &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND lane = 'account:fax'", 1).await;
        let sheet = compare(&t, "fax").await;
        assert_eq!((&sheet["sent"], &sheet["differences"]), (&json!(1), &json!([])), "the server is still at it: {sheet}");
        let job = t.texts("SELECT provider_id FROM outbox WHERE lane = 'account:fax'").await.remove(0);
        let server = tokio::task::spawn_blocking(move || {
            server.remove(&job, "sportello");
            server
        }).await.unwrap();
        let mut sheet = Value::Null;
        for _ in 0..100 {
            sheet = compare(&t, "fax").await;
            if sheet["unreported"] == 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(kinds(&sheet), ["report"], "{sheet}");
        assert_eq!(sheet["differences"][0]["ticket"], json!(last_code(&t).await));
        recover(&t, "fax").await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND lane = 'account:fax'", 1).await;
        assert_eq!(compare(&t, "fax").await["differences"], json!([]));
        drop(server);
    }
}
