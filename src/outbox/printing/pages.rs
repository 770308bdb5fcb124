//! The page of letters to be printed and posted.
use actix_web::{HttpResponse, web};
use askama::Template;
use channels::paper::Sides;
use jiff::SignedDuration;
use serde::Deserialize;

use super::store::{self, Printing, Shelf};
use super::{Posted, batch, mark_printed, post, spoil};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::outbox::cancel;

const HERE: &str = "/scrivania/lettere/stampa";
/// Letters of one list.
const MOST: i64 = 300;

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(act)))
        .service(web::resource("/scrivania/lettere/stampa.pdf").route(web::get().to(file)));
}

struct Tab {
    href: String,
    label: String,
    current: bool,
}

struct Line {
    id: i64,
    recipient: String,
    address: String,
    code: String,
    ticket_href: String,
    pages: String,
    at: String,
    when: String,
    age: String,
    late: bool,
    /// How often it was printed, from the second time on.
    again: String,
    tracking: String,
    posted: String,
    file: String,
}

#[derive(Template)]
#[template(path = "letters/printing.html")]
struct PrintingPage {
    page: Page,
    tabs: Vec<Tab>,
    shelf: Shelf,
    lines: Vec<Line>,
    alarm: String,
    /// Address of the file that was just made, and for how many letters.
    ready: String,
    ready_count: String,
    error: String,
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    elenco: Shelf,
    /// Letters just taken to the printer.
    #[serde(default)]
    id: String,
    #[serde(default)]
    lati: String,
    #[serde(default)]
    errore: String,
}

fn ids(text: &str) -> Vec<i64> {
    text.split(',').filter_map(|id| id.parse().ok()).collect()
}

fn line(page: &Page, late: crate::kernel::time::Instant, row: Printing) -> Line {
    let at = row.posted_at.unwrap_or(row.queued_at);
    Line {
        address: row.address().replace('\n', ", "),
        late: row.posted_at.is_none() && row.queued_at < late,
        again: if row.times > 1 { page.t1("printing-times", "n", row.times) } else { String::new() },
        posted: if row.posted_by.is_empty() {
            String::new()
        } else {
            page.t1("printing-posted-by", "who", &row.posted_by)
        },
        ticket_href: format!("/scrivania/pratiche/{}", row.code),
        code: codes::grouped(&row.code),
        pages: page.t1("letters-pages", "n", row.sheets),
        at: page.machine_time(&at),
        when: page.datetime(&at),
        age: page.age(&at),
        file: format!("/scrivania/lettere/stampa.pdf?id={}", row.id),
        id: row.id,
        recipient: row.recipient,
        tracking: row.tracking,
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let page = page.titled("printing-title");
    let days = kernel.config.desk.post_days;
    let late = kernel.now().minus(SignedDuration::from_hours(24 * i64::from(days)));
    let mut conn = kernel.db.read().await?;
    let rows = store::list(&mut conn, shown.elenco, MOST).await?;
    let (print, post, waiting) = store::counts(&mut conn, late).await?;
    drop(conn);
    let tabs = Shelf::ALL
        .into_iter()
        .map(|shelf| Tab {
            href: format!("{HERE}?elenco={}", shelf.as_str()),
            label: match shelf {
                Shelf::Print => page.t1("printing-tab-print", "n", print),
                Shelf::Post => page.t1("printing-tab-post", "n", post),
                Shelf::Posted => page.t("printing-tab-posted"),
            },
            current: shelf == shown.elenco,
        })
        .collect();
    let alarm = if waiting > 0 { page.t2("printing-late", "n", waiting, "days", days) } else { String::new() };
    let taken = ids(&shown.id);
    let list = taken.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let sides = if shown.lati == "one" { "one" } else { "both" };
    let (ready, ready_count) = if taken.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("/scrivania/lettere/stampa.pdf?lati={sides}&id={list}"), page.t1("printing-ready", "n", taken.len()))
    };
    let error = match shown.errore.as_str() {
        "nessuna" => page.t("printing-none-chosen"),
        "raccomandata" => page.t("problem-outbox-tracking"),
        _ => String::new(),
    };
    let lines = rows.into_iter().map(|row| line(&page, late, row)).collect();
    html(&PrintingPage { page, tabs, shelf: shown.elenco, lines, alarm, ready, ready_count, error })
}

/// What the buttons under the list do with the letters that are ticked.
async fn act(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let get = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let chosen: Vec<i64> = fields.iter().filter(|(n, _)| n == "id").filter_map(|(_, v)| v.parse().ok()).collect();
    let shelf = if get("elenco") == "post" { "post" } else { "print" };
    if chosen.is_empty() {
        return Ok(see_other(&format!("{HERE}?elenco={shelf}&errore=nessuna")));
    }
    match get("do") {
        "posted" => {
            let posted: Vec<Posted> = chosen
                .iter()
                .map(|id| Posted { id: *id, tracking: get(&format!("tracking.{id}")).to_owned() })
                .collect();
            match post(&kernel, who, &posted).await {
                Err(crate::outbox::OutboxError::Tracking) => {
                    return Ok(see_other(&format!("{HERE}?elenco={shelf}&errore=raccomandata")));
                }
                other => other?,
            }
            Ok(see_other(&format!("{HERE}?elenco={shelf}")))
        }
        "spoiled" => {
            spoil(&kernel, who, &chosen).await?;
            Ok(see_other(HERE))
        }
        "withdraw" => {
            for id in chosen {
                cancel(&kernel, who, id).await?;
            }
            Ok(see_other(&format!("{HERE}?elenco={shelf}")))
        }
        _ => {
            mark_printed(&kernel, who, &chosen).await?;
            let list = chosen.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            let sides = if get("sides") == "true" { "both" } else { "one" };
            Ok(see_other(&format!("{HERE}?elenco=post&lati={sides}&id={list}")))
        }
    }
}

async fn file(kernel: web::Data<Kernel>, caller: Caller, shown: web::Query<Shown>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let sides = if shown.lati == "both" { Sides::Both } else { Sides::One };
    let pdf = batch(&kernel, who, &ids(&shown.id), sides).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("Content-Disposition", "inline; filename=\"lettere.pdf\""))
        .insert_header(("Cache-Control", "private, no-store"))
        .body(pdf))
}
