//! Mail accounts opened through their drivers, speaking with real servers and with a provider of certified mail.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use channels::email::OutgoingAttachment;
use channels::pec::{State, ledger};
use channels::{
    Account, Batch, BoxError, ChannelKind, Context, Cursor, DeliveryError, Driver, Inbound, Inbox, Notice, Outgoing,
    RawContent, Secret, Settings, drivers,
};
use peers::{Dovecot, PecProvider, PecReceipt, Smtp};
use tokio_util::sync::CancellationToken;

const URP: &str = "urp@cc.test";
const ANNA: &str = "anna@pec.example";
const SENT: &str = "7k3m9pqr2.42.sigillo@cc.test";

static PROVIDER: LazyLock<PecProvider> = LazyLock::new(PecProvider::start);

fn receipt(name: &'static str) -> PecReceipt<'static> {
    PecReceipt::new(name, SENT, URP, ANNA, "03/02/2026 10:00:05 +0100")
}

fn citizens_message() -> Vec<u8> {
    "From: Anna Forlì <anna@pec.example>\r\nTo: urp@cc.test\r\nSubject: Passo carrabile\r\n\
     Message-ID: <citizen.1@pec.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVorrei sapere perché.\r\n"
        .as_bytes()
        .to_vec()
}

fn settings(dovecot: &Dovecot, smtp: &Smtp, more: &[(&str, &str)]) -> Settings {
    let account = &dovecot.accounts()[0];
    let values = [
        ("address", account.address.clone()),
        ("user", account.address.clone()),
        ("imap_host", "localhost".into()),
        ("imap_port", dovecot.imaps_port().to_string()),
        ("smtp_host", "localhost".into()),
        ("smtp_port", smtp.port().to_string()),
        ("smtp_security", "starttls".into()),
        ("smtp_user", smtp.user().into()),
        ("ca", dovecot.cert_path().display().to_string()),
        ("roots", PROVIDER.roots_path().display().to_string()),
    ];
    let own = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let values: BTreeMap<_, _> = values.into_iter().map(|(n, v)| (n.to_owned(), v)).chain(own).collect();
    let secrets = [("password", account.password.as_str()), ("smtp_password", smtp.password())]
        .map(|(n, s)| (n.to_owned(), Secret::new(s)));
    Settings::new(values, secrets.into())
}

fn driver(name: &str) -> &'static dyn Driver {
    *drivers().iter().find(|d| d.name() == name).unwrap()
}

fn open(name: &str, settings: &Settings) -> Account {
    let context = Context { account: name.into(), loop_id: "node-1".into(), ..Context::default() };
    driver(name).open(settings, &context).unwrap()
}

fn outgoing(to: &str) -> Outgoing {
    Outgoing {
        id: "981".into(),
        recipient: to.into(),
        recipient_name: "Anna Forlì".into(),
        sender_name: "Comune di Prova".into(),
        subject: "Passo carrabile".into(),
        text: "Gentile Anna,\nla pratica è conclusa.\n".into(),
        message_id: SENT.into(),
        in_reply_to: Some("citizen.0@pec.example".into()),
        references: vec!["citizen.0@pec.example".into()],
        date: "2026-02-03T09:00:00Z".parse().unwrap(),
        automatic: true,
        ..Outgoing::default()
    }
}

#[derive(Default)]
struct Memory(Mutex<(Option<Cursor>, Vec<Vec<u8>>)>);

#[async_trait]
impl Inbox for Memory {
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
        Ok(self.0.lock().unwrap().0)
    }

    async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
        let mut state = self.0.lock().unwrap();
        state.0 = Some(batch.cursor);
        state.1.extend(batch.items.into_iter().filter_map(|i| match i.content {
            RawContent::Whole(bytes) => Some(bytes.to_vec()),
            _ => None,
        }));
        Ok(())
    }
}

