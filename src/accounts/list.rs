//! The page of all channel accounts: how each does, what is on its way through it.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use channels::{ChannelKind, Driver, drivers};

use super::model::{AccountRow, driver};
use super::pages::{HERE, driver_label};
use super::standing::{All, Standing, Waiting};
use super::{Accounts, reconciliation, standing, store};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};

struct Line {
    name: String,
    channel: String,
    driver: String,
    /// Empty for mailboxes of the configuration, which are changed there.
    href: String,
    enabled: bool,
    /// `good`, `warn`, `bad` or `plain`.
    tone: &'static str,
    state: String,
    /// When its provider called last, in words; empty where none calls.
    called: String,
    arriving: i64,
    /// How long the oldest has waited, in words; empty when none does.
    arriving_age: String,
    leaving: i64,
    leaving_age: String,
    error: String,
    /// What does not agree with its peer, in words; empty when all does.
    differences: String,
}

struct DriverLink {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "accounts/list.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    drivers: Vec<DriverLink>,
    /// What a trial said, empty when none was made.
    tried: String,
    tried_well: bool,
}

pub(super) async fn show(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    Frame(page): Frame,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    list(&kernel, &accounts, page, None).await
}

/// The page, with what a trial of an account said.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn list(
    kernel: &Kernel,
    accounts: &Accounts,
    page: Page,
    tried: Option<(String, Result<String, String>)>,
) -> Result<HttpResponse, Problem> {
    let page = page.titled("accounts-title");
    let mut conn = kernel.db.read().await?;
    let rows = store::all(&mut conn).await?;
    drop(conn);
    let all = standing::read(accounts).await?;
    let differing: BTreeMap<String, i64> = reconciliation::standing(kernel).await?.into_iter().collect();
    let differ = |name: &str| differing.get(name).map(|n| page.t1("accounts-differences", "n", n)).unwrap_or_default();
    let mut lines: Vec<Line> = rows.iter().map(|row| line(&page, accounts, &all, row, differ(&row.name))).collect();
    for mailbox in &kernel.config.mail.mailboxes {
        lines.push(configured(&page, &mailbox.name, &all.of(&mailbox.name), true, differ(&mailbox.name)));
    }
    if kernel.config.mail.smtp.is_some() {
        // Mailboxes of the configuration receive; one server sends for all of them.
        let server = Standing { unsent: all.own_server(), ..Standing::default() };
        lines.push(configured(&page, &page.t("accounts-own-server"), &server, false, String::new()));
    }
    let of = |d: &&dyn Driver| DriverLink {
        href: format!("{HERE}/nuovo/{}", d.name()),
        label: driver_label(&page, d.name()),
    };
    let drivers = drivers().iter().map(of).collect();
    let (tried_well, tried) = match tried {
        None => (true, String::new()),
        Some((name, Ok(words))) => (true, page.t2("accounts-works", "name", name, "words", words)),
        Some((name, Err(words))) => (false, page.t2("accounts-fails", "name", name, "words", words)),
    };
    html(&ListPage { page, lines, drivers, tried, tried_well })
}

fn channel_label(page: &Page, kind: ChannelKind) -> String {
    page.t(&format!("channel-{}", kind.as_str().replace("web_form", "web")))
}

fn line(page: &Page, accounts: &Accounts, all: &All, row: &AccountRow, differences: String) -> Line {
    let how = all.of(&row.name);
    let open = accounts.open(&row.name);
    let receives = open.as_ref().is_some_and(|o| o.account.receiver.is_some());
    let is_called = open.is_some_and(|o| o.account.hook.is_some());
    let kind = driver(&row.driver).map(|d| channel_label(page, d.kind())).unwrap_or_default();
    let called = match &how.called_at {
        Some(at) => page.t1("accounts-called", "at", page.datetime(at)),
        None if is_called => page.t("accounts-never-called"),
        None => String::new(),
    };
    let line = configured(page, &row.name, &how, receives, differences);
    let (tone, state) = if row.enabled { (line.tone, line.state) } else { ("plain", page.t("account-state-off")) };
    Line {
        channel: kind,
        driver: driver_label(page, &row.driver),
        href: format!("{HERE}/{}", row.name),
        enabled: row.enabled,
        tone,
        state,
        called,
        ..line
    }
}

/// What is shown of any account; without more, of one that the configuration names.
fn configured(page: &Page, name: &str, how: &Standing, receives: bool, differences: String) -> Line {
    let (tone, key) = state(how, receives, page);
    let age = |waiting: Waiting| waiting.since.map(|at| page.age(&at)).unwrap_or_default();
    Line {
        name: name.to_owned(),
        channel: page.t("channel-email"),
        driver: page.t("accounts-configured"),
        href: String::new(),
        enabled: true,
        tone,
        state: page.t(key),
        called: String::new(),
        arriving: how.arriving(),
        arriving_age: age(how.unread),
        leaving: how.unsent.count,
        leaving_age: age(how.unsent),
        error: how.receiving.as_ref().map(|r| r.last_error.clone()).unwrap_or_default(),
        differences,
    }
}

fn state(how: &Standing, receives: bool, page: &Page) -> (&'static str, &'static str) {
    match &how.receiving {
        Some(r) if !r.last_error.is_empty() => ("bad", "account-state-failing"),
        _ if how.is_stuck(page.now) => ("bad", "account-state-stuck"),
        Some(r) if r.connected && r.here => ("good", "account-state-working"),
        Some(r) if r.connected => ("good", "account-state-elsewhere"),
        Some(_) => ("warn", "account-state-connecting"),
        None if receives => ("warn", "account-state-connecting"),
        // It has nothing to fetch: it sends, or waits to be called.
        None => ("good", "account-state-ready"),
    }
}
