//! The page of quarantine.
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::original::original as file_of;
use super::{RIGHT, dismiss, download, make_ticket, retry, sender_on};
use crate::intake::Intake;
use crate::intake::store::{self, RawRow};
use crate::kernel::Kernel;
use crate::kernel::page::{Badge, Page, html, page_of, see_other};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};

const PAGE: i64 = 50;
const HERE: &str = "/scrivania/quarantena";
/// Reasons that have a text of their own.
const REASONS: [&str; 8] =
    ["empty", "no_account", "too_large", "malformed", "unreadable", "unknown_report", "not_taken_in", "gave_up"];

/// Mounts the pages of quarantine.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(web::resource("/scrivania/quarantena/conteggio").route(web::get().to(badge)))
        .service(web::resource("/scrivania/quarantena/{id}/originale").route(web::get().to(original)))
        .service(web::resource("/scrivania/quarantena/{id}/riprova").route(web::post().to(do_retry)))
        .service(web::resource("/scrivania/quarantena/{id}/pratica").route(web::post().to(do_ticket)))
        .service(web::resource("/scrivania/quarantena/{id}/scarta").route(web::post().to(do_dismiss)));
}

struct Line {
    id: i64,
    at: String,
    when: String,
    channel: String,
    account: String,
    sender: String,
    reason: String,
    /// The words of whoever refused it; may be empty.
    words: String,
    size: String,
    /// Whether there is anything to read again or to download.
    has_bytes: bool,
}

#[derive(Template)]
#[template(path = "intake/quarantine.html")]
struct QuarantinePage {
    page: Page,
    summary: String,
    lines: Vec<Line>,
    next: String,
}

#[derive(Deserialize)]
struct Shown {
    /// Row id after which the list goes on.
    key: Option<i64>,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    query: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    caller.require(RIGHT)?;
    let page = page.titled("quarantine-title");
    let mut conn = kernel.db.read().await?;
    let (count, _) = store::raw_standing(&mut conn).await?;
    let rows = store::quarantined(&mut conn, query.key.unwrap_or(i64::MAX), PAGE + 1).await?;
    let (rows, more) = page_of(rows, PAGE);
    let next = rows.last().filter(|_| more).map(|last| format!("{HERE}?key={}", last.id)).unwrap_or_default();
    let lines = rows.into_iter().map(|row| line(&page, row)).collect();
    let summary = page.t1("quarantine-summary", "count", count);
    html(&QuarantinePage { page, summary, lines, next })
}

fn line(page: &Page, row: RawRow) -> Line {
    let (code, words) = row.reason.split_once(':').unwrap_or((&row.reason, ""));
    let key = if REASONS.contains(&code) { code.replace('_', "-") } else { "other".to_owned() };
    Line {
        id: row.id,
        at: page.machine_time(&row.received_at),
        when: page.datetime(&row.received_at),
        channel: page.t(&format!("channel-{}", row.channel)),
        account: row.account,
        sender: row.body.as_deref().map(|body| sender_on(&row.channel, body)).unwrap_or_default(),
        reason: page.t(&format!("quarantine-reason-{key}")),
        words: words.trim().to_owned(),
        size: size(page, row.size),
        has_bytes: row.blob.is_some() || row.body.is_some_and(|b| !b.is_empty()),
    }
}

fn size(page: &Page, bytes: i64) -> String {
    if bytes < 1 << 20 {
        return page.t1("quarantine-kilobytes", "n", bytes.div_euclid(1024) + i64::from(bytes % 1024 > 0));
    }
    page.t1("quarantine-megabytes", "n", bytes / (1 << 20))
}

/// How many items are in quarantine, for the desk's rail; nothing for those who may not see them.
async fn badge(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    if caller.require(RIGHT).is_err() {
        return html(&Badge { count: 0, late: false });
    }
    let mut conn = kernel.db.read().await?;
    html(&Badge { count: store::raw_standing(&mut conn).await?.0, late: false })
}

async fn original(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let (raw, bytes) = download(&kernel, caller.require(RIGHT)?, *id).await?;
    let file = file_of(&raw, bytes);
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(file.name)],
    };
    // Whatever it is, no browser is to interpret it.
    Ok(HttpResponse::Ok().content_type("application/octet-stream").insert_header(disposition).body(file.bytes))
}

async fn do_retry(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    retry(&kernel, caller.require(RIGHT)?, *id).await?;
    Ok(see_other(HERE))
}

async fn do_ticket(
    intake: web::Data<Intake>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let code = make_ticket(&intake, caller.require(RIGHT)?, *id).await?;
    Ok(see_other(&format!("/scrivania/pratiche/{code}")))
}

async fn do_dismiss(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    dismiss(&kernel, caller.require(RIGHT)?, *id).await?;
    Ok(see_other(HERE))
}
