//! Receiving from a real Dovecot, and from a server that misbehaves.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use channels::email::{ImapConfig, ImapReceiver, Security};
use channels::{Batch, BoxError, Cursor, Inbox, RawContent, RawItem, Receive, ReceiverState};
use peers::Dovecot;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Keeps items and cursor as a database would: both or neither, an item once.
#[derive(Default)]
struct Memory {
    state: Mutex<Stored>,
    down: AtomicBool,
}

#[derive(Default)]
struct Stored {
    cursor: Option<Cursor>,
    items: Vec<RawItem>,
    seen: HashSet<String>,
    handed_twice: u32,
}

impl Memory {
    fn items(&self) -> Vec<RawItem> {
        self.state.lock().unwrap().items.clone()
    }

    fn texts(&self) -> Vec<String> {
        let text = |i: &RawItem| match &i.content {
            RawContent::Whole(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("{other:?}"),
        };
        self.items().iter().map(text).collect()
    }

    fn handed_twice(&self) -> u32 {
        self.state.lock().unwrap().handed_twice
    }
}

#[async_trait]
impl Inbox for Memory {
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
        Ok(self.state.lock().unwrap().cursor)
    }

    async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
        if self.down.load(Ordering::SeqCst) {
            return Err("the database is down".into());
        }
        let mut state = self.state.lock().unwrap();
        for item in batch.items {
            if state.seen.insert(item.external_ref.clone()) {
                state.items.push(item);
            } else {
                state.handed_twice += 1;
            }
        }
        state.cursor = Some(batch.cursor);
        Ok(())
    }
}

struct Running {
    receiver: Arc<ImapReceiver>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    fn start(config: ImapConfig, inbox: &Arc<Memory>) -> Self {
        let receiver = Arc::new(ImapReceiver::new(config));
        let stop = CancellationToken::new();
        let (r, i, s) = (Arc::clone(&receiver), Arc::clone(inbox), stop.clone());
        let task = tokio::spawn(async move { r.run(&*i, s).await });
        Self { receiver, stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), self.task).await.expect("it stops at once").unwrap();
        assert_eq!(self.receiver.status().borrow().state, ReceiverState::Stopped);
    }
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(120), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn config(dovecot: &Dovecot, account: usize) -> ImapConfig {
    let account = &dovecot.accounts()[account];
    let mut config = ImapConfig::new("localhost", account.address.clone(), account.password.as_str());
    config.port = Some(dovecot.imaps_port());
    config.extra_ca_pem = Some(dovecot.cert_pem());
    config
}

fn mail(n: usize) -> Vec<u8> {
    format!("From: anna@example.org\r\nSubject: {n}\r\nMessage-ID: <{n}@example.org>\r\n\r\nmessaggio numero {n}\r\n")
        .into_bytes()
}

const URP: &str = "urp@cc.test";

