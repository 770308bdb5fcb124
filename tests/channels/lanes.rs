//! A peer that accepts connections and never answers holds up nobody else.
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;

use super::{last_code, open, secret, wait_for};

/// Takes every connection and says nothing on it; answers its port.
async fn silent() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    port
}

on_each_engine! {
    async fn a_silent_peer_delays_neither_receiving_nor_sending_of_others(t: TestApp) {
        let port = silent().await;
        secret(&t, "s", "una parola lunga e segreta");
        let print = t.kernel.config.data.join("spool/stampa");
        std::fs::create_dir_all(&print).unwrap();
        let admin = open(&t, "lenta", "email", json!({
            "address": "lenta@cc.test", "user": "lenta", "password": "file:s", "imap_host": "127.0.0.1",
            "imap_port": port.to_string(), "imap_security": "plain", "smtp_host": "127.0.0.1",
            "smtp_port": port.to_string(), "smtp_security": "plain",
        })).await;
        for (name, driver, settings) in [
            ("faxlento", "fax_hylafax", json!({"server": format!("127.0.0.1:{port}")})),
            ("smslento", "smpp", json!({"host": "127.0.0.1", "port": port.to_string(), "security": "plain",
                "system_id": "u", "password": "file:s", "sender": "ComuneXY"})),
            ("stampa", "letters_print", json!({"folder": print.display().to_string()})),
            ("sms", "sms_kannel", json!({"url": "http://127.0.0.1:1/x", "user": "u", "password": "file:s",
                "hook_password": "file:s"})),
        ] {
            let account = json!({"name": name, "driver": driver, "settings": settings, "enabled": true});
            admin.post_json("/api/v1/accounts", &account).await.expect(201);
        }
        for name in ["faxlento", "smslento", "stampa", "sms"] {
            while t.services.accounts.open(name).is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let path = format!("/api/v1/tickets/{}/replies", last_code(&t).await);
        for (account, to) in [("lenta", "anna@x.test"), ("faxlento", "0862123456"), ("smslento", "3331234567")] {
            for _ in 0..8 {
                let answer = json!({"text": "Eccola.", "way": "account", "account": account, "to": to});
                admin.post_json(&path, &answer).await.expect(200);
            }
        }
        // By now each of the three waits for an answer that never comes.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let begun = Instant::now();
        let letter = json!({"text": "Eccola.", "way": "account", "account": "stampa", "postal": "Anna Bianchi\nVia Roma 1"});
        admin.post_json(&path, &letter).await.expect(200);
        let text = "/hooks/sms/in?key=una+parola+lunga+e+segreta&from=%2B393331234567&to=800&id=1&at=2026-03-02+08:00:00\
            &charset=UTF-8&coding=0&udh=&text=Buca+in+via+Roma";
        t.browser().get(text).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE lane = 'account:stampa' AND state = 'queued'", 1).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'sms' AND direction = 'in'", 1).await;
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(15), "it took {took:?}");
        let stuck = "SELECT COUNT(*) FROM outbox WHERE lane IN ('account:lenta', 'account:faxlento', 'account:smslento') \
            AND state = 'sent'";
        assert_eq!(t.number(stuck).await, 0);
    }
}
