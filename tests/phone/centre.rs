//! A contact centre with a telephone: accounts that tell of calls, agents who take them.
use std::time::Duration;

use channels::phone::guard::signed_query;
use reqwest::Method;
use serde_json::{Value, json};
use sportello::kernel::config::{Config, PhoneInformation, PhoneQueue};
use sportello::telephony::settle_due;

use crate::support::*;

pub const SECRET: &str = "segreto-del-centralino";

/// A test for each engine with a telephone, in an office that is open from Monday to Friday.
macro_rules! with_phone_on_each_engine {
    ($($rest:tt)+) => { run_on_each_engine! { run, $($rest)+ } };
}

/// The same in an office that is always open, on the clock of this machine.
macro_rules! at_any_hour_on_each_engine {
    ($($rest:tt)+) => { run_on_each_engine! { run_at_any_hour, $($rest)+ } };
}

macro_rules! with_menu_on_each_engine {
    ($($rest:tt)+) => { run_on_each_engine! { run_with_menu, $($rest)+ } };
}

macro_rules! with_mail_on_each_engine {
    ($($rest:tt)+) => { run_on_each_engine! { run_with_mail, $($rest)+ } };
}

macro_rules! with_wrap_on_each_engine {
    ($($rest:tt)+) => { run_on_each_engine! { run_with_wrap, $($rest)+ } };
}

macro_rules! run_on_each_engine {
    ($run:ident, $($(#[$meta:meta])* async fn $name:ident($t:ident: TestApp) $body:block)+) => {
        $(
            async fn $name($t: $crate::support::TestApp) $body

            mod $name {
                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    $crate::phone::centre::$run($crate::support::Engine::Sqlite, super::$name).await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    $crate::phone::centre::$run($crate::support::Engine::Postgres, super::$name).await;
                }
            }
        )+
    };
}

/// Runs a test on a fresh installation.
pub async fn run<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    let t = TestApp::configured(engine, rules).await;
    t.start_background();
    test(t.clone()).await;
    t.stop().await;
}

/// The same with a voice menu that offers everything there is.
pub async fn run_with_menu<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    let menu = |config: &mut Config| {
        rules(config);
        let phone = &mut config.phone;
        (phone.voicemail_key, phone.english_key) = ("0".into(), "8".into());
        let sheet = PhoneInformation { key: "3".into(), sheet: "ANA-01".into(), ..PhoneInformation::default() };
        phone.information = vec![sheet];
    };
    let t = TestApp::configured(engine, menu).await;
    t.start_background();
    test(t.clone()).await;
    t.stop().await;
}

/// The same with a mail server of its own, at a port that the test may listen on.
pub async fn run_with_mail<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let smtp = json!({ "host": "127.0.0.1", "port": port, "security": "plain", "from": "urp@cc.test" });
    let mail = |config: &mut Config| {
        rules(config);
        config.mail.smtp = Some(serde_json::from_value(smtp).unwrap());
    };
    let t = TestApp::configured(engine, mail).await;
    t.start_background();
    test(t.clone()).await;
    t.stop().await;
}

/// The same with time after calls and reasons of pauses.
pub async fn run_with_wrap<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    let wrap = |config: &mut Config| {
        rules(config);
        config.phone.wrap_seconds = 30;
        config.phone.pause_reasons = vec!["Pranzo".into(), "Formazione".into()];
    };
    let t = TestApp::configured(engine, wrap).await;
    t.start_background();
    test(t.clone()).await;
    t.stop().await;
}

/// The same, always open and on the clock of this machine.
pub async fn run_at_any_hour<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    let always = |config: &mut Config| {
        rules(config);
        config.phone.opening = vec!["mon-sun 00:00-24:00".into()];
        config.phone.holidays = false;
    };
    let t = TestApp::configured(engine, always).await;
    go_with_real_time(&t);
    t.start_background();
    test(t.clone()).await;
    t.stop().await;
}

/// On the clock of this machine, and never open but for a minute of the night.
pub async fn run_closed<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestApp) -> F) {
    let closed = |config: &mut Config| {
        rules(config);
        config.phone.opening = vec!["mon-sun 04:17-04:18".into()];
    };
    let t = TestApp::configured(engine, closed).await;
    go_with_real_time(&t);
    t.start_background();
    test(t.clone()).await;
    t.stop().await;
}

