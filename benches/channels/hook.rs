//! What an accepted hook costs in processor time, beside the storing that it asks for done directly in this process.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use channels::paper::Programs;
use channels::phone::guard::signed_query;
use channels::simulate::pages::{Coding, Written, fax};
use channels::{HookAccepted, HookRequest};
use jiff::SignedDuration;
use serde_json::json;
use sportello::accounts::Open;
use sportello::cli::processor;
use sportello::intake::reading;
use sportello::kernel::leases;

use crate::place::{self, Store, each};
use crate::replay::{self, AT_ONCE, Post};
use crate::support::TestApp;

const SECRET: &str = "segreto-del-gancio";

/// A hook that is called.
#[derive(Debug, Clone, Copy)]
enum Hook {
    /// An edge tells of a call.
    Call,
    /// Kannel brings a text.
    Text,
    /// HylaFAX brings a fax of one page.
    Fax,
}

pub async fn measure(stores: &[Store], count: usize) {
    println!("milliseconds of processor for an accepted hook ({count} each, {AT_ONCE} at the same time)");
    println!(
        "{:<12}{:<18}{:>10}{:>9}{:>9}{:>10}{:>16}{:>8}{:>18}",
        "database", "", "hooks/s", "p50 ms", "p99 ms", "whole", "storing alone", "request", "of it, verifying"
    );
    for &store in stores {
        for hook in [Hook::Call, Hook::Text, Hook::Fax] {
            one(store, hook, count).await;
        }
    }
    println!("Storing alone: the same calls of the same functions with what the hook said to store, in this process.");
    println!(
        "Nothing is read further meanwhile: another node holds the readers' leases. Target for the rest: below 1."
    );
}

async fn one(store: Store, hook: Hook, count: usize) {
    let t = place::open(store, |_| {}).await;
    for reader in ["sms reader", "fax reader"] {
        let (now, span) = (t.kernel.now(), SignedDuration::from_hours(1));
        assert!(leases::hold(&t.kernel.db, reader, "another node", now, span).await.unwrap());
    }
    let (name, driver, settings) = hook.account();
    place::secret(&t, "hook", SECRET);
    place::account(&t, name, driver, settings).await;
    let open = t.services.accounts.open(name).unwrap();
    let page = hook.page();

    // What is slow the first time is not measured.
    let warm: Vec<Post> = (0..200).map(|n| hook.post(&t, &page, n)).collect();
    replay::send(&warm).await;
    let posts: Vec<Post> = (200..200 + count).map(|n| hook.post(&t, &page, n)).collect();
    let (cpu, requests) = (processor::seconds("self"), place::request_seconds());
    let seen = replay::send(&posts).await;
    let whole = each(processor::seconds("self") - cpu, count);
    let beyond = each(place::request_seconds() - requests, count);

    let others: Vec<HookRequest> =
        (200 + count..200 + 2 * count).map(|n| request(&t, name, hook.post(&t, &page, n))).collect();
    let accept = open.account.hook.clone().unwrap();
    let mut accepted = Vec::with_capacity(count);
    let cpu = processor::seconds("self");
    for request in &others {
        accepted.push(accept.accept(request).await.unwrap());
    }
    let verifying = each(processor::seconds("self") - cpu, count);
    let cpu = processor::seconds("self");
    store_all(&t, name, &open, accepted, &others).await;
    let storing = each(processor::seconds("self") - cpu, count);
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let rate = count as f64 / seen.seconds;
    println!(
        "{:<12}{:<18}{rate:>10.0}{:>9.2}{:>9.2}{whole:>10.3}{storing:>16.3}{beyond:>8.3}{verifying:>18.3}",
        store.name(),
        hook.what(),
        seen.p50_ms,
        seen.p99_ms,
    );
    place::close(t).await;
}

