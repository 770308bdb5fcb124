//! Gathering tickets below one: those that are probably about the same thing, or those that words find.
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::codes::grouped;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Frame};
use crate::tickets::duplicates::duplicates;
use crate::tickets::incidents::{self, Gathering};
use crate::tickets::model::Ticket;
use crate::tickets::pages::merging::target;
use crate::tickets::pages::upload::Submitted;
use crate::tickets::pages::{code_in_path, ticket_url, words};
use crate::tickets::precedents::Memory;
use crate::tickets::search::{TicketIndex, search};
use crate::tickets::{TicketError, store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/pratiche/{code}/raccogli")
            .route(web::get().to(show))
            .route(web::post().to(do_gather)),
    );
}

/// Tickets offered at once.
const OFFERED: usize = 50;

struct Line {
    code: String,
    grouped: String,
    href: String,
    subject: String,
    state: String,
    state_label: String,
    about: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "desk/gather.html")]
struct GatherPage {
    page: Page,
    code: String,
    grouped: String,
    subject: String,
    q: String,
    lines: Vec<Line>,
    reason: String,
    /// What was not gathered and why; empty when nothing was refused.
    refused: Vec<String>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    /// A ticket that is chosen already.
    con: Option<String>,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    memory: web::Data<Memory>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let asked = asked.into_inner();
    let chosen: Vec<String> = asked.con.as_deref().and_then(|c| code_in_path(c).ok()).into_iter().collect();
    let mut conn = kernel.db.read().await?;
    let ticket = target::live(&mut conn, &code).await?;
    drop(conn);
    let lines = lines(&kernel, &index, &memory, &frame.0, &ticket, asked.q.trim(), &chosen).await?;
    render(frame.0, &ticket, asked.q, lines, String::new(), Vec::new(), StatusCode::OK)
}

/// The tickets in work that words find, or without words those that are probably about the same thing, after
/// those that are chosen.
async fn lines(
    kernel: &Kernel,
    index: &TicketIndex,
    memory: &Memory,
    page: &Page,
    ticket: &Ticket,
    q: &str,
    chosen: &[String],
) -> Result<Vec<Line>, Problem> {
    let mut found: Vec<(Ticket, String)> = Vec::new();
    let mut conn = kernel.db.read().await?;
    for code in chosen {
        found.extend(store::by_code(&mut conn, code).await?.map(|t| (t, String::new())));
    }
    drop(conn);
    if q.is_empty() {
        for one in duplicates(kernel, memory, ticket, OFFERED).await? {
            let mut why = Vec::new();
            why.extend(one.place.map(|place| page.t1("duplicate-place", "place", place)));
            why.extend(one.same_person.then(|| page.t("duplicate-person")));
            found.push((one.ticket, why.join(" · ")));
        }
    } else {
        let ids: Vec<i64> = search(kernel, index, q, OFFERED, None).await?.found.iter().map(|f| f.row.id).collect();
        let mut conn = kernel.db.read().await?;
        for id in ids {
            found.extend(store::by_id(&mut conn, id).await?.map(|t| (t, String::new())));
        }
    }
    let mut lines: Vec<Line> = Vec::new();
    for (other, why) in found {
        let is_known = other.id == ticket.id || lines.iter().any(|l| l.code == other.code);
        if is_known || other.state.is_over() || other.merged_into_id.is_some() {
            continue;
        }
        let came =
            format!("{}, {}", words::moment(page, &other.opened_at), words::channel(page, other.channel.as_str()));
        lines.push(Line {
            href: ticket_url(&other.code),
            grouped: grouped(&other.code),
            subject: other.subject.clone(),
            state: other.state.as_str().to_owned(),
            state_label: words::state(page, other.state.as_str()),
            about: if why.is_empty() { came } else { format!("{came} · {why}") },
            chosen: chosen.contains(&other.code),
            code: other.code,
        });
    }
    Ok(lines)
}

fn render(
    page: Page,
    ticket: &Ticket,
    q: String,
    lines: Vec<Line>,
    reason: String,
    refused: Vec<String>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let shown = GatherPage {
        code: ticket.code.clone(),
        grouped: grouped(&ticket.code),
        subject: ticket.subject.clone(),
        q,
        lines,
        reason,
        refused,
        page: page.titled("gather-title"),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

/// Gathers each chosen ticket by itself: one that cannot be is named, and keeps no other from being gathered.
async fn do_gather(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    (index, memory): (web::Data<TicketIndex>, web::Data<Memory>),
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let page = frame.0;
    let chosen: Vec<String> = form.all("ticket").filter_map(|c| code_in_path(c).ok()).collect();
    let mut refused = Vec::new();
    if chosen.is_empty() {
        refused.push(page.t("gather-nothing"));
    }
    let mut left = Vec::new();
    for child in chosen {
        let how = Gathering { version: None, below: code.clone(), reason: form.value("reason").to_owned() };
        if let Err(error) = incidents::attach(&kernel, who, &child, how).await {
            refused.push(page.t2("gather-refused", "code", grouped(&child), "why", why(&page, error)?));
            left.push(child);
        }
    }
    if refused.is_empty() {
        return Ok(see_other(&format!("{}?fatto=gathered", ticket_url(&code))));
    }
    let mut conn = kernel.db.read().await?;
    let ticket = target::live(&mut conn, &code).await?;
    drop(conn);
    let lines = lines(&kernel, &index, &memory, &page, &ticket, "", &left).await?;
    let reason = form.value("reason").to_owned();
    render(page, &ticket, String::new(), lines, reason, refused, StatusCode::UNPROCESSABLE_ENTITY)
}

/// Why a ticket was not gathered, in words; what no word is known for passes on.
fn why(page: &Page, error: TicketError) -> Result<String, Problem> {
    let key = format!("problem-{}", error.code().replace('_', "-"));
    if page.language.has(&key) { Ok(page.t(&key)) } else { Err(error.into()) }
}
