//! Certified mail through a provider that signs, with real mailboxes.
use peers::{Dovecot, PecProvider, PecReceipt, Smtp};
use serde_json::json;

use super::{last_code, open, secret, wait_for};
use crate::support::*;

pub(super) const OURS: &str = "urp@cc.test";
pub(super) const ANNA: &str = "anna@pec.example";

pub(super) struct Peers {
    pub(super) dovecot: Dovecot,
    smtp: Smtp,
    pub(super) provider: PecProvider,
}

pub(super) async fn start(t: &TestApp) -> (Peers, Browser) {
    let peers = tokio::task::spawn_blocking(|| {
        let dovecot = Dovecot::start(&["urp"]);
        let smtp = Smtp::start(&dovecot);
        Peers { smtp, dovecot, provider: PecProvider::start() }
    })
    .await
    .unwrap();
    let account = &peers.dovecot.accounts()[0];
    secret(t, "pec", &account.password);
    secret(t, "smtp", peers.smtp.password());
    let data = &t.kernel.config.data;
    std::fs::copy(peers.dovecot.cert_path(), data.join("secrets/ca.pem")).unwrap();
    std::fs::copy(peers.provider.roots_path(), data.join("secrets/roots.pem")).unwrap();
    let settings = json!({
        "address": OURS, "user": account.address, "password": "file:pec",
        "imap_host": "localhost", "imap_port": peers.dovecot.imaps_port().to_string(),
        "smtp_host": "localhost", "smtp_port": peers.smtp.port().to_string(), "smtp_security": "starttls",
        "smtp_user": peers.smtp.user(), "smtp_password": "file:smtp",
        "ca": data.join("secrets/ca.pem").display().to_string(),
        "roots": data.join("secrets/roots.pem").display().to_string(),
    });
    let admin = open(t, "pec", "pec", settings).await;
    (peers, admin)
}

pub(super) fn original() -> Vec<u8> {
    "From: Anna Forlì <anna@pec.example>\r\nTo: urp@cc.test\r\nSubject: Passo carrabile\r\n\
     Message-ID: <citizen.1@pec.example>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n\
     Content-Type: text/plain; charset=utf-8\r\n\r\nVorrei sapere a che punto è la mia domanda.\r\n"
        .as_bytes()
        .to_vec()
}

