//! An inbox in memory and a server that hands requests to a hook, as the platform does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use channels::{
    Account, Batch, BoxError, Context, Cursor, HookRefusal, HookRequest, Inbound, Inbox, Outgoing, RawContent, RawItem,
    Settings, drivers,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Opens an account by the name of its driver; names that end in `password` or `token` are secrets.
pub fn open(driver: &str, hook_url: &str, values: &[(&str, &str)]) -> Account {
    let driver = drivers().iter().find(|d| d.name() == driver).unwrap();
    let is_secret = |name: &str| name.ends_with("password") || name.ends_with("token");
    let (secrets, values): (Vec<_>, Vec<_>) = values.iter().partition(|(name, _)| is_secret(name));
    let settings = Settings::new(
        values.into_iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        secrets.into_iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect(),
    );
    let context = Context { account: "sms".into(), hook_url: hook_url.into(), ..Context::default() };
    driver.open(&settings, &context).unwrap()
}

pub fn outgoing(id: &str, recipient: &str, text: &str) -> Outgoing {
    Outgoing { id: id.into(), recipient: recipient.into(), text: text.into(), ..Outgoing::default() }
}

/// Keeps items by their name, as the database does.
#[derive(Default)]
pub struct MemoryInbox {
    items: Mutex<BTreeMap<String, RawItem>>,
    cursor: Mutex<Option<Cursor>>,
    /// The storage does not answer.
    pub broken: AtomicBool,
    /// It stores, and never says so.
    pub mute: AtomicBool,
    /// It waits before it stores.
    pub held: AtomicBool,
    /// Items that were there already.
    pub repeated: AtomicUsize,
}

impl MemoryInbox {
    fn store(&self, items: Vec<RawItem>) -> Result<(), BoxError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err("the storage does not answer".into());
        }
        for item in items {
            if self.items.lock().unwrap().insert(item.external_ref.clone(), item).is_some() {
                self.repeated.fetch_add(1, Ordering::SeqCst);
            }
        }
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.items.lock().unwrap().len()
    }

    /// Everything, read by the account.
    pub fn read(&self, account: &Account) -> Vec<Inbound> {
        let whole = |item: &RawItem| match &item.content {
            RawContent::Whole(bytes) => account.normaliser.normalise(bytes).unwrap(),
            other => panic!("{other:?}"),
        };
        self.items.lock().unwrap().values().map(whole).collect()
    }

    pub async fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < Duration::from_secs(120), "never {what}: {} items", self.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[async_trait]
impl Inbox for MemoryInbox {
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
        Ok(*self.cursor.lock().unwrap())
    }

    async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
        while self.held.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.store(batch.items)?;
        *self.cursor.lock().unwrap() = Some(batch.cursor);
        if self.mute.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

/// Where providers call.
pub struct Hooks {
    listener: TcpListener,
    pub port: u16,
}

impl Hooks {
    pub async fn listen() -> Self {
        let port = peers::free_port();
        Self { listener: TcpListener::bind(("127.0.0.1", port)).await.unwrap(), port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks/sms", self.port)
    }

    /// Answers as the platform does: 2xx only once the items are stored.
    pub fn serve(self, account: Account) -> Arc<MemoryInbox> {
        let inbox = Arc::new(MemoryInbox::default());
        let stored = inbox.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = self.listener.accept().await {
                let (account, inbox, port) = (account.clone(), inbox.clone(), self.port);
                tokio::spawn(async move {
                    let Some(request) = read_request(&mut stream, port).await else { return };
                    let (status, body) = match account.hook.as_ref().unwrap().accept(&request).await {
                        Ok(accepted) if inbox.store(accepted.items.clone()).is_ok() => (200, accepted.answer.body),
                        Ok(_) => (503, String::new()),
                        Err(HookRefusal::Forbidden) => (403, String::new()),
                        Err(HookRefusal::NotFound) => (404, String::new()),
                        Err(HookRefusal::Malformed(why)) => (400, why),
                    };
                    let answer = format!(
                        "HTTP/1.1 {status} x\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    let _gone = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        stored
    }
}

/// Reads one request whole.
pub async fn read_request(stream: &mut TcpStream, port: u16) -> Option<HookRequest> {
    let mut raw = Vec::new();
    let head_end = loop {
        if let Some(at) = raw.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut raw).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&raw[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> =
        lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
    let length = headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = raw.split_off(head_end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(HookRequest {
        method,
        url: format!("http://127.0.0.1:{port}{target}"),
        path: path.trim_start_matches("/hooks/sms").trim_matches('/').to_owned(),
        query: query.to_owned(),
        headers,
        body: body.into(),
        now: "2026-02-03T09:00:00Z".parse().unwrap(),
    })
}
