//! Pages of referents with an account: the legs of their units, and each leg.
use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::door::Door;
use super::form;
use super::model::{LegState, leg_code};
use super::pages::{self, Done};
use super::views::{self, Place};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame, check_csrf};
use crate::kernel::time::Instant;
use crate::organisation::Directory;

/// Mounts the pages of referents.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/referente").route(web::get().to(list)))
        .service(web::resource("/referente/{code}/{number}").route(web::get().to(show)).route(web::post().to(submit)))
        .service(web::resource("/referente/{code}/{number}/allegati/{id}").route(web::get().to(file)));
}

/// Legs on one page of the list.
const PAGE: usize = 50;

struct Row {
    href: String,
    code: String,
    subject: String,
    kind: String,
    unit: String,
    sent_at: Instant,
    is_open: bool,
    state: String,
}

#[derive(Template)]
#[template(path = "network/referent.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    /// Address of the next page; empty at the end.
    next: String,
    /// Address of the first page; empty on it.
    first: String,
}

#[derive(Deserialize)]
struct From {
    after: Option<String>,
}

async fn list(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    from: web::Query<From>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::AnswerLegs)?;
    let after = from.after.as_deref().and_then(Place::from_text);
    let units = directory.units(&kernel.db).await?;
    let mut conn = kernel.db.read().await?;
    let found = views::referent_list(&mut conn, &who.units, after, PAGE).await?;
    drop(conn);
    let page = frame.0.titled("referent-title");
    let rows = found
        .legs
        .into_iter()
        .map(|leg| Row {
            href: format!("/referente/{}/{}", leg.code, leg.number),
            code: leg_code(&leg.code, leg.number),
            kind: page.t(&format!("leg-kind-{}", leg.kind.as_str())),
            unit: units.name(leg.unit_id, page.language),
            is_open: leg.state == LegState::Sent,
            state: page.t(&format!("leg-state-{}", leg.state.as_str())),
            subject: leg.subject,
            sent_at: leg.sent_at,
        })
        .collect();
    let next = found.next.map(|place| format!("/referente?after={}", place.to_text())).unwrap_or_default();
    let first = if after.is_some() { "/referente".to_owned() } else { String::new() };
    html(&ListPage { page, rows, next, first })
}

fn door(caller: &Caller, code: &str, number: i64) -> Result<Door, Problem> {
    Ok(Door::account(caller.require(Permission::AnswerLegs)?, code, number))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
    done: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    pages::show_leg(&kernel, frame.0, &door(&caller, &code, number)?, done.done.as_deref()).await
}

async fn submit(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
    payload: Multipart,
) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    let door = door(&caller, &code, number)?;
    let sent = form::read(&kernel, payload).await?;
    check_csrf(&req, Some(sent.field("_csrf")))?;
    pages::submit_leg(&kernel, frame.0, &door, sent).await
}

async fn file(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64, i64)>,
) -> Result<HttpResponse, Problem> {
    let (code, number, id) = path.into_inner();
    pages::leg_file(&kernel, frame.0, &door(&caller, &code, number)?, id).await
}
