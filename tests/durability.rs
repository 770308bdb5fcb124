//! What was acknowledged is there: the real program is killed in the middle of its work, again and again, and
//! nothing it said it had is missing, and nothing is there twice.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sportello");
const ROUNDS: u64 = 20;
const CLIENTS: usize = 8;

/// An installation with the demo agency, whose server is started and killed.
struct Installation {
    dir: tempfile::TempDir,
    url: Option<String>,
    port: u16,
    token: String,
}

impl Installation {
    fn new(url: Option<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut this = Self { dir, url, port: peers::free_port(), token: String::new() };
        assert!(this.command(&["demo"]).stdout(Stdio::null()).status().unwrap().success());
        let made =
            this.command(&["token", "create", "--role", "integration", "--name", "durability"]).output().unwrap();
        let printed = String::from_utf8(made.stdout).unwrap();
        this.token = printed.lines().last().unwrap().to_owned();
        this
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).arg("--data").arg(self.dir.path()).stderr(Stdio::null()).env_remove("DATABASE_URL");
        if let Some(url) = &self.url {
            command.env("DATABASE_URL", url);
        }
        command
    }

    async fn serve(&self) -> Child {
        let mut child = self.command(&["serve", "--listen", &format!("127.0.0.1:{}", self.port)]).spawn().unwrap();
        let http = reqwest::Client::new();
        let until = Instant::now() + Duration::from_secs(60);
        while http.get(format!("http://127.0.0.1:{}/healthz", self.port)).send().await.is_err() {
            assert!(child.try_wait().unwrap().is_none(), "the server ended by itself");
            assert!(Instant::now() < until, "the server did not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        child
    }

    /// Hands a contact over; its code once it was acknowledged, nothing when the connection broke.
    async fn post(&self, http: &reqwest::Client, id: u64) -> Option<(u16, String)> {
        let body = json!({
            "channel": "email", "account": "durability", "external_id": format!("d{id}"),
            "from": format!("cittadino{}@example.org", id % 50), "text": "Il lampione di via Roma è spento da una settimana.",
        });
        let url = format!("http://127.0.0.1:{}/api/v1/contacts", self.port);
        let answer = http.post(url).bearer_auth(&self.token).json(&body).send().await.ok()?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.ok()?;
        Some((status, body["ticket_code"].as_str()?.to_owned()))
    }

    async fn count(&self, sql: &'static str) -> i64 {
        match &self.url {
            Some(url) => {
                let pool = sqlx::PgPool::connect(url).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
            }
            None => {
                let path = self.dir.path().join("sportello.db");
                let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
            }
        }
    }
}

async fn killed_again_and_again(url: Option<String>) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let installation = Arc::new(tokio::task::spawn_blocking(|| Installation::new(url)).await.unwrap());
    let acknowledged: Arc<Mutex<BTreeMap<u64, String>>> = Arc::default();
    let next = Arc::new(AtomicU64::new(0));
    for round in 0..ROUNDS {
        let mut child = installation.serve().await;
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let (installation, acknowledged, next) = (installation.clone(), acknowledged.clone(), next.clone());
            clients.push(tokio::spawn(async move {
                let http = reqwest::Client::new();
                loop {
                    let id = next.fetch_add(1, Ordering::SeqCst);
                    let Some((status, code)) = installation.post(&http, id).await else { return };
                    assert_eq!(status, 201, "d{id} was new");
                    acknowledged.lock().await.insert(id, code);
                }
            }));
        }
        // A different moment each time, from the first commits to a busy server.
        let before = acknowledged.lock().await.len();
        let until = Instant::now() + Duration::from_secs(30);
        while acknowledged.lock().await.len() < before + 10 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(round * 23 % 200)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        for client in clients {
            client.await.unwrap();
        }
    }
    let acknowledged = acknowledged.lock().await.clone();
    assert!(acknowledged.len() > 100, "the server took in only {}", acknowledged.len());
    let mut child = installation.serve().await;
    let http = reqwest::Client::new();
    let attempted = next.load(Ordering::SeqCst);
    for id in 0..attempted {
        let (status, code) = installation.post(&http, id).await.expect("the server answers");
        if let Some(first) = acknowledged.get(&id) {
            assert_eq!((status, &code), (200, first), "d{id} was acknowledged before");
        }
    }
    let (contacts, distinct) = (
        installation
            .count("SELECT COUNT(*) FROM contacts k JOIN raw_items r ON r.id = k.raw_id WHERE r.account = 'durability'")
            .await,
        installation.count("SELECT COUNT(DISTINCT external_id) FROM raw_items WHERE account = 'durability'").await,
    );
    assert_eq!(u64::try_from(contacts).unwrap(), attempted, "each attempted contact is there once");
    assert_eq!(contacts, distinct);
    let orphans = installation
        .count("SELECT COUNT(*) FROM tickets t WHERE NOT EXISTS (SELECT 1 FROM contacts k WHERE k.ticket_id = t.id)")
        .await;
    assert_eq!(orphans, 0, "no ticket without its contact");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed_on_sqlite() {
    killed_again_and_again(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed_on_postgres() {
    let url = tokio::task::spawn_blocking(|| peers::Postgres::start().fresh_database()).await.unwrap();
    killed_again_and_again(Some(url)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_asked_to_stop_ends_soon_and_loses_nothing() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let installation = Arc::new(tokio::task::spawn_blocking(|| Installation::new(None)).await.unwrap());
    let mut child = installation.serve().await;
    let http = reqwest::Client::new();
    let mut codes = Vec::new();
    for id in 0..20 {
        codes.push(installation.post(&http, id).await.expect("the server answers").1);
    }
    let asked = Instant::now();
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert!(status.success(), "it ended with {status}");
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?}", asked.elapsed());
    let mut child = installation.serve().await;
    for (id, code) in (0..).zip(&codes) {
        assert_eq!(installation.post(&http, id).await.as_ref(), Some(&(200, code.clone())));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
