//! One answer to a ticket and to all below it.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::codes::grouped;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::incidents::{self, Next, SharedAnswer};
use crate::tickets::pages::merging::target;
use crate::tickets::pages::names::Choice;
use crate::tickets::pages::{code_in_path, ticket_url, words};
use crate::tickets::{Outcome, TicketError};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/pratiche/{code}/rispondi-a-tutte")
            .route(web::get().to(show))
            .route(web::post().to(do_answer)),
    );
}

#[derive(Template)]
#[template(path = "desk/answer_all.html")]
struct AnswerPage {
    page: Page,
    code: String,
    grouped: String,
    subject: String,
    version: i64,
    /// To how many it goes, in words.
    to: String,
    text: String,
    text_error: String,
    next: String,
    outcomes: Vec<Choice>,
    outcome: String,
    sheet: String,
    sheet_error: String,
    /// Why nothing was sent, empty at first.
    alert: String,
}

#[derive(Deserialize, Default)]
struct AnswerForm {
    version: Option<i64>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    next: String,
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
    let form = AnswerForm { next: Next::Resolve.as_str().to_owned(), ..AnswerForm::default() };
    render(&kernel, frame.0, &code, form, ("", String::new()), StatusCode::OK).await
}

/// The page; after a refused form with the field and what is wrong with it.
async fn render(
    kernel: &Kernel,
    page: Page,
    code: &str,
    form: AnswerForm,
    (field, wrong): (&str, String),
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let ticket = target::live(&mut conn, code).await?;
    let (_, in_work) = incidents::child_count(&mut conn, ticket.id).await?;
    drop(conn);
    let error = |name: &str| if name == field { wrong.clone() } else { String::new() };
    let choice = |o: &Outcome| Choice { value: o.as_str().to_owned(), label: words::outcome(&page, o.as_str()) };
    let shown = AnswerPage {
        code: ticket.code.clone(),
        grouped: grouped(&ticket.code),
        subject: ticket.subject.clone(),
        version: form.version.unwrap_or(ticket.version),
        to: page.t1("answer-all-to", "n", in_work),
        text_error: error("text"),
        sheet_error: error("sheet"),
        alert: if field.is_empty() { wrong.clone() } else { String::new() },
        outcomes: Outcome::CHOICES.iter().map(choice).collect(),
        outcome: if form.outcome.is_empty() { Outcome::Answered.as_str().to_owned() } else { form.outcome },
        text: form.text,
        next: form.next,
        sheet: form.sheet,
        page: page.clone().titled("answer-all-title"),
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn do_answer(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<AnswerForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    let next = Next::from_text(&form.next).ok_or_else(|| Problem::field("next", "unknown"))?;
    let outcome = match form.outcome.as_str() {
        "" => Outcome::Answered,
        text => Outcome::from_text(text).ok_or_else(|| Problem::field("outcome", "unknown"))?,
    };
    let answer = SharedAnswer { text: form.text.clone(), next, outcome, sheet: form.sheet.clone() };
    let error = match incidents::answer_all(&kernel, who, &code, form.version, answer).await {
        Ok(_) => return Ok(see_other(&format!("{}?fatto=answered-all", ticket_url(&code)))),
        Err(error) => error,
    };
    let (page, status) = (frame.0, error.kind().status());
    let wrong = match &error {
        TicketError::Invalid { field: "text", .. } => ("text", page.t("answer-all-text-missing")),
        TicketError::Invalid { field: "sheet", .. } => ("sheet", page.t("desk-invalid-sheet-unknown")),
        TicketError::Stale { changed_by, .. } => ("", page.t1("desk-stale-title", "who", changed_by)),
        _ => {
            let key = format!("problem-{}", error.code().replace('_', "-"));
            if !page.language.has(&key) {
                return Err(error.into());
            }
            ("", page.t(&key))
        }
    };
    // Whoever reads that it was changed sees it as it is now, and sends on that.
    let form = if matches!(error, TicketError::Stale { .. }) { AnswerForm { version: None, ..form } } else { form };
    render(&kernel, page, &code, form, wrong, status).await
}
