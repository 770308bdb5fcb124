//! JSON: what stands still.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{Kind, counts, list};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/stuck").route(web::get().to(stuck)))
        .service(web::resource("/stuck/tickets").route(web::get().to(stuck_tickets)));
}

/// The documentation of these routes.
#[derive(Debug, OpenApi)]
#[openapi(paths(stuck, stuck_tickets), components(schemas(StuckCount, StuckTicket)))]
pub struct Api;

/// How much stands still for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct StuckCount {
    kind: Kind,
    count: i64,
    /// Since when the oldest does, RFC 3339.
    oldest: Option<String>,
}

/// A ticket, or the ticket of a leg, that stands still.
#[derive(Debug, Serialize, ToSchema)]
pub struct StuckTicket {
    code: String,
    subject: String,
    unit: String,
    /// Who has it.
    holder: Option<String>,
    /// RFC 3339.
    since: String,
}

/// Which list.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Which {
    kind: Kind,
}

/// What stands still beyond its limit
#[utoipa::path(get, path = "/stuck", tag = "supervision", security(("bearer" = [])), responses((status = 200, body = [StuckCount])))]
async fn stuck(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let mut conn = kernel.db.read().await?;
    let found = counts(&mut conn, kernel.now()).await?;
    let line =
        |(kind, c): (Kind, super::Count)| StuckCount { kind, count: c.count, oldest: c.oldest.map(|at| at.rfc3339()) };
    Ok(HttpResponse::Ok().json(found.into_iter().map(line).collect::<Vec<_>>()))
}

/// The list behind a figure, longest first, at most 500
#[utoipa::path(get, path = "/stuck/tickets", tag = "supervision", params(Which), security(("bearer" = [])), responses((status = 200, body = [StuckTicket])))]
async fn stuck_tickets(
    kernel: web::Data<Kernel>,
    caller: Caller,
    which: web::Query<Which>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let mut conn = kernel.db.read().await?;
    let found = list(&mut conn, which.kind, kernel.now(), 500).await?;
    let line = |s: super::Still| StuckTicket {
        code: s.code,
        subject: s.subject,
        unit: s.unit,
        holder: (!s.holder.is_empty()).then_some(s.holder),
        since: s.since.rfc3339(),
    };
    Ok(HttpResponse::Ok().json(found.into_iter().map(line).collect::<Vec<_>>()))
}
