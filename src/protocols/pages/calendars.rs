//! The calendars: one page with a form for each, and one more for a new one.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use super::{Fields, Saved, field, words};
use crate::clocks::calendar::DAYS;
use crate::clocks::office;
use crate::clocks::store::{self, VersionRow};
use crate::clocks::{CalendarBody, Closure};
use crate::kernel::Kernel;
use crate::kernel::opening::written_day;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::kernel::time::Instant;
use crate::protocols::save::{Saving, save_calendar, slug_of};

const HERE: &str = "/scrivania/calendari";

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(list)))
        .service(web::resource("/scrivania/calendari/{slug}").route(web::get().to(show)).route(web::post().to(save)));
}

/// Address of the form for one that does not exist yet.
const NEW: &str = "nuovo";

struct Row {
    href: String,
    name: String,
    since: String,
    week: String,
    patron: String,
    /// Whether the desk answers by it today.
    desk: bool,
}

#[derive(Template)]
#[template(path = "protocols/calendars.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    done: bool,
}

struct Day {
    name: &'static str,
    label: String,
    bands: String,
}

#[derive(Template)]
#[template(path = "protocols/calendar.html")]
struct FormPage {
    page: Page,
    here: String,
    /// A macro's own `name` would hide a field of that name.
    called: String,
    expected: String,
    since: String,
    days: Vec<Day>,
    holidays: bool,
    patron: String,
    desk: bool,
    closures: String,
    error: String,
    saved: Vec<Saved>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    fatto: String,
}

/// The last version of each, in the order of making.
fn latest(rows: Vec<VersionRow>) -> Vec<VersionRow> {
    let mut last: Vec<VersionRow> = Vec::new();
    for row in rows {
        match last.last_mut() {
            Some(before) if before.of == row.of => *before = row,
            _ => last.push(row),
        }
    }
    last
}

async fn list(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    done: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = frame.0.titled("calendars-title");
    let mut conn = kernel.db.read().await?;
    let versions = store::calendar_versions(&mut conn, None).await?;
    let answers = office::chosen(&versions, today(&kernel)).map(|(row, _)| row.of);
    let rows = latest(versions);
    let rows = rows.into_iter().map(|row| {
        let body: CalendarBody = serde_json::from_str(&row.body).unwrap_or_default();
        let days = body.week.iter().zip(DAYS).filter(|(bands, _)| !bands.trim().is_empty());
        Row {
            href: format!("{HERE}/{}", row.slug),
            week: days
                .map(|(bands, day)| format!("{} {bands}", page.t(&format!("calendar-short-{day}"))))
                .collect::<Vec<_>>()
                .join(" · "),
            patron: day_first(&body.patron),
            desk: answers == Some(row.of),
            name: body.name,
            since: row.valid_from,
        }
    });
    let shown = ListPage { rows: rows.collect(), done: !done.fatto.is_empty(), page };
    html_as(&mut HttpResponse::Ok(), &shown)
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    render(&kernel, frame.0, &slug, None, StatusCode::OK).await
}

