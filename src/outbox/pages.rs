//! The page of what did not leave: why, since when, and what a person can do about it.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::access::in_scope;
use super::store::{self, OutboxRow};
use super::{cancel, resend, retry};
use crate::kernel::Kernel;
use crate::kernel::codes::{self, TrackingCode};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Badge, Page, html, page_of, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};

const PAGE: i64 = 50;
const HERE: &str = "/scrivania/posta-in-uscita";

/// Mounts the pages of the outbox.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(web::resource("/scrivania/posta-in-uscita/conteggio").route(web::get().to(badge)))
        .service(web::resource("/scrivania/posta-in-uscita/{id}/riprova").route(web::post().to(do_retry)))
        .service(web::resource("/scrivania/posta-in-uscita/{id}/rispedisci").route(web::post().to(do_resend)))
        .service(web::resource("/scrivania/posta-in-uscita/{id}/annulla").route(web::post().to(do_cancel)));
}

struct Tab {
    href: &'static str,
    label: String,
    current: bool,
}

struct Line {
    id: i64,
    code: String,
    ticket_href: String,
    recipient: String,
    purpose: String,
    /// The server's words; empty before the first answer.
    words: String,
    attempts: i64,
    at: String,
    when: String,
    age: String,
    /// When it is tried again; empty for failed ones.
    next: String,
    failed: bool,
}

#[derive(Template)]
#[template(path = "outbox/outbox.html")]
struct OutboxPage {
    page: Page,
    summary: String,
    alarm: String,
    tabs: Vec<Tab>,
    waiting: bool,
    lines: Vec<Line>,
    next: String,
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    show: String,
    /// Row id after which the list goes on.
    key: Option<i64>,
}

#[derive(Deserialize)]
struct Resend {
    address: String,
    /// As in [`From`].
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct From {
    /// Code of the ticket whose page the form was on; absent on the page of the outbox.
    ticket: Option<String>,
}

/// Back to where the form was.
fn back(ticket: Option<&str>) -> HttpResponse {
    match ticket.map(TrackingCode::parse) {
        Some(Ok(code)) => see_other(&format!("/scrivania/pratiche/{}?fatto=resent", code.as_str())),
        Some(Err(_)) | None => see_other(HERE),
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    query: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let page = page.titled("outbox-title");
    let waiting = query.show == "waiting";
    let mut conn = kernel.db.read().await?;
    let standing = store::standing(&mut conn).await?;
    let rows = if waiting {
        store::waiting(&mut conn, query.key.unwrap_or(0), PAGE + 1).await?
    } else {
        store::failed(&mut conn, query.key.unwrap_or(i64::MAX), PAGE + 1).await?
    };
    let (rows, more) = page_of(rows, PAGE);
    let next = match rows.last().filter(|_| more) {
        Some(last) => format!("{HERE}?show={}&key={}", if waiting { "waiting" } else { "failed" }, last.id),
        None => String::new(),
    };
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(line) = line(&mut conn, &page, who, row).await? {
            lines.push(line);
        }
    }
    let tab = |href, key: &str, count: i64, current| Tab { href, label: page.t1(key, "count", count), current };
    let tabs = vec![
        tab(HERE, "outbox-tab-failed", standing.failed, !waiting),
        tab("/scrivania/posta-in-uscita?show=waiting", "outbox-tab-waiting", standing.pending, waiting),
    ];
    let alarm = match standing.oldest.filter(|_| standing.is_late(page.now)) {
        Some(oldest) => page.t1("outbox-alarm", "age", page.age(&oldest)),
        None => String::new(),
    };
    let summary = page.t1("outbox-summary", "count", standing.failed);
    html(&OutboxPage { page, summary, alarm, tabs, waiting, lines, next })
}

async fn line(conn: &mut Conn, page: &Page, who: &Principal, row: OutboxRow) -> Result<Option<Line>, StoreError> {
    let ticket = match row.ticket_id {
        Some(id) => store::ticket_of(conn, id).await?,
        None => None,
    };
    if !in_scope(&who.scope(), ticket.as_ref().map(|(_, owner)| *owner)) {
        return Ok(None);
    }
    let code = ticket.map(|(code, _)| code).unwrap_or_default();
    let failed = row.state == "failed";
    let at = row.settled_at.filter(|_| failed).unwrap_or(row.created_at);
    Ok(Some(Line {
        id: row.id,
        ticket_href: format!("/scrivania/pratiche/{code}"),
        code: codes::grouped(&code),
        recipient: row.recipient,
        purpose: page.t(&format!("outbox-purpose-{}", row.purpose.replace('_', "-"))),
        words: row.last_error,
        attempts: row.attempts,
        at: page.machine_time(&at),
        when: page.datetime(&at),
        age: page.age(&at),
        next: if failed { String::new() } else { page.datetime(&row.run_at) },
        failed,
    }))
}

/// How many messages failed, for the desk's rail.
async fn badge(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    html(&Badge { count: store::standing(&mut conn).await?.failed, late: true })
}

async fn do_retry(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    Form(form): Form<From>,
) -> Result<HttpResponse, Problem> {
    retry(&kernel, caller.require(Permission::WorkTickets)?, *id).await?;
    Ok(back(form.ticket.as_deref()))
}

async fn do_resend(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    Form(form): Form<Resend>,
) -> Result<HttpResponse, Problem> {
    resend(&kernel, caller.require(Permission::WorkTickets)?, *id, &form.address).await?;
    Ok(back(form.ticket.as_deref()))
}

async fn do_cancel(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    cancel(&kernel, caller.require(Permission::WorkTickets)?, *id).await?;
    Ok(see_other(HERE))
}
