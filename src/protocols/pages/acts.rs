//! The buttons of a term on the ticket page.
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::page::see_other;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form};
use crate::protocols::acts::{Act, act};

/// Mounts the target of the buttons.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/termini/{term}").route(web::post().to(press)));
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pressed {
    version: Option<i64>,
    act: String,
    /// Units by which the term becomes longer.
    amount: String,
    reason: String,
}

async fn press(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (code, term) = path.into_inner();
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let form = form.0;
    let what = match form.act.as_str() {
        "documents" => Act::Documents,
        "notice" => Act::Notice,
        "observations" => Act::Observations,
        "resume" => Act::Resume,
        "extend" => Act::Extend(form.amount.trim().parse().unwrap_or(0)),
        "correct_met" => Act::CorrectMet,
        "correct_cancelled" => Act::CorrectCancelled,
        _ => return Err(Problem::field("act", "unknown")),
    };
    let here = format!("/scrivania/pratiche/{}", code.as_str());
    act(&kernel, who, (code.as_str(), form.version), term, what, &form.reason).await?;
    Ok(see_other(&format!("{here}?fatto=term#termini")))
}
