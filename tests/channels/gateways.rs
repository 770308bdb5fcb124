//! Faxes through a gateway that speaks mail, with a real mailbox and a real submission server.
use std::time::Duration;

use peers::{Dovecot, Smtp};
use serde_json::json;

use super::faxes::page;
use super::{last_code, open, secret, wait_for};
use crate::support::*;

const OURS: &str = "urp@cc.test";

async fn start(t: &TestApp) -> (Dovecot, Smtp, Browser) {
    let (dovecot, smtp) = tokio::task::spawn_blocking(|| {
        let dovecot = Dovecot::start(&["urp"]);
        let smtp = Smtp::start(&dovecot);
        (dovecot, smtp)
    })
    .await
    .unwrap();
    let account = &dovecot.accounts()[0];
    secret(t, "mailbox", &account.password);
    secret(t, "smtp", smtp.password());
    let ca = t.kernel.config.data.join("secrets/ca.pem");
    std::fs::copy(dovecot.cert_path(), &ca).unwrap();
    let settings = json!({
        "address": OURS, "user": account.address, "password": "file:mailbox",
        "imap_host": "localhost", "imap_port": dovecot.imaps_port().to_string(),
        "smtp_host": "localhost", "smtp_port": smtp.port().to_string(), "smtp_security": "starttls",
        "smtp_user": smtp.user(), "smtp_password": "file:smtp", "ca": ca.display().to_string(),
        "gateway": "{number}@fax.example",
    });
    let admin = open(t, "fax", "fax_mail", settings).await;
    (dovecot, smtp, admin)
}

fn mail(id: &str, subject: &str, file: Option<(&str, &[u8])>) -> Vec<u8> {
    let attached = file.map(|(name, bytes)| {
        let coded = data_encoding::BASE64.encode(bytes);
        let coded: Vec<&str> = coded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!(
            "--b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{}\r\n",
            coded.join("\r\n")
        )
    });
    format!(
        "From: Fax2Mail <noreply@gateway.example>\r\nTo: {OURS}\r\nSubject: {subject}\r\nMessage-ID: <{id}@gateway.example>\r\n\
         Date: Mon, 2 Mar 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIl fax si trova in allegato.\r\n{}--b--\r\n",
        attached.unwrap_or_default()
    )
    .into_bytes()
}

on_each_engine! {
    async fn a_fax_in_a_mail_is_a_fax_and_is_answered_by_mail(t: TestApp) {
        let (dovecot, smtp, admin) = start(&t).await;
        let contact = json!({"channel": "counter", "external_id": "1", "from": "+390862000000", "text": "Chiedo una copia"});
        admin.post_json("/api/v1/contacts", &contact).await.expect(201);
        let code = last_code(&t).await;
        let dir = tempfile::tempdir().unwrap();
        let tiff = page(dir.path(), &code);
        let pdf = std::fs::read(dir.path().join("page.pdf")).unwrap();
        dovecot.deliver(OURS, &mail("1", "Fax dal numero 0862123456 (2 pagine)", Some(("fax.tif", &tiff))));
        // The mailbox has it twice, as after a restore.
        dovecot.deliver(OURS, &mail("1", "Fax dal numero 0862123456 (2 pagine)", Some(("fax.tif", &tiff))));
        dovecot.deliver(OURS, &mail("2", "eFax from 39 0862 999999 - 1 page(s)", Some(("efax.pdf", &pdf))));
        dovecot.deliver(OURS, &mail("3", "Il traffico sta per finire", None));
        wait_for(&t, "SELECT COUNT(*) FROM raw_items WHERE state = 'done' AND account = 'fax'", 4).await;
        let from = "SELECT from_address FROM contacts WHERE channel = 'fax' AND direction = 'in' ORDER BY from_address";
        assert_eq!(t.texts(from).await, ["0862123456", "390862999999"]);
        assert_eq!(t.texts("SELECT from_address FROM contacts WHERE channel = 'email'").await, ["noreply@gateway.example"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM identifiers WHERE value = '+390862123456'").await, 1);
        let notices = "SELECT notices FROM contacts WHERE channel = 'fax' AND from_address = '0862123456'";
        assert!(t.texts(notices).await[0].contains("partly_received"), "one of two pages came");
        let whole = t.texts("SELECT notices FROM contacts WHERE from_address = '390862999999'").await;
        assert!(!whole[0].contains("partly_received"), "{whole:?}");
        // Our own page names its ticket, whatever brought it.
        let on = format!("SELECT COUNT(*) FROM contacts k JOIN tickets t ON t.id = k.ticket_id WHERE t.code = '{code}' \
            AND k.channel = 'fax' AND k.direction = 'in'");
        assert_eq!(t.number(&on).await, 2);
        let kinds = t.texts("SELECT DISTINCT media_type FROM attachments WHERE media_type <> 'message/rfc822'").await;
        assert_eq!(kinds, ["application/pdf"]);

        let answer = json!({"text": "Ecco la copia chiesta.", "way": "account", "account": "fax", "to": "0862 777777"});
        admin.post_json(&format!("/api/v1/tickets/{code}/replies"), &answer).await.expect(200);
        wait_for(&t, "SELECT COUNT(*) FROM outbox WHERE purpose = 'reply' AND state = 'sent'", 1).await;
        for _ in 0..100 {
            if let Some(sent) = smtp.captured().into_iter().find(|m| m.to == "390862777777@fax.example") {
                let text = sent.text();
                assert!(text.contains("fax-1.pdf") && text.contains("application/pdf"), "{text}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no mail for the gateway: {:?}", smtp.captured().iter().map(|m| m.to.clone()).collect::<Vec<_>>());
    }
}
