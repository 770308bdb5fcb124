//! The buttons of a ticket: each is one use case, then back to the page.
use std::future::Future;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::queues::Asked;
use super::ticket::Showing;
use super::{code_in_path, queues, ticket, ticket_url};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::classify::{Classification, classify};
use crate::tickets::proposals::{self, Passed};
use crate::tickets::queues::Queue;
use crate::tickets::{RequestKind, Ticket, TicketError, assign, hand_over, reopen, takeovers, wait};

/// Mounts the targets of the buttons.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let mut post = |path: &str, route: actix_web::Route| {
        cfg.service(web::resource(format!("/scrivania/pratiche/{{code}}/{path}")).route(route));
    };
    post("prendi", web::post().to(take));
    post("rilascia", web::post().to(put_back));
    post("classifica", web::post().to(do_classify));
    post("attendi", web::post().to(do_wait));
    post("riprendi", web::post().to(do_resume));
    post("riapri", web::post().to(do_reopen));
    post("passa", web::post().to(do_hand_over));
    post("avoca", web::post().to(do_take_over));
    post("restituisci", web::post().to(do_give_back));
}

/// What a button acts in: the process, who pressed it, the page frame and the ticket's code.
type Pressed = (web::Data<Kernel>, Caller, Frame, web::Path<String>);

/// Runs a use case on the ticket and goes back to its page; a refusal is told there.
async fn run<F>(
    (kernel, caller, frame, code): Pressed,
    seen: Option<i64>,
    done: &str,
    work: impl FnOnce(web::Data<Kernel>, Principal, String) -> F,
) -> Result<HttpResponse, Problem>
where
    F: Future<Output = Result<Ticket, TicketError>>,
{
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    match work(kernel.clone(), who.clone(), code.clone()).await {
        Ok(_) => Ok(see_other(&format!("{}?fatto={done}", ticket_url(&code)))),
        Err(error) => refused(&kernel, who, frame.0, &code, seen, error).await,
    }
}

/// The ticket page with the reason of a refusal.
pub async fn refused(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    code: &str,
    seen: Option<i64>,
    error: TicketError,
) -> Result<HttpResponse, Problem> {
    let (notice, status) = ticket::refusal(kernel, &page, code, seen, error).await?;
    ticket::render(
        kernel,
        who,
        page,
        code,
        Showing { before: None, notice: Some(notice), composer: None, status, wrong: None },
    )
    .await
}

#[derive(Deserialize)]
struct Plain {
    version: Option<i64>,
}

#[derive(Deserialize)]
struct Take {
    /// The colleague it is taken from, by row id; whoever pressed the button saw that name.
    from: Option<i64>,
    /// The queue the button was in.
    queue: Option<String>,
}

async fn take((kernel, caller, frame, code): Pressed, form: Form<Take>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    let error = match assign::take(&kernel, who, &code, form.from).await {
        Ok(_) => return Ok(see_other(&format!("{}?fatto=taken", ticket_url(&code)))),
        Err(error) => error,
    };
    let Some(queue) = form.queue.as_deref().and_then(Queue::from_text) else {
        return refused(&kernel, who, frame.0, &code, None, error).await;
    };
    let (notice, status) = ticket::refusal(&kernel, &frame.0, &code, None, error).await?;
    let alert = queues::Alert { text: frame.0.t("desk-taken-text"), title: notice.title };
    queues::render(&kernel, who, frame.0, queue, Asked::default(), alert, status).await
}

async fn put_back(pressed: Pressed, form: Form<Plain>) -> Result<HttpResponse, Problem> {
    let seen = form.0.version;
    run(
        pressed,
        seen,
        "put-back",
        |kernel, who, code| async move { assign::put_back(&kernel, &who, &code, seen).await },
    )
    .await
}

#[derive(Deserialize)]
struct Classify {
    version: Option<i64>,
    category: Option<String>,
    kind: Option<String>,
    /// The kind that the form showed: one that nobody touched leaves room for the one usual for a new category.
    kind_shown: Option<String>,
    subject: Option<String>,
}

async fn do_classify(pressed: Pressed, form: Form<Classify>) -> Result<HttpResponse, Problem> {
    let Form(form) = form;
    pressed.1.require(Permission::WorkTickets)?;
    let touched = form.kind.as_deref().filter(|k| !k.is_empty() && form.kind_shown.as_deref() != Some(*k));
    let kind = match touched {
        Some(text) => Some(RequestKind::from_text(text).ok_or_else(|| Problem::field("kind", "unknown"))?),
        None => None,
    };
    let to = Classification { category: form.category, kind, subject: form.subject };
    let seen = form.version;
    run(pressed, seen, "classified", |kernel, who, code| async move { classify(&kernel, &who, &code, seen, to).await })
        .await
}

async fn do_wait(pressed: Pressed, form: Form<Plain>) -> Result<HttpResponse, Problem> {
    let seen = form.0.version;
    run(pressed, seen, "waiting", |kernel, who, code| async move {
        wait::wait_for_citizen(&kernel, &who, &code, seen).await
    })
    .await
}

async fn do_resume(pressed: Pressed, form: Form<Plain>) -> Result<HttpResponse, Problem> {
    let seen = form.0.version;
    run(pressed, seen, "resumed", |kernel, who, code| async move { wait::resume(&kernel, &who, &code, seen).await })
        .await
}

async fn do_reopen(pressed: Pressed, form: Form<Plain>) -> Result<HttpResponse, Problem> {
    let seen = form.0.version;
    run(pressed, seen, "reopened", |kernel, who, code| async move { reopen::reopen(&kernel, &who, &code, seen).await })
        .await
}

#[derive(Deserialize)]
struct Owner {
    version: Option<i64>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    reason: String,
}

async fn do_hand_over(pressed: Pressed, form: Form<Owner>) -> Result<HttpResponse, Problem> {
    let Form(Owner { version, unit, reason }) = form;
    let (kernel, caller, frame, code) = pressed;
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let done = match proposals::pass(&kernel, who, &code, version, &unit, &reason).await {
        Ok(Passed::HandedOver(_)) => "handed-over",
        Ok(Passed::Proposed(_)) => "proposed",
        Err(error) => return refused(&kernel, who, frame.0, &code, version, error).await,
    };
    Ok(see_other(&format!("{}?fatto={done}", ticket_url(&code))))
}

async fn do_give_back(pressed: Pressed, form: Form<Owner>) -> Result<HttpResponse, Problem> {
    let Form(Owner { version, reason, .. }) = form;
    run(pressed, version, "given-back", |kernel, who, code| async move {
        takeovers::give_back(&kernel, &who, &code, version, &reason).await
    })
    .await
}

async fn do_take_over(pressed: Pressed, form: Form<Owner>) -> Result<HttpResponse, Problem> {
    let Form(Owner { version, unit, reason }) = form;
    run(pressed, version, "taken-over", |kernel, who, code| async move {
        hand_over::take_over(&kernel, &who, &code, version, &unit, &reason).await
    })
    .await
}
