//! JSON: plans, what is in force, start, end, drill and report.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::model::{Changes, LeftAlone, Plan};
use super::report::{self, Report};
use super::store::{self, EmergencyRow, PlanRow};
use super::{EmergencyError, drill, end, save, start, try_out};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};
use crate::kernel::time::Instant;
use crate::routing::Routing;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/emergency").route(web::get().to(emergency_in_force)))
        .service(web::resource("/emergency/start").route(web::post().to(start_emergency)))
        .service(web::resource("/emergency/end").route(web::post().to(end_emergency)))
        .service(web::resource("/emergency/plans").route(web::get().to(list_emergency_plans)))
        .service(
            web::resource("/emergency/plans/{slug}")
                .route(web::get().to(show_emergency_plan))
                .route(web::put().to(save_emergency_plan)),
        )
        .service(web::resource("/emergency/plans/{slug}/check").route(web::get().to(check_emergency_plan)))
        .service(web::resource("/emergency/{id:\\d+}/report").route(web::get().to(emergency_report)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        emergency_in_force,
        start_emergency,
        end_emergency,
        list_emergency_plans,
        show_emergency_plan,
        save_emergency_plan,
        check_emergency_plan,
        emergency_report
    ),
    components(schemas(
        EmergencyStatus,
        EmergencyOut,
        StartEmergency,
        EndEmergency,
        EmergencyPlans,
        PlanOut,
        Plan,
        Changes,
        LeftAlone,
        Report
    ))
)]
pub struct Api;

/// An emergency, or a drill.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmergencyOut {
    pub id: i64,
    /// Slug of its plan.
    pub plan: String,
    /// Number of the version of the plan.
    pub number: i64,
    pub name: String,
    /// `running`, `ended` or `drill`.
    pub state: String,
    pub reason: String,
    /// RFC 3339, as all instants.
    pub started_at: String,
    /// Who, as events name them: `user:12`, `token:3`, `system`.
    pub started_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// What its start changed, or would have.
    pub changes: Changes,
    /// What its end did not take back, because people had changed it meanwhile.
    pub left_alone: Vec<LeftAlone>,
}

async fn out(kernel: &Kernel, row: EmergencyRow) -> Result<EmergencyOut, EmergencyError> {
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, row.version_id).await?.ok_or(EmergencyError::Missing)?;
    Ok(EmergencyOut {
        id: row.id,
        name: version.plan()?.name,
        plan: version.slug,
        number: version.number,
        changes: row.changes()?,
        left_alone: row.left_alone()?,
        state: row.state,
        reason: row.reason,
        started_at: row.started_at.rfc3339(),
        started_by: row.started_by,
        ended_at: row.ended_at.map(Instant::rfc3339),
        ended_by: row.ended_by,
    })
}

async fn by_id(kernel: &Kernel, id: i64) -> Result<EmergencyOut, EmergencyError> {
    let row = store::emergency(&mut kernel.db.read().await?, id).await?.ok_or(EmergencyError::Missing)?;
    out(kernel, row).await
}

/// What is in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmergencyStatus {
    /// Null in ordinary times.
    pub running: Option<EmergencyOut>,
}

/// Says which emergency is in force, since when, by whom, and what it changed.
#[utoipa::path(get, path = "/emergency", tag = "emergency", security(("bearer" = [])),
    responses((status = 200, body = EmergencyStatus), (status = 403, description = "The caller does not run emergencies")))]
async fn emergency_in_force(kernel: web::Data<Kernel>, caller: Caller) -> Result<web::Json<EmergencyStatus>, Problem> {
    caller.require(Permission::RunEmergency)?;
    let row = store::running(&mut kernel.db.read().await?).await?;
    let running = match row {
        Some(row) => Some(out(&kernel, row).await?),
        None => None,
    };
    Ok(web::Json(EmergencyStatus { running }))
}

/// Which plan comes into force, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartEmergency {
    /// Slug.
    pub plan: String,
    pub reason: String,
    /// Everything is done and taken back at once; the drill is kept with its reason.
    #[serde(default)]
    pub drill: bool,
}

/// Brings a plan into force, or holds a drill.
#[utoipa::path(post, path = "/emergency/start", tag = "emergency", request_body = StartEmergency, security(("bearer" = [])),
    responses((status = 201, body = EmergencyOut), (status = 403, description = "The caller does not run emergencies"),
        (status = 404, description = "There is no such plan"), (status = 409, description = "An emergency is in force"),
        (status = 422, description = "The plan does not fit what is there; nothing was changed")))]
async fn start_emergency(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    body: Json<StartEmergency>,
) -> Result<HttpResponse, Problem> {
    let StartEmergency { plan, reason, drill: tried } = body.value;
    let begun = if tried {
        drill(&kernel, &caller.0, &plan, &reason).await?
    } else {
        start(&kernel, &routing, &caller.0, &plan, &reason).await?
    };
    Ok(HttpResponse::Created().json(by_id(&kernel, begun.id).await?))
}

