//! Merging a ticket into another, and parting it again.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::target::{self, Chosen, TargetPage};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::Conn;
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::merging::{self, Merge};
use crate::tickets::model::Ticket;
use crate::tickets::pages::{actions, code_in_path, ticket_url};
use crate::tickets::search::TicketIndex;
use crate::tickets::{MergeRefusal, store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/pratiche/{code}/unisci").route(web::get().to(show)).route(web::post().to(do_merge)),
    )
    .service(web::resource("/scrivania/pratiche/{code}/separa").route(web::post().to(part)));
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    /// Code of the other ticket.
    #[serde(rename = "in")]
    into: Option<String>,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let asked = asked.into_inner();
    let mut conn = kernel.db.read().await?;
    let ticket = target::live(&mut conn, &code).await?;
    drop(conn);
    let shown = page_of(&kernel, &index, frame.0, &ticket, &asked, String::new()).await?;
    shown.answer(StatusCode::OK)
}

async fn page_of(
    kernel: &Kernel,
    index: &TicketIndex,
    page: Page,
    ticket: &Ticket,
    asked: &Asked,
    reason: String,
) -> Result<TargetPage, Problem> {
    let here = format!("{}/unisci", ticket_url(&ticket.code));
    let q = asked.q.trim().to_owned();
    let chosen = match asked.into.as_deref().filter(|c| !c.is_empty()) {
        Some(code) => {
            let mut conn = kernel.db.read().await?;
            let other = target::live(&mut conn, code).await?;
            Some(summary(&mut conn, &page, ticket, &other, reason).await?)
        }
        None => None,
    };
    let candidates = match &chosen {
        Some(_) => Vec::new(),
        None => target::candidates(kernel, index, &page, &here, ticket, &q).await?,
    };
    Ok(TargetPage {
        back: ticket_url(&ticket.code),
        back_label: codes::grouped(&ticket.code),
        lead: page.t1("merge-lead", "subject", &ticket.subject),
        quote: String::new(),
        search_hint: page.t("merge-search-hint"),
        found: page.t(if q.is_empty() { "merge-suggested" } else { "desk-search-tickets" }),
        candidates,
        chosen,
        alert: String::new(),
        here,
        q,
        page: page.titled("merge-title"),
    })
}

/// What merging the two will do.
async fn summary(
    conn: &mut Conn,
    page: &Page,
    ticket: &Ticket,
    other: &Ticket,
    reason: String,
) -> Result<Chosen, Problem> {
    let (from, into) = (codes::grouped(&ticket.code), codes::grouped(&other.code));
    let both = |key: &str| page.t2(key, "from", from.as_str(), "into", into.as_str());
    let refused = if ticket.id == other.id {
        Some(MergeRefusal::Same)
    } else if other.state.is_over() {
        Some(MergeRefusal::TargetOver)
    } else if ticket.open_legs > 0 {
        Some(MergeRefusal::OpenLegs)
    } else {
        None
    };
    let mut caution = Vec::new();
    if ticket.person_id.is_none() || ticket.person_id != other.person_id {
        caution.push(page.t("merge-two-citizens"));
    }
    if other.assignee_id.is_none() {
        caution.push(page.t("merge-nobody-has-it"));
    }
    Ok(Chosen {
        sides: [
            target::side(conn, page, "merge-ends", ticket).await?,
            target::side(conn, page, "merge-goes-on", other).await?,
        ],
        effects: ["merge-effect-contacts", "merge-effect-code", "merge-effect-figures", "merge-effect-undo"]
            .map(both)
            .to_vec(),
        caution,
        refused: refused.map(|why| page.t(&format!("problem-{}", why.code().replace('_', "-")))).unwrap_or_default(),
        action: format!("{}/unisci", ticket_url(&ticket.code)),
        version: ticket.version,
        other: other.code.clone(),
        other_version: other.version,
        swap: format!("{}/unisci?in={}", ticket_url(&other.code), ticket.code),
        submit: both("merge-submit"),
        reason,
        asks_reason: true,
    })
}

#[derive(Deserialize)]
struct MergeForm {
    version: Option<i64>,
    #[serde(default)]
    other: String,
    other_version: Option<i64>,
    #[serde(default)]
    reason: String,
}

async fn do_merge(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<MergeForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    let into = code_in_path(&form.other)?;
    let how = Merge {
        version: form.version,
        into: into.clone(),
        into_version: form.other_version,
        reason: form.reason.clone(),
    };
    let error = match merging::merge(&kernel, who, &code, how).await {
        Ok(live) => return Ok(see_other(&format!("{}?fatto=merged", ticket_url(&live.code)))),
        Err(error) => error,
    };
    let (alert, status) = target::refused(&frame.0, error)?;
    let mut conn = kernel.db.read().await?;
    let ticket = target::live(&mut conn, &code).await?;
    drop(conn);
    let asked = Asked { q: String::new(), into: Some(into) };
    let shown = page_of(&kernel, &index, frame.0, &ticket, &asked, form.reason).await?;
    TargetPage { alert, ..shown }.answer(status)
}

#[derive(Deserialize)]
struct PartForm {
    version: Option<i64>,
    #[serde(default)]
    reason: String,
}

/// Parts a merged ticket; a refusal is told on the page of the ticket that goes on.
async fn part(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<PartForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    let mut conn = kernel.db.read().await?;
    store::by_code(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    match merging::unmerge(&kernel, who, &code, form.version, &form.reason).await {
        Ok(parted) => Ok(see_other(&format!("{}?fatto=parted", ticket_url(&parted.code)))),
        Err(error) => actions::refused(&kernel, who, frame.0, &code, form.version, error).await,
    }
}
