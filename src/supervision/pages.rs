//! The supervision page, its export, and the lists behind its figures.
use actix_web::{HttpResponse, get, web};
use askama::Template;
use serde::Deserialize;

use super::api::{FigureQuery, csv, figure};
use super::chart::{self, LineChart, percent};
use super::export;
use super::figures::{Classes, Dimension, Figures, Period, Which};
use super::store::{self, Behind};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};

/// One line of a table of the page.
struct RowView {
    label: String,
    closed: i64,
    strict: String,
    wide: String,
    /// 0 to 100, for the meter.
    meter: i64,
    closed_href: String,
    strict_href: String,
    wide_href: String,
}

struct TableView {
    id: &'static str,
    title: String,
    rows: Vec<RowView>,
}

struct UnitOption {
    slug: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "supervision/closure_rate.html")]
struct ClosurePage {
    page: Page,
    from: String,
    to: String,
    period: String,
    units: Vec<UnitOption>,
    strict: String,
    strict_note: String,
    wide: String,
    wide_note: String,
    closed: i64,
    closed_href: String,
    strict_href: String,
    wide_href: String,
    csv_href: String,
    /// Whether old classes are read by those in force.
    by_now: bool,
    chart: Option<LineChart>,
    tables: Vec<TableView>,
    /// Whether a recount from the log agrees, when one was asked for.
    agrees: Option<bool>,
    recount_href: String,
}

fn pairs(query: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(query.iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>())
        .unwrap_or_default()
}

/// The address of the list behind a number.
fn behind_href(figures: &Figures, unit: &str, which: Which, by: Option<(Dimension, &str)>, classes: Classes) -> String {
    let (mut from, mut to) = (figures.period.from.to_string(), figures.period.to.to_string());
    let (mut unit, mut channel, mut category, mut level) = (unit, "", "", "");
    match by {
        Some((Dimension::Channel, key)) => channel = key,
        Some((Dimension::Area | Dimension::Category, key)) => category = key,
        Some((Dimension::Unit, key)) => unit = key,
        Some((Dimension::Level, key)) => level = key,
        Some((Dimension::Day, key)) => (from, to) = (key.to_owned(), key.to_owned()),
        Some((Dimension::Week, key)) => {
            if let Some((first, last)) = week_days(key) {
                (from, to) = (from.max(first), to.min(last));
            }
        }
        Some((Dimension::Month, _)) | None => {}
    }
    let query = pairs(&[
        ("from", &from),
        ("to", &to),
        ("unit", unit),
        ("channel", channel),
        ("category", category),
        ("level", level),
        ("which", which.as_str()),
        ("classes", if classes == Classes::Now { "now" } else { "" }),
    ]);
    format!("/scrivania/supervisione/pratiche?{query}")
}

/// First and last day of an ISO week written `2026-W47`.
fn week_days(key: &str) -> Option<(String, String)> {
    let (year, week) = key.split_once("-W")?;
    let monday = jiff::civil::ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, jiff::civil::Weekday::Monday)
        .ok()?
        .date();
    let sunday = monday.checked_add(jiff::Span::new().days(6)).ok()?;
    Some((monday.to_string(), sunday.to_string()))
}

fn table(page: &Page, id: &'static str, figures: &Figures, unit: &str, classes: Classes) -> TableView {
    let by = figures.by;
    let rows = figures
        .rows
        .iter()
        .map(|row| {
            let label = match by {
                Dimension::Channel => page.t(&format!("channel-{}", row.key)),
                Dimension::Level if !row.label.is_empty() => page.t(&format!("level-{}", row.key)),
                _ if row.label.is_empty() => page.t("supervision-none"),
                _ => row.label.clone(),
            };
            let href = |which| behind_href(figures, unit, which, Some((by, &row.key)), classes);
            RowView {
                label,
                closed: row.closed,
                strict: percent(page, row.strict_permille()),
                wide: percent(page, row.wide_permille()),
                meter: row.strict_permille().unwrap_or(0) / 10,
                closed_href: href(Which::Closed),
                strict_href: href(Which::Strict),
                wide_href: href(Which::Wide),
            }
        })
        .collect();
    TableView { id, title: page.t(&format!("supervision-by-{}", by.as_str())), rows }
}

