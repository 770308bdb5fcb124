//! Through an SMSC that speaks SMPP.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use channels::{Account, Action, DeliveryError, Keyword, sms};
use peers::Smsc;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::{MemoryInbox, open, outgoing};

const CITIZEN: &str = "+393331234567";

fn account(smsc: &Smsc, more: &[(&str, &str)]) -> Account {
    let port = smsc.port().to_string();
    let mut values = vec![
        ("host", "127.0.0.1"),
        ("port", &port),
        ("security", "plain"),
        ("system_id", "cc"),
        ("password", smsc.password()),
        ("sender", "ComuneXY"),
    ];
    values.extend(more);
    open("smpp", "", &values)
}

struct Running {
    inbox: Arc<MemoryInbox>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn receive(account: &Account, inbox: Arc<MemoryInbox>) -> Running {
    let (receiver, stop) = (account.receiver.clone().unwrap(), CancellationToken::new());
    let (into, until) = (inbox.clone(), stop.clone());
    let task = tokio::spawn(async move { receiver.run(into.as_ref(), until).await });
    Running { inbox, stop, task }
}

fn texts(inbox: &MemoryInbox, account: &Account) -> BTreeSet<String> {
    inbox.read(account).into_iter().map(|m| m.text).collect()
}

fn acknowledged(state: &Value) -> usize {
    state["acknowledged"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_acknowledged_only_once_it_is_stored() {
    let smsc = Smsc::start();
    let account = account(&smsc, &[("enquire_seconds", "1")]);
    let running = receive(&account, Arc::default());
    smsc.wait_until("bound", |s| s["receivers"] == 1);
    running.inbox.held.store(true, Ordering::SeqCst);
    smsc.deliver(CITIZEN, "800123", 0, 0, &sms::gsm::encode("Perché 5 €?").unwrap());
    // Long enough to be asked whether we live, and for an acknowledgement to arrive if there were one.
    smsc.wait_until("kept alive", |s| s["enquired"].as_u64() >= Some(3));
    assert_eq!((acknowledged(&smsc.state()), running.inbox.len()), (0, 0));
    running.inbox.held.store(false, Ordering::SeqCst);
    smsc.wait_until("acknowledged", |s| acknowledged(s) == 1);
    smsc.deliver(CITIZEN, "800123", 8, 0, &[0xD8, 0x3D, 0xDE, 0x00]);
    smsc.deliver(CITIZEN, "800123", 0, 0x40, &[&[5, 0, 3, 9, 2, 2][..], b"TOP"].concat());
    smsc.deliver(CITIZEN, "800123", 0, 0x40, &[&[5, 0, 3, 9, 2, 1][..], b"S"].concat());
    running.inbox.wait_until("all", |i| i.len() == 4).await;
    let (parts, whole): (Vec<_>, Vec<_>) = running.inbox.read(&account).into_iter().partition(|m| m.part.is_some());
    assert_eq!(whole.iter().map(|m| m.text.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["Perché 5 €?", "😀"]));
    assert!(whole.iter().all(|m| m.from.as_ref().unwrap().address == CITIZEN && m.to[0].address == "800123"));
    assert_eq!(sms::join(&parts).unwrap().message.keyword, Some(Keyword::Stop));
    running.stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), running.task).await.unwrap().unwrap();
    smsc.wait_until("unbound", |s| s["receivers"] == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_out_and_its_receipt_is_known_by_its_id() {
    let smsc = Smsc::start();
    let account = account(&smsc, &[]);
    let running = receive(&account, Arc::default());
    let sender = account.sender.clone().unwrap();
    let sent = sender.deliver(&outgoing("1", "333 1234567", "È “aperto”: 5 €")).await.unwrap();
    let failed = sender.deliver(&outgoing("2", "+393331234000", "ciao 😀")).await.unwrap();
    let long = sender.deliver(&outgoing("3", CITIZEN, &"à".repeat(200))).await.unwrap();
    let state = smsc.state();
    let submitted = state["submitted"].as_array().unwrap();
    assert_eq!((&submitted[0]["text"], &submitted[0]["coding"]), (&"E' \"aperto\": 5 €".into(), &0.into()));
    assert_eq!((&submitted[0]["to"], &submitted[0]["toTon"]), (&"393331234567".into(), &1.into()));
    assert_eq!((&submitted[0]["from"], &submitted[0]["fromTon"]), (&"ComuneXY".into(), &5.into()));
    assert_eq!((&submitted[1]["text"], &submitted[1]["coding"]), (&"ciao 😀".into(), &8.into()));
    let whole: String = submitted[2..].iter().map(|p| p["text"].as_str().unwrap()).collect();
    assert_eq!((submitted.len(), whole), (4, "à".repeat(200)));
    running.inbox.wait_until("three receipts", |i| i.len() == 3).await;
    let reports: Vec<_> = running.inbox.read(&account).into_iter().map(|m| m.report.unwrap()).collect();
    for (id, action) in [(sent, Action::Delivered), (failed, Action::Failed), (long, Action::Delivered)]
        .map(|(s, a)| (s.provider_id.unwrap(), a))
    {
        let report =
            reports.iter().find(|r| r.provider_ids.contains(&id)).unwrap_or_else(|| panic!("{id}: {reports:?}"));
        assert_eq!(report.recipients[0].action, action);
    }
    running.stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn long_texts_go_as_the_smsc_likes_them() {
    let smsc = Smsc::start();
    let text = "a".repeat(170);
    for way in ["sar", "payload"] {
        let sender = account(&smsc, &[("long_texts", way)]).sender.unwrap();
        sender.deliver(&outgoing("1", CITIZEN, &text)).await.unwrap();
    }
    let state = smsc.state();
    let submitted = state["submitted"].as_array().unwrap();
    assert_eq!(submitted.len(), 3);
    assert_eq!((&submitted[0]["sar"][1], &submitted[0]["sar"][2]), (&2.into(), &1.into()));
    assert_eq!((&submitted[0]["receipt"], &submitted[1]["receipt"]), (&0.into(), &1.into()));
    assert_eq!(submitted[2]["payload"], text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_smsc_behind_tls_must_show_a_certificate_we_trust() {
    let smsc = Smsc::start_with_tls();
    let cert = smsc.cert_path();
    let trusting = |ca: &str| account(&smsc, &[("host", "localhost"), ("security", "tls"), ("ca_file", ca)]);
    let good = trusting(&cert.to_string_lossy());
    good.sender.clone().unwrap().deliver(&outgoing("1", CITIZEN, "ciao")).await.unwrap();
    let running = receive(&good, Arc::default());
    running.inbox.wait_until("its receipt", |i| i.len() == 1).await;
    running.stop.cancel();
    let failed = trusting("").sender.unwrap().deliver(&outgoing("2", CITIZEN, "ciao")).await;
    assert!(matches!(&failed, Err(DeliveryError::Transient(r)) if r.text.contains("certificate")), "{failed:?}");
    assert_eq!(smsc.state()["submitted"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_smsc_gets_patience_and_a_wrong_number_none() {
    let smsc = Smsc::start();
    let sender = account(&smsc, &[]).sender.unwrap();
    smsc.answer_with(&[0x58, 0x14]);
    sender.deliver(&outgoing("1", CITIZEN, "ciao")).await.unwrap();
    smsc.answer_with(&[0x58; 3]);
    let failed = sender.deliver(&outgoing("2", CITIZEN, "ciao")).await;
    assert!(matches!(&failed, Err(DeliveryError::Transient(r)) if r.code == Some(0x58)), "{failed:?}");
    smsc.answer_with(&[0x0B]);
    let failed = sender.deliver(&outgoing("3", CITIZEN, "ciao")).await;
    assert!(matches!(&failed, Err(DeliveryError::Permanent(r)) if r.code == Some(0x0B)), "{failed:?}");
    smsc.answer_with(&[0x08]);
    assert!(matches!(sender.deliver(&outgoing("4", CITIZEN, "ciao")).await, Err(DeliveryError::Transient(_))));
    assert_eq!(smsc.state()["submitted"].as_array().unwrap().len(), 1);

    let stranger = account(&smsc, &[("password", "altra")]);
    for said in [stranger.sender.unwrap().check().await, stranger.receiver.unwrap().check().await] {
        assert!(said.unwrap_err().contains("refuses the account"));
    }
    assert!(account(&smsc, &[]).receiver.unwrap().check().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_acknowledgement_doubles_nothing_and_a_repeated_text_is_two() {
    let smsc = Smsc::start();
    let account = account(&smsc, &[]);
    let running = receive(&account, Arc::default());
    smsc.wait_until("bound", |s| s["receivers"] == 1);
    smsc.lose_acknowledgements(1);
    smsc.deliver(CITIZEN, "800123", 0, 0, b"conferma");
    smsc.wait_until("acknowledged at last", |s| acknowledged(s) == 1);
    assert_eq!((running.inbox.len(), running.inbox.repeated.load(Ordering::SeqCst)), (1, 1));
    smsc.deliver(CITIZEN, "800123", 0, 0, b"conferma");
    smsc.wait_until("acknowledged", |s| acknowledged(s) == 2);
    assert_eq!(running.inbox.len(), 2, "the citizen wrote it again");

    running.inbox.broken.store(true, Ordering::SeqCst);
    smsc.deliver(CITIZEN, "800123", 0, 0, b"mentre la base dati era ferma");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(smsc.state()["undelivered"], 1);
    running.inbox.broken.store(false, Ordering::SeqCst);
    smsc.wait_until("acknowledged", |s| acknowledged(s) == 3);
    assert_eq!(running.inbox.len(), 3);
    running.stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_before_it_acknowledges_doubles_nothing() {
    let smsc = Smsc::start();
    let running = receive(&account(&smsc, &[]), Arc::default());
    smsc.wait_until("bound", |s| s["receivers"] == 1);
    running.inbox.mute.store(true, Ordering::SeqCst);
    smsc.deliver(CITIZEN, "800123", 0, 0, b"una volta");
    running.inbox.wait_until("stored", |i| i.len() == 1).await;
    running.task.abort();
    assert!(running.task.await.unwrap_err().is_cancelled());
    running.inbox.mute.store(false, Ordering::SeqCst);
    assert_eq!(smsc.state()["undelivered"], 1);
    // The process that takes over knows nothing but what is in the inbox.
    let next = receive(&account(&smsc, &[]), running.inbox);
    smsc.wait_until("acknowledged", |s| acknowledged(s) == 1);
    assert_eq!((next.inbox.len(), next.inbox.repeated.load(Ordering::SeqCst)), (1, 1));
    next.stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_smsc_killed_under_load_loses_and_doubles_nothing() {
    const TEXTS: usize = 120;
    let mut smsc = Smsc::start();
    let account = account(&smsc, &[]);
    let running = receive(&account, Arc::default());
    smsc.wait_until("bound", |s| s["receivers"] == 1);
    let sender = account.sender.clone().unwrap();
    sender.deliver(&outgoing("0", "+393331234001", "prima")).await.unwrap();
    for n in 0..TEXTS {
        smsc.deliver(CITIZEN, "800123", 0, 0, format!("testo {n}").as_bytes());
        match n {
            40 => smsc.cut(),
            80 => {
                smsc.stop();
                let down = sender.deliver(&outgoing("1", "+393331234002", "durante")).await;
                assert!(matches!(down, Err(DeliveryError::Transient(_))), "{down:?}");
                smsc.resume();
            }
            _ => {}
        }
    }
    // The outbox would come back too; until the pause is over it is told so at once.
    let mut attempts = 0;
    while let Err(e) = sender.deliver(&outgoing("1", "+393331234002", "durante")).await {
        attempts += 1;
        assert!(matches!(e, DeliveryError::Transient(_)) && attempts < 100, "{e}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let all = TEXTS + 2;
    let state = smsc.wait_until("everything acknowledged", |s| s["undelivered"] == 0);
    running.inbox.wait_until("everything", |i| i.len() >= all).await;
    assert_eq!(running.inbox.len(), all, "{} repeated", running.inbox.repeated.load(Ordering::SeqCst));
    let expected: BTreeSet<String> = (0..TEXTS).map(|n| format!("testo {n}")).collect();
    assert!(texts(&running.inbox, &account).is_superset(&expected));
    let to: Vec<&str> = state["submitted"].as_array().unwrap().iter().map(|m| m["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["393331234001", "393331234002"], "each sent once");
    running.stop.cancel();
}
