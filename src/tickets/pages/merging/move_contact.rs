//! Moving one message to another ticket.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::target::{self, Chosen, TargetPage};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::MergeRefusal;
use crate::tickets::merging::{self, Moving};
use crate::tickets::model::Ticket;
use crate::tickets::pages::{code_in_path, ticket_url, words};
use crate::tickets::search::TicketIndex;
use crate::tickets::store::{self, ContactRow};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/pratiche/{code}/contatti/{contact}/sposta")
            .route(web::get().to(show))
            .route(web::post().to(do_move)),
    );
}

/// Characters of the message that the page quotes.
const QUOTE: usize = 400;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(rename = "in")]
    to: Option<String>,
}

/// The ticket and its message; a message that is elsewhere is not found.
async fn read(kernel: &Kernel, code: &str, contact: i64) -> Result<(Ticket, ContactRow), Problem> {
    let mut conn = kernel.db.read().await?;
    let ticket = target::live(&mut conn, code).await?;
    let row = store::contact(&mut conn, contact).await?.filter(|k| k.ticket_id == ticket.id);
    Ok((ticket, row.ok_or_else(Problem::not_found)?))
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (code, contact) = path.into_inner();
    let (ticket, row) = read(&kernel, &code, contact).await?;
    let shown = page_of(&kernel, &index, frame.0, &ticket, &row, &asked.into_inner(), String::new()).await?;
    shown.answer(StatusCode::OK)
}

async fn page_of(
    kernel: &Kernel,
    index: &TicketIndex,
    page: Page,
    ticket: &Ticket,
    row: &ContactRow,
    asked: &Asked,
    reason: String,
) -> Result<TargetPage, Problem> {
    let here = format!("{}/contatti/{}/sposta", ticket_url(&ticket.code), row.id);
    let q = asked.q.trim().to_owned();
    let chosen = match asked.to.as_deref().filter(|c| !c.is_empty()) {
        Some(code) => Some(summary(kernel, &page, &here, ticket, row, code, reason).await?),
        None => None,
    };
    let candidates = match &chosen {
        Some(_) => Vec::new(),
        None => target::candidates(kernel, index, &page, &here, ticket, &q).await?,
    };
    let beginning: String = row.body.chars().take(QUOTE).collect();
    Ok(TargetPage {
        back: format!("{}#contact-{}", ticket_url(&ticket.code), row.id),
        back_label: codes::grouped(&ticket.code),
        lead: page.t2(
            "move-lead",
            "when",
            words::moment(&page, &row.happened_at),
            "channel",
            words::channel(&page, &row.channel),
        ),
        quote: words::beginning(&beginning, QUOTE),
        search_hint: page.t("merge-search-hint"),
        found: page.t(if q.is_empty() { "merge-suggested" } else { "desk-search-tickets" }),
        candidates,
        chosen,
        alert: String::new(),
        here,
        q,
        page: page.titled("move-title"),
    })
}

async fn summary(
    kernel: &Kernel,
    page: &Page,
    here: &str,
    ticket: &Ticket,
    row: &ContactRow,
    code: &str,
    reason: String,
) -> Result<Chosen, Problem> {
    let mut conn = kernel.db.read().await?;
    let other = target::live(&mut conn, code).await?;
    let into = codes::grouped(&other.code);
    let refused = if ticket.id == other.id {
        Some(MergeRefusal::Same)
    } else if other.state.is_over() {
        Some(MergeRefusal::TargetOver)
    } else if row.leg_id.is_some() {
        Some(MergeRefusal::OfLeg)
    } else {
        None
    };
    let mut caution = Vec::new();
    if row.direction != "note" && merging::after_move(row.person_id, other.person_id, 0).is_some() {
        caution.push(page.t("move-other-citizen"));
    }
    Ok(Chosen {
        sides: [
            target::side(&mut conn, page, "move-from", ticket).await?,
            target::side(&mut conn, page, "move-to", &other).await?,
        ],
        effects: vec![page.t1("move-effect-message", "into", &into), page.t1("move-effect-answers", "into", &into)],
        caution,
        refused: refused.map(|why| page.t(&format!("problem-{}", why.code().replace('_', "-")))).unwrap_or_default(),
        action: here.to_owned(),
        version: ticket.version,
        other: other.code.clone(),
        other_version: other.version,
        swap: String::new(),
        submit: page.t1("move-submit", "into", &into),
        reason,
        asks_reason: true,
    })
}

#[derive(Deserialize)]
struct MoveForm {
    version: Option<i64>,
    #[serde(default)]
    other: String,
    other_version: Option<i64>,
    #[serde(default)]
    reason: String,
}

async fn do_move(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(String, i64)>,
    form: Form<MoveForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (code, contact) = path.into_inner();
    let (Form(form), code) = (form, code_in_path(&code)?);
    let to = code_in_path(&form.other)?;
    let how =
        Moving { version: form.version, to: to.clone(), to_version: form.other_version, reason: form.reason.clone() };
    let error = match merging::move_contact(&kernel, who, &code, contact, how).await {
        Ok(there) => {
            return Ok(see_other(&format!("{}?fatto=moved#contact-{contact}", ticket_url(&there.code))));
        }
        Err(error) => error,
    };
    let (alert, status) = target::refused(&frame.0, error)?;
    let (ticket, row) = read(&kernel, &code, contact).await?;
    let asked = Asked { q: String::new(), to: Some(to) };
    let shown = page_of(&kernel, &index, frame.0, &ticket, &row, &asked, form.reason).await?;
    TargetPage { alert, ..shown }.answer(status)
}
