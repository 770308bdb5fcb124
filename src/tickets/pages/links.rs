//! "May belong to" and "continues": a person looks at the other ticket, or says that they have nothing in
//! common.
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{actions, code_in_path, ticket_url};
use crate::kernel::Kernel;
use crate::kernel::page::see_other;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::dismiss_link::dismiss_link;

/// Mounts the target of the buttons.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/collegamenti").route(web::post().to(dismiss)));
}

#[derive(Deserialize)]
struct Dismissed {
    other: String,
    kind: String,
}

async fn dismiss(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<Dismissed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(form), code) = (form, code_in_path(&code)?);
    match dismiss_link(&kernel, who, &code, &form.other, &form.kind).await {
        Ok(_) => Ok(see_other(&format!("{}?fatto=link", ticket_url(&code)))),
        Err(error) => actions::refused(&kernel, who, frame.0, &code, None, error).await,
    }
}
