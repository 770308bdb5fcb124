//! JSON: versions of the rules, trials, areas, and what kind of user a person is.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::model::{Action, Conditions, LegToSend, Load, RoutingState, Rule, Segment};
use super::{Routing, manage, store, trial};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, check_csrf, if_match};
use crate::kernel::time::Instant;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/routing").route(web::get().to(list_routing)).route(web::post().to(draft_routing)))
        .service(
            web::resource("/routing/{id:\\d+}").route(web::get().to(show_routing)).route(web::put().to(change_routing)),
        )
        .service(web::resource("/routing/{id:\\d+}/activate").route(web::post().to(activate_routing)))
        .service(web::resource("/routing/{id:\\d+}/trial").route(web::get().to(try_routing)))
        .service(web::resource("/routing/areas").route(web::put().to(import_areas)))
        .service(web::resource("/persons/{id}/segment").route(web::put().to(set_segment)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        list_routing,
        draft_routing,
        show_routing,
        change_routing,
        activate_routing,
        try_routing,
        import_areas,
        set_segment
    ),
    components(schemas(
        RoutingVersions,
        RoutingVersion,
        RoutingDocument,
        RoutingTrial,
        TrialGroup,
        PersonSegment,
        AreasImported,
        Rule,
        Conditions,
        Action,
        Load,
        LegToSend,
        Segment
    ))
)]
pub struct Api;

/// A version of the rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingVersion {
    pub id: i64,
    /// From 1.
    pub number: i64,
    pub state: RoutingState,
    /// Grows with each change; the ETag.
    pub edition: i64,
    /// RFC 3339, as all instants.
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<String>,
    /// Who, as events name them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_at: Option<String>,
}

impl RoutingVersion {
    fn of(row: &store::VersionRow) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            number: row.number,
            state: row.state()?,
            edition: row.edition,
            created_at: row.created_at.rfc3339(),
            activated_at: row.activated_at.map(Instant::rfc3339),
            activated_by: row.activated_by.clone(),
            replaced_at: row.replaced_at.map(Instant::rfc3339),
        })
    }
}

/// The versions that were drafted, are in force, or were.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingVersions {
    /// The latest first.
    pub items: Vec<RoutingVersion>,
}

/// A version with its rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingDocument {
    #[serde(flatten)]
    pub version: RoutingVersion,
    /// In their order: the first that holds decides.
    pub rules: Vec<Rule>,
}

async fn answer(kernel: &Kernel, id: i64, mut to: actix_web::HttpResponseBuilder) -> Result<HttpResponse, Problem> {
    let row = store::version(&mut kernel.db.read().await?, id).await?.ok_or_else(Problem::not_found)?;
    to.insert_header((header::ETAG, format!("\"{}\"", row.edition)));
    Ok(to.json(RoutingDocument { version: RoutingVersion::of(&row)?, rules: row.rules()? }))
}

/// Lists the versions of the rules.
#[utoipa::path(get, path = "/routing", tag = "routing", security(("bearer" = [])),
    responses((status = 200, body = RoutingVersions), (status = 403, description = "The caller does not administer")))]
async fn list_routing(kernel: web::Data<Kernel>, caller: Caller) -> Result<web::Json<RoutingVersions>, Problem> {
    caller.require(Permission::Administer)?;
    let rows = store::versions(&mut kernel.db.read().await?).await?;
    Ok(web::Json(RoutingVersions { items: rows.iter().map(RoutingVersion::of).collect::<Result<_, _>>()? }))
}

/// Drafts rules.
#[utoipa::path(post, path = "/routing", tag = "routing", request_body = Vec<Rule>, security(("bearer" = [])),
    responses((status = 201, body = RoutingDocument), (status = 403, description = "The caller does not administer"),
        (status = 422, description = "A value is not acceptable")))]
async fn draft_routing(
    kernel: web::Data<Kernel>,
    caller: Caller,
    body: Json<Vec<Rule>>,
) -> Result<HttpResponse, Problem> {
    let id = manage::prepare(&kernel, &caller.0, Some(body.value)).await?;
    answer(&kernel, id, HttpResponse::Created()).await
}

/// Shows a version.
#[utoipa::path(get, path = "/routing/{id}", tag = "routing", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, description = "The version; its edition is the ETag", body = RoutingDocument), (status = 404)))]
async fn show_routing(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    answer(&kernel, *id, HttpResponse::Ok()).await
}

/// Puts other rules in the place of a draft's. `If-Match` names the edition they replace.
#[utoipa::path(put, path = "/routing/{id}", tag = "routing", params(("id" = i64, Path)), request_body = Vec<Rule>,
    security(("bearer" = [])),
    responses((status = 200, body = RoutingDocument), (status = 404), (status = 409, description = "It is no draft"),
        (status = 412, description = "Somebody changed it meanwhile")))]
