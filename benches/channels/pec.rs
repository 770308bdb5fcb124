//! Certified mail from a real mailbox, its signatures verified, beside the same number of plain mails.
use std::time::Instant;

use peers::{Dovecot, PecProvider};
use serde_json::json;
use sportello::cli::processor;

use crate::place::{self, Store, rate};

const OURS: &str = "urp@cc.test";

struct Peers {
    dovecot: Dovecot,
    provider: PecProvider,
}

pub async fn measure(stores: &[Store], count: usize) {
    println!("messages a second from Dovecot until they are contacts ({count} each)");
    println!("{:<12}{:>30}{:>12}{:>8}{:>16}", "database", "", "messages/s", "ratio", "server CPU ms");
    let peers = tokio::task::spawn_blocking(|| {
        let dovecot = Dovecot::start(&["urp"]);
        Peers { dovecot, provider: PecProvider::start() }
    });
    let peers = peers.await.unwrap();
    let plain: Vec<Vec<u8>> = (0..count).map(mail).collect();
    let certified: Vec<Vec<u8>> = envelopes(&peers.provider, &plain);
    for &store in stores {
        let (alone, cpu) = take_in(store, &peers, "email", &plain).await;
        println!("{:<12}{:>30}{alone:>12.0}{:>8}{cpu:>16.2}", store.name(), "plain mail", "");
        let (ours, cpu) = take_in(store, &peers, "pec", &certified).await;
        let ratio = ours / alone;
        println!("{:<12}{:>30}{ours:>12.0}{ratio:>8.2}{cpu:>16.2}", store.name(), "certified mail, verified");
    }
    println!("The plain mails are those within the envelopes; nobody is acknowledged in either.");
}

fn mail(n: usize) -> Vec<u8> {
    let text =
        "Vorrei sapere a che punto è la mia domanda di passo carrabile, presentata il mese scorso.\r\n".repeat(10);
    format!(
        "From: Persona {n} <p{n}@pec.example>\r\nTo: {OURS}\r\nSubject: Passo carrabile {n}\r\n\
         Message-ID: <citizen.{n}@pec.example>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nBuongiorno,\r\n{text}"
    )
    .into_bytes()
}

/// OpenSSL signs each; that takes a while, and is not measured.
fn envelopes(provider: &PecProvider, mails: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let envelope = |(n, mail): (usize, &Vec<u8>)| {
        provider.envelope(mail, &format!("p{n}@pec.example"), OURS, u32::try_from(n).unwrap())
    };
    let half = mails.len() / 2;
    std::thread::scope(|scope| {
        let first = scope.spawn(|| mails.iter().enumerate().take(half).map(envelope).collect::<Vec<_>>());
        let second: Vec<_> = mails.iter().enumerate().skip(half).map(envelope).collect();
        [first.join().unwrap(), second].concat()
    })
}

async fn take_in(store: Store, peers: &Peers, driver: &str, mails: &[Vec<u8>]) -> (f64, f64) {
    peers.dovecot.recreate_mailbox(OURS);
    peers.dovecot.deliver_many(OURS, mails.iter().map(Vec::as_slice));
    let t = place::open(store, |_| {}).await;
    place::acknowledge_nobody(&t, mails.len(), "'p' || CAST(n AS TEXT) || '@pec.example'").await;
    let mailbox = &peers.dovecot.accounts()[0];
    place::secret(&t, "mailbox", &mailbox.password);
    place::secret(&t, "ca.pem", &peers.dovecot.cert_pem());
    place::secret(&t, "roots.pem", &std::fs::read_to_string(peers.provider.roots_path()).unwrap());
    let folder = t.kernel.config.data.join("secrets");
    let file = |name: &str| folder.join(name).display().to_string();
    let mut settings = json!({
        "address": OURS, "user": mailbox.address, "password": "file:mailbox", "imap_host": "localhost",
        "imap_port": peers.dovecot.imaps_port().to_string(), "smtp_host": "localhost", "ca": file("ca.pem"),
    });
    if driver == "pec" {
        settings["roots"] = json!(file("roots.pem"));
    }
    let cpu = processor::seconds("self");
    place::account(&t, "mail", driver, settings).await;
    // The mailbox is opened now; what follows is reading, verifying and storing.
    let begun = Instant::now();
    place::until(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", mails.len()).await;
    let messages = rate(mails.len(), begun.elapsed());
    let cpu = place::each(processor::seconds("self") - cpu, mails.len());
    let certified = t.number("SELECT COUNT(*) FROM contacts WHERE notices = 'certified'").await;
    assert_eq!(usize::try_from(certified).unwrap(), if driver == "pec" { mails.len() } else { 0 });
    place::close(t).await;
    (messages, cpu)
}
