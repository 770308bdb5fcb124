//! How the channels stand, on their page, in the API and in the metrics: the same on every node.
use serde_json::json;
use sportello::kernel::database::EngineKind;

use super::{last_code, open, secret, wait_for};
use crate::support::*;

const CITIZEN: &str = "+393331234567";
const PAGE: &str = "/scrivania/canali";

/// Waits until a page or the metrics say something: gauges are brought up to date every ten seconds.
async fn until_said(browser: &Browser, path: &str, words: &str) {
    let mut last = String::new();
    for _ in 0..60 {
        last = browser.get(path).await.expect(200).body;
        if last.contains(words) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    panic!("{path} does not say {words}: {last}");
}

on_each_engine! {
    async fn what_waits_and_who_called_is_told_by_every_node(t: TestApp) {
        secret(&t, "word", "parola");
        // A gateway that calls, and that nobody answers at.
        let settings = json!({"url": "http://127.0.0.1:1/cgi-bin/sendsms", "user": "u", "password": "file:word",
            "hook_password": "file:word", "sender": "ComuneXY"});
        let api = open(&t, "sms", "sms_kannel", settings).await;
        let admin = t.sign_in(Role::Admin).await;
        let page = admin.get(PAGE).await.expect(200);
        assert!(page.has("Il fornitore non ha ancora chiamato") && page.has("Pronto"), "{}", page.body);
        let text = format!("/hooks/sms/in?key=parola&from={}&to=800123&id=1&at=2026-03-02+08:00:00&charset=UTF-8\
            &coding=0&udh=&text=Quando+aprite%3F", CITIZEN.replace('+', "%2B"));
        t.browser().get(&text).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        let answer = json!({"text": "Alle nove.", "way": "account", "account": "sms", "to": CITIZEN});
        api.post_json(&format!("/api/v1/tickets/{}/replies", last_code(&t).await), &answer).await.expect(200);
        // Something that no reader takes up.
        t.execute("INSERT INTO raw_items (channel, account, external_id, received_at, size, state)
            SELECT 'fermo', 'sms', 'x', MAX(created_at), 1, 'stored' FROM outbox").await;
        wait_for(&t, "SELECT COUNT(*) FROM channel_standing WHERE called_at IS NOT NULL", 1).await;
        t.clock.advance(SignedDuration::from_mins(11));

        let mut nodes = vec![t.clone()];
        if t.kernel.db.engine() == EngineKind::Postgres {
            nodes.push(t.second_node().await);
        }
        for node in &nodes {
            let admin = node.sign_in(Role::Admin).await;
            let page = admin.get(PAGE).await.expect(200);
            for words in ["Ultima chiamata del fornitore: 02/03/2026", "Non parte nulla", "11 min"] {
                assert!(page.has(words), "{words}: {}", page.body);
            }
            let told = node.api(Role::Admin).await.get_json("/api/v1/accounts/sms").await.expect(200).json();
            assert_eq!(told["unread"], 1, "{told}");
            assert!(told["unsent"].as_i64() >= Some(1) && told["called_at"].is_string(), "{told}");
        }
        let stranger = t.browser();
        for said in [
            "channel_unread{account=\"sms\"} 1",
            "channel_unread_seconds{account=\"sms\"} 660",
            "channel_last_call_timestamp_seconds{account=\"sms\"}",
            "outbox_lane_oldest_seconds{lane=\"account:sms\"} 660",
        ] {
            until_said(&stranger, "/metrics", said).await;
        }
    }

    async fn a_mailbox_that_another_node_reads_is_shown_with_what_is_left_there(t: TestApp) {
        secret(&t, "word", "parola");
        let admin = t.sign_in(Role::Admin).await;
        let settings = json!({"address": "urp@cc.test", "user": "urp@cc.test", "password": "file:word", "imap_host": "localhost",
            "imap_port": "1", "smtp_host": "localhost", "smtp_port": "1", "smtp_user": "urp@cc.test", "smtp_password": "file:word"});
        let account = json!({"name": "posta", "driver": "email", "settings": settings, "enabled": true});
        t.api(Role::Admin).await.post_json("/api/v1/accounts", &account).await.expect(201);
        // As the other node writes it down.
        t.execute(&format!("INSERT INTO channel_standing (account, told_at, connected, lag)
            VALUES ('posta', {}, TRUE, 4711)", t.kernel.now().0)).await;
        let page = admin.get(PAGE).await.expect(200);
        assert!(page.has("In ascolto su un altro nodo") && page.has("4711"), "{}", page.body);
        // It fell silent.
        t.clock.advance(SignedDuration::from_secs(90));
        let page = admin.get(PAGE).await.expect(200);
        assert!(!page.has("In ascolto su un altro nodo") && !page.has("4711"), "{}", page.body);
    }
}
