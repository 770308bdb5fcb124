//! JSON: taking a relation over, giving it back, and the report.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::give_back;
use super::pages::span;
use super::store::{self, Figures};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::tickets::{State, Ticket, TicketError, hand_over};

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/tickets/{code}/takeover").route(web::post().to(take)))
        .service(web::resource("/tickets/{code}/give-back").route(web::post().to(give)))
        .service(web::resource("/takeovers").route(web::get().to(report)));
}

/// The documentation of these routes.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(take, give, report),
    components(schemas(NewTakeover, NewReturn, OwnerOut, TakeoverReport, TakeoverOut))
)]
pub struct Api;

/// A takeover.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTakeover {
    /// Slug of the unit that takes over.
    unit: String,
    reason: String,
    /// Version of the ticket it was decided on.
    version: Option<i64>,
}

/// The end of a takeover.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReturn {
    reason: String,
    version: Option<i64>,
}

/// Who has a ticket now.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnerOut {
    code: String,
    version: i64,
    state: State,
    /// Slug of the owner.
    owner: String,
}

/// The takeovers of a span of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakeoverReport {
    from: String,
    to: String,
    figures: Figures,
    /// Newest first, at most 500.
    takeovers: Vec<TakeoverOut>,
}

/// A takeover.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakeoverOut {
    ticket_code: String,
    unit_before: String,
    unit: String,
    taken_by: String,
    /// RFC 3339.
    taken_at: String,
    reason: String,
    ended_at: Option<String>,
    given_back: bool,
}

/// Which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub struct Days {
    /// `YYYY-MM-DD`; thirty days ago when missing.
    pub(super) from: Option<String>,
    /// `YYYY-MM-DD`; today when missing.
    pub(super) to: Option<String>,
}

fn code(text: &str) -> Result<String, Problem> {
    Ok(TrackingCode::parse(text).map_err(|_| TicketError::NotFound)?.as_str().to_owned())
}

async fn owner(kernel: &Kernel, ticket: Ticket) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let owner = crate::tickets::store::unit_slug(&mut conn, ticket.owner_unit_id).await?.unwrap_or_default();
    Ok(HttpResponse::Ok().json(OwnerOut { code: ticket.code, version: ticket.version, state: ticket.state, owner }))
}

/// Take the relation with the citizen over, from a higher level
#[utoipa::path(post, path = "/tickets/{code}/takeover", tag = "tickets", params(("code" = String, Path)),
    security(("bearer" = [])), request_body = NewTakeover,
    responses((status = 200, body = OwnerOut), (status = 403, description = "The caller is of no higher level"),
        (status = 412, description = "The ticket was changed meanwhile"), (status = 422, description = "No reason, or an unknown unit")))]
async fn take(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    body: Json<NewTakeover>,
) -> Result<HttpResponse, Problem> {
    let new = body.value;
    let code = code(&path)?;
    owner(&kernel, hand_over::take_over(&kernel, &caller.0, &code, new.version, &new.unit, &new.reason).await?).await
}

/// Give a ticket that was taken over back to who had it
#[utoipa::path(post, path = "/tickets/{code}/give-back", tag = "tickets", params(("code" = String, Path)),
    security(("bearer" = [])), request_body = NewReturn,
    responses((status = 200, body = OwnerOut), (status = 403, description = "The caller is not of the unit that took it"),
        (status = 412, description = "The ticket was changed meanwhile"), (status = 422, description = "No reason, or nobody took it over")))]
async fn give(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    body: Json<NewReturn>,
) -> Result<HttpResponse, Problem> {
    let new = body.value;
    let code = code(&path)?;
    owner(&kernel, give_back(&kernel, &caller.0, &code, new.version, &new.reason).await?).await
}

/// Takeovers of some days, with figures
#[utoipa::path(get, path = "/takeovers", tag = "supervision", params(Days), security(("bearer" = [])),
    responses((status = 200, body = TakeoverReport)))]
async fn report(kernel: web::Data<Kernel>, caller: Caller, days: web::Query<Days>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadSupervision)?;
    let (from, to, within) = span(&kernel, &days)?;
    let mut conn = kernel.db.read().await?;
    let figures = store::figures(&mut conn, within).await?;
    let takeovers = store::listed(&mut conn, within, i64::MAX, 500).await?;
    Ok(HttpResponse::Ok().json(TakeoverReport {
        from,
        to,
        figures,
        takeovers: takeovers
            .into_iter()
            .map(|row| TakeoverOut {
                ticket_code: row.code,
                unit_before: row.unit_before,
                unit: row.unit,
                taken_by: row.taken_by,
                taken_at: row.taken_at.rfc3339(),
                reason: row.reason,
                ended_at: row.ended_at.map(|at| at.rfc3339()),
                given_back: row.given_back,
            })
            .collect(),
    }))
}
