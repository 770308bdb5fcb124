//! Channels beside mail, end to end: text messages, certified mail, letters, fax.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod channels {
    mod bounds;
    mod certified;
    mod composing;
    mod consents;
    mod deaths;
    mod faxes;
    mod gateways;
    mod hylafax;
    mod lanes;
    mod letters;
    mod letters_desk;
    mod printing;
    mod quarantine;
    mod receipts;
    mod reconciliation;
    mod smpp;
    mod standing;
    mod texts;
    mod ways;

    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::support::{Browser, Role, TestApp};

    /// Folders and secrets of accounts, as an operator lays them.
    pub fn secret(t: &TestApp, name: &str, value: &str) {
        let folder = t.kernel.config.data.join("secrets");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), value).unwrap();
    }

    /// Opens an account and lets its background work begin.
    pub async fn open(t: &TestApp, name: &str, driver: &str, settings: Value) -> Browser {
        let admin = t.api(Role::Admin).await;
        let account = json!({"name": name, "driver": driver, "settings": settings, "enabled": true});
        admin.post_json("/api/v1/accounts", &account).await.expect(201);
        t.start_background();
        for _ in 0..200 {
            if t.services.accounts.open(name).is_some() {
                return admin;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the account {name} is not opened");
    }

    /// Waits until a query answers a number.
    pub async fn wait_for(t: &TestApp, sql: &str, number: i64) {
        let mut last = None;
        for _ in 0..900 {
            last = t.number_or_none(sql).await;
            if last == Some(number) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let raw = t.texts("SELECT state || ' ' || reason FROM raw_items").await;
        let outbox = t.texts("SELECT lane || ' ' || state || ' ' || last_error FROM outbox").await;
        panic!("{sql} is {last:?}, not {number}; raw {raw:?}, outbox {outbox:?}");
    }

    /// Code of the newest ticket.
    pub async fn last_code(t: &TestApp) -> String {
        t.texts("SELECT code FROM tickets ORDER BY id DESC").await.remove(0)
    }
}