fn rules(config: &mut Config) {
    let queue = |name: &str, number: &str, key: &str| PhoneQueue {
        name: name.into(),
        numbers: vec![number.into()],
        key: key.into(),
        label: format!("l'ufficio {name}"),
        ..PhoneQueue::default()
    };
    let phone = &mut config.phone;
    phone.opening = vec!["mon-fri 09:00-18:00".into()];
    phone.queues = vec![queue("urp", "800123", "1"), queue("tributi", "800124", "2")];
    phone.queues[1].skill = "tributi".into();
    (phone.ring_seconds, phone.queue_seconds, phone.wait_seconds) = (2, 2, 4);
}

/// Lets the clock of the installation go with that of this machine, on which real edges sign.
#[expect(clippy::disallowed_methods, reason = "the edge signs with the clock of this machine")]
fn go_with_real_time(t: &TestApp) {
    let clock = t.clock.clone();
    clock.set(jiff::Timestamp::now().into());
    tokio::spawn(async move {
        loop {
            clock.set(jiff::Timestamp::now().into());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
}

/// Opens an account of a driver whose secrets are in files, and waits until its hooks answer.
pub async fn account(t: &TestApp, name: &str, driver: &str, mut settings: Value, secret: &str) {
    let folder = t.kernel.config.data.join("secrets");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), SECRET).unwrap();
    settings[secret] = json!(format!("file:{name}"));
    let admin = t.api(Role::Admin).await;
    let new = json!({ "name": name, "driver": driver, "settings": settings, "enabled": true });
    admin.post_json("/api/v1/accounts", &new).await.expect(201);
    // Each driver knows one of them.
    let hooks = ["event", "status"].map(|hook| format!("/hooks/{name}/{hook}"));
    for _ in 0..200 {
        for hook in &hooks {
            if t.browser().post_json(hook, &json!({})).await.status != 404 {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} is not open");
}

/// The edge of most tests.
pub async fn edge(t: &TestApp, settings: Value) {
    account(t, "telefono", "phone_sip", settings, "secret").await;
}

/// An agent with a telephone, ready for calls.
pub async fn agent(t: &TestApp, login: &str, extension: &str, address: &str, more: Value) -> i64 {
    let user = t.add_user(login, Role::Agent, &["contact-centre"]).await;
    let mut change = json!({ "state": "ready", "extension": extension, "address": address });
    for (name, value) in more.as_object().unwrap() {
        change[name] = value.clone();
    }
    let boss = t.api(Role::Supervisor).await;
    boss.send_json(Method::PUT, &format!("/api/v1/phone/agents/{login}"), &change).await.expect(200);
    user
}

/// A request as the edge signs it now.
pub fn signed(t: &TestApp, path: &str, more: &str, body: &[u8]) -> String {
    let at = t.kernel.now().timestamp().as_second();
    format!("/hooks/telefono/{path}?{}", signed_query(&SECRET.into(), path, &format!("t={at}{more}"), body))
}

/// Something that the edge tells or asks; its answer.
pub async fn post(t: &TestApp, path: &str, body: &Value) -> Answer {
    let address = signed(t, path, "", body.to_string().as_bytes());
    t.browser().post_json(&address, body).await
}

/// An event of a call of Mario's to the number of the help desk, some seconds after now.
pub fn event(t: &TestApp, call: &str, name: &str, seconds: i64, more: Value) -> Value {
    let mut event = json!({
        "call_id": call, "id": name, "event": name, "from": "+393331234567", "from_name": "Mario", "to": "800123",
        "at": t.kernel.now().timestamp().as_second() + seconds,
    });
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

/// Tells of a call whole: asked for, rung at an agent's, answered, over.
pub async fn talk(t: &TestApp, call: &str, agent: &str) {
    post(t, "route", &event(t, call, "", 0, json!({}))).await.expect(200);
    for told in [
        event(t, call, "ringing", 1, json!({ "agent": agent })),
        event(t, call, "answered", 6, json!({ "agent": agent })),
        event(t, call, "ended", 71, json!({ "by": "caller" })),
    ] {
        post(t, "event", &told).await.expect(200);
    }
}

/// Lets time pass until calls that are over are contacts.
pub async fn settle(t: &TestApp) {
    t.clock.advance(SignedDuration::from_secs(3));
    settle_due(&t.services.telephony).await.unwrap();
}

/// Waits until a query answers this number.
pub async fn wait_for(t: &TestApp, sql: &str, expected: i64) {
    let mut last = None;
    for _ in 0..2400 {
        last = t.number_or_none(sql).await;
        if last == Some(expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{sql}: {last:?} instead of {expected}");
}

/// Every order of `n` things.
pub fn orders(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else { return vec![Vec::new()] };
    let put = |order: Vec<usize>| (0..=order.len()).map(move |at| [&order[..at], &[last], &order[at..]].concat());
    orders(last).into_iter().flat_map(put).collect()
}
