//! A gateway that dies in the middle of a run, with texts coming and going.
use peers::Kannel;
use serde_json::json;

use super::{last_code, open, secret, wait_for};
use crate::support::*;

const KEY: &str = "parola-del-gancio";

on_each_engine! {
    async fn a_gateway_that_dies_meanwhile_loses_and_doubles_no_text(t: TestApp) {
        const TEXTS: i64 = 24;
        let hook = format!("{}/hooks/sms", t.url);
        let service = format!("post-url = \"{hook}/in?key={KEY}&from=%p&to=%P&id=%I&at=%T&charset=%C&coding=%c&udh=%u\"");
        let mut kannel = tokio::task::spawn_blocking(move || Kannel::start(&service)).await.unwrap();
        secret(&t, "kannel", kannel.password());
        secret(&t, "hook", KEY);
        let settings = json!({
            "url": kannel.sendsms(), "user": kannel.user(), "password": "file:kannel", "hook_password": "file:hook",
            "sender": "ComuneXY",
        });
        let admin = open(&t, "sms", "sms_kannel", settings).await;
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let path = format!("/api/v1/tickets/{}/replies", last_code(&t).await);

        // The half that calls us dies between two texts, then the other half, which keeps in its store what nobody was
        // called for. What the first half took over and has not handed over lives in its memory alone: a gateway that
        // is killed within that moment loses it, and only its own counters can tell (see Quadratura).
        let texts: Vec<_> = (0..TEXTS).map(|n| (format!("+3933320000{n:02}"), format!("Buca numero {n}"))).collect();
        let network = tokio::task::block_in_place(|| kannel.network());
        let bring = |half: &[(String, String)]| {
            tokio::task::block_in_place(|| network.bring("800123", half.iter().map(|(from, text)| (from.as_str(), text.as_str()))));
        };
        let (first, second) = texts.split_at(texts.len() / 2);
        bring(first);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'sms' AND direction = 'in'", TEXTS / 2).await;
        tokio::task::block_in_place(|| kannel.stop_calling());
        bring(second);
        tokio::task::block_in_place(|| {
            kannel.wait_until_stored();
            // The last of them is written within a second.
            std::thread::sleep(std::time::Duration::from_secs(2));
            kannel.stop();
            kannel.resume();
        });
        drop(network);
        let incoming = "SELECT COUNT(*) FROM contacts WHERE channel = 'sms' AND direction = 'in'";
        wait_for(&t, incoming, TEXTS).await;
        assert_eq!(t.number(&incoming.replace("(*)", "(DISTINCT body)")).await, TEXTS, "each once");

        // Answers go out; the whole gateway dies after half of them, before its network took any.
        let answers = async |from: i64, to: i64| {
            for n in from..to {
                let answer = json!({"text": format!("Risposta numero {n:02}"), "way": "account", "account": "sms", "to": format!("+3933310000{n:02}")});
                admin.post_json(&path, &answer).await.expect(200);
            }
        };
        let sent = "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state IN ('sent', 'delivered')";
        answers(0, TEXTS / 2).await;
        wait_for(&t, sent, TEXTS / 2).await;
        tokio::task::block_in_place(|| {
            std::thread::sleep(std::time::Duration::from_secs(2));
            kannel.stop();
        });
        answers(TEXTS / 2, TEXTS).await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'pending' AND last_error <> ''", TEXTS / 2).await;
        tokio::task::block_in_place(|| {
            kannel.resume();
            kannel.connect_network();
        });
        for _ in 0..60 {
            // Attempts that found nobody are made again later.
            t.clock.advance(SignedDuration::from_mins(2));
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            if t.number(sent).await == TEXTS {
                break;
            }
        }
        wait_for(&t, sent, TEXTS).await;
        for n in 0..TEXTS {
            let word = format!("Risposta numero {n:02}");
            let log = tokio::task::block_in_place(|| kannel.wait_until_delivered(&word));
            assert_eq!(log.matches(&word).count(), 1, "{word} went once:\n{log}");
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined'").await, 0);
    }
}
