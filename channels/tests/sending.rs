//! Sending through a real submission server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use channels::email::{
    AddressKey, Automatic, EmailConfig, EmailNormaliser, OutgoingAttachment, OutgoingMail, Security, SmtpConfig,
    SmtpSender,
};
use channels::{Address, AutomaticReason, Deliver, DeliveryError, Normalise, StatusCode};
use peers::{Dovecot, Smtp};

fn config(smtp: &Smtp) -> SmtpConfig {
    SmtpConfig {
        host: "localhost".into(),
        port: Some(smtp.port()),
        security: Security::StartTls,
        user: Some(smtp.user().into()),
        password: smtp.password().into(),
        extra_ca_pem: Some(smtp.cert_pem()),
        timeout_seconds: 5,
        helo: Some("sportello.test".into()),
        connections: 2,
    }
}

fn address(address: &str, name: &str) -> Address {
    Address { name: Some(name.into()), address: address.into() }
}

fn answer(to: &str) -> OutgoingMail {
    let key = AddressKey::new(b"secret");
    OutgoingMail {
        from: address("urp@cc.test", "Città di Prova"),
        to: address(to, "Anna Forlì"),
        envelope_from: key.verp("981", "cc.test"),
        reply_to: key.plus("urp@cc.test", "7K3M9PQR2").map(|a| address(&a, "URP")),
        subject: "R: Perché la strada è chiusa?\r\nBcc: altri@example.org".into(),
        text: "Gentile Anna,\nla strada riapre lunedì.\n".into(),
        html: Some("<p>la strada riapre lunedì</p>".into()),
        attachments: vec![OutgoingAttachment {
            name: "ordinanza città.pdf".into(),
            media_type: "application/pdf".into(),
            bytes: (0..=255u8).cycle().take(5000).collect::<Vec<_>>().into(),
            content_id: None,
        }],
        message_id: key.message_id("7K3M9PQR2", "42", "cc.test").unwrap(),
        in_reply_to: Some("citizen.1@example.org".into()),
        references: vec!["root@example.org".into(), "citizen.1@example.org".into()],
        automatic: Automatic::No,
        loop_id: "node-1".into(),
        date: "2026-02-03T09:00:00Z".parse().unwrap(),
    }
}

fn peers() -> (Dovecot, Smtp) {
    let dovecot = Dovecot::start(&["cittadino"]);
    let smtp = Smtp::start(&dovecot);
    (dovecot, smtp)
}

fn reader(own: &str) -> EmailNormaliser {
    EmailNormaliser::new(EmailConfig {
        own_addresses: vec![own.into()],
        loop_id: "node-1".into(),
        ..Default::default()
    })
}

#[tokio::test]
async fn an_answer_arrives_whole_and_says_what_it_answers() {
    let (_dovecot, smtp) = peers();
    let sent = SmtpSender::new(&config(&smtp)).unwrap().deliver(&answer("anna@example.org")).await.unwrap();
    assert!(sent.provider_id.is_some() && sent.response.contains("queued as"), "{sent:?}");
    let captured = smtp.wait_for("anna@example.org");
    assert!(captured.from.starts_with("bounce+981."));
    let read = reader("anna@example.org").normalise(&captured.raw).unwrap();
    assert_eq!(read.from.unwrap().name.as_deref(), Some("Città di Prova"));
    assert!(read.subject.starts_with("R: Perché la strada è chiusa?"));
    assert!(!captured.text().contains("\nBcc:"), "no header can be slipped into another");
    assert_eq!(read.text, "Gentile Anna,\nla strada riapre lunedì.");
    assert_eq!(read.attachments[0].name, "ordinanza città.pdf");
    assert_eq!(read.attachments[0].bytes.len(), 5000);
    assert_eq!(read.in_reply_to, ["citizen.1@example.org"]);
    assert_eq!(read.references, ["root@example.org", "citizen.1@example.org"]);
    assert_eq!(read.sent_at.unwrap().to_string(), "2026-02-03T09:00:00Z");
    let key = AddressKey::new(b"secret");
    assert_eq!(key.verify_message_id(&read.message_id), Some(("7k3m9pqr2".into(), "42".into())));
    let reply_to = read.reply_to.unwrap().address;
    let token = channels::email::address::plus_token(&reply_to).unwrap();
    assert_eq!(key.verify_plus(token).as_deref(), Some("7k3m9pqr2"));
    assert_eq!(read.automatic, Some(AutomaticReason::OwnLoop), "our own mail is known when it comes back");
}