fn trend(page: &Page, now: Option<i64>, before: Option<i64>) -> String {
    let (Some(now), Some(before)) = (now, before) else { return String::new() };
    let change = now - before;
    let sign = if change < 0 { "−" } else { "+" };
    let points = page.t2("supervision-points", "whole", change.abs() / 10, "tenth", change.abs() % 10);
    page.t1("supervision-trend", "change", format!("{sign}{points}"))
}

#[get("/scrivania/supervisione")]
async fn closure_page(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    query: web::Query<FigureQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let page = page.titled("supervision-title");
    let unit = query.unit.clone().unwrap_or_default();
    let classes = query.classes()?;
    let by = |dimension: Dimension| FigureQuery { by: Some(dimension.as_str().to_owned()), ..query.0.clone() };
    let weeks = figure(&kernel, &by(Dimension::Week)).await?;
    let mut tables = Vec::new();
    for (id, dimension) in [
        ("by-channel", Dimension::Channel),
        ("by-area", Dimension::Area),
        ("by-category", Dimension::Category),
        ("by-unit", Dimension::Unit),
        ("by-level", Dimension::Level),
    ] {
        tables.push(table(&page, id, &figure(&kernel, &by(dimension)).await?, &unit, classes));
    }
    let length = weeks.period.from.until(weeks.period.to).map_or(0, |s| s.get_days());
    let before = Period {
        from: weeks.period.from.saturating_sub(jiff::Span::new().days(length + 1)),
        to: weeks.period.from.saturating_sub(jiff::Span::new().days(1)),
    };
    let mut conn = kernel.db.read().await?;
    let chosen = Some(unit.as_str()).filter(|u| !u.is_empty());
    let earlier = super::closure_rate(&mut conn, &page.zone, before, Dimension::Channel, chosen, classes).await?;
    // A recount reads the whole log: on request only.
    let counted = if query.recount.is_some() {
        Some(super::recount(&mut conn, &page.zone, weeks.period, Dimension::Week, chosen, classes).await?)
    } else {
        None
    };
    let units = store::units(&mut conn, weeks.period.span(&page.zone)).await?;
    let total = &weeks.total;
    let day = |d: jiff::civil::Date| {
        page.date(&d.at(12, 0, 0, 0).to_zoned(page.zone.clone()).map(|z| z.timestamp().into()).unwrap_or_default())
    };
    let query_text =
        pairs(&[("from", &weeks.period.from.to_string()), ("to", &weeks.period.to.to_string()), ("unit", &unit)]);
    let view = ClosurePage {
        from: weeks.period.from.to_string(),
        to: weeks.period.to.to_string(),
        period: page.t2("supervision-period", "from", day(weeks.period.from), "to", day(weeks.period.to)),
        units: units.into_iter().map(|(slug, name)| UnitOption { chosen: slug == unit, slug, name }).collect(),
        strict: percent(&page, total.strict_permille()),
        strict_note: trend(&page, total.strict_permille(), earlier.total.strict_permille()),
        wide: percent(&page, total.wide_permille()),
        wide_note: trend(&page, total.wide_permille(), earlier.total.wide_permille()),
        closed: total.closed,
        closed_href: behind_href(&weeks, &unit, Which::Closed, None, classes),
        strict_href: behind_href(&weeks, &unit, Which::Strict, None, classes),
        wide_href: behind_href(&weeks, &unit, Which::Wide, None, classes),
        csv_href: format!("/scrivania/supervisione.csv?{query_text}&by=category&classes={}", classes.as_str()),
        by_now: classes == Classes::Now,
        chart: chart::weekly(&page, &weeks, |key| {
            behind_href(&weeks, &unit, Which::Closed, Some((Dimension::Week, key)), classes)
        }),
        tables,
        agrees: counted.map(|c| c.total == weeks.total && c.rows == weeks.rows),
        recount_href: format!("/scrivania/supervisione?{query_text}&recount=1"),
        page,
    };
    html(&view)
}

#[get("/scrivania/supervisione.csv")]
async fn closure_csv(
    kernel: web::Data<Kernel>,
    caller: Caller,
    query: web::Query<FigureQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let figures = figure(&kernel, &query).await?;
    let name = format!("chiusura-front-office-{}-{}.csv", figures.period.from, figures.period.to);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(csv(&figures)?))
}