/// The form: with what is stored, or with what was sent and why it was refused.
async fn render(
    kernel: &Kernel,
    page: Page,
    slug: &str,
    refused: Option<(&[(String, String)], String)>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let mut versions = store::calendar_versions(&mut conn, None).await?;
    versions.retain(|row| row.slug == slug);
    if versions.is_empty() && slug != NEW {
        return Err(Problem::not_found());
    }
    let last = versions.last();
    let body = last.and_then(|row| serde_json::from_str::<CalendarBody>(&row.body).ok());
    let sent = |name: &str, stored: String| refused.as_ref().map_or(stored, |(f, _)| field(f, name).to_owned());
    let week = body.as_ref().map_or_else(Default::default, |b| b.week.clone());
    let closures = body.as_ref().map_or_else(String::new, |b| lines(&b.closures));
    let shown = FormPage {
        here: format!("{HERE}/{slug}"),
        called: sent("name", body.as_ref().map_or_else(String::new, |b| b.name.clone())),
        expected: sent("expected", last.map_or(0, |row| row.number).to_string()),
        since: sent("since", last.map_or_else(|| today(kernel).to_string(), |row| row.valid_from.clone())),
        days: DAYS
            .into_iter()
            .zip(week)
            .map(|(name, bands)| Day { name, label: page.t(&format!("calendar-day-{name}")), bands: sent(name, bands) })
            .collect(),
        holidays: refused
            .as_ref()
            .map_or_else(|| body.as_ref().is_none_or(|b| b.holidays), |(f, _)| !field(f, "holidays").is_empty()),
        desk: refused
            .as_ref()
            .map_or_else(|| body.as_ref().is_some_and(|b| b.desk), |(f, _)| !field(f, "desk").is_empty()),
        patron: sent("patron", body.map(|b| day_first(&b.patron)).unwrap_or_default()),
        closures: sent("closures", closures),
        error: refused.map(|(_, error)| error).unwrap_or_default(),
        saved: saved(&page, &versions),
        page: page.titled(if slug == NEW { "calendar-new" } else { "calendar-edit" }),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

/// A day of each year as people write it: `06-24` is `24/06`.
fn day_first(stored: &str) -> String {
    stored.split_once('-').map(|(month, day)| format!("{day}/{month}")).unwrap_or_default()
}

/// Who saved what, the latest first.
pub fn saved(page: &Page, versions: &[VersionRow]) -> Vec<Saved> {
    let one = |row: &VersionRow| Saved {
        number: row.number,
        since: row.valid_from.clone(),
        when: page.datetime(&row.saved_at),
        at: row.saved_at.rfc3339(),
        who: row.author.clone().unwrap_or_else(|| page.t("desk-by-program")),
    };
    versions.iter().rev().take(30).map(one).collect()
}

/// The local day of now.
pub fn today(kernel: &Kernel) -> Date {
    let now: Instant = kernel.now();
    now.zoned(&kernel.config.zone()).date()
}

fn lines(closures: &[Closure]) -> String {
    closures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Closures, one a line: a day, or the first and the last of several.
fn closures(text: &str) -> Option<Vec<Closure>> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Closure::parse).collect()
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
    form: Form<Fields>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (fields, page) = (form.0, frame.0);
    let name = field(&fields, "name").trim().to_owned();
    let refuse = |error: String| (fields.clone(), error);
    let refused = match (written_day(field(&fields, "since")), closures(field(&fields, "closures"))) {
        (Some(valid_from), Some(closures)) => {
            let patron = field(&fields, "patron").trim();
            let body = CalendarBody {
                week: DAYS.map(|name| field(&fields, name).trim().to_owned()),
                holidays: !field(&fields, "holidays").is_empty(),
                patron: patron.split_once('/').map_or_else(|| patron.to_owned(), |(d, m)| format!("{m:0>2}-{d:0>2}")),
                closures,
                desk: !field(&fields, "desk").is_empty(),
                name: name.clone(),
            };
            let to = if slug.as_str() == NEW { slug_of(&name) } else { slug.to_string() };
            let expected = field(&fields, "expected").parse().unwrap_or(0);
            match save_calendar(&kernel, who, Saving { slug: to, expected, valid_from }, body).await {
                Ok(_) => return Ok(see_other(&format!("{HERE}?fatto=1"))),
                Err(error) => match words(&page, &error) {
                    Some(text) => refuse(text),
                    None => return Err(error.into()),
                },
            }
        }
        (None, _) => refuse(page.t("protocol-wrong-since")),
        (_, None) => refuse(page.t("protocol-wrong-closures-unreadable")),
    };
    let (fields, error) = refused;
    render(&kernel, page, &slug, Some((fields.as_slice(), error)), StatusCode::UNPROCESSABLE_ENTITY).await
}
