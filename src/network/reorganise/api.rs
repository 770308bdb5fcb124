//! JSON: the organisation of a day, and its reorganisations.
use actix_web::{HttpResponse, web};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::plan::{Wanted, cancel, look_ahead, plan};
use super::preview::Preview;
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::organisation::chart::{Closing, Node, Plan, UnitChange};
use crate::organisation::reorganise::{State, chart_at, start_of};
use crate::organisation::{Reorganisation, store};

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/organisation").route(web::get().to(organisation)))
        .service(web::resource("/organisation/changes").route(web::get().to(changes)).route(web::post().to(change)))
        .service(web::resource("/organisation/changes/{id}/cancel").route(web::post().to(take_back)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(organisation, changes, change, take_back),
    components(schemas(
        Node,
        Plan,
        UnitChange,
        Closing,
        NewChange,
        ReorganisationOut,
        PreviewOut,
        MovedOut,
        RenamedOut
    ))
)]
pub struct Api;

/// Of which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// `YYYY-MM-DD`; today when absent. A day to come shows what is planned.
    on: Option<String>,
}

/// A reorganisation to plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChange {
    /// `YYYY-MM-DD`, not in the past; absent: from now on.
    #[serde(default)]
    on: Option<String>,
    reason: String,
    plan: Plan,
    /// Only tells what would change and move.
    #[serde(default)]
    dry_run: bool,
}

/// A reorganisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReorganisationOut {
    id: i64,
    /// RFC 3339.
    takes_effect_at: String,
    state: State,
    reason: String,
    plan: Plan,
    planned_at: String,
    /// Why it was refused on its day.
    problem: Option<String>,
}

/// What a plan would change and move.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewOut {
    opens: Vec<Node>,
    changes: Vec<RenamedOut>,
    closes: Vec<MovedOut>,
}

/// A unit before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct RenamedOut {
    before: Node,
    after: Node,
}

/// What hangs today on a unit that would close.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovedOut {
    unit: String,
    successor: String,
    open_tickets: i64,
    waiting_legs: i64,
    categories: i64,
    sheets: i64,
    users: i64,
}

impl From<Preview> for PreviewOut {
    fn from(preview: Preview) -> Self {
        let closes = preview.closes.into_iter().map(|moved| MovedOut {
            unit: moved.unit.slug,
            successor: moved.successor.slug,
            open_tickets: moved.open_tickets,
            waiting_legs: moved.waiting_legs,
            categories: moved.categories,
            sheets: moved.sheets,
            users: moved.users,
        });
        Self {
            opens: preview.opens,
            changes: preview.changes.into_iter().map(|(before, after)| RenamedOut { before, after }).collect(),
            closes: closes.collect(),
        }
    }
}

fn change_out(found: &Reorganisation) -> ReorganisationOut {
    ReorganisationOut {
        id: found.id,
        takes_effect_at: found.takes_effect_at.rfc3339(),
        state: found.state,
        reason: found.reason.clone(),
        plan: found.plan(),
        planned_at: found.planned_at.rfc3339(),
        problem: Some(found.problem.clone()).filter(|p| !p.is_empty()),
    }
}

/// A day as written in a query or form; empty for none.
///
/// # Errors
/// 422 for anything but `YYYY-MM-DD`.
pub(super) fn day(text: Option<&str>) -> Result<Option<Date>, Problem> {
    match text.map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => text.parse().map(Some).map_err(|_| Problem::field("on", "not_a_day")),
        None => Ok(None),
    }
}

/// The units of a day, by slug
#[utoipa::path(get, path = "/organisation", tag = "organisation", params(DayQuery),
    responses((status = 200, body = [Node]), (status = 422, description = "Not a day")))]
async fn organisation(
    kernel: web::Data<Kernel>,
    caller: Caller,
    query: web::Query<DayQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let now = kernel.now();
    let at = match day(query.on.as_deref())? {
        Some(day) if day != now.zoned(&kernel.config.zone()).date() => start_of(day, &kernel.config.zone())?,
        _ => now,
    };
    let mut conn = kernel.db.read().await?;
    let chart = chart_at(&mut conn, at, now).await?;
    Ok(HttpResponse::Ok().json(chart.nodes.into_values().collect::<Vec<Node>>()))
}

/// The latest reorganisations, planned ones first
#[utoipa::path(get, path = "/organisation/changes", tag = "organisation", responses((status = 200, body = [ReorganisationOut])))]
async fn changes(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let found = store::latest_reorganisations(&mut conn).await?;
    Ok(HttpResponse::Ok().json(found.iter().map(change_out).collect::<Vec<_>>()))
}

/// Plan a reorganisation, or see what it would move
#[utoipa::path(post, path = "/organisation/changes", tag = "organisation", request_body = NewChange,
    responses((status = 201, body = ReorganisationOut), (status = 200, body = PreviewOut, description = "Of a dry run"),
        (status = 422, description = "Does not fit the organisation of that day; `errors` names the part")))]
async fn change(kernel: web::Data<Kernel>, caller: Caller, body: Json<NewChange>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let new = body.value;
    let wanted = Wanted { plan: new.plan, on: day(new.on.as_deref())?, reason: new.reason };
    if new.dry_run {
        return Ok(HttpResponse::Ok().json(PreviewOut::from(look_ahead(&kernel, who, &wanted).await?)));
    }
    let id = plan(&kernel, who, wanted).await?;
    let mut conn = kernel.db.read().await?;
    let found = store::reorganisation(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Created().json(change_out(&found)))
}

/// Take a plan back before its day
#[utoipa::path(post, path = "/organisation/changes/{id}/cancel", tag = "organisation", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "Not planned, or not any more")))]
async fn take_back(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    cancel(&kernel, caller.require(Permission::Administer)?, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
