//! Drafts saved while somebody writes.
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::code_in_path;
use crate::kernel::Kernel;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form};
use crate::tickets::drafts;
use crate::tickets::presence::Presence;

/// Mounts the target of the script.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/bozza").route(web::post().to(save)));
}

#[derive(Deserialize)]
struct Draft {
    kind: String,
    #[serde(default)]
    body: String,
}

async fn save(
    kernel: web::Data<Kernel>,
    presence: web::Data<Presence>,
    caller: Caller,
    code: web::Path<String>,
    draft: Form<Draft>,
) -> Result<HttpResponse, Problem> {
    let Form(draft) = draft;
    let held = drafts::save(&kernel, &caller.0, &code_in_path(&code)?, &draft.kind, &draft.body).await?;
    if let Some(ticket) = held {
        presence.nudge(&kernel, ticket);
    }
    Ok(HttpResponse::NoContent().finish())
}