/// Stores what the hook said, as many at the same time as there were requests.
async fn store_all(
    t: &TestApp,
    name: &'static str,
    open: &Open,
    accepted: Vec<HookAccepted>,
    requests: &[HookRequest],
) {
    let bodies = requests.iter().map(|request| request.body.clone());
    let all: Arc<Vec<_>> =
        Arc::new(accepted.into_iter().zip(bodies).map(|one| std::sync::Mutex::new(Some(one))).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let work = || {
        let (t, all, next, kind) = (t.clone(), all.clone(), next.clone(), open.kind);
        tokio::spawn(async move {
            while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (accepted, body) = one.lock().unwrap().take().unwrap();
                if let Some(call) = accepted.call {
                    t.services.telephony.take(name, call, &body).await.unwrap();
                }
                reading::store(&t.kernel, kind, name, accepted.items).await.unwrap();
            }
        })
    };
    for task in (0..AT_ONCE).map(|_| work()).collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// The request as the server hands it to the account.
fn request(t: &TestApp, name: &str, post: Post) -> HookRequest {
    let rest = post.url.strip_prefix(&format!("{}/hooks/{name}/", t.url)).unwrap();
    let (path, query) = rest.split_once('?').unwrap();
    HookRequest {
        method: "POST".to_owned(),
        url: post.url.clone(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: post.headers.into_iter().collect(),
        body: post.body.into(),
        now: t.kernel.now().timestamp(),
    }
}

impl Hook {
    const fn what(self) -> &'static str {
        match self {
            Self::Call => "event of a call",
            Self::Text => "text message",
            Self::Fax => "fax of one page",
        }
    }

    fn account(self) -> (&'static str, &'static str, serde_json::Value) {
        match self {
            Self::Call => ("telefono", "phone_sip", json!({ "secret": "file:hook" })),
            Self::Text => {
                let there = json!({ "url": "http://127.0.0.1:9/x", "user": "u", "password": "file:hook",
                    "hook_password": "file:hook", "sender": "ComuneXY" });
                ("sms", "sms_kannel", there)
            }
            Self::Fax => ("fax", "fax_hylafax", json!({ "hook_secret": "file:hook" })),
        }
    }

    /// The page that each fax brings.
    fn page(self) -> Vec<u8> {
        match self {
            Self::Call | Self::Text => Vec::new(),
            Self::Fax => {
                let letter = Written {
                    name: "Anna Bianchi",
                    to: "Comune di Prova",
                    subject: "Richiesta di copia",
                    text: &"Chiedo copia dell'atto di nascita di mio nonno. ".repeat(20),
                    at: "2026-03-02T08:00:00Z".parse().unwrap(),
                };
                fax(&letter, Coding::G4, &Programs::default()).unwrap()
            }
        }
    }

    fn post(self, t: &TestApp, page: &[u8], n: usize) -> Post {
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match self {
            Self::Call => {
                // Three events make a call.
                let event = ["ringing", "answered", "ended"][n % 3];
                let at = t.kernel.now().timestamp().as_second();
                let body = json!({ "call_id": format!("call-{}", n / 3), "id": event, "event": event, "agent": "7",
                    "from": format!("+39333{:07}", n / 3), "to": "800123", "at": at });
                let body = body.to_string().into_bytes();
                let query = signed_query(&SECRET.into(), "event", &format!("t={at}"), &body);
                let url = format!("{}/hooks/telefono/event?{query}", t.url);
                Post { url, headers: vec![of("content-type", "application/json")], body }
            }
            Self::Text => {
                let url = format!(
                    "{}/hooks/sms/in?key={SECRET}&from=%2B39333{n:07}&to=800123&id=text-{n}&at=2026-03-02+08:00:00\
                     &charset=UTF-8&coding=0&udh=",
                    t.url
                );
                let body = format!("Segnalo una buca in via Roma {n}, vicino alla scuola").into_bytes();
                Post { url, headers: vec![of("content-type", "text/plain; charset=\"UTF-8\"")], body }
            }
            Self::Fax => {
                let url = format!(
                    "{}/hooks/fax/in?file=recvq/fax{n}.tif&device=ttyS0&comm={n}&caller=0862{n:06}&name=&error=",
                    t.url
                );
                let headers = vec![of("content-type", "image/tiff"), of("authorization", &format!("Bearer {SECRET}"))];
                Post { url, headers, body: page.to_vec() }
            }
        }
    }
}
