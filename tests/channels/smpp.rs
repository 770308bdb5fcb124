//! Text messages by SMPP through an SMSC that is not ours.
use ::channels::sms::gsm;
use peers::Smsc;
use serde_json::{Value, json};

use super::{last_code, open, secret, wait_for};
use crate::support::*;

const CITIZEN: &str = "+393331234567";

async fn start(t: &TestApp) -> (Smsc, Browser) {
    let smsc = tokio::task::spawn_blocking(Smsc::start).await.unwrap();
    secret(t, "smsc", smsc.password());
    let settings = json!({
        "host": "127.0.0.1", "port": smsc.port().to_string(), "security": "plain", "system_id": "cc",
        "password": "file:smsc", "sender": "ComuneXY",
    });
    let admin = open(t, "sms", "smpp", settings).await;
    (smsc, admin)
}

fn submitted(state: &Value, words: &str) -> Vec<Value> {
    let all = state["submitted"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|p| p["text"].as_str().is_some_and(|text| text.contains(words))).collect()
}

on_each_engine! {
    async fn texts_of_an_smsc_become_tickets_and_its_receipts_settle_the_answers(t: TestApp) {
        let (smsc, admin) = start(&t).await;
        // One plain, one that needs UCS-2, one in three parts that come in disorder.
        smsc.deliver(CITIZEN, "800123", 0, 0, &gsm::encode("Perché è chiuso? Costa 5 €").unwrap());
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 1).await;
        let wide: Vec<u8> = "Привет 😀".encode_utf16().flat_map(u16::to_be_bytes).collect();
        smsc.deliver("+393337654321", "800123", 8, 0, &wide);
        for (number, text) in [(3_u8, "lampione."), (1, "Buongiorno, da ieri "), (2, "non va il ")] {
            let head = [5, 0, 3, 42, 3, number];
            smsc.deliver("+393330000111", "800123", 0, 0x40, &[&head[..], &gsm::encode(text).unwrap()].concat());
        }
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 3).await;
        let mut bodies = t.texts("SELECT body FROM contacts WHERE direction = 'in'").await;
        bodies.sort();
        assert_eq!(bodies, ["Buongiorno, da ieri non va il lampione.", "Perché è chiuso? Costa 5 €", "Привет 😀"]);
        assert_eq!(t.texts("SELECT DISTINCT channel FROM tickets").await, ["sms"]);
        // Reports about our own first answers come by the same line.
        let acknowledged = |s: &Value| s["acknowledged"].as_array().map_or(0, Vec::len) >= 5 && s["undelivered"] == 0;
        tokio::task::block_in_place(|| smsc.wait_until("acknowledged", acknowledged));

        // An answer in the plain alphabet, one in three parts, one to a number that cannot be reached.
        let code = last_code(&t).await;
        let path = format!("/api/v1/tickets/{code}/replies");
        let long = format!("Lunghissima risposta: {}", "è aperto dalle nove ".repeat(18));
        for (to, text) in [(CITIZEN, "Riapriamo lunedì."), (CITIZEN, long.trim()), ("+393331234000", "Irraggiungibile.")] {
            let answer = json!({"text": text, "way": "account", "account": "sms", "to": to});
            admin.post_json(&path, &answer).await.expect(200);
        }
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'delivered'", 2).await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'failed'", 1).await;
        let state = smsc.state();
        let plain = submitted(&state, "Riapriamo");
        assert_eq!((plain.len(), &plain[0]["coding"], &plain[0]["from"]), (1, &json!(0), &json!("ComuneXY")), "{plain:?}");
        // Another message may go out between the parts of one.
        let ours = |text: &&str| !text.contains("Riapriamo") && !text.contains("Richiesta ricevuta");
        let whole: String = state["submitted"].as_array().unwrap().iter().filter(|p| p["to"] == "393331234567")
            .filter_map(|p| p["text"].as_str()).filter(ours).collect();
        assert!(whole.contains(long.trim()), "no part is missing or in another place: {whole}");
        // Nothing was sent twice, and every receipt found its row.
        assert_eq!(submitted(&state, "Irraggiungibile").len(), 1);
        assert_eq!(t.number("SELECT COUNT(*) FROM raw_items WHERE state = 'quarantined'").await, 0);
    }

    async fn a_connection_that_is_cut_loses_and_doubles_no_text(t: TestApp) {
        let (smsc, _admin) = start(&t).await;
        tokio::task::block_in_place(|| smsc.wait_until("bound", |s| s["receivers"] == 1));
        // Twice the acknowledgement never arrives: the SMSC delivers again.
        smsc.lose_acknowledgements(2);
        for n in 0..6 {
            let from = format!("+3933300002{n:02}");
            smsc.deliver(&from, "800123", 0, 0, &gsm::encode(&format!("Buca numero {n}")).unwrap());
        }
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", 6).await;
        let quiet = |s: &Value| s["undelivered"].as_array().is_some_and(Vec::is_empty) || s["undelivered"] == 0;
        tokio::task::block_in_place(|| smsc.wait_until("all acknowledged", quiet));
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in'").await, 6);
        assert_eq!(t.number("SELECT COUNT(DISTINCT body) FROM contacts WHERE direction = 'in'").await, 6);
    }
}
