//! What the visitor takes home: the code of their request, on paper.
use actix_web::{HttpResponse, web};
use askama::Template;

use super::model::dictated;
use crate::intake::Intake;
use crate::kernel::codes::{self, TrackingCode};
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/sportello/ricevuta/{code}").route(web::get().to(show)));
}

#[derive(Template)]
#[template(path = "intake/receipt.html")]
struct ReceiptPage {
    page: Page,
    grouped: String,
    spelled: String,
    subject: String,
    received: String,
    /// Empty once the request is over.
    expected: String,
    /// Where the code is entered.
    tracking: String,
    href: String,
}

async fn show(
    intake: web::Data<Intake>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let kernel = intake.kernel();
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let mut conn = kernel.db.read().await?;
    let ticket = tickets::store::by_code(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    let page = frame.0.titled("visit-receipt-title");
    html(&ReceiptPage {
        grouped: codes::grouped(&ticket.code),
        spelled: dictated(&ticket.code),
        received: page.datetime(&ticket.opened_at),
        expected: if ticket.state.is_over() { String::new() } else { page.date(&ticket.expected_at) },
        tracking: kernel.config.link("/sportello/pratica"),
        href: format!("/scrivania/pratiche/{}", ticket.code),
        subject: ticket.subject,
        page,
    })
}