on_each_engine! {
    async fn a_certified_message_is_answered_and_its_receipts_are_kept(t: TestApp) {
        let (peers, admin) = start(&t).await;
        peers.dovecot.deliver(OURS, &peers.provider.envelope(&original(), ANNA, OURS, 1));
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        assert_eq!(t.texts("SELECT channel FROM tickets").await, ["pec"]);
        assert_eq!(t.texts("SELECT notices FROM contacts WHERE direction = 'in'").await, ["certified"]);
        assert_eq!(t.texts("SELECT from_address FROM contacts WHERE direction = 'in'").await, [ANNA]);
        let code = last_code(&t).await;
        let answer = json!({"text": "La domanda è accolta.", "way": "account", "account": "pec", "to": ANNA});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", 1).await;

        // For more than a day no receipt comes.
        t.clock.advance(SignedDuration::from_hours(26));
        let compare = || async {
            let path = "/api/v1/reconciliation";
            let sheets = admin.post_json(path, &json!({"day": "2026-03-02"})).await.expect(200).json();
            (sheets[0]["unreported"].clone(), sheets[0]["differences"][0]["ticket"].clone())
        };
        assert_eq!(compare().await, (json!(2), json!(code)), "the acknowledgement and the answer");
        assert!(t.browser().get("/metrics").await.has("pec_receipts_missing 2"));

        // Both receipts, each twice, the later one first.
        let id = t.texts("SELECT message_id FROM outbox WHERE purpose = 'reply'").await.remove(0);
        let accepted = PecReceipt::new("accettazione", &id, OURS, ANNA, "02/03/2026 10:00:05 +0100");
        let delivered = PecReceipt::new("avvenuta-consegna", &id, OURS, ANNA, "02/03/2026 10:00:09 +0100");
        for receipt in [&delivered, &accepted, &accepted, &delivered] {
            peers.dovecot.deliver(OURS, &peers.provider.receipt(receipt));
        }
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'done'", 5).await;
        let names = t.texts("SELECT name FROM receipts ORDER BY at").await;
        assert_eq!(names, ["accettazione", "avvenuta-consegna"]);
        assert_eq!(t.texts("SELECT state FROM outbox WHERE purpose = 'reply'").await, ["delivered"]);
        assert_eq!(compare().await.0, json!(1), "the acknowledgement");
        assert!(t.browser().get("/metrics").await.has("pec_receipts_missing 1"));
        let page = t.sign_in(Role::Agent).await.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        for text in ["PEC verificata", "Accettata dal gestore", "Consegnata", "02/03/2026 10:00"] {
            assert!(page.has(text), "{text}: {}", page.body);
        }

        // Somebody else at the recipient's answers, and their program quotes the provider's own name for it.
        let own = t.texts("SELECT message_id FROM message_ids WHERE message_id LIKE 'opec.%' AND contact_id IN
            (SELECT id FROM contacts WHERE direction = 'out')").await;
        assert_eq!(own.len(), 1, "{own:?}");
        let reply = format!("From: Ugo <ugo@pec.example>\r\nTo: urp@cc.test\r\nSubject: Re: qualcosa\r\n\
            Message-ID: <ugo.1@pec.example>\r\nIn-Reply-To: <{}>\r\nMIME-Version: 1.0\r\n\
            Content-Type: text/plain\r\n\r\nGrazie, arriviamo.\r\n", own[0]);
        peers.dovecot.deliver(OURS, &peers.provider.envelope(reply.as_bytes(), "ugo@pec.example", OURS, 7));
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE body LIKE 'Grazie, arriviamo%'", 1).await;
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 1);
    }

    async fn a_forged_receipt_moves_nothing_and_stops_nothing(t: TestApp) {
        let (peers, admin) = start(&t).await;
        peers.dovecot.deliver(OURS, &peers.provider.envelope(&original(), ANNA, OURS, 1));
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 1).await;
        let code = last_code(&t).await;
        let answer = json!({"text": "La domanda è accolta.", "way": "account", "account": "pec", "to": ANNA});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", 1).await;
        let id = t.texts("SELECT message_id FROM outbox WHERE purpose = 'reply'").await.remove(0);
        let forger = tokio::task::spawn_blocking(PecProvider::start).await.unwrap();
        let receipt = PecReceipt::new("avvenuta-consegna", &id, OURS, ANNA, "02/03/2026 10:00:09 +0100");
        peers.dovecot.deliver(OURS, &forger.receipt(&receipt));
        // About a message that nobody sent, and one that is no kind anybody knows.
        let unknown = PecReceipt::new("avvenuta-consegna", "nobody@cc.test", OURS, ANNA, "02/03/2026 10:00:09 +0100");
        peers.dovecot.deliver(OURS, &peers.provider.receipt(&unknown));
        peers.dovecot.deliver(OURS, &peers.provider.receipt(&PecReceipt { name: "mai-vista", ..receipt.clone() }));
        peers.dovecot.deliver(OURS, &peers.provider.envelope(&original(), ANNA, OURS, 2));
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state IN ('done', 'quarantined')", 5).await;
        assert_eq!(t.texts("SELECT state FROM outbox WHERE purpose = 'reply'").await, ["sent"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM receipts").await, 0);
        peers.dovecot.deliver(OURS, &peers.provider.receipt(&receipt));
        wait_for(&t, "SELECT COUNT(*) FROM receipts", 1).await;
    }

    async fn what_nobody_vouches_for_is_taken_in_and_marked(t: TestApp) {
        let (peers, admin) = start(&t).await;
        let of = |n: u32, subject: &str| {
            let text = String::from_utf8(original()).unwrap();
            text.replace("citizen.1@", &format!("citizen.{n}@")).replace("Passo carrabile", subject).into_bytes()
        };
        // An envelope signed by somebody we do not know, ordinary mail that our provider wrapped, a true one.
        let stranger = tokio::task::spawn_blocking(PecProvider::start).await.unwrap();
        peers.dovecot.deliver(OURS, &stranger.envelope(&of(11, "Busta estranea"), ANNA, OURS, 11));
        peers.dovecot.deliver(OURS, &peers.provider.anomaly(&of(12, "Posta ordinaria"), "ugo@posta.example", OURS));
        peers.dovecot.deliver(OURS, &peers.provider.envelope(&of(13, "Busta vera"), ANNA, OURS, 13));
        wait_for(&t, "SELECT COUNT(*) FROM tickets", 3).await;
        let agent = t.sign_in(Role::Agent).await;
        for (subject, said, unsaid) in [
            ("Busta estranea", "Busta PEC non verificata", "PEC verificata<"),
            ("Posta ordinaria", "Non è una PEC", "PEC verificata<"),
            ("Busta vera", "PEC verificata<", "Non è una PEC"),
        ] {
            let code = t.texts(&format!("SELECT code FROM tickets WHERE subject = '{subject}'")).await.remove(0);
            let page = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
            assert!(page.has(said) && !page.has(unsaid), "{subject}: {}", page.body);
            assert!(page.has("a che punto è la mia domanda"), "{subject}");
        }

        // A provider that stops an answer for a virus says so on the ticket, as does one that refuses it.
        let code = t.texts("SELECT code FROM tickets WHERE subject = 'Busta vera'").await.remove(0);
        let answer = json!({"text": "Ecco il modulo.", "way": "account", "account": "pec", "to": ANNA});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", 1).await;
        let id = t.texts("SELECT message_id FROM outbox WHERE purpose = 'reply'").await.remove(0);
        let at = "02/03/2026 10:00:05 +0100";
        let virus = PecReceipt { error: "virus", explanation: "il messaggio contiene un virus", ..PecReceipt::new("rilevazione-virus", &id, OURS, ANNA, at) };
        peers.dovecot.deliver(OURS, &peers.provider.receipt(&virus));
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'failed'", 1).await;
        let page = agent.get(&format!("/scrivania/pratiche/{code}")).await.expect(200);
        for text in ["Fermata per sicurezza", "virus: il messaggio contiene un virus", "Non consegnat"] {
            assert!(page.has(text), "{text}: {}", page.body);
        }
    }
}
