//! The page of the network, its export, and the legs behind its numbers.
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;

use super::api::{Asked, csv, read};
use super::drawing::{Drawing, draw};
use super::{Between, Flow, Flows, Names, Period, Sent, Which, behind};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, page_of};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;
use crate::organisation::Unit;
use crate::organisation::directory::unit_name;

const HERE: &str = "/scrivania/supervisione/rete";
const LIST: i64 = 50;

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(web::resource("/scrivania/supervisione/rete.csv").route(web::get().to(export)))
        .service(web::resource("/scrivania/supervisione/rete/invii").route(web::get().to(list)));
}

/// A number that opens its legs.
struct Number {
    shown: String,
    href: String,
    label: String,
    /// Whether somebody should look at it.
    bad: bool,
}

struct Row {
    sender: String,
    unit: String,
    /// Empty for units of our own agency.
    agency: String,
    numbers: Vec<Number>,
}

struct UnitChoice {
    slug: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "supervision/flows.html")]
struct FlowsPage {
    page: Page,
    from: String,
    to: String,
    units: Vec<UnitChoice>,
    heads: Vec<String>,
    total: Row,
    rows: Vec<Row>,
    drawing: Option<Drawing>,
    summary: String,
    csv: String,
}

fn named(page: &Page, names: &Names, id: i64) -> String {
    names.unit(id).map_or_else(|| page.t("flows-unknown"), |unit| unit_name(unit, page.language).to_owned())
}

/// A length of time as people say it.
fn length(page: &Page, micros: Option<i64>) -> String {
    let Some(micros) = micros else { return "–".to_owned() };
    let point = |tenths: i64| format!("{}{}{}", tenths / 10, if page.lang == "it" { ',' } else { '.' }, tenths % 10);
    let tenths_of_hours = micros / 360_000_000;
    if tenths_of_hours < 480 {
        page.t1("flows-hours", "n", point(tenths_of_hours))
    } else {
        page.t1("flows-days", "n", point(tenths_of_hours / 24))
    }
}

fn list_href(period: Period, between: Between, which: Which, names: &Names) -> String {
    let slug = |id: i64| names.unit(id).map(|unit| unit.slug.clone()).unwrap_or_default();
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let (sender, unit, about) = (slug(between.sender), slug(between.unit), slug(between.about));
    let pairs = [
        ("from", from.as_str()),
        ("to", &to),
        ("which", which.as_str()),
        ("sender", &sender),
        ("receiver", &unit),
        ("unit", &about),
    ];
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    format!("{HERE}/invii?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
}

/// What the columns count, in order; the median stands after the answered ones.
const COLUMNS: [Which; 6] =
    [Which::Sent, Which::Waiting, Which::Overdue, Which::Answered, Which::Late, Which::Returned];

fn row(page: &Page, names: &Names, flow: &Flow, href: &dyn Fn(Which) -> String) -> Row {
    let mut numbers = Vec::new();
    for which in COLUMNS {
        let n = match which {
            Which::Sent => flow.sent,
            Which::Answered => flow.answered,
            Which::Late => flow.late,
            Which::Waiting => flow.waiting,
            Which::Overdue => flow.overdue,
            Which::Returned => flow.returned,
        };
        let label = page.t(&format!("flows-{}", which.as_str()));
        let bad = n > 0 && which == Which::Overdue;
        numbers.push(Number { shown: n.to_string(), href: href(which), label, bad });
        if which == Which::Answered {
            let shown = length(page, flow.median);
            numbers.push(Number { shown, href: href(Which::Answered), label: page.t("flows-median"), bad: false });
        }
    }
    Row {
        sender: named(page, names, flow.sender),
        unit: named(page, names, flow.unit),
        agency: names.other_agency(flow.unit),
        numbers,
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let page = page.titled("flows-title");
    let (period, names, flows) = read(&kernel, &asked).await?;
    let Flows { rows, total } = &flows;
    let about = names.all().into_iter().find(|unit| unit.slug == asked.unit).map(|unit| unit.id);
    let drawing = draw(&page, &flows, |id| named(&page, &names, id));
    let query = [("from", period.from.to_string()), ("to", period.to.to_string()), ("unit", asked.unit.clone())];
    let all = |which| list_href(period, Between { about: about.unwrap_or(0), ..Between::default() }, which, &names);
    let of_row = |flow: &Flow| {
        let between = Between { sender: flow.sender, unit: flow.unit, about: 0 };
        row(&page, &names, flow, &|which| list_href(period, between, which, &names))
    };
    let values = [
        ("sent", total.sent.to_string()),
        ("overdue", total.overdue.to_string()),
        ("units", rows.iter().map(|r| r.unit).collect::<std::collections::BTreeSet<_>>().len().to_string()),
    ];
    let choice = |unit: &&Unit| UnitChoice {
        slug: unit.slug.clone(),
        name: unit_name(unit, page.language).to_owned(),
        chosen: unit.slug == asked.unit,
    };
    let view = FlowsPage {
        from: period.from.to_string(),
        to: period.to.to_string(),
        units: names.all().iter().map(choice).collect(),
        heads: row(&page, &names, total, &|_| String::new()).numbers.into_iter().map(|n| n.label).collect(),
        total: row(&page, &names, total, &all),
        rows: rows.iter().map(of_row).collect(),
        drawing,
        summary: page.language.text_with("flows-summary", &values),
        csv: format!("{HERE}.csv?{}", serde_urlencoded::to_string(query).unwrap_or_default()),
        page,
    };
    html(&view)
}

async fn export(kernel: web::Data<Kernel>, caller: Caller, asked: web::Query<Asked>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let (period, names, flows) = read(&kernel, &asked).await?;
    let name = format!("attachment; filename=\"rete-{}-{}.csv\"", period.from, period.to);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((actix_web::http::header::CONTENT_DISPOSITION, name))
        .body(csv(&names, &flows)?))
}

/// Which legs a list shows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Behind {
    from: Option<String>,
    to: Option<String>,
    which: String,
    /// Slug of the unit that sent.
    sender: String,
    /// Slug of the unit that received.
    receiver: String,
    /// Slug of a unit that sent or received.
    unit: String,
    before: String,
}

