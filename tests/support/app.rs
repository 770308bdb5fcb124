//! A whole Sportello under test.
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sportello::http::{Background, Server, Services};
use sportello::identity::{NewUser, Password, add_user, create_token};
use sportello::kernel::Kernel;
use sportello::kernel::config::{Config, Secret};
use sportello::kernel::database::EngineKind;
use sportello::kernel::events::{self, Actor, Reader};
use sportello::kernel::language::Language;
use sportello::kernel::permissions::Role;
use sportello::kernel::time::{Clock, Instant};
use tempfile::TempDir;

use super::browser::Browser;
use super::database::{self, Engine, Raw};
use super::seed;

/// Monday 2 March 2026, nine in the morning in Rome.
const START: &str = "2026-03-02T08:00:00Z";

/// A running Sportello; cheap to clone. Its background tasks do not run until a test starts them.
#[derive(Clone)]
pub struct TestApp {
    pub kernel: Kernel,
    pub services: Services,
    /// Moves time.
    pub clock: Clock,
    /// `http://127.0.0.1:port`
    pub url: String,
    client: reqwest::Client,
    raw: Raw,
    running: Arc<Mutex<Running>>,
}

struct Running {
    server: Option<Server>,
    nodes: Vec<TestApp>,
    _dir: Arc<TempDir>,
}

impl TestApp {
    /// Starts on a fresh database with a small agency in it.
    pub async fn start(engine: Engine) -> Self {
        Self::configured(engine, |_| {}).await
    }

    /// As [`TestApp::start`], with a configuration changed before the start.
    pub async fn configured(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let app = Self::empty(engine, change).await;
        seed::agency(&app).await;
        app.kernel.refresh_agency().await.unwrap();
        app
    }

    /// As [`TestApp::configured`], on the clock of this machine.
    pub async fn in_real_time(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let app = Self::on_clock(engine, Clock::system(), change).await;
        seed::agency(&app).await;
        app.kernel.refresh_agency().await.unwrap();
        app
    }

    /// Starts on a fresh database with nothing in it but the schema.
    pub async fn empty(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        Self::on_clock(engine, Clock::manual(Instant::parse(START).unwrap()), change).await
    }

    async fn on_clock(engine: Engine, clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let mut config = Config { data: dir.path().join("data"), ..Config::default() };
        config.secret = Some(Secret::new("a secret that tests share"));
        config.server.workers = 1;
        database::fresh(engine, &mut config).await;
        change(&mut config);
        Self::open(config, clock, dir).await
    }

