//! Pages of referents with an account: the legs of their units, and each leg.
use std::collections::BTreeSet;

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::door::Door;
use super::form;
use super::model::leg_code;
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
    /// Whose page it is.
    name: String,
    /// Whether it is the page of an account.
    own: bool,
    rows: Vec<Row>,
    /// Address of the next page; empty at the end.
    next: String,
    /// Address of the first page; empty on it.
    first: String,
}

/// The place in a list.
#[derive(Deserialize)]
pub(super) struct From {
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
    let whose = Whose { base: "/referente", name: who.name.clone(), own: true };
    render_list(&kernel, &directory, frame.0, &who.units, whose, &from).await
}

/// Whose list it is, and where its pages begin.
pub(super) struct Whose<'b> {
    pub(super) base: &'b str,
    pub(super) name: String,
    pub(super) own: bool,
}

/// The list of the legs of some units.
pub(super) async fn render_list(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    of: &BTreeSet<i64>,
    whose: Whose<'_>,
    from: &From,
) -> Result<HttpResponse, Problem> {
    let after = from.after.as_deref().and_then(Place::from_text);
    let units = directory.units(&kernel.db).await?;
    let mut conn = kernel.db.read().await?;
    let found = views::referent_list(&mut conn, of, after, PAGE).await?;
    drop(conn);
    let (page, Whose { base, name, own }) = (page.titled("referent-title"), whose);
    let rows = found
        .legs
        .into_iter()
        .map(|leg| Row {
            href: format!("{base}/{}/{}", leg.code, leg.number),
            code: leg_code(&leg.code, leg.number),
            kind: page.t(&format!("leg-kind-{}", leg.kind.as_str())),
            unit: units.name(leg.unit_id, page.language),
            is_open: leg.state.is_open(),
            state: page.t(&format!("leg-state-{}", leg.state.as_str())),
            subject: leg.subject,
            sent_at: leg.sent_at,
        })
        .collect();
    let next = found.next.map(|place| format!("{base}?after={}", place.to_text())).unwrap_or_default();
    let first = if after.is_some() { base.to_owned() } else { String::new() };
    html(&ListPage { page, name, own, rows, next, first })
}

fn door(caller: &Caller, code: &str, number: i64) -> Result<Door, Problem> {
    Ok(Door::account(caller.require(Permission::AnswerLegs)?, code, number))
}

async fn show(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
    asked: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    pages::show_leg(&kernel, &directory, frame.0, &door(&caller, &code, number)?, &asked).await
}

async fn submit(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
    payload: Multipart,
) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    let door = door(&caller, &code, number)?;
    let sent = form::read(&kernel, payload).await?;
    check_csrf(&req, Some(sent.field("_csrf")))?;
    pages::submit_leg(&kernel, &directory, frame.0, &door, sent).await
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
