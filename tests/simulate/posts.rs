//! Mail and certified mail, in mailboxes of the simulators' own and on a real server.
use peers::Dovecot;
use serde_json::{Value, json};

use super::outside::*;
use crate::support::*;

const OURS: &str = "sportello@comune.valdoria.example";

fn mailbox(address: &str, imap: u16, smtp: u16) -> Value {
    json!({ "address": address, "user": "simulator", "password": "file:simulator",
        "imap_host": "127.0.0.1", "imap_port": imap.to_string(), "imap_security": "plain",
        "smtp_host": "127.0.0.1", "smtp_port": smtp.to_string(), "smtp_security": "plain" })
}

outside_on_each_engine! {
    async fn citizens_write_by_mail_and_some_write_again_to_the_same_ticket(t: TestApp) {
        let (imap, smtp) = (free_port(), free_port());
        let simulator = start(&["mail", "--imap", &format!("127.0.0.1:{imap}"), "--smtp", &format!("127.0.0.1:{smtp}"),
            "--to", OURS, "--count", "10", "--rate", "max", "--replies", "1", "--after", "1s", "--stay", "25s"]);
        account(&t, "posta", "email", mailbox(OURS, imap, smtp)).await;
        wait_for(&t, "SELECT COUNT(*) FROM tickets WHERE channel = 'email'", 10).await;
        let tickets = "SELECT id, code FROM tickets ORDER BY id LIMIT 1";
        let code = t.texts(&tickets.replace("id, ", "")).await.remove(0);
        let to = t.texts("SELECT from_address FROM contacts ORDER BY id LIMIT 1").await.remove(0);
        let answer = json!({ "text": "Interveniamo domani.", "way": "account", "account": "posta", "to": to,
            "then": "wait_for_citizen" });
        t.api(Role::Admin).await.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", 1).await;
        let report = simulator.report().await;
        let (sent, refused) = (report["sent"].as_i64().unwrap(), report["refused"].as_u64());
        assert!(sent > 10 && refused == Some(0), "{report}");
        // Who was answered wrote once more, and their words are with their ticket.
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 10);
        assert_eq!(t.number("SELECT COUNT(*) FROM contacts WHERE direction = 'in'").await, sent);
    }

    async fn mail_reaches_a_real_mailbox_too(t: TestApp) {
        let dovecot = tokio::task::spawn_blocking(|| Dovecot::start(&["urp"])).await.unwrap();
        let owner = &dovecot.accounts()[0];
        let folder = t.kernel.config.data.join("secrets");
        std::fs::write(folder.join("urp"), &owner.password).unwrap();
        std::fs::copy(dovecot.cert_path(), folder.join("ca.pem")).unwrap();
        let ca = folder.join("ca.pem").display().to_string();
        let settings = json!({ "address": owner.address, "user": owner.address, "password": "file:urp", "ca": ca,
            "imap_host": "localhost", "imap_port": dovecot.imaps_port().to_string(),
            "smtp_host": "127.0.0.1", "smtp_port": "9", "smtp_security": "plain" });
        account(&t, "posta", "email", settings).await;
        let lmtp = format!("127.0.0.1:{}", dovecot.lmtp_port());
        simulate(&["mail", "--lmtp", &lmtp, "--to", &owner.address, "--count", "12", "--rate", "20/s", "--stay", "0s"], 12).await;
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'email' AND direction = 'in'", 12).await;
    }

    async fn certified_mail_is_verified_and_its_receipts_move_what_we_sent(t: TestApp) {
        let (imap, smtp) = (free_port(), free_port());
        let provider = t.kernel.config.data.join("secrets/provider");
        let roots = provider.join("ca.pem");
        let ours = "protocollo@pec.comune.valdoria.example";
        let simulator = start(&["pec", "--imap", &format!("127.0.0.1:{imap}"), "--smtp", &format!("127.0.0.1:{smtp}"),
            "--provider", &provider.display().to_string(), "--to", ours, "--count", "6", "--rate", "max", "--step", "0s",
            "--late", "1", "--failed", "0", "--twice", "1", "--stay", "15s"]);
        for _ in 0..100 {
            if roots.exists() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let mut settings = mailbox(ours, imap, smtp);
        settings["roots"] = json!(roots.display().to_string());
        account(&t, "pec", "pec", settings).await;
        wait_for(&t, "SELECT COUNT(*) FROM tickets WHERE channel = 'pec'", 6).await;
        assert_eq!(t.texts("SELECT DISTINCT notices FROM contacts WHERE direction = 'in'").await, ["certified"]);
        let code = t.texts("SELECT code FROM tickets ORDER BY id LIMIT 1").await.remove(0);
        let to = t.texts("SELECT from_address FROM contacts ORDER BY id LIMIT 1").await.remove(0);
        let answer = json!({ "text": "La domanda è accolta.", "way": "account", "account": "pec", "to": to });
        t.api(Role::Admin).await.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'delivered'", 1).await;
        assert_eq!(simulator.report().await["refused"].as_u64(), Some(0));
        let kinds = "SELECT DISTINCT name FROM receipts ORDER BY name";
        assert_eq!(t.texts(kinds).await, ["accettazione", "avvenuta-consegna", "preavviso-errore-consegna"]);
    }
}