#[tokio::test]
async fn an_acknowledgement_asks_machines_not_to_answer() {
    let (_dovecot, smtp) = peers();
    let mail =
        OutgoingMail { automatic: Automatic::Replied, html: None, attachments: vec![], ..answer("ugo@example.org") };
    SmtpSender::new(&config(&smtp)).unwrap().deliver(&mail).await.unwrap();
    let captured = smtp.wait_for("ugo@example.org");
    assert_eq!(captured.from, "", "the envelope sender of an automatic reply is empty");
    for header in [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        "X-Sportello-Loop: node-1",
    ] {
        assert!(captured.text().contains(header), "{header}");
    }
}

#[tokio::test]
async fn each_refusal_keeps_the_servers_words_and_its_kind() {
    let (_dovecot, mut smtp) = peers();
    let sender = SmtpSender::new(&config(&smtp)).unwrap();
    let Err(DeliveryError::Permanent(refusal)) = sender.deliver(&answer("bounce@example.org")).await else {
        panic!("not permanent")
    };
    assert_eq!((refusal.code, refusal.status), (Some(550), Some(StatusCode { class: 5, subject: 1, detail: 1 })));
    assert!(refusal.text.contains("no such user here"), "{refusal}");
    let Err(DeliveryError::Transient(refusal)) = sender.deliver(&answer("defer@example.org")).await else {
        panic!("not transient")
    };
    assert_eq!(refusal.code, Some(451));
    assert!(refusal.text.contains("mailbox busy"), "{refusal}");
    let Err(DeliveryError::Permanent(refusal)) = sender.deliver(&answer("senza chiocciola")).await else {
        panic!("not permanent")
    };
    assert!(refusal.text.contains("recipient"), "{refusal}");

    smtp.stop();
    assert!(matches!(sender.deliver(&answer("anna@example.org")).await, Err(DeliveryError::Transient(_))));
    smtp.resume();
    sender.deliver(&answer("anna@example.org")).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_the_server_is_said_in_a_sentence() {
    let (_dovecot, mut smtp) = peers();
    let good = config(&smtp);
    let check = |c: SmtpConfig| async move { SmtpSender::new(&c).unwrap().check().await };
    assert!(check(good.clone()).await.is_ok());
    let wrong = SmtpConfig { password: "sbagliata".into(), ..good.clone() };
    let said = check(wrong.clone()).await.unwrap_err();
    assert!(said.contains("refuses the account or its password"), "{said}");
    let failed = SmtpSender::new(&wrong).unwrap().deliver(&answer("anna@example.org")).await;
    assert!(
        matches!(failed, Err(DeliveryError::Transient(_))),
        "a wrong password is not the message's fault: {failed:?}"
    );
    let said = check(SmtpConfig { extra_ca_pem: None, ..good.clone() }).await.unwrap_err();
    assert!(said.contains("cannot be reached safely"), "{said}");
    smtp.stop();
    let said = check(good.clone()).await.unwrap_err();
    assert!(said.contains("cannot be reached"), "{said}");
    let clear = SmtpConfig { host: "smtp.example".into(), security: Security::Plain, ..good };
    assert!(SmtpSender::new(&clear).unwrap_err().contains("in clear"));
}

#[test]
fn the_same_mail_always_gives_the_same_bytes() {
    assert_eq!(answer("anna@example.org").compose().unwrap(), answer("anna@example.org").compose().unwrap());
}