/// Why the emergency ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndEmergency {
    pub reason: String,
}

/// Ends the emergency in force: everything as it was, but for what people changed meanwhile.
#[utoipa::path(post, path = "/emergency/end", tag = "emergency", request_body = EndEmergency, security(("bearer" = [])),
    responses((status = 200, body = EmergencyOut), (status = 403, description = "The caller does not run emergencies"),
        (status = 409, description = "None is in force"), (status = 422, description = "The reason is missing")))]
async fn end_emergency(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    body: Json<EndEmergency>,
) -> Result<web::Json<EmergencyOut>, Problem> {
    let (id, _) = end(&kernel, &routing, &caller.0, &body.value.reason).await?;
    Ok(web::Json(by_id(&kernel, id).await?))
}

/// A plan as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmergencyPlanOut)]
pub struct PlanOut {
    pub slug: String,
    pub number: i64,
    pub saved_at: String,
    pub saved_by: String,
    pub plan: Plan,
}

impl PlanOut {
    fn of(row: PlanRow) -> Result<Self, EmergencyError> {
        let plan = row.plan()?;
        Ok(Self { slug: row.slug, number: row.number, saved_at: row.saved_at.rfc3339(), saved_by: row.saved_by, plan })
    }
}

/// The prepared plans.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmergencyPlans {
    /// By slug.
    pub items: Vec<PlanOut>,
}

/// Lists the prepared plans.
#[utoipa::path(get, path = "/emergency/plans", tag = "emergency", security(("bearer" = [])),
    responses((status = 200, body = EmergencyPlans), (status = 403, description = "The caller does not run emergencies")))]
async fn list_emergency_plans(kernel: web::Data<Kernel>, caller: Caller) -> Result<web::Json<EmergencyPlans>, Problem> {
    caller.require(Permission::RunEmergency)?;
    let rows = store::plans(&mut kernel.db.read().await?).await?;
    let items = rows.into_iter().map(PlanOut::of).collect::<Result<_, _>>()?;
    Ok(web::Json(EmergencyPlans { items }))
}

async fn answer(kernel: &Kernel, slug: &str) -> Result<HttpResponse, Problem> {
    let row = store::plan(&mut kernel.db.read().await?, slug).await?.ok_or(EmergencyError::Missing)?;
    let etag = format!("\"{}\"", row.number);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag)).json(PlanOut::of(row)?))
}

/// Shows a plan.
#[utoipa::path(get, path = "/emergency/plans/{slug}", tag = "emergency", params(("slug" = String, Path)), security(("bearer" = [])),
    responses((status = 200, description = "The plan; its number is the ETag", body = PlanOut), (status = 404)))]
async fn show_emergency_plan(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::RunEmergency)?;
    answer(&kernel, &slug).await
}

/// Saves the next version of a plan, or a new plan. `If-Match` names the version it replaces; without it, whatever is
/// there.
#[utoipa::path(put, path = "/emergency/plans/{slug}", tag = "emergency", params(("slug" = String, Path)), request_body = Plan,
    security(("bearer" = [])),
    responses((status = 200, body = PlanOut), (status = 403, description = "The caller does not administer"),
        (status = 412, description = "Somebody saved a version meanwhile"), (status = 422, description = "A value is not acceptable")))]
async fn save_emergency_plan(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    req: HttpRequest,
    body: Json<Plan>,
) -> Result<HttpResponse, Problem> {
    save(&kernel, &caller.0, &slug, if_match(&req)?, body.value).await?;
    answer(&kernel, &slug).await
}

/// Says what a start would change, and changes nothing.
#[utoipa::path(get, path = "/emergency/plans/{slug}/check", tag = "emergency", params(("slug" = String, Path)),
    security(("bearer" = [])),
    responses((status = 200, body = Changes), (status = 404), (status = 409, description = "An emergency is in force"),
        (status = 422, description = "The plan does not fit what is there")))]
async fn check_emergency_plan(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
) -> Result<web::Json<Changes>, Problem> {
    Ok(web::Json(try_out(&kernel, &caller.0, &slug).await?))
}

/// Counts what came in while an emergency was in force, and what became of it.
#[utoipa::path(get, path = "/emergency/{id}/report", tag = "emergency", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = Report), (status = 403, description = "The caller does not run emergencies"), (status = 404)))]
async fn emergency_report(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<web::Json<Report>, Problem> {
    caller.require(Permission::RunEmergency)?;
    let mut conn = kernel.db.read().await?;
    let row = store::emergency(&mut conn, *id).await?.ok_or(EmergencyError::Missing)?;
    let version = store::version(&mut conn, row.version_id).await?.ok_or(EmergencyError::Missing)?;
    drop(conn);
    Ok(web::Json(report::read(&kernel, &row, &version.plan()?).await?))
}
