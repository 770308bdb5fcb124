//! An installation that is open at any hour, on the clock of this machine, and the simulators that speak to it.
use std::time::Duration;

use serde_json::{Value, json};
use sportello::kernel::config::Config;

use crate::support::*;

/// Name of the file with the secret of every account.
const SECRET: &str = "simulator";

/// A test for each engine.
macro_rules! outside_on_each_engine {
    ($(async fn $name:ident($t:ident: TestApp) $body:block)+) => {
        $(
            async fn $name($t: $crate::support::TestApp) $body

            mod $name {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    $crate::simulate::outside::run($crate::support::Engine::Sqlite, super::$name).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    $crate::simulate::outside::run($crate::support::Engine::Postgres, super::$name).await;
                }
            }
        )+
    };
}

/// Runs a test on a fresh installation.
#[expect(clippy::disallowed_methods, reason = "the simulators sign with the clock of this machine")]
pub async fn run<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    let always = |config: &mut Config| {
        config.phone.opening = vec!["mon-sun 00:00-24:00".into()];
        config.phone.holidays = false;
        (config.phone.ring_seconds, config.phone.queue_seconds, config.phone.wait_seconds) = (2, 1, 3);
    };
    let t = TestApp::configured(engine, always).await;
    let clock = t.clock.clone();
    clock.set(jiff::Timestamp::now().into());
    tokio::spawn(async move {
        loop {
            clock.set(jiff::Timestamp::now().into());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let secrets = t.kernel.config.data.join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::write(secrets.join(SECRET), "segreto-dei-simulatori").unwrap();
    t.start_background();
    test(t.clone()).await;
    t.stop().await;
}

/// The reference by which simulators read the secret.
pub fn secret(t: &TestApp) -> String {
    format!("file:{}", t.kernel.config.data.join("secrets").join(SECRET).display())
}

/// Opens an account and waits until it works. Accounts refer to the secret as `file:simulator`.
pub async fn account(t: &TestApp, name: &str, driver: &str, settings: Value) {
    let admin = t.api(Role::Admin).await;
    let account = json!({ "name": name, "driver": driver, "settings": settings, "enabled": true });
    admin.post_json("/api/v1/accounts", &account).await.expect(201);
    for _ in 0..200 {
        if t.services.accounts.open(name).is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the account {name} is not opened");
}

/// A simulator that runs.
pub struct Simulator(pub tokio::process::Child);

/// Starts the real command.
pub fn start(words: &[&str]) -> Simulator {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_sportello"));
    command.arg("simulate").args(words).arg("--json");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).kill_on_drop(true);
    Simulator(command.spawn().unwrap())
}

impl Simulator {
    /// Waits for its end; what it says of itself.
    pub async fn report(self) -> Value {
        let output = self.0.wait_with_output().await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{printed}\n{errors}");
        serde_json::from_str(printed.lines().last().unwrap_or_default()).unwrap_or_else(|e| panic!("{e}: {printed}"))
    }
}

/// Runs the real command to its end and looks at what it says: all of `sent` was sent and nothing refused.
pub async fn simulate(words: &[&str], sent: u64) -> Value {
    let report = start(words).report().await;
    assert_eq!((report["sent"].as_u64(), report["refused"].as_u64()), (Some(sent), Some(0)), "{report}");
    assert!(report["p99_ms"].as_f64().unwrap() >= report["median_ms"].as_f64().unwrap(), "{report}");
    report
}

/// Waits until a query answers this number.
pub async fn wait_for(t: &TestApp, sql: &str, expected: i64) {
    let mut last = None;
    for _ in 0..1200 {
        last = t.number_or_none(sql).await;
        if last == Some(expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let raw = t.texts("SELECT channel || ' ' || state || ' ' || reason FROM raw_items").await;
    panic!("{sql}: {last:?} instead of {expected}; raw {raw:?}");
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