async fn change_routing(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
    body: Json<Vec<Rule>>,
) -> Result<HttpResponse, Problem> {
    let new = body.value;
    manage::change(&kernel, &caller.0, *id, if_match(&req)?, move |rules| *rules = new).await?;
    answer(&kernel, *id, HttpResponse::Ok()).await
}

/// Brings a version into force, or back into force.
#[utoipa::path(post, path = "/routing/{id}/activate", tag = "routing", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204, description = "In force"), (status = 404), (status = 409, description = "It is in force"),
        (status = 412, description = "Somebody changed it meanwhile"),
        (status = 422, description = "A rule cannot be followed, such as one against the rule for back offices")))]
async fn activate_routing(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    manage::activate(&kernel, &routing, &caller.0, *id, if_match(&req)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TrialParams {
    /// First day, `YYYY-MM-DD`.
    #[param(value_type = String)]
    from: Date,
    /// Last day.
    #[param(value_type = String)]
    to: Date,
}

/// Requests that a rule sends one way.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialGroup {
    /// Name of the rule; null where no rule holds.
    pub rule: Option<String>,
    /// Row id of the unit they were opened with.
    pub was: i64,
    /// Row id of the unit they would have been opened with.
    pub would: i64,
    pub count: usize,
    /// Tracking codes.
    pub codes: Vec<String>,
}

/// What a version would have done.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoutingTrial {
    /// Requests looked at.
    pub all: usize,
    /// Of these, those that would have gone elsewhere.
    pub elsewhere: usize,
    /// Legs that would have been sent at once.
    pub legs: usize,
    /// Whether the period has more requests than were looked at.
    pub cut: bool,
    pub groups: Vec<TrialGroup>,
}

/// Tries a version on the requests of a period; nothing is changed.
#[utoipa::path(get, path = "/routing/{id}/trial", tag = "routing", params(("id" = i64, Path), TrialParams), security(("bearer" = [])),
    responses((status = 200, body = RoutingTrial), (status = 404), (status = 422, description = "The days are none")))]
async fn try_routing(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    params: web::Query<TrialParams>,
) -> Result<web::Json<RoutingTrial>, Problem> {
    caller.require(Permission::Administer)?;
    let row = store::version(&mut kernel.db.read().await?, *id).await?.ok_or_else(Problem::not_found)?;
    let zone = kernel.config.zone();
    let begin = |day: Date| {
        let at = day.to_zoned(zone.clone()).map_err(|_| Problem::field("from", "invalid"))?;
        Ok::<_, Problem>(Instant::from(at.timestamp()))
    };
    let end = params.to.tomorrow().map_err(|_| Problem::field("to", "invalid"))?;
    let rules = row.rules()?;
    let found = trial::run(&kernel, rules.clone(), begin(params.from)?, begin(end)?).await?;
    let group = |(group, tried): (trial::Group, Vec<trial::Tried>)| TrialGroup {
        rule: group.rule.and_then(|place| rules.get(place)).map(|rule| rule.name.clone()),
        was: group.was,
        would: group.would,
        count: tried.len(),
        codes: tried.into_iter().map(|one| one.code).collect(),
    };
    Ok(web::Json(RoutingTrial {
        all: found.all,
        elsewhere: found.elsewhere,
        legs: found.legs,
        cut: found.cut,
        groups: found.groups.into_iter().map(group).collect(),
    }))
}

/// How many areas a file had.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreasImported {
    pub areas: usize,
}

/// Longest file of areas, in bytes.
const AREAS_BYTES: usize = 20 * 1024 * 1024;

/// Imports areas of a GeoJSON collection of polygons with `name`, and `streets` if there are any.
#[utoipa::path(put, path = "/routing/areas", tag = "routing", request_body(content = Object, description = "GeoJSON"),
    security(("bearer" = [])),
    responses((status = 200, body = AreasImported), (status = 422, description = "The file has no areas")))]
async fn import_areas(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    body: Json<serde_json::Value, AREAS_BYTES>,
) -> Result<web::Json<AreasImported>, Problem> {
    let areas = manage::import_areas(&kernel, &routing, &caller.0, &body.value.to_string()).await?;
    Ok(web::Json(AreasImported { areas }))
}

/// What kind of user a person is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonSegment {
    /// Unknown when null.
    pub segment: Option<Segment>,
}

/// Says what kind of user a person is, for rules that ask.
#[utoipa::path(put, path = "/persons/{id}/segment", tag = "routing", params(("id" = i64, Path)), request_body = PersonSegment,
    security(("bearer" = [])), responses((status = 204, description = "Noted"), (status = 404)))]
async fn set_segment(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<PersonSegment>,
) -> Result<HttpResponse, Problem> {
    manage::set_segment(&kernel, &caller.0, *id, body.value.segment).await?;
    Ok(HttpResponse::NoContent().finish())
}
