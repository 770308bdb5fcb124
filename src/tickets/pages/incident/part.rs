//! What is above and below a ticket, as a fragment that comes after the page.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::codes::grouped;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::incidents::{self, AnswerRow, ChildRow};
use crate::tickets::pages::{actions, code_in_path, ticket_url, words};
use crate::tickets::store;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/raccolte").route(web::get().to(show)))
        .service(web::resource("/scrivania/pratiche/{code}/stacca").route(web::post().to(do_detach)));
}

/// Tickets below one that are shown at once.
const SHOWN: i64 = 20;
/// Answers to all that are shown, and tickets that one did not reach.
const ANSWERS: i64 = 3;
const UNSENT: i64 = 50;

struct Child {
    code: String,
    href: String,
    grouped: String,
    version: i64,
    subject: String,
    state: String,
    state_label: String,
    about: String,
}

struct Answered {
    line: String,
    /// How far it has come.
    progress: String,
    /// Tickets it did not reach: address, name, why.
    unsent: Vec<(String, String, String)>,
}

struct Above {
    href: String,
    subject: String,
    grouped: String,
    state: String,
    state_label: String,
}

#[derive(Template)]
#[template(path = "desk/incident.html")]
struct IncidentPart {
    page: Page,
    code: String,
    version: i64,
    over: bool,
    above: Option<Above>,
    /// How many are below, in words; empty when none is.
    count: String,
    children: Vec<Child>,
    /// Where the next ones are, empty when all are shown.
    more: String,
    answers: Vec<Answered>,
}

#[derive(Deserialize)]
struct Asked {
    /// Row id of the ticket after which the list goes on.
    #[serde(default)]
    dopo: i64,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (page, code) = (frame.0, code_in_path(&code)?);
    let mut conn = kernel.db.read().await?;
    let ticket = store::by_code(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    let above = incidents::parent(&mut conn, ticket.id).await?.map(|row| Above {
        href: ticket_url(&row.code),
        grouped: grouped(&row.code),
        state_label: words::state(&page, &row.state),
        subject: row.subject,
        state: row.state,
    });
    let (all, in_work) = incidents::child_count(&mut conn, ticket.id).await?;
    let rows = incidents::children(&mut conn, ticket.id, asked.dopo, SHOWN + 1).await?;
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let more = if rows.len() > shown { rows.get(shown - 1).map(|last| last.id) } else { None };
    let mut answers = Vec::new();
    if all > 0 {
        for row in incidents::answers(&mut conn, ticket.id, ANSWERS).await? {
            let unsent = incidents::unsent(&mut conn, row.id, UNSENT).await?;
            let unsent = unsent.into_iter().map(|u| {
                let why = format!("incident-unsent-{}", u.reason.replace('_', "-"));
                let why = if page.language.has(&why) { why } else { "incident-unsent-other".to_owned() };
                (ticket_url(&u.code), format!("{} {}", grouped(&u.code), u.subject), page.t(&why))
            });
            answers.push(Answered {
                line: line(&page, &row),
                progress: progress(&page, &row),
                unsent: unsent.collect(),
            });
        }
    }
    html(&IncidentPart {
        count: if all > 0 { page.t2("incident-count", "n", all, "open", in_work) } else { String::new() },
        children: rows.iter().take(shown).map(|row| child(&page, row)).collect(),
        more: more.map(|id| format!("{}/raccolte?dopo={id}", ticket_url(&ticket.code))).unwrap_or_default(),
        over: ticket.state.is_over(),
        version: ticket.version,
        code: ticket.code,
        above,
        answers,
        page,
    })
}

fn child(page: &Page, row: &ChildRow) -> Child {
    Child {
        href: ticket_url(&row.code),
        grouped: grouped(&row.code),
        code: row.code.clone(),
        version: row.version,
        subject: row.subject.clone(),
        state: row.state.clone(),
        state_label: words::state(page, &row.state),
        about: format!("{}, {}", words::moment(page, &row.opened_at), words::channel(page, &row.channel)),
    }
}

fn line(page: &Page, row: &AnswerRow) -> String {
    let values = [("who", row.author_name.clone()), ("when", words::moment(page, &row.written_at))];
    page.language.text_with("incident-answer-line", &values)
}

fn progress(page: &Page, row: &AnswerRow) -> String {
    let all = row.waiting + row.sent + row.unreached + row.refused;
    let missed = row.unreached + row.refused;
    let values = [
        ("sent", row.sent.to_string()),
        ("all", all.to_string()),
        ("waiting", row.waiting.to_string()),
        ("missed", missed.to_string()),
    ];
    let key = match (row.waiting, missed) {
        (0, 0) => "incident-answer-all",
        (0, _) => "incident-answer-some",
        _ => "incident-answer-going",
    };
    page.language.text_with(key, &values)
}

#[derive(Deserialize)]
struct Detached {
    version: Option<i64>,
    #[serde(default)]
    reason: String,
}

async fn do_detach(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<Detached>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    match incidents::detach(&kernel, who, &code, form.version, &form.reason).await {
        Ok(_) => Ok(see_other(&format!("{}?fatto=detached", ticket_url(&code)))),
        Err(error) => actions::refused(&kernel, who, frame.0, &code, form.version, error).await,
    }
}
