//! Closing a ticket: outcome, and the sheet that answered it.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::names::Choice;
use super::{actions, code_in_path, ticket_url, words};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::close::{Closing, close};
use crate::tickets::{Outcome, TicketError, view};

/// Mounts the page and its form.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/pratiche/{code}/chiudi").route(web::get().to(show)).route(web::post().to(do_close)),
    );
}

#[derive(Template)]
#[template(path = "desk/close.html")]
struct ClosePage {
    page: Page,
    code: String,
    grouped: String,
    subject: String,
    version: i64,
    outcomes: Vec<Choice>,
    outcome: String,
    sheet: String,
    sheet_error: String,
}

#[derive(Deserialize)]
struct CloseForm {
    version: Option<i64>,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    sheet: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    render(&kernel, frame.0, &code_in_path(&code)?, None, StatusCode::OK).await
}

/// The page; after a refused form with what it had.
async fn render(
    kernel: &Kernel,
    page: Page,
    code: &str,
    refused: Option<CloseForm>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let view = view::read(&mut conn, code, None).await?;
    let used = view.contacts.iter().rev().find_map(|c| c.contact.sheet_id);
    let used = match used {
        Some(id) => crate::tickets::store::sheet_code(&mut conn, id).await?.unwrap_or_default(),
        None => String::new(),
    };
    let ticket = &view.ticket;
    let sheet_error = if refused.is_some() { page.t("desk-invalid-sheet-unknown") } else { String::new() };
    let (outcome, sheet, version) = match refused {
        Some(form) => (form.outcome, form.sheet, form.version.unwrap_or(ticket.version)),
        None => (Outcome::Answered.as_str().to_owned(), used, ticket.version),
    };
    let choice = |o: &Outcome| Choice { value: o.as_str().to_owned(), label: words::outcome(&page, o.as_str()) };
    let shown = ClosePage {
        outcomes: Outcome::CHOICES.iter().map(choice).collect(),
        code: ticket.code.clone(),
        grouped: codes::grouped(&ticket.code),
        subject: ticket.subject.clone(),
        version,
        outcome,
        sheet,
        sheet_error,
        page: page.clone().titled("desk-close-title"),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn do_close(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<CloseForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    let outcome = Outcome::from_text(&form.outcome).ok_or_else(|| Problem::field("outcome", "unknown"))?;
    let sheet = Some(form.sheet.trim().to_uppercase()).filter(|s| !s.is_empty());
    match close(&kernel, who, &code, form.version, Closing { outcome, sheet }).await {
        Ok(_) => Ok(see_other(&format!("{}?fatto=closed", ticket_url(&code)))),
        Err(TicketError::Invalid { field: "sheet", .. }) => {
            render(&kernel, frame.0, &code, Some(form), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => actions::refused(&kernel, who, frame.0, &code, form.version, error).await,
    }
}
