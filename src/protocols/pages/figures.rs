//! How terms were kept: figures that open into their terms, and their export.
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::protocols::api::{Asked, csv};
use crate::protocols::figures::{self, By, Line, Period, Which, phase_name};

const HERE: &str = "/scrivania/supervisione/termini";
/// Lines on the page; the export has all.
const SHOWN: usize = 60;
/// Terms on one page of a list.
const LIST: usize = 50;

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(web::resource("/scrivania/supervisione/termini.csv").route(web::get().to(export)))
        .service(web::resource("/scrivania/supervisione/termini/elenco").route(web::get().to(list)));
}

struct Row {
    label: String,
    phase: String,
    share: String,
    met: i64,
    met_href: String,
    missed: i64,
    missed_href: String,
    median: String,
    p90: String,
}

struct Tab {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "protocols/figures.html")]
struct FiguresPage {
    page: Page,
    from: String,
    to: String,
    by: &'static str,
    tabs: Vec<Tab>,
    total: Row,
    rows: Vec<Row>,
    divided_by_phase: bool,
    csv: String,
}

fn query(path: &str, period: Period, by: By, more: &[(&str, &str)]) -> String {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let mut pairs = vec![("from", from.as_str()), ("to", to.as_str()), ("by", by.as_str())];
    pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    match serde_urlencoded::to_string(pairs) {
        Ok(query) => format!("{path}?{query}"),
        Err(_) => path.to_owned(),
    }
}

/// A length in hours or days, as people say it.
fn length(page: &Page, hours: Option<f64>) -> String {
    let Some(hours) = hours else { return "–".to_owned() };
    let comma = |text: String| if page.lang == "it" { text.replace('.', ",") } else { text };
    if hours < 48.0 {
        page.t1("terms-hours", "n", comma(format!("{hours:.1}")))
    } else {
        page.t1("terms-days", "n", comma(format!("{:.1}", hours / 24.0)))
    }
}

fn row(page: &Page, period: Period, by: By, line: &Line) -> Row {
    let list = |which: Which| {
        let key = if line.key == "total" { "" } else { line.key.as_str() };
        query("/scrivania/supervisione/termini/elenco", period, by, &[("key", key), ("which", which.as_str())])
    };
    let permille = line.permille();
    let point = if page.lang == "it" { ',' } else { '.' };
    Row {
        label: line.label.clone(),
        phase: line.phase.clone(),
        share: format!("{}{point}{}\u{a0}%", permille / 10, permille % 10),
        met: line.met,
        met_href: list(Which::Met),
        missed: line.missed,
        missed_href: list(Which::Missed),
        median: length(page, line.median_hours),
        p90: length(page, line.p90_hours),
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let page = frame.0.titled("terms-title");
    let (period, by, _) = asked.read(&kernel)?;
    let mut conn = kernel.db.read().await?;
    let found = figures::figures(&mut conn, period, by, page.language).await?;
    let shown = FiguresPage {
        from: period.from.to_string(),
        to: period.to.to_string(),
        by: by.as_str(),
        tabs: By::ALL
            .iter()
            .map(|&each| Tab {
                href: query(HERE, period, each, &[]),
                label: page.t(&format!("terms-by-{}", each.as_str())),
                current: each == by,
            })
            .collect(),
        total: row(&page, period, by, &found.total),
        rows: found.lines.iter().take(SHOWN).map(|line| row(&page, period, by, line)).collect(),
        divided_by_phase: by == By::Category,
        csv: query("/scrivania/supervisione/termini.csv", period, by, &[]),
        page,
    };
    html(&shown)
}

async fn export(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let (period, by, _) = asked.read(&kernel)?;
    let mut conn = kernel.db.read().await?;
    let found = figures::figures(&mut conn, period, by, frame.0.language).await?;
    let name = format!("attachment; filename=\"termini-{}-{}.csv\"", period.from, period.to);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((actix_web::http::header::CONTENT_DISPOSITION, name))
        .body(csv(&found)?))
}

struct Term {
    href: String,
    code: String,
    subject: String,
    phase: String,
    met: bool,
    started: String,
    due: String,
    ended: String,
}

#[derive(Template)]
#[template(path = "protocols/terms.html")]
struct ListPage {
    page: Page,
    back: String,
    rows: Vec<Term>,
    next: String,
}

async fn list(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let page = frame.0.titled("terms-list-title");
    let (period, by, which) = asked.read(&kernel)?;
    let mut conn = kernel.db.read().await?;
    let before = asked.before.unwrap_or(i64::MAX);
    let mut found = figures::behind(&mut conn, period, (by, &asked.key, which), before, LIST + 1).await?;
    let more = found.len() > LIST;
    found.truncate(LIST);
    let next = found.last().filter(|_| more).map(|last| {
        let before = last.id.to_string();
        let more = [("key", asked.key.as_str()), ("which", which.as_str()), ("before", &before)];
        query("/scrivania/supervisione/termini/elenco", period, by, &more)
    });
    let when = |at: Option<crate::kernel::time::Instant>| at.map(|at| page.datetime(&at)).unwrap_or_default();
    let rows = found.into_iter().map(|term| Term {
        href: format!("/scrivania/pratiche/{}", term.ticket_code),
        code: codes::grouped(&term.ticket_code),
        subject: term.subject,
        phase: phase_name(page.language, &term.phase),
        met: term.met,
        started: page.datetime(&term.started_at),
        due: when(term.due_at),
        ended: when(term.ended_at),
    });
    html(&ListPage { back: query(HERE, period, by, &[]), rows: rows.collect(), next: next.unwrap_or_default(), page })
}