#[tokio::test(flavor = "multi_thread")]
async fn new_mail_is_told_by_the_server_over_starttls_and_tls() {
    let dovecot = Dovecot::start(&["urp"]);
    for security in [Security::StartTls, Security::Tls] {
        let mut config = config(&dovecot, 0);
        config.security = security;
        config.port = Some(if security == Security::Tls { dovecot.imaps_port() } else { dovecot.imap_port() });
        let inbox = Arc::new(Memory::default());
        let running = Running::start(config, &inbox);
        let status = running.receiver.status();
        eventually("it waits for news", || status.borrow().state == ReceiverState::Waiting).await;
        assert!(status.borrow().pushed);
        let before = inbox.items().len();
        dovecot.deliver(URP, &mail(before));
        eventually("the message comes", || inbox.items().len() == before + 1).await;
        eventually("it waits again", || status.borrow().state == ReceiverState::Waiting).await;
        assert!(status.borrow().last_success.is_some() && status.borrow().last_error.is_none());
        assert!(inbox.items()[0].received_at.is_some());
        running.stop().await;
    }
    let seen = dovecot.doveadm(&["search", "-u", URP, "mailbox", "INBOX", "SEEN"]);
    assert_eq!(seen, "", "nothing is marked as read");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_reached_survives_a_restart_and_read_mail_is_fetched_too() {
    let dovecot = Dovecot::start(&["urp"]);
    let inbox = Arc::new(Memory::default());
    dovecot.deliver(URP, &mail(1));
    dovecot.mark_all_read(URP);
    let running = Running::start(config(&dovecot, 0), &inbox);
    eventually("a message that a colleague has read comes", || inbox.items().len() == 1).await;
    running.stop().await;
    dovecot.deliver(URP, &mail(2));
    dovecot.mark_all_read(URP);
    let running = Running::start(config(&dovecot, 0), &inbox);
    eventually("the next one comes", || inbox.items().len() == 2).await;
    running.stop().await;
    assert_eq!(inbox.handed_twice(), 0);
    assert!(inbox.texts()[1].contains("messaggio numero 2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_made_anew_is_read_from_its_beginning() {
    let dovecot = Dovecot::start(&["urp"]);
    let inbox = Arc::new(Memory::default());
    dovecot.deliver_many(URP, [&mail(1)[..], &mail(2)]);
    let running = Running::start(config(&dovecot, 0), &inbox);
    eventually("both come", || inbox.items().len() == 2).await;
    running.stop().await;
    let before = inbox.cursor().await.unwrap().unwrap();
    dovecot.recreate_mailbox(URP);
    dovecot.deliver(URP, &mail(3));
    let running = Running::start(config(&dovecot, 0), &inbox);
    eventually("the new one comes", || inbox.items().len() == 3).await;
    running.stop().await;
    let after = inbox.cursor().await.unwrap().unwrap();
    assert_ne!(before.validity, after.validity);
    assert_eq!(after.position, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_again_and_again_loses_nothing() {
    let mut dovecot = Dovecot::start(&["urp"]);
    let inbox = Arc::new(Memory::default());
    let mails: Vec<Vec<u8>> = (0..600).map(mail).collect();
    dovecot.deliver_many(URP, mails[..300].iter().map(Vec::as_slice));
    let mut config = config(&dovecot, 0);
    config.batch_size = 10;
    let running = Running::start(config, &inbox);
    eventually("it begins", || inbox.items().len() >= 20).await;
    for part in mails[300..].chunks(100) {
        dovecot.stop();
        let status = running.receiver.status();
        eventually("it notices", || status.borrow().last_error.is_some()).await;
        dovecot.resume();
        dovecot.deliver_many(URP, part.iter().map(Vec::as_slice));
    }
    eventually("all come", || inbox.items().len() == 600).await;
    let status = running.receiver.status();
    eventually("it has recovered", || status.borrow().last_error.is_none()).await;
    running.stop().await;
    assert_eq!(inbox.handed_twice(), 0);
    let texts = inbox.texts().concat();
    for n in 0..600 {
        assert!(texts.contains(&format!("messaggio numero {n}\r\n")), "{n} is missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_mailboxes_are_received_side_by_side_and_fast() {
    const EACH: usize = 1000;
    let dovecot = Dovecot::start(&["urp", "protocollo", "tributi"]);
    let mails: Vec<Vec<u8>> = (0..EACH).map(mail).collect();
    for account in dovecot.accounts() {
        dovecot.deliver_many(&account.address, mails.iter().map(Vec::as_slice));
    }
    let inboxes: Vec<_> = (0..3).map(|_| Arc::new(Memory::default())).collect();
    let start = Instant::now();
    let running: Vec<_> = (0..3).map(|n| Running::start(config(&dovecot, n), &inboxes[n])).collect();
    for inbox in &inboxes {
        eventually("all of a mailbox come", || inbox.items().len() == EACH).await;
    }
    eprintln!("{} messages in {:?}", 3 * EACH, start.elapsed());
    for r in running {
        r.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_too_large_is_handed_over_by_its_headers() {
    let dovecot = Dovecot::start(&["urp"]);
    let large = [mail(1), vec![b'x'; 3000]].concat();
    dovecot.deliver_many(URP, [&large[..], &mail(2)]);
    let mut config = config(&dovecot, 0);
    config.max_message_bytes = 2000;
    let inbox = Arc::new(Memory::default());
    let running = Running::start(config, &inbox);
    eventually("both come", || inbox.items().len() == 2).await;
    running.stop().await;
    let RawContent::HeadersOnly { headers, size } = &inbox.items()[0].content else { panic!("{:?}", inbox.items()[0]) };
    assert!(String::from_utf8_lossy(headers).contains("Subject: 1") && *size > 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_for_a_database_that_is_down() {
    let dovecot = Dovecot::start(&["urp"]);
    dovecot.deliver(URP, &mail(1));
    let inbox = Arc::new(Memory::default());
    inbox.down.store(true, Ordering::SeqCst);
    let running = Running::start(config(&dovecot, 0), &inbox);
    let status = running.receiver.status();
    eventually("it says so", || {
        status.borrow().last_error.as_deref().is_some_and(|e| e.contains("could not be stored"))
    })
    .await;
    inbox.down.store(false, Ordering::SeqCst);
    eventually("the message comes", || inbox.items().len() == 1).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_a_sentence() {
    let mut dovecot = Dovecot::start(&["urp"]);
    let good = config(&dovecot, 0);
    let check = |c: ImapConfig| async move { ImapReceiver::new(c).check().await };
    assert!(check(good.clone()).await.unwrap().contains("0 messages"));
    let wrong = ImapConfig { password: "sbagliata".into(), ..good.clone() };
    let said = check(wrong).await.unwrap_err();
    assert!(said.contains("refuses the account or its password") && said.contains("Authentication failed"), "{said}");
    let said = check(ImapConfig { extra_ca_pem: None, ..good.clone() }).await.unwrap_err();
    assert!(said.contains("cannot be reached safely"), "{said}");
    let said = check(ImapConfig { folder: "Nessuna".into(), ..good.clone() }).await.unwrap_err();
    assert!(said.contains("the folder Nessuna cannot be opened"), "{said}");
    let said =
        check(ImapConfig { host: "imap.example".into(), security: Security::Plain, ..good.clone() }).await.unwrap_err();
    assert!(!said.is_empty());
    dovecot.stop();
    let said = check(good).await.unwrap_err();
    assert!(said.contains("cannot be reached"), "{said}");
}

/// A server that has three messages and answers nonsense whenever the second is asked for.
async fn broken_server() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (reader, mut writer) = stream.into_split();
                let _gone = writer.write_all(b"* OK pronto\r\n").await;
                let mut lines = BufReader::new(reader).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    let tag = line.split(' ').next().unwrap_or_default().to_owned();
                    let _gone = writer.write_all(answer(&line).as_bytes()).await;
                    let _gone = writer.write_all(format!("{tag} OK fatto\r\n").as_bytes()).await;
                }
            });
        }
    });
    port
}

fn answer(line: &str) -> String {
    let body = |n: u32| format!("* {n} FETCH (UID {n} BODY[] {{6}}\r\ncorpo{n})\r\n");
    if line.contains("CAPABILITY") {
        "* CAPABILITY IMAP4rev1\r\n".to_owned()
    } else if line.contains("EXAMINE") {
        "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n".to_owned()
    } else if line.contains("RFC822.SIZE") {
        let from: u32 = line.split("FETCH ").nth(1).unwrap().split(':').next().unwrap().parse().unwrap();
        (from.min(3)..=3).map(|n| format!("* {n} FETCH (UID {n} RFC822.SIZE 6)\r\n")).collect()
    } else if line.contains("FETCH 1:3") || line.contains("FETCH 2 ") {
        "* 2 FETCH (UID 2 BODY[] {rotto)\r\n".to_owned()
    } else if line.contains("FETCH 1 ") {
        body(1)
    } else if line.contains("FETCH 3 ") {
        body(3)
    } else {
        String::new()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_that_cannot_be_understood_does_not_stop_the_mailbox() {
    let mut config = ImapConfig::new("127.0.0.1", "urp", "x");
    (config.port, config.security) = (Some(broken_server().await), Security::Plain);
    (config.poll_seconds, config.timeout_seconds) = (1, 1);
    let inbox = Arc::new(Memory::default());
    let running = Running::start(config, &inbox);
    eventually("all three are handed over", || inbox.items().len() == 3).await;
    running.stop().await;
    let texts = inbox.texts();
    assert_eq!((texts[0].as_str(), texts[2].as_str()), ("corpo1", "corpo3"));
    assert!(texts[1].starts_with("Unreadable"), "{}", texts[1]);
    assert_eq!(inbox.items()[1].external_ref, "7.2");
}
