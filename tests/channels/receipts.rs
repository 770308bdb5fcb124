//! The ledger of certified messages in the database: the same whatever the order, the number and the letters in
//! which the receipts come.
use peers::PecReceipt;
use serde_json::json;

use super::certified::{ANNA, OURS, Peers, original, start};
use super::{last_code, wait_for};
use crate::support::*;

const UGO: &str = "ugo@pec.example";
const NERI: &str = "neri@pec.example";
const ROSSI: &str = "rossi@pec.example";
const OUTSIDE: &str = "bianchi@posta.example";
const LATE: &str = "5.4.1 - mancata consegna nelle ventiquattro ore";

fn because<'a>(told: PecReceipt<'a>, explanation: &'a str) -> PecReceipt<'a> {
    PecReceipt { error: "altro", explanation, ..told }
}

/// Every receipt of one round of answers; `ids` by recipient in the order of [`fates`].
fn receipts(ids: &[String]) -> Vec<PecReceipt<'_>> {
    let of = |who: usize, name: &'static str, at: &'static str| {
        PecReceipt::new(name, &ids[who], OURS, [ANNA, UGO, NERI, ROSSI, OUTSIDE][who], at)
    };
    vec![
        // Twelve hours, a day, and in the end it arrives.
        of(0, "accettazione", "02/03/2026 10:00:05 +0100"),
        because(of(0, "preavviso-errore-consegna", "02/03/2026 22:00:05 +0100"), "4.4.1 - in attesa"),
        because(of(0, "preavviso-errore-consegna", "03/03/2026 10:00:05 +0100"), LATE),
        of(0, "avvenuta-consegna", "03/03/2026 11:00:00 +0100"),
        // The same, and it does not.
        of(1, "accettazione", "02/03/2026 10:00:05 +0100"),
        because(of(1, "preavviso-errore-consegna", "02/03/2026 22:00:05 +0100"), "4.4.1 - in attesa"),
        because(of(1, "preavviso-errore-consegna", "03/03/2026 10:00:05 +0100"), LATE),
        because(of(1, "errore-consegna", "03/03/2026 12:00:00 +0100"), "5.1.1 - indirizzo inesistente"),
        because(of(2, "non-accettazione", "02/03/2026 10:00:05 +0100"), "5.1.3 - indirizzo non valido"),
        of(3, "accettazione", "02/03/2026 10:00:05 +0100"),
        PecReceipt { error: "virus", ..of(3, "rilevazione-virus", "02/03/2026 10:00:09 +0100") },
        PecReceipt { certified: false, ..of(4, "accettazione", "02/03/2026 10:00:05 +0100") },
    ]
}

/// A new order of `n` things, each twice.
fn shuffled(n: usize, mut seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).chain(0..n).collect();
    for last in (1..order.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (seed >> 33) as usize % (last + 1));
    }
    order
}

/// A receipt whose headers are written in other letters, as each provider likes.
fn in_letters(raw: &[u8], turn: usize) -> Vec<u8> {
    let text = String::from_utf8(raw.to_vec()).unwrap();
    let other = |name: &str| match turn % 3 {
        0 => name.to_uppercase(),
        1 => name.to_lowercase(),
        _ => name.to_owned(),
    };
    let names = ["X-Ricevuta", "X-Riferimento-Message-ID", "Content-Type", "From"];
    names.iter().fold(text, |text, name| text.replacen(name, &other(name), 1)).into_bytes()
}

