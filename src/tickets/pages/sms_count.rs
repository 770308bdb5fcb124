//! How many text messages an answer becomes, told while it is written.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::page::html;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};

/// Mounts the fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/conteggio-sms").route(web::post().to(count)));
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    text: String,
}

#[derive(Template)]
#[template(source = "{{ text }}", ext = "html")]
struct Counted {
    text: String,
}

/// What every answer by text message ends with has this length, whatever the code.
const CODE: &str = "000-000-000";

async fn count(
    caller: Caller,
    Frame(page): Frame,
    Form(Written { text }): Form<Written>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let whole = page.t2("sms-reply", "text", text.trim(), "code", CODE);
    let counted = channels::sms::count(&whole);
    html(&Counted { text: page.t2("desk-sms-count", "segments", counted.segments, "remaining", counted.remaining) })
}