/// Receives until `count` messages are there.
async fn received(account: &Account, count: usize) -> Vec<Inbound> {
    let (inbox, stop) = (Arc::new(Memory::default()), CancellationToken::new());
    let (receiver, to, end) = (account.receiver.clone().unwrap(), Arc::clone(&inbox), stop.clone());
    let task = tokio::spawn(async move { receiver.run(&*to, end).await });
    let start = Instant::now();
    while inbox.0.lock().unwrap().1.len() < count {
        assert!(start.elapsed() < Duration::from_secs(120), "only {} messages came", inbox.0.lock().unwrap().1.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    task.await.unwrap();
    let raw = inbox.0.lock().unwrap().1.clone();
    raw.iter().map(|raw| account.normaliser.normalise(raw).expect("nothing in a mailbox is refused")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_out_and_its_receipts_come_back_into_the_ledger() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let account = open("pec", &settings(&dovecot, &smtp, &[]));
    let sender = account.sender.clone().unwrap();
    assert!(sender.check().await.is_ok() && account.receiver.as_ref().unwrap().check().await.is_ok());
    assert_eq!((sender.kind(), account.receiver.as_ref().unwrap().kind()), (ChannelKind::Pec, ChannelKind::Pec));
    sender.deliver(&outgoing(ANNA)).await.unwrap();
    let captured = smtp.wait_for(ANNA);
    assert_eq!(captured.from, URP, "even what a program writes goes as the mailbox itself");
    let text = captured.text();
    for header in
        ["X-TipoRicevuta: completa", "From: \"Comune di Prova\" <urp@cc.test>", "Auto-Submitted: auto-generated"]
    {
        assert!(text.contains(header), "{header} in {text}");
    }
    assert!(text.contains(&format!("Message-ID: <{SENT}>")) && !text.contains("Bcc"));

    // Before, among and after the true ones: a forged one, an unknown one, an envelope, ordinary mail.
    dovecot.deliver(
        URP,
        &PecProvider::start().receipt(&PecReceipt { explanation: "5.1.1", ..receipt("errore-consegna") }),
    );
    dovecot.deliver(URP, &PROVIDER.receipt(&receipt("ricevuta-del-futuro")));
    PROVIDER.process(&captured, &dovecot);
    dovecot.deliver(URP, &PROVIDER.envelope(&citizens_message(), ANNA, URP, 7));
    dovecot.deliver(URP, &citizens_message());
    let messages = received(&account, 6).await;
    let unverified = messages.iter().filter(|m| m.notices.contains(&Notice::SignatureUnverified)).count();
    assert_eq!(unverified, 1);
    let reports: Vec<_> = messages.iter().filter_map(|m| m.report.as_ref()).collect();
    let entry = &ledger(reports)[ANNA];
    assert_eq!((entry.state, entry.state.is_final()), (State::Delivered, true));
    assert_eq!(entry.at.unwrap().to_string(), "2026-02-03T09:00:09Z");
    assert_eq!(entry.accepted_at.unwrap().to_string(), "2026-02-03T09:00:05Z");
    let answers: Vec<_> = messages.iter().filter(|m| m.message_id == "citizen.1@pec.example").collect();
    assert_eq!(answers.len(), 2);
    assert!(answers[0].certified.as_ref().unwrap().signature.is_verified() && answers[1].certified.is_none());
}

#[tokio::test]
async fn large_messages_ask_for_brief_receipts_and_too_large_ones_are_refused_in_words() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let account = open("pec", &settings(&dovecot, &smtp, &[("brief_above_mb", "1"), ("max_mb", "3")]));
    let with_file = |size: usize, to: &str| Outgoing {
        attachments: vec![OutgoingAttachment {
            name: "planimetria.pdf".into(),
            media_type: "application/pdf".into(),
            bytes: vec![7; size].into(),
            content_id: None,
        }],
        ..outgoing(to)
    };
    let sender = account.sender.unwrap();
    sender.deliver(&with_file(1_200_000, "brevi@pec.example")).await.unwrap();
    assert!(smtp.wait_for("brevi@pec.example").text().contains("X-TipoRicevuta: breve"));
    let Err(DeliveryError::Permanent(refusal)) = sender.deliver(&with_file(2_500_000, ANNA)).await else {
        panic!("too large and not refused")
    };
    assert!(refusal.text.contains("3.5 MB") && refusal.text.contains("3 MB at most"), "{refusal}");
    let nameless = Outgoing { message_id: String::new(), ..outgoing(ANNA) };
    assert!(matches!(sender.deliver(&nameless).await, Err(DeliveryError::Permanent(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_mail_is_a_driver_too() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let account = open("email", &settings(&dovecot, &smtp, &[]));
    account.sender.clone().unwrap().deliver(&outgoing("ugo@example.org")).await.unwrap();
    let captured = smtp.wait_for("ugo@example.org");
    assert_eq!(captured.from, "", "an automatic answer wants none");
    assert!(captured.text().contains("In-Reply-To: <citizen.0@pec.example>"));
    dovecot.deliver(URP, &citizens_message());
    let messages = received(&account, 1).await;
    assert_eq!((messages[0].channel, &messages[0].certified), (ChannelKind::Email, &None));
    assert_eq!(messages[0].text.trim(), "Vorrei sapere perché.");
}

#[tokio::test]
async fn a_wrong_setting_is_named() {
    let dovecot = Dovecot::start(&["urp"]);
    let smtp = Smtp::start(&dovecot);
    let empty = PROVIDER.roots_path().with_file_name("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for (field, value) in [
        ("address", "senza chiocciola"),
        ("imap_host", ""),
        ("imap_port", "molti"),
        ("imap_security", "forse"),
        ("ca", "/nessun/file.pem"),
        ("roots", ""),
        ("roots", "/nessun/file.pem"),
        ("roots", empty.to_str().unwrap()),
        ("receipt", "lunga"),
        ("max_mb", "tanti"),
    ] {
        let wrong = settings(&dovecot, &smtp, &[(field, value)]);
        let error = driver("pec").open(&wrong, &Context::default()).err().expect(field);
        assert_eq!(error.field, field, "{error}");
    }
    for driver in drivers() {
        let mut names: Vec<_> = driver.fields().iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), driver.fields().len(), "{}: a field twice", driver.name());
    }
}
