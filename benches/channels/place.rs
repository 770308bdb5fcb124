//! A whole installation as it runs in production, and what is asked of it while it works.
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use peers::{Durability, Postgres};
use serde_json::{Value, json};
use sportello::kernel::config::{Config, Secret};

use crate::support::{Browser, Engine, Role, TestApp};

/// Longer than anything takes that goes well.
const PATIENCE: Duration = Duration::from_secs(300);

/// A database to measure on, durable as in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The server of this process; tests have one that waits for no disk.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| Postgres::alone(Durability::Durable));

/// Lines of the log are written as in production, and go nowhere.
pub fn log_as_in_production() {
    let filter = Config::default().log.filter;
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::sink).init();
}

/// Starts an installation whose background works.
pub async fn open(store: Store, change: impl FnOnce(&mut Config)) -> TestApp {
    let url = match store {
        Store::Sqlite => None,
        Store::Postgres => Some(tokio::task::spawn_blocking(|| Secret::new(POSTGRES.fresh_database())).await.unwrap()),
    };
    let app = TestApp::in_real_time(Engine::Sqlite, |config| {
        let usual = Config::default();
        config.database.url = url;
        config.database.connections = usual.database.connections;
        config.server.workers = usual.server.workers;
        change(config);
    })
    .await;
    app.start_background();
    app
}

/// Ends an installation with all that works in it.
pub async fn close(t: TestApp) {
    t.kernel.stop.cancel();
    t.stop().await;
}

/// Lays a secret where accounts find it.
pub fn secret(t: &TestApp, name: &str, value: &str) {
    let folder = t.kernel.config.data.join("secrets");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), value).unwrap();
}

/// Opens an account, and waits until it works.
pub async fn account(t: &TestApp, name: &str, driver: &str, settings: Value) -> Browser {
    let admin = t.api(Role::Admin).await;
    let account = json!({ "name": name, "driver": driver, "settings": settings, "enabled": true });
    admin.post_json("/api/v1/accounts", &account).await.expect(201);
    let begun = Instant::now();
    while t.services.accounts.open(name).is_none() {
        assert!(begun.elapsed() < PATIENCE, "the account {name} does not open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    admin
}

/// Holds acknowledgements back, as they are from who had several within the hour: one direction is measured at a time.
/// `address` is SQL for the address of citizen `n`.
pub async fn acknowledge_nobody(t: &TestApp, citizens: usize, address: &str) {
    let now = t.kernel.now().timestamp().as_microsecond();
    let all = format!(
        "WITH RECURSIVE citizens(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM citizens WHERE n + 1 < {citizens}),
            times(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM times WHERE i < 5)
         INSERT INTO automatic_answers (recipient, ticket_id, at) SELECT {address}, 0, {now} FROM citizens, times"
    );
    t.execute(&all).await;
}

/// Waits until a query answers at least a number.
pub async fn until(t: &TestApp, sql: &str, number: usize) {
    let begun = Instant::now();
    let mut last = 0;
    while last < number {
        assert!(begun.elapsed() < PATIENCE, "{last} of {number}: {sql}");
        tokio::time::sleep(Duration::from_millis(20)).await;
        last = usize::try_from(t.number(sql).await).unwrap();
    }
}

/// Waits until a count reaches a number.
pub async fn until_counted(number: usize, count: impl Fn() -> usize) {
    let begun = Instant::now();
    while count() < number {
        assert!(begun.elapsed() < PATIENCE, "{} of {number}", count());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Seconds of processor of the threads that answer requests; the database's work is done by others.
pub fn request_seconds() -> f64 {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let read = |name: &str| std::fs::read_to_string(thread.path().join(name)).unwrap_or_default();
        if read("comm").starts_with("actix-server") {
            nanoseconds += read("schedstat").split(' ').next().unwrap().parse::<f64>().unwrap_or(0.0);
        }
    }
    nanoseconds / 1e9
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Milliseconds of each, when all took so many seconds.
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub fn each(seconds: f64, count: usize) -> f64 {
    seconds * 1000.0 / count as f64
}

/// A quantile of sorted durations, in milliseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index")]
pub fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
