//! Texts in and out through a real Kannel.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use peers::{Kannel, Network};
use serde_json::json;
use sportello::cli::processor;
use sportello::kernel::database::StoreError;
use sportello::outbox::{AccountPayload, NewMessage, Purpose, enqueue_message};

use crate::place::{self, Store, rate};
use crate::sink::Sink;
use crate::support::TestApp;

const KEY: &str = "parola-del-gancio";
const OURS: &str = "800123";
/// As many as Sportello sends at the same time through a Kannel.
const AT_ONCE: usize = 32;

pub async fn measure(stores: &[Store], count: usize) {
    println!("texts a second through Kannel ({count} each)");
    println!("{:<12}{:>34}{:>10}{:>8}{:>16}", "database", "", "texts/s", "ratio", "server CPU ms");
    for &store in stores {
        let alone = hears(count).await;
        line("", "Kannel alone, to a program", alone, None, None);
        let (ours, cpu) = takes_in(store, count).await;
        line(store.name(), "in, until contacts are stored", ours, Some(ours / alone), Some(cpu));
        let fed = is_fed(count).await;
        line("", "Kannel alone, fed by a program", fed, None, None);
        let (ours, cpu) = sends(store, count).await;
        line(store.name(), "out, from the outbox", ours, Some(ours / fed), Some(cpu));
    }
    println!("In: from the first text on the network's line until all are contacts of tickets, nobody acknowledged.");
    println!("Out: from the rows of the outbox until the network has all, reports of delivery asked for.");
}

fn line(database: &str, what: &str, texts: f64, ratio: Option<f64>, cpu: Option<f64>) {
    let (ratio, cpu) = (ratio.map(|r| format!("{r:.2}")), cpu.map(|c| format!("{c:.2}")));
    println!("{database:<12}{what:>34}{texts:>10.0}{:>8}{:>16}", ratio.unwrap_or_default(), cpu.unwrap_or_default());
}

async fn kannel(hook: String) -> (Kannel, Network) {
    let service = format!("post-url = \"{hook}/in?key={KEY}&from=%p&to=%P&id=%I&at=%T&charset=%C&coding=%c&udh=%u\"");
    let start = move || {
        let mut kannel = Kannel::start(&service);
        let network = kannel.network();
        (kannel, network)
    };
    tokio::task::spawn_blocking(start).await.unwrap()
}

fn number(n: usize) -> String {
    format!("+39333{n:07}")
}

/// Each citizen writes one text.
async fn write(network: &Arc<Network>, count: usize) {
    let network = network.clone();
    let bring = move || {
        let texts: Vec<(String, String)> =
            (0..count).map(|n| (number(n), format!("Segnalo una buca in via Roma {n}, vicino alla scuola"))).collect();
        network.bring(OURS, texts.iter().map(|(from, text)| (from.as_str(), text.as_str())));
    };
    tokio::task::spawn_blocking(bring).await.unwrap();
}

/// Kannel brings texts to a program that does nothing with them.
async fn hears(count: usize) -> f64 {
    let sink = Sink::start("");
    let (_kannel, network) = kannel(sink.url.clone()).await;
    let network = Arc::new(network);
    let begun = Instant::now();
    write(&network, count).await;
    place::until_counted(count, || sink.taken()).await;
    rate(count, begun.elapsed())
}

async fn installation(store: Store) -> (TestApp, Kannel, Arc<Network>) {
    let t = place::open(store, |_| {}).await;
    let (kannel, network) = kannel(format!("{}/hooks/sms", t.url)).await;
    place::secret(&t, "kannel", kannel.password());
    place::secret(&t, "hook", KEY);
    let settings = json!({ "url": kannel.sendsms(), "user": kannel.user(), "password": "file:kannel",
        "hook_password": "file:hook", "sender": "ComuneXY" });
    place::account(&t, "sms", "sms_kannel", settings).await;
    (t, kannel, Arc::new(network))
}

async fn takes_in(store: Store, count: usize) -> (f64, f64) {
    let (t, _kannel, network) = installation(store).await;
    place::acknowledge_nobody(&t, count, "'+39' || CAST(3330000000 + n AS TEXT)").await;
    let (cpu, begun) = (processor::seconds("self"), Instant::now());
    write(&network, count).await;
    place::until(&t, "SELECT COUNT(*) FROM contacts WHERE direction = 'in'", count).await;
    let texts = rate(count, begun.elapsed());
    let cpu = place::each(processor::seconds("self") - cpu, count);
    assert_eq!(network.given(), 0, "nobody was to be acknowledged");
    place::close(t).await;
    (texts, cpu)
}

/// Kannel is fed by requests, several at once, and asked for reports as Sportello asks.
async fn is_fed(count: usize) -> f64 {
    let sink = Sink::start("");
    let (kannel, network) = kannel(sink.url.clone()).await;
    let http = reqwest::Client::builder().pool_max_idle_per_host(AT_ONCE).build().unwrap();
    let page = format!("{}?username={}&password={}", kannel.sendsms(), kannel.user(), kannel.password());
    let report = sink.url.replace(':', "%3A").replace('/', "%2F");
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let feed = || {
        let (http, page, report, next) = (http.clone(), page.clone(), report.clone(), next.clone());
        tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return;
                }
                let to = number(n).replace('+', "%2B");
                let text = format!("Interveniamo+domani+in+via+Roma+{n}.");
                let url = format!(
                    "{page}&from=ComuneXY&to={to}&text={text}&charset=UTF-8&coding=0&dlr-mask=31\
                     &dlr-url={report}%2Fdlr%3Fid%3Dm{n}%26status%3D%25d"
                );
                let answer = http.get(url).send().await.unwrap();
                assert!(answer.status().is_success(), "Kannel answers {}", answer.status());
                answer.bytes().await.unwrap();
            }
        })
    };
    for task in (0..AT_ONCE).map(|_| feed()).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    place::until_counted(count, || network.given()).await;
    rate(count, begun.elapsed())
}

async fn sends(store: Store, count: usize) -> (f64, f64) {
    let (t, _kannel, network) = installation(store).await;
    let now = t.kernel.now();
    let message = |n| NewMessage {
        account: "sms".to_owned(),
        purpose: Purpose::Notice,
        ticket_id: None,
        contact_id: None,
        leg_id: None,
        recipient: number(n),
        message_id: None,
        payload: AccountPayload {
            text: format!("Interveniamo domani in via Roma {n}."),
            language: "it".to_owned(),
            ..AccountPayload::default()
        },
    };
    let messages: Vec<NewMessage> = (0..count).map(message).collect();
    let queued: Result<(), StoreError> = t
        .kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for message in &messages {
                    enqueue_message(tx, message, now).await?;
                }
                Ok(())
            })
        })
        .await;
    queued.unwrap();
    let (cpu, begun) = (processor::seconds("self"), Instant::now());
    place::until_counted(count, || network.given()).await;
    let texts = rate(count, begun.elapsed());
    place::until(&t, "SELECT COUNT(*) FROM outbox WHERE state = 'delivered'", count).await;
    let cpu = place::each(processor::seconds("self") - cpu, count);
    place::close(t).await;
    (texts, cpu)
}
