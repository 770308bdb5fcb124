//! The telephone with a room full of agents: how fast a call is told where it goes, and how long until it is on the
//! screen of whoever is rung.
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use channels::Secret;
use channels::phone::guard::signed_query;
use clap::Args;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{On, Trial, client, quantile, store};
use crate::identity;
use crate::kernel::events::Actor;
use crate::kernel::permissions::Role;

const ACCOUNT: &str = "bench";
/// Rings that are shown before they are counted.
const WARM_UP: usize = 10;
/// Between two calls that are shown: about as many as an office of five hundred has.
const PACE: Duration = Duration::from_millis(100);

/// How long a page may take to open while all others do.
const OPENING: Duration = Duration::from_secs(60);

/// A little longer than an agent is kept for the call they were told of.
const KEPT: Duration = Duration::from_secs(4);

/// `sportello bench calls`
#[derive(Debug, Args)]
pub struct CallsBench {
    #[command(flatten)]
    on: On,
    /// Agents with a telephone and an open page each.
    #[arg(long, default_value_t = 500)]
    agents: usize,
    /// Calls that go on at the same time, for the question where one more goes.
    #[arg(long, default_value_t = 10_000)]
    calls: usize,
    /// Calls that are asked about.
    #[arg(long, default_value_t = 1000)]
    requests: usize,
    /// Calls that ring at an agent's screen.
    #[arg(long, default_value_t = 200)]
    rings: usize,
}

/// What a browser of an agent saw.
struct Seen {
    call: String,
    at: Instant,
}

struct Centre<'a> {
    trial: &'a Trial,
    secret: Secret,
    http: Arc<reqwest::Client>,
}

impl CallsBench {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        println!("{:<12}{:>8}{:>8}{:>34}{:>10}{:>10}", "database", "agents", "calls", "", "p50 ms", "p99 ms");
        for (name, url) in self.on.databases() {
            let mut trial = Trial::open_with(url.as_deref(), |config| {
                config.phone.opening = vec!["mon-sun 00:00-24:00".to_owned()];
                config.phone.holidays = false;
            })
            .await?;
            trial.serve()?;
            let cookies = store::agents(&trial.kernel, self.agents).await?;
            let centre = Centre::open(&trial).await?;
            let screen = self.screens(&centre, &cookies).await?;
            self.print(name, 0, "told until on the agent's screen", &screen);
            store::calls(&trial.kernel, self.calls, self.agents / 2).await?;
            // The board takes them in, and settles down.
            tokio::time::sleep(Duration::from_secs(3)).await;
            let decided = self.decisions(&centre).await?;
            self.print(name, self.calls, "asked until told where it goes", &decided);
            trial.end().await?;
        }
        Ok(())
    }

    fn print(&self, name: &str, calls: usize, what: &str, times: &[Duration]) {
        let (median, worst) = (quantile(times, 0.5), quantile(times, 0.99));
        println!("{name:<12}{:>8}{calls:>8}{what:>34}{median:>10.2}{worst:>10.2}", self.agents);
    }

    /// Asks where calls go, one after the other: the call is stored before the answer. Whoever is told to ring is kept
    /// from other calls for three seconds: asked faster, the free half of the agents would run out.
    async fn decisions(&self, centre: &Centre<'_>) -> anyhow::Result<Vec<Duration>> {
        let free = u32::try_from((self.agents - self.agents / 2).max(1))?;
        let mut times = Vec::with_capacity(self.requests);
        for n in 0..self.requests {
            tokio::time::sleep(KEPT / free).await;
            let call = format!("asked-{n}");
            let started = Instant::now();
            let plan = centre.post("route", &centre.told(&call, n, json!({}))).await?;
            times.push(started.elapsed());
            anyhow::ensure!(plan.contains("\"ring\""), "nobody is rung: {plan}");
        }
        times.sort_unstable();
        Ok(times)
    }

    /// Every agent's page is open and listens; calls ring at one after the other.
    async fn screens(&self, centre: &Centre<'_>, cookies: &[String]) -> anyhow::Result<Vec<Duration>> {
        let (seen, mut shown) = mpsc::channel(64);
        let (opened, mut ready) = mpsc::channel(self.agents.max(1));
        let mut pages = JoinSet::new();
        for cookie in cookies {
            // One for all: making a client reads the system's certificates.
            let http = centre.http.clone();
            pages.spawn(watch(http, centre.trial.base.clone(), cookie.clone(), opened.clone(), seen.clone()));
        }
        drop((opened, seen));
        for _ in cookies {
            // A page listens until it is closed: one that ends before could not be opened.
            let ended = tokio::select! {
                Some(()) = ready.recv() => continue,
                ended = pages.join_next() => ended,
                () = tokio::time::sleep(OPENING) => None,
            };
            ended.context("a page does not open")???;
            anyhow::bail!("a page was closed");
        }
        let mut times = Vec::with_capacity(self.rings);
        for n in 0..self.rings + WARM_UP {
            let (call, agent) = (format!("rung-{n}"), format!("b{}", n * 7919 % cookies.len()));
            let started = Instant::now();
            centre.post("event", &centre.told(&call, n, json!({ "event": "ringing", "agent": agent }))).await?;
            let told = tokio::time::timeout(Duration::from_secs(10), async {
                loop {
                    let seen: Seen = shown.recv().await?;
                    if seen.call == number(n) {
                        return Some(seen.at);
                    }
                }
            });
            let at = told.await.ok().flatten().with_context(|| format!("{call} never came to the screen"))?;
            if n >= WARM_UP {
                times.push(at - started);
            }
            centre.post("event", &centre.told(&call, n, json!({ "event": "ended", "cause": "cancelled" }))).await?;
            tokio::time::sleep(PACE).await;
        }
        pages.abort_all();
        times.sort_unstable();
        Ok(times)
    }
}

