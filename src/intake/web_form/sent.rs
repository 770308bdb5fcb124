//! The answer page: the code, what happens next, and the link to follow. Its address is signed and good for
//! an hour, so that reloading works and guessing does not.
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::problem::Problem;
use crate::kernel::request::Frame;
use crate::people::Identifier;
use crate::tickets;
use crate::tickets::tracking::proof;

/// Seconds for which the page can be opened again.
const SHOWN_FOR: i64 = 60 * 60;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/sportello/richiesta/inviata", web::get().to(show));
}

#[derive(Template)]
#[template(path = "citizen/sent.html")]
struct SentPage {
    page: Page,
    grouped: String,
    received: String,
    expected: String,
    /// Page of the request, with its key.
    link: String,
    /// Whether a confirmation is on its way by mail.
    mailed: bool,
}

/// Where the sender of a new request is sent.
pub fn address(kernel: &Kernel, code: &str) -> String {
    let expires = (kernel.now().timestamp().as_second() + SHOWN_FOR).to_string();
    let signature = kernel.secrets.sign("request-sent", &[code, &expires]);
    format!("/sportello/richiesta/inviata?p={code}.{expires}.{signature}")
}

fn code_of(kernel: &Kernel, pass: &str) -> Option<String> {
    let (code, rest) = pass.split_once('.')?;
    let (expires, signature) = rest.split_once('.')?;
    let valid = kernel.secrets.verify("request-sent", &[code, expires], signature)
        && expires.parse::<i64>().is_ok_and(|at| at > kernel.now().timestamp().as_second());
    valid.then(|| code.to_owned())
}

#[derive(Deserialize)]
struct Pass {
    #[serde(default)]
    p: String,
}

async fn show(kernel: web::Data<Kernel>, Frame(page): Frame, query: web::Query<Pass>) -> Result<HttpResponse, Problem> {
    // An old address leads to where codes are entered.
    let Some(code) = code_of(&kernel, &query.p) else { return Ok(see_other("/sportello/pratica")) };
    let mut conn = kernel.db.read().await?;
    let ticket = tickets::tracking::store::followed(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    let first = tickets::tracking::store::last_writer(&mut conn, &ticket).await?;
    drop(conn);
    let page = page.titled("sent-title");
    let shown = SentPage {
        grouped: codes::grouped(&code),
        received: page.datetime(&ticket.opened_at),
        expected: page.date(&ticket.expected_at),
        link: format!("{}?k={}", proof::path(&code), proof::key(&kernel, &code)),
        mailed: kernel.config.mail.smtp.is_some() && first.is_some_and(|(_, from)| Identifier::email(&from).is_ok()),
        page,
    };
    html_as(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")), &shown)
}
