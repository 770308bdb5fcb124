//! The organisation as a file, for programs.
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::transfer::{Run, export, import};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, check_csrf, read_body};
use crate::organisation::transfer::{Difference, Fault, Record, Report, Step};

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/organisation/file").route(web::get().to(take)).route(web::post().to(bring)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(take, bring), components(schemas(Report, Step, Difference, Fault, Record)))]
pub struct Api;

/// Most bytes of an import.
const BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    /// Only say what would be done.
    dry_run: bool,
    /// Why units change; written in their history.
    reason: String,
}

/// Agencies, units, sites and referents as a table
#[utoipa::path(get, path = "/organisation/file", tag = "organisation",
    responses((status = 200, description = "CSV with semicolons", content_type = "text/csv"), (status = 403)))]
async fn take(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(export(&kernel, who).await?))
}

/// Import such a table: all of it, or nothing when one line is wrong
#[utoipa::path(post, path = "/organisation/file", tag = "organisation", params(Asked),
    request_body(content = String, description = "The table", content_type = "text/csv"),
    responses((status = 200, description = "What was done, or what is wrong", body = Report), (status = 403),
        (status = 413, description = "Too much at once")))]
async fn bring(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
    asked: web::Query<Asked>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    let who = caller.require(Permission::Administer)?;
    let body = read_body(&req, payload.into_inner(), BYTES).await?;
    let run = if asked.dry_run { Run::Dry } else { Run::Real };
    let reason = if asked.reason.trim().is_empty() { "API" } else { asked.reason.as_str() };
    Ok(HttpResponse::Ok().json(import(&kernel, who, &body, reason, run).await?))
}