impl<'a> Centre<'a> {
    /// Opens an edge, and waits until it answers.
    async fn open(trial: &'a Trial) -> anyhow::Result<Self> {
        let secret = crate::kernel::codes::random_token();
        let folder = trial.kernel.config.path("secrets");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(ACCOUNT), &secret)?;
        let token = identity::create_token(&trial.kernel, Actor::System, "bench", Role::Admin, None).await?.secret;
        let http = client()?;
        let account = json!({ "name": ACCOUNT, "driver": "phone_sip", "enabled": true,
            "settings": { "secret": format!("file:{ACCOUNT}"), "voicemail": "sip:vm@bench.example" } });
        let url = format!("{}/api/v1/accounts", trial.base);
        let answer = http.post(url).bearer_auth(token).json(&account).send().await?;
        anyhow::ensure!(answer.status() == 201, "the account was refused: {}", answer.text().await?);
        let centre = Self { trial, secret: Secret::from(secret.as_str()), http };
        let until = Instant::now() + Duration::from_secs(30);
        while centre.post("event", &centre.told("first", 0, json!({ "event": "ended" }))).await.is_err() {
            anyhow::ensure!(Instant::now() < until, "the account does not open");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(centre)
    }

    fn told(&self, call: &str, n: usize, more: Value) -> Value {
        let at = self.trial.kernel.now().timestamp().as_second();
        let mut told = json!({ "call_id": call, "at": at, "from": number(n), "to": "800123" });
        for (name, value) in more.as_object().into_iter().flatten() {
            told[name] = value.clone();
        }
        if let Some(event) = told["event"].as_str().map(str::to_owned) {
            told["id"] = json!(event);
        }
        told
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        let body = body.to_string();
        let at = self.trial.kernel.now().timestamp().as_second();
        let query = signed_query(&self.secret, path, &format!("t={at}"), body.as_bytes());
        let url = format!("{}/hooks/{ACCOUNT}/{path}?{query}", self.trial.base);
        let answer = self.http.post(url).body(body).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        anyhow::ensure!(status == 200, "{path} answered {status}: {text}");
        Ok(text)
    }
}

/// The number of a caller.
fn number(n: usize) -> String {
    format!("+39333{n:07}")
}

/// What the script of a page does: it listens, and asks for the call of its own telephone when it is told of one.
async fn watch(
    http: Arc<reqwest::Client>,
    base: String,
    cookie: String,
    opened: mpsc::Sender<()>,
    seen: mpsc::Sender<Seen>,
) -> anyhow::Result<()> {
    let stream = http.get(format!("{base}/scrivania/diretta")).header("cookie", &cookie).send().await?;
    let mut chunks = stream.error_for_status()?.bytes_stream();
    let mut open = Some(opened);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if let Some(opened) = open.take() {
            opened.send(()).await?;
        }
        if !String::from_utf8_lossy(&chunk).contains("my-call") {
            continue;
        }
        let shown = http.get(format!("{base}/scrivania/telefono/chiamata")).header("cookie", &cookie).send().await?;
        let page = shown.text().await?;
        if let Some(place) = page.find("+39333") {
            let call = page.get(place..place + number(0).len()).unwrap_or_default().to_owned();
            seen.send(Seen { call, at: Instant::now() }).await?;
        }
    }
    Ok(())
}
