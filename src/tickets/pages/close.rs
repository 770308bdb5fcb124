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
use crate::knowledge::{KnowledgeIndex, gaps};
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
    /// Sheets that were used or read for it, as choices.
    proposed: Vec<Choice>,
    /// What is chosen: `sheet:<code>`, [`OTHER`], [`NONE`], or nothing yet.
    answered_by: String,
    /// What is wrong with the choice, and with the code that was written.
    choice_error: String,
    sheet: String,
    sheet_error: String,
}

/// Another sheet than those proposed, by its code.
const OTHER: &str = "other";
/// No sheet answered it.
const NONE: &str = "none";
/// Nothing was chosen.
const UNCHOSEN: &str = "desk-invalid-answered-by";

#[derive(Deserialize)]
struct CloseForm {
    version: Option<i64>,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    sheet: String,
    #[serde(default)]
    answered_by: String,
    /// Whether the form asked which sheet answered: somebody must say so then.
    #[serde(default)]
    asks: String,
}

impl CloseForm {
    /// What the closing names; a text that is empty says that no sheet answered.
    fn named(&self) -> Result<Option<String>, &'static str> {
        let written = self.sheet.trim().to_uppercase();
        match (self.answered_by.as_str(), self.answered_by.strip_prefix("sheet:")) {
            (_, Some(code)) => Ok(Some(code.to_owned())),
            (NONE, _) => Ok(Some(String::new())),
            (OTHER, _) if written.is_empty() => Err("desk-invalid-sheet-missing"),
            ("", _) if written.is_empty() && !self.asks.is_empty() && self.outcome == Outcome::Answered.as_str() => {
                Err(UNCHOSEN)
            }
            _ => Ok(Some(written).filter(|s| !s.is_empty())),
        }
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    render(&kernel, &index, frame.0, &code_in_path(&code)?, None, StatusCode::OK).await
}

/// The page; after a refused form with what it had, and the key of what is wrong with the sheet it names.
async fn render(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    page: Page,
    code: &str,
    refused: Option<(CloseForm, &str)>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let view = view::read(&mut conn, code, None).await?;
    drop(conn);
    let ticket = &view.ticket;
    let seen = gaps::proposed(kernel, index, ticket.id, page.language).await?;
    let proposed: Vec<Choice> = seen
        .iter()
        .map(|s| Choice {
            value: format!("sheet:{}", s.code),
            label: page.t2(
                if s.used { "desk-answered-by-used" } else { "desk-answered-by-read" },
                "code",
                &s.code,
                "title",
                &s.title,
            ),
        })
        .collect();
    // What was used answered it; what was only read may have.
    let used = seen.iter().find(|s| s.used).map(|s| format!("sheet:{}", s.code)).unwrap_or_default();
    let wrong = |choice: bool| {
        let refused = refused.as_ref().filter(|(_, key)| choice == (*key == UNCHOSEN));
        refused.map(|(_, key)| page.t(key)).unwrap_or_default()
    };
    let (choice_error, sheet_error) = (wrong(true), wrong(false));
    let (outcome, answered_by, sheet, version) = match refused {
        Some((form, _)) => {
            let other = form.answered_by.is_empty() && !form.sheet.trim().is_empty();
            let answered_by = if other { OTHER.to_owned() } else { form.answered_by };
            (form.outcome, answered_by, form.sheet, form.version.unwrap_or(ticket.version))
        }
        None => (Outcome::Answered.as_str().to_owned(), used, String::new(), ticket.version),
    };
    let choice = |o: &Outcome| Choice { value: o.as_str().to_owned(), label: words::outcome(&page, o.as_str()) };
    let shown = ClosePage {
        outcomes: Outcome::CHOICES.iter().map(choice).collect(),
        code: ticket.code.clone(),
        grouped: codes::grouped(&ticket.code),
        subject: ticket.subject.clone(),
        version,
        outcome,
        proposed,
        answered_by,
        choice_error,
        sheet,
        sheet_error,
        page: page.clone().titled("desk-close-title"),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn do_close(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<CloseForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    let outcome = Outcome::from_text(&form.outcome).ok_or_else(|| Problem::field("outcome", "unknown"))?;
    let again = StatusCode::UNPROCESSABLE_ENTITY;
    let sheet = match form.named() {
        Ok(sheet) => sheet,
        Err(wrong) => return render(&kernel, &index, frame.0, &code, Some((form, wrong)), again).await,
    };
    match close(&kernel, who, &code, form.version, Closing { outcome, sheet }).await {
        Ok(_) => Ok(see_other(&format!("{}?fatto=closed", ticket_url(&code)))),
        Err(TicketError::Invalid { field: "sheet", .. }) => {
            render(&kernel, &index, frame.0, &code, Some((form, "desk-invalid-sheet-unknown")), again).await
        }
        Err(error) => actions::refused(&kernel, who, frame.0, &code, form.version, error).await,
    }
}