/// Which tickets a list shows.
#[derive(Debug, Deserialize)]
pub(super) struct BehindQuery {
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    classes: String,
    which: Option<String>,
    before: Option<String>,
}

impl BehindQuery {
    /// The closures it names.
    pub fn behind(&self, kernel: &Kernel, page: &Page) -> Result<Behind, Problem> {
        let which = match self.which.as_deref() {
            Some(text) => Which::from_text(text).ok_or_else(|| Problem::field("which", "unknown"))?,
            None => Which::Closed,
        };
        let today = kernel.now().zoned(&page.zone).date();
        Ok(Behind {
            period: Period::parse(self.from.as_deref(), self.to.as_deref(), today)?,
            which,
            unit: self.unit.clone(),
            channel: self.channel.clone(),
            level: self.level.clone(),
            category: self.category.clone(),
            classes: Classes::from_text(&self.classes).unwrap_or_default(),
        })
    }
}

struct BehindView {
    href: String,
    code: String,
    subject: String,
    channel: String,
    category: String,
    unit: String,
    at: String,
    when: String,
    front_office: String,
}

#[derive(Template)]
#[template(path = "supervision/tickets.html")]
struct BehindPage {
    page: Page,
    heading: String,
    period: String,
    rows: Vec<BehindView>,
    csv: String,
    next: String,
}

const LIST: usize = 100;

#[get("/scrivania/supervisione/pratiche")]
async fn behind_page(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    query: web::Query<BehindQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let page = page.titled("supervision-tickets-title");
    let of = query.behind(&kernel, &page)?;
    let (period, which) = (of.period, of.which);
    let before = query
        .before
        .as_deref()
        .and_then(|text| text.split_once('.'))
        .and_then(|(day, id)| Some((day.to_owned(), id.parse().ok()?)))
        .unwrap_or_else(|| ("9999-12-31".to_owned(), i64::MAX));
    let mut conn = kernel.db.read().await?;
    let names = store::names(&mut conn, period, period.span(&page.zone).1, of.classes).await?;
    let mut rows = store::behind(&mut conn, &of, before, i64::try_from(LIST + 1).unwrap_or(i64::MAX)).await?;
    let more = rows.len() > LIST;
    rows.truncate(LIST);
    let address = |path: &str, before: &str| {
        let (from, to) = (period.from.to_string(), period.to.to_string());
        let query = pairs(&[
            ("from", &from),
            ("to", &to),
            ("unit", &of.unit),
            ("channel", &of.channel),
            ("category", &of.category),
            ("level", &of.level),
            ("classes", of.classes.as_str()),
            ("which", which.as_str()),
            ("before", before),
        ]);
        format!("/scrivania/supervisione/{path}?{query}")
    };
    let key = |row: &store::BehindRow| format!("{}.{}", row.closed_at.day(&page.zone), row.ticket_id);
    let next = rows.last().filter(|_| more).map(|last| address("pratiche", &key(last)));
    let csv = address("pratiche.csv", "");
    let view = BehindPage {
        heading: page.t(&format!("supervision-which-{}", which.as_str().replace('_', "-"))),
        period: page.t2("supervision-period", "from", period.from, "to", period.to),
        rows: rows
            .into_iter()
            .map(|row| BehindView {
                href: format!("/scrivania/pratiche/{}", row.code),
                code: codes::grouped(&row.code),
                subject: row.subject,
                channel: page.t(&format!("channel-{}", row.channel)),
                category: row.category.unwrap_or_default(),
                unit: names.unit(row.unit_id).to_owned(),
                at: page.machine_time(&row.closed_at),
                when: page.datetime(&row.closed_at),
                front_office: page.t(match (row.strict, row.wide) {
                    (true, _) => "supervision-row-strict",
                    (false, true) => "supervision-row-wide",
                    (false, false) => "supervision-row-external",
                }),
            })
            .collect(),
        csv,
        next: next.unwrap_or_default(),
        page,
    };
    html(&view)
}

/// Routes of the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    export::routes(cfg);
    cfg.service(closure_page).service(closure_csv).service(behind_page);
}
