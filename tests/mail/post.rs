//! A Sportello whose citizens have mailboxes: mail goes over the wire in both directions.
use std::time::Duration;

use peers::{Dovecot, Smtp};
use sportello::kernel::config::{Config, Mailbox, Secret};
use sportello::kernel::permissions::{Principal, Role};
use sportello::tickets::reply::{self, Reply, Then, Way};

use crate::support::{Engine, TestApp};

/// The mailbox that citizens write to, and a second one.
pub const URP: &str = "urp@cc.test";
pub const INFO: &str = "info@cc.test";
/// Citizens.
pub const ANNA: &str = "anna@cc.test";
pub const BRUNO: &str = "bruno@cc.test";

/// A running Sportello with its mail servers.
pub struct Post {
    pub app: TestApp,
    pub dovecot: Dovecot,
    pub smtp: Smtp,
    pub engine: Engine,
}

/// Makes a test for each engine of every function in it.
macro_rules! by_mail_on_each_engine {
    ($($(#[$meta:meta])* async fn $name:ident($p:ident: Post) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                async fn case($p: &mut Post) $body

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    let mut post = Post::start($crate::support::Engine::Sqlite).await;
                    case(&mut post).await;
                    post.app.stop().await;
                }

                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    let mut post = Post::start($crate::support::Engine::Postgres).await;
                    case(&mut post).await;
                    post.app.stop().await;
                }
            }
        )+
    };
}

impl Post {
    /// Starts everything; the background tasks run.
    pub async fn start(engine: Engine) -> Self {
        let post = Self::quiet(engine).await;
        post.app.start_background();
        post
    }

    /// As [`Post::start`], without background tasks.
    pub async fn quiet(engine: Engine) -> Self {
        Self::configured(engine, |_| {}).await
    }

    /// As [`Post::quiet`], with a configuration changed before the start.
    pub async fn configured(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let (dovecot, smtp) = tokio::task::spawn_blocking(|| {
            let dovecot = Dovecot::start(&["urp", "info", "anna", "bruno"]);
            let smtp = Smtp::start(&dovecot);
            (dovecot, smtp)
        })
        .await
        .unwrap();
        let app = TestApp::configured(engine, |config| {
            configure(config, &dovecot, &smtp);
            change(config);
        })
        .await;
        Self { app, dovecot, smtp, engine }
    }

    /// Puts a mail into a mailbox, as its sender's provider would.
    pub fn deliver(&self, to: &str, raw: &str) {
        self.dovecot.deliver(to, raw.replace('\n', "\r\n").as_bytes());
    }

    /// Everything in a citizen's mailbox as text.
    pub fn mailbox(&self, address: &str) -> String {
        self.dovecot.doveadm(&["fetch", "-u", address, "text", "mailbox", "INBOX", "ALL"])
    }

    /// Waits until a citizen's mailbox holds a text.
    pub async fn wait_for_mail(&self, address: &str, text: &str) -> String {
        for _ in 0..300 {
            let mail = self.mailbox(address);
            if mail.contains(text) {
                return mail;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no mail with {text:?} for {address}: {}", self.mailbox(address));
    }

    /// Waits until a mail to an address outside is captured, and gives its text.
    pub async fn wait_for_capture(&self, recipient: &str) -> String {
        for _ in 0..300 {
            if let Some(found) = self.smtp.captured().into_iter().rfind(|m| m.to == recipient) {
                return found.text();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no mail for {recipient}");
    }

    /// Waits until a query answers a number.
    pub async fn wait_for(&self, sql: &str, number: i64) {
        let mut last = None;
        // Longer than the receiver's own patience with a server that accepts a connection and then says nothing.
        for _ in 0..900 {
            last = self.app.number_or_none(sql).await;
            if last == Some(number) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let raw = self.app.texts("SELECT state || ' ' || reason FROM raw_items").await;
        let outbox = self.app.texts("SELECT state || ' ' || last_error FROM outbox").await;
        panic!("{sql} is {last:?}, not {number}; raw {raw:?}, outbox {outbox:?}");
    }

    /// Waits until everything stored is read, and there are this many items in all.
    pub async fn wait_for_items(&self, count: i64) {
        self.wait_for("SELECT COUNT(*) FROM raw_items WHERE state <> 'stored'", count).await;
    }

    /// Code of the only ticket, or of the last one.
    pub async fn last_code(&self) -> String {
        self.app.texts("SELECT code FROM tickets ORDER BY id DESC").await.remove(0)
    }

    /// An agent answers a ticket by mail.
    pub async fn answer(&self, code: &str, text: &str) {
        let who = self.agent().await;
        let answer = Reply { text: text.to_owned(), sheet: None, files: Vec::new(), way: Way::Email, then: Then::Wait };
        reply::reply(&self.app.kernel, &who, code, None, answer).await.unwrap();
    }

    /// An agent.
    pub async fn agent(&self) -> Principal {
        let id = self.app.user(Role::Agent).await;
        Principal {
            actor: sportello::kernel::events::Actor::User(id),
            role: Role::Agent,
            user_id: Some(id),
            name: "Agent".to_owned(),
            language: "it".to_owned(),
            units: std::collections::BTreeSet::from([1]),
        }
    }
}

fn configure(config: &mut Config, dovecot: &Dovecot, smtp: &Smtp) {
    let mailbox = |place: usize, name: &str| {
        let account = &dovecot.accounts()[place];
        Mailbox {
            name: name.to_owned(),
            address: account.address.clone(),
            host: "localhost".to_owned(),
            port: dovecot.imaps_port(),
            security: "tls".to_owned(),
            user: account.address.clone(),
            password: Some(Secret::new(account.password.clone())),
            password_file: None,
            folder: "INBOX".to_owned(),
            ca_file: Some(dovecot.cert_path()),
            unit: None,
        }
    };
    config.mail.mailboxes = vec![mailbox(0, "urp"), mailbox(1, "info")];
    config.mail.smtp = Some(sportello::kernel::config::Smtp {
        host: "localhost".to_owned(),
        port: smtp.port(),
        security: "starttls".to_owned(),
        user: Some(smtp.user().to_owned()),
        password: Some(Secret::new(smtp.password())),
        password_file: None,
        ca_file: Some(dovecot.cert_path()),
        from: URP.to_owned(),
        from_name: None,
    });
}

/// A mail from a citizen.
pub fn mail(id: &str, from: &str, to: &str, subject: &str, extra: &str, text: &str) -> String {
    format!(
        "Message-ID: <{id}>\nDate: Mon, 02 Mar 2026 08:30:00 +0100\nFrom: {from}\nTo: {to}\nSubject: {subject}\n{extra}\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

/// The value of a header in the text of a mail.
pub fn header(mail: &str, name: &str) -> String {
    let unfolded = mail.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let prefix = format!("{name}: ");
    unfolded.lines().find_map(|line| line.strip_prefix(prefix.as_str())).unwrap_or_default().trim().to_owned()
}