struct Line {
    href: String,
    code: String,
    subject: String,
    sender: String,
    unit: String,
    kind: String,
    state: String,
    sent: String,
    due: String,
    answered: String,
}

#[derive(Template)]
#[template(path = "supervision/flow_legs.html")]
struct ListPage {
    page: Page,
    heading: String,
    period: String,
    back: String,
    rows: Vec<Line>,
    next: String,
}

/// `03/11/2026`
fn day(page: &Page, at: Instant) -> String {
    at.zoned(&page.zone).strftime("%d/%m/%Y").to_string()
}

fn line(page: &Page, names: &Names, leg: Sent) -> Line {
    let when = |at: Option<Instant>| at.map(|at| page.datetime(&at)).unwrap_or_default();
    Line {
        href: format!("/scrivania/pratiche/{}", leg.code),
        code: format!("{}/{}", codes::grouped(&leg.code), leg.number),
        sender: named(page, names, leg.sender),
        unit: named(page, names, leg.unit),
        kind: page.t(&format!("leg-kind-{}", leg.kind.as_str())),
        state: page.t(&format!("leg-state-{}", leg.state.as_str())),
        sent: page.datetime(&leg.sent_at),
        // A term ends with its last day.
        due: leg.due_at.map(|due| day(page, due.minus(SignedDuration::from_micros(1)))).unwrap_or_default(),
        answered: when(leg.answered_at),
        subject: leg.subject,
    }
}

async fn list(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    asked: web::Query<Behind>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let page = page.titled("flows-list-title");
    let now = kernel.now();
    let which = match asked.which.as_str() {
        "" => Which::Sent,
        text => Which::from_text(text).ok_or_else(|| Problem::field("which", "unknown"))?,
    };
    let period = Period::parse(asked.from.as_deref(), asked.to.as_deref(), now.zoned(&page.zone).date())?;
    let within = period.span(&page.zone);
    let mut conn = kernel.db.read().await?;
    let names = Names::at(&mut conn, within.1).await?;
    let id = |slug: &str, field| match slug {
        "" => Ok(0),
        slug => names
            .all()
            .into_iter()
            .find(|unit| unit.slug == slug)
            .map(|unit| unit.id)
            .ok_or_else(|| Problem::field(field, "unknown")),
    };
    let between = Between {
        sender: id(&asked.sender, "sender")?,
        unit: id(&asked.receiver, "receiver")?,
        about: id(&asked.unit, "unit")?,
    };
    let before = asked.before.split_once('.').and_then(|(at, id)| Some((Instant(at.parse().ok()?), id.parse().ok()?)));
    let before = before.unwrap_or((Instant(i64::MAX), i64::MAX));
    let found = behind(&mut conn, within, (between, which), now, before, LIST + 1).await?;
    let (found, more) = page_of(found, LIST);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| format!("{}&before={}.{}", list_href(period, between, which, &names), last.sent_at.0, last.id));
    let view = ListPage {
        heading: page.t(&format!("flows-list-{}", which.as_str())),
        period: page.t2("supervision-period", "from", day(&page, within.0), "to", day(&page, within.1)),
        back: format!("{HERE}?from={}&to={}", period.from, period.to),
        rows: found.into_iter().map(|leg| line(&page, &names, leg)).collect(),
        next: next.unwrap_or_default(),
        page,
    };
    html(&view)
}
