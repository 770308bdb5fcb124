//! Making a new ticket of some messages.
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::target;
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::merging::{self, Split};
use crate::tickets::pages::names::Names;
use crate::tickets::pages::upload::Submitted;
use crate::tickets::pages::{code_in_path, conversation, ticket_url, words};
use crate::tickets::view;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/pratiche/{code}/dividi").route(web::get().to(show)).route(web::post().to(do_split)),
    );
}

/// Characters of a message that its line shows.
const EXTRACT: usize = 240;

/// A message that may be chosen.
struct Line {
    id: i64,
    who: String,
    when: String,
    channel: String,
    note: bool,
    text: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "desk/split.html")]
struct SplitPage {
    page: Page,
    code: String,
    grouped: String,
    ticket_subject: String,
    version: i64,
    lines: Vec<Line>,
    /// The messages before these, empty when all are shown.
    earlier: String,
    subject: String,
    reason: String,
    alert: String,
}

#[derive(Deserialize)]
struct Asked {
    /// The message that the page was opened for.
    contatto: Option<i64>,
    prima: Option<i64>,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let how = Split { contacts: asked.contatto.into_iter().collect(), ..Split::default() };
    render(&kernel, frame.0, &code, asked.prima, how, String::new(), StatusCode::OK).await
}

async fn render(
    kernel: &Kernel,
    page: Page,
    code: &str,
    before: Option<i64>,
    how: Split,
    alert: String,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let code = target::live(&mut conn, code).await?.code;
    // Opened for one message, the page shows the messages up to a little after it.
    let view = view::read(&mut conn, &code, before.or(how.contacts.last().map(|id| id + 20))).await?;
    let mut names = Names::read(&mut conn, page.language).await?;
    names.add_users(&mut conn, view.contacts.iter().filter_map(|c| c.contact.author_id).collect::<Vec<_>>()).await?;
    drop(conn);
    let bubbles = conversation::bubbles(&page, &names, &view);
    let lines = view
        .contacts
        .iter()
        .zip(bubbles)
        .filter(|(c, _)| c.contact.leg_id.is_none())
        .map(|(c, bubble)| {
            let beginning: String = c.contact.body.chars().take(EXTRACT).collect();
            Line {
                id: bubble.id,
                who: bubble.who,
                when: bubble.when,
                channel: bubble.channel,
                note: bubble.kind == "note",
                text: words::beginning(&beginning, EXTRACT),
                chosen: how.contacts.contains(&bubble.id),
            }
        })
        .collect();
    let ticket = &view.ticket;
    let shown = SplitPage {
        code: ticket.code.clone(),
        grouped: codes::grouped(&ticket.code),
        ticket_subject: ticket.subject.clone(),
        version: how.version.unwrap_or(ticket.version),
        lines,
        earlier: view.earlier.map(|id| format!("{}/dividi?prima={id}", ticket_url(&ticket.code))).unwrap_or_default(),
        subject: how.subject,
        reason: how.reason,
        alert,
        page: page.titled("split-title"),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn do_split(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let how = Split {
        version: form.version()?,
        contacts: form.all("contact").filter_map(|id| id.parse().ok()).collect(),
        subject: form.value("subject").to_owned(),
        reason: form.value("reason").to_owned(),
    };
    let error = match merging::split(&kernel, who, &code, how.clone()).await {
        Ok(new) => return Ok(see_other(&format!("{}?fatto=split", ticket_url(&new.code)))),
        Err(error) => error,
    };
    let (alert, status) = target::refused(&frame.0, error)?;
    // Sent again, it is a change of the version shown now.
    render(&kernel, frame.0, &code, None, Split { version: None, ..how }, alert, status).await
}