/// Answers every recipient once more; the names of the messages, by recipient.
async fn answers(t: &TestApp, admin: &Browser, code: &str) -> Vec<String> {
    let before = t.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'reply'").await;
    for to in [ANNA, UGO, NERI, ROSSI, OUTSIDE] {
        let answer = json!({"text": "La domanda è accolta.", "way": "account", "account": "pec", "to": to});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
    }
    wait_for(t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'pending'", 0).await;
    let sql = format!("SELECT message_id FROM outbox WHERE purpose = 'reply' ORDER BY id LIMIT 5 OFFSET {before}");
    t.texts(&sql).await
}

async fn fates(t: &TestApp, ids: &[String]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for id in ids {
        let of = |column: &str| format!("SELECT {column} FROM outbox WHERE message_id = '{id}'");
        let (state, words) = (t.texts(&of("state")).await.remove(0), t.texts(&of("last_error")).await.remove(0));
        all.push((state, words));
    }
    all
}

/// How many events of a kind there are about the message to a recipient.
async fn events(t: &TestApp, kind: &str, id: &str) -> i64 {
    let row = t.number(&format!("SELECT id FROM outbox WHERE message_id = '{id}'")).await;
    t.number(&format!("SELECT COUNT(*) FROM events WHERE kind = '{kind}' AND data LIKE '%\"outbox\":{row},%'")).await
}

async fn deliver(peers: &Peers, ids: &[String], seed: u64) {
    let receipts = receipts(ids);
    for (turn, which) in shuffled(receipts.len(), seed).into_iter().enumerate() {
        peers.dovecot.deliver(OURS, &in_letters(&peers.provider.receipt(&receipts[which]), turn));
    }
}

on_each_engine! {
    async fn receipts_in_any_order_twice_and_in_any_letters_give_the_same_rows(t: TestApp) {
        let (peers, admin) = start(&t).await;
        peers.dovecot.deliver(OURS, &peers.provider.envelope(&original(), ANNA, OURS, 1));
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        let code = last_code(&t).await;
        let expected = [
            ("delivered", ""), ("failed", "altro: 5.4.1 - mancata consegna nelle ventiquattro ore"),
            ("failed", "altro: 5.1.3 - indirizzo non valido"), ("failed", "virus"), ("sent", ""),
        ].map(|(state, words)| (state.to_owned(), words.to_owned()));
        let mut came = 1;
        for seed in [1, 7, 42] {
            let ids = answers(&t, &admin, &code).await;
            deliver(&peers, &ids, seed).await;
            came += 24;
            wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'done'", came).await;
            assert_eq!(fates(&t, &ids).await, expected, "seed {seed}");
            assert_eq!(events(&t, "outbox.delivered", &ids[0]).await, 1, "seed {seed}");
            for failed in &ids[1..4] {
                assert_eq!(events(&t, "outbox.bounced", failed).await, 1, "seed {seed}");
            }
            for warned in &ids[..2] {
                assert!(events(&t, "outbox.delayed", warned).await <= 1, "seed {seed}");
            }
        }
        assert_eq!(t.number("SELECT COUNT(*) FROM receipts").await, 3 * 12, "each once");
        let page = t.sign_in(Role::Agent).await.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        for text in ["Consegnata", "mancata consegna nelle ventiquattro ore", "virus", "indirizzo non valido"] {
            assert!(page.has(text), "{text}");
        }
    }

    async fn receipts_of_the_first_sending_say_nothing_about_the_second(t: TestApp) {
        let (peers, admin) = start(&t).await;
        peers.dovecot.deliver(OURS, &peers.provider.envelope(&original(), ANNA, OURS, 1));
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        let code = last_code(&t).await;
        let answer = json!({"text": "La domanda è accolta.", "way": "account", "account": "pec", "to": ANNA});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", 1).await;
        let id = t.texts("SELECT message_id FROM outbox WHERE purpose = 'reply'").await.remove(0);
        let refused = PecReceipt::new("non-accettazione", &id, OURS, ANNA, "02/03/2026 10:00:05 +0100");
        peers.dovecot.deliver(OURS, &peers.provider.receipt(&refused));
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'failed'", 1).await;

        let row = t.number("SELECT id FROM outbox WHERE purpose = 'reply'").await;
        t.sign_in(Role::Agent).await.post_form(&format!("/scrivania/posta-in-uscita/{row}/riprova"), &[]).await;
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", 1).await;
        // The old refusal comes once more beside the new acceptance.
        let accepted = PecReceipt::new("accettazione", &id, OURS, ANNA, "02/03/2026 11:00:05 +0100");
        for receipt in [&accepted, &refused] {
            peers.dovecot.deliver(OURS, &peers.provider.receipt(receipt));
        }
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'done'", 4).await;
        assert_eq!(t.texts("SELECT state FROM outbox WHERE purpose = 'reply'").await, ["sent"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM receipts").await, 2);
    }
}
