//! What the telephone knows of a ticket, as parts of its page: promises to call back with their attempts.
use actix_web::{HttpResponse, web};
use askama::Template;

use super::model::{Attempt, CallbackRow};
use super::pages::{attempt_words, kebab};
use super::{Telephony, store};
use crate::kernel::codes::{self, TrackingCode};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets;

/// Mounts the parts.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/telefono/pratiche/{code:[0-9A-Za-z.-]{9,16}}").route(web::get().to(show)));
}

/// A promise to call back, with what came of it.
struct Promise {
    id: i64,
    open: bool,
    number: String,
    reason: String,
    at: String,
    due: String,
    late: bool,
    tries: Vec<String>,
    /// How it ended; empty while it is open.
    end: String,
}

#[derive(Template)]
#[template(path = "telephony/promises.html")]
struct PromisesPart {
    page: Page,
    /// Where forms come back to.
    here: String,
    promises: Vec<Promise>,
    outcomes: Vec<(&'static str, String)>,
}

/// What an attempt can have come to, as a form offers it.
pub(super) fn outcomes(page: &Page) -> Vec<(&'static str, String)> {
    Attempt::ALL.iter().map(|a| (a.as_str(), page.t(&format!("phone-attempt-{}", kebab(a.as_str()))))).collect()
}

async fn promise(telephony: &Telephony, conn: &mut Conn, page: &Page, row: CallbackRow) -> Result<Promise, StoreError> {
    let end = match (row.state.as_str(), row.told.as_str()) {
        ("open", _) => String::new(),
        ("given_up", "none" | "") => page.t("phone-promise-given-up"),
        ("given_up", way) => page.t(&format!("phone-promise-told-{way}")),
        (state, _) => page.t(&format!("phone-promise-{}", kebab(state))),
    };
    Ok(Promise {
        id: row.id,
        open: row.state == "open",
        tries: attempt_words(telephony, conn, page, row.id).await?,
        number: row.number,
        reason: page.t(&format!("phone-reason-{}", row.reason)),
        at: row.due_at.rfc3339(),
        due: page.datetime(&row.due_at),
        late: row.due_at < page.now,
        end,
    })
}

/// The promises of a ticket; nothing when there was none.
async fn show(
    telephony: web::Data<Telephony>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let mut conn = telephony.kernel().db.read().await?;
    let ticket = tickets::store::by_code(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    let page = frame.0;
    let mut promises = Vec::new();
    for row in store::callbacks_of_ticket(&mut conn, ticket.id).await? {
        promises.push(promise(&telephony, &mut conn, &page, row).await?);
    }
    if promises.is_empty() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let here = format!("/scrivania/pratiche/{}", codes::grouped(&ticket.code));
    html(&PromisesPart { outcomes: outcomes(&page), here, promises, page })
}