    async fn open(mut config: Config, clock: Clock, dir: Arc<TempDir>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        config.server.public_url.clone_from(&url);
        let kernel = Kernel::open(config, clock.clone()).await.unwrap();
        let raw = Raw::open(&kernel.config).await;
        let services = Services::new(kernel.clone());
        let server = Server::start(&services, listener).unwrap();
        let client = reqwest::Client::builder()
            // As a person: programs that say nothing of themselves count as robots.
            .user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(90))
            .build()
            .unwrap();
        let running = Running { server: Some(server), nodes: Vec::new(), _dir: dir };
        Self { kernel, services, clock, url, client, raw, running: Arc::new(Mutex::new(running)) }
    }

    /// Another process on the same database, blobs and secret; PostgreSQL only.
    pub async fn second_node(&self) -> Self {
        assert_eq!(self.kernel.db.engine(), EngineKind::Postgres, "SQLite belongs to one process");
        let mut config = (*self.kernel.config).clone();
        config.blobs.url = Some(format!("file://{}", self.kernel.config.path("blobs").display()));
        config.data = self.kernel.config.path("node-2");
        let dir = self.running.lock().unwrap()._dir.clone();
        let node = Self::open(config, self.clock.clone(), dir).await;
        self.running.lock().unwrap().nodes.push(node.clone());
        node
    }

    /// The same program with another configuration, such as another public address behind a proxy.
    pub fn second_face(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = (*self.kernel.config).clone();
        change(&mut config);
        let mut kernel = self.kernel.clone();
        kernel.config = Arc::new(config);
        let services = Services::new(kernel.clone());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::start(&services, listener).unwrap();
        let dir = self.running.lock().unwrap()._dir.clone();
        let running = Running { server: Some(server), nodes: Vec::new(), _dir: dir };
        let face = Self { kernel, services, url, running: Arc::new(Mutex::new(running)), ..self.clone() };
        self.running.lock().unwrap().nodes.push(face.clone());
        face
    }

    /// The test's own connections to PostgreSQL.
    pub fn postgres(&self) -> &sqlx::PgPool {
        self.raw.postgres()
    }

    /// Starts what works beside the requests: live updates, feed readers, senders.
    pub fn start_background(&self) {
        let mut background = Background::new();
        self.services.start(&mut background);
        // They end with the kernel's stop token, or with the test's runtime.
        drop(background);
    }

    /// Stops at once; the macro calls it after each test.
    pub async fn stop(&self) {
        let (server, nodes) = {
            let mut running = self.running.lock().unwrap();
            (running.server.take(), std::mem::take(&mut running.nodes))
        };
        for node in nodes {
            Box::pin(node.stop()).await;
        }
        if let Some(server) = server {
            server.abort().await;
        }
        self.raw.close().await;
        drop(tokio::time::timeout(Duration::from_secs(2), self.kernel.db.close()).await);
    }

    /// The server, for a test that stops it in order.
    pub fn take_server(&self) -> Server {
        self.running.lock().unwrap().server.take().unwrap()
    }

    /// A browser that nobody signed in with.
    pub fn browser(&self) -> Browser {
        Browser::new(self.client.clone(), self.url.clone())
    }

    /// A browser with a person of this role signed in. People of one role share an account.
    pub async fn sign_in(&self, role: Role) -> Browser {
        self.user(role).await;
        self.sign_in_as(&seed::login(role)).await
    }

    /// A browser with this person signed in, who has the common password.
    pub async fn sign_in_as(&self, login: &str) -> Browser {
        let browser = self.browser();
        let fields = [("login", login), ("password", seed::PASSWORD)];
        let answer = browser.post_form("/accesso", &fields).await;
        assert_eq!(answer.status, 303, "sign-in of {login}: {}", answer.body);
        browser
    }

    /// Row id of the account of a role, made when first asked for.
    pub async fn user(&self, role: Role) -> i64 {
        let login = seed::login(role);
        let known = self.number_or_none(&format!("SELECT id FROM users WHERE login = '{login}'")).await;
        match known {
            Some(id) => id,
            None => self.add_user(&login, role, seed::units(role)).await,
        }
    }

    /// Makes an account with the common password.
    pub async fn add_user(&self, login: &str, role: Role, units: &[&str]) -> i64 {
        let new = NewUser {
            login: login.to_owned(),
            name: seed::name(login),
            role,
            language: Language::Italian,
            password: Password::parse(seed::PASSWORD).unwrap(),
            units: units.iter().map(|&u| u.to_owned()).collect(),
        };
        add_user(&self.kernel, Actor::System, new).await.unwrap()
    }

    /// A bearer token.
    pub async fn token(&self, role: Role) -> String {
        create_token(&self.kernel, Actor::System, "test", role, None).await.unwrap().secret
    }

    /// A program that sends a bearer token with everything.
    pub async fn api(&self, role: Role) -> Browser {
        self.browser().with_bearer(&self.token(role).await)
    }

    /// Row id of a unit by its slug.
    pub async fn unit(&self, slug: &str) -> i64 {
        self.number(&format!("SELECT id FROM units WHERE slug = '{slug}'")).await
    }

    /// Row id of a category by its slug.
    pub async fn category(&self, slug: &str) -> i64 {
        self.number(&format!("SELECT id FROM categories WHERE slug = '{slug}'")).await
    }

    /// Runs statements past the program.
    pub async fn execute(&self, sql: &str) {
        self.raw.execute(sql).await;
    }

    /// One whole number from the database.
    pub async fn number(&self, sql: &str) -> i64 {
        self.number_or_none(sql).await.unwrap_or_else(|| panic!("no row: {sql}"))
    }

    /// One whole number, if there is a row.
    pub async fn number_or_none(&self, sql: &str) -> Option<i64> {
        self.raw.numbers(sql).await.first().copied()
    }

    /// A column of texts from the database.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.raw.texts(sql).await
    }

    /// How a query would be answered when what sorts is avoided, a line a step.
    pub async fn plan(&self, sql: &str) -> String {
        self.raw.plan(sql).await
    }

    /// Kinds of all events, in the order they were written.
    pub async fn event_kinds(&self) -> Vec<String> {
        self.texts("SELECT kind FROM events ORDER BY id").await
    }

    /// Lets a reader read all that is there, as its background task would.
    pub async fn read_feed(&self, reader: Arc<dyn Reader>) {
        let any = self.number("SELECT COUNT(*) FROM (SELECT id FROM events LIMIT 1) e").await > 0;
        let name = reader.name();
        for _ in 0..500 {
            while events::step(&self.kernel.db, reader.clone()).await.unwrap() > 0 {}
            let mut conn = self.kernel.db.read().await.unwrap();
            let lags = events::lags(&mut conn).await.unwrap();
            if !any || lags.iter().any(|(reader, oldest)| reader == name && oldest.is_none()) {
                return;
            }
            drop(conn);
            // On PostgreSQL an event shows once every older transaction of the server ended, whoever's it is.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("reader {name} did not reach the end of the feed");
    }
}
