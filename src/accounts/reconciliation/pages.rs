//! The page of the daily comparison.
use std::time::Duration;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{Day, Item, Sheet};
use super::{RIGHT, ReconciliationError, compare_days, first_shown, recover, store};
use crate::accounts::Accounts;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};

const HERE: &str = "/scrivania/quadratura";
/// How long the page waits for a comparison that was asked for; it goes on without the page.
const PATIENCE: Duration = Duration::from_secs(12);
/// Things named on the page for an account and a day; the interface for programs has all.
const NAMED: usize = 50;

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(now)))
        .service(web::resource("/scrivania/quadratura/{account}/{day}/recupera").route(web::post().to(do_recover)));
}

struct Line {
    day: String,
    shown_day: String,
    account: String,
    channel: String,
    /// What the peer says; a sentence when it cannot say.
    handed: String,
    stored: i64,
    /// What became of it, in words.
    became: String,
    sent: i64,
    calls: i64,
    tone: &'static str,
    outcome: String,
}

struct Difference {
    line: Line,
    error: String,
    names: Vec<Named>,
    /// How many more there are.
    more: String,
    action: String,
    obtainable: usize,
}

struct Named {
    what: String,
    name: String,
    at: String,
    when: String,
    ticket: String,
    obtainable: bool,
}

#[derive(Template)]
#[template(path = "accounts/reconciliation.html")]
struct ReconciliationPage {
    page: Page,
    /// When the last daily comparison ended; empty before the first.
    last: String,
    said: String,
    differences: Vec<Difference>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Shown {
    /// What was just done: `confronto`, `in-corso`, or how many items were fetched.
    #[serde(default)]
    fatto: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    caller.require(RIGHT)?;
    let page = page.titled("reconciliation-title");
    let mut conn = kernel.db.read().await?;
    let sheets = store::between(&mut conn, &first_shown(&kernel), "9999-12-31").await?;
    let last = store::last_run(&mut conn).await?;
    let mut differences = Vec::new();
    for sheet in sheets.iter().filter(|s| s.differences > 0 || !s.error.is_empty()) {
        let items = store::items(&mut conn, &sheet.account, &sheet.day).await?;
        differences.push(difference(&page, sheet, &items));
    }
    drop(conn);
    let last = last.map(|(_, at)| page.t1("reconciliation-last", "when", page.datetime(&at))).unwrap_or_default();
    let said = match shown.fatto.as_str() {
        "" => String::new(),
        "confronto" => page.t("reconciliation-done"),
        "in-corso" => page.t("reconciliation-under-way"),
        n => page.t1("reconciliation-recovered", "n", n.parse::<i64>().unwrap_or(0)),
    };
    let lines = sheets.iter().map(|sheet| line(&page, sheet)).collect();
    html(&ReconciliationPage { page, last, said, differences, lines })
}

fn line(page: &Page, sheet: &Sheet) -> Line {
    let (tone, outcome) = match (sheet.differences, sheet.error.is_empty()) {
        (0, true) if sheet.asked == "source" || sheet.gateway_received.is_some() => {
            ("good", page.t("reconciliation-same"))
        }
        (0, true) => ("plain", page.t("reconciliation-nothing-known")),
        (0, false) => ("warn", page.t("reconciliation-not-asked")),
        (n, _) => ("bad", page.t1("reconciliation-differs", "n", n)),
    };
    Line {
        day: sheet.day.clone(),
        shown_day: sheet.day.split('-').rev().collect::<Vec<_>>().join("/"),
        account: sheet.account.clone(),
        channel: page.t(&format!("channel-{}", sheet.channel)),
        handed: handed(page, sheet),
        stored: sheet.stored,
        became: became(page, sheet),
        sent: sheet.sent,
        calls: sheet.calls,
        tone,
        outcome,
    }
}

/// What the peer says; a gateway that counts says it beside what was counted as it came.
fn handed(page: &Page, sheet: &Sheet) -> String {
    let said = match sheet.asked.as_str() {
        "source" => sheet.handed.to_string(),
        "door" => page.t1("reconciliation-door", "n", sheet.handed),
        _ if sheet.gateway_received.is_some() => String::new(),
        _ => page.t("reconciliation-cannot-say"),
    };
    let (Some(received), Some(sent)) = (sheet.gateway_received, sheet.gateway_sent) else { return said };
    let counted = page.t2("reconciliation-gateway", "received", received, "sent", sent);
    if said.is_empty() { counted } else { format!("{said}; {counted}") }
}

/// What became of what is stored: only what there is.
fn became(page: &Page, sheet: &Sheet) -> String {
    let parts = [
        ("contacts", sheet.contacts),
        ("duplicates", sheet.duplicates),
        ("reports", sheet.reports),
        ("quarantined", sheet.quarantined),
        ("discarded", sheet.discarded),
        ("waiting", sheet.waiting),
    ];
    let of = |(name, n): (&str, i64)| page.t1(&format!("reconciliation-became-{name}"), "n", n);
    parts.into_iter().filter(|(_, n)| *n > 0).map(of).collect::<Vec<_>>().join(", ")
}

fn difference(page: &Page, sheet: &Sheet, items: &[Item]) -> Difference {
    let named = |item: &Item| Named {
        what: page.t(&format!("reconciliation-kind-{}", item.kind)),
        name: item.name.clone(),
        at: item.at.map(|at| page.machine_time(&at)).unwrap_or_default(),
        when: item.at.map(|at| page.datetime(&at)).unwrap_or_default(),
        ticket: item.ticket.clone(),
        obtainable: item.obtainable,
    };
    let more = items.len().saturating_sub(NAMED);
    Difference {
        error: sheet.error.clone(),
        names: items.iter().take(NAMED).map(named).collect(),
        more: if more == 0 { String::new() } else { page.t1("reconciliation-more", "n", more) },
        action: format!("{HERE}/{}/{}/recupera", sheet.account, sheet.day),
        obtainable: items.iter().filter(|i| i.obtainable).count(),
        line: line(page, sheet),
    }
}

/// Compares yesterday and today.
async fn now(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    caller.require(RIGHT)?;
    let days = Day::up_to(kernel.now(), &kernel.config.zone(), 2);
    let accounts = accounts.get_ref().clone();
    let work = tokio::spawn(async move { compare_days(&accounts, &days).await });
    let done = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(Err(ReconciliationError::UnderWay))) | Err(_) => "in-corso",
        Ok(Ok(Err(e))) => return Err(e.into()),
        Ok(Ok(Ok(_)) | Err(_)) => "confronto",
    };
    Ok(see_other(&format!("{HERE}?fatto={done}")))
}

#[derive(Deserialize)]
struct Wanted {
    /// Name of the only item to be fetched; all of the day when absent.
    name: Option<String>,
}

async fn do_recover(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    path: web::Path<(String, String)>,
    Form(wanted): Form<Wanted>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(RIGHT)?;
    let (account, day) = path.into_inner();
    let day = read_day(&kernel, &day)?;
    let (_, fetched) = recover(&accounts, who, &account, &day, wanted.name.as_deref()).await?;
    Ok(see_other(&format!("{HERE}?fatto={fetched}")))
}

pub(super) fn read_day(kernel: &Kernel, text: &str) -> Result<Day, ReconciliationError> {
    let date = text.parse().map_err(|_| ReconciliationError::NoSuchDay)?;
    Day::new(date, &kernel.config.zone()).ok_or(ReconciliationError::NoSuchDay)
}
