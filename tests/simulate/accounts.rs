//! What `sportello simulate accounts` opens in the demo.
use sportello::cli::{demo, simulate};

use crate::support::*;

async fn check(engine: Engine) {
    let t = TestApp::empty(engine, |_| {}).await;
    demo::load_extent(&t.kernel, demo::Extent::Year(1_000)).await.unwrap();
    let names = simulate::accounts::open(&t.kernel).await.unwrap();
    assert_eq!(
        names,
        ["telefono", "centralino", "voce", "sms", "sms-twilio", "sms-smpp", "posta", "pec", "fax", "lettere"]
    );
    let secret = t.kernel.config.data.join("secrets/simulator");
    let before = std::fs::read(&secret).unwrap();
    // Run again, it changes nothing.
    assert_eq!(simulate::accounts::open(&t.kernel).await.unwrap(), names);
    assert_eq!(std::fs::read(&secret).unwrap(), before);
    assert_eq!(t.number("SELECT COUNT(*) FROM channel_accounts").await, 10);
    let agents = t.number("SELECT COUNT(*) FROM users WHERE role = 'agent'").await;
    assert_eq!(t.number("SELECT COUNT(*) FROM phone_agents WHERE state = 'ready'").await, agents);
    t.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_accounts_of_the_simulators_are_opened_once_on_sqlite() {
    check(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_accounts_of_the_simulators_are_opened_once_on_postgres() {
    check(Engine::Postgres).await;
}
