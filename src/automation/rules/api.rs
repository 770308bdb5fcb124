//! JSON and TOML: versions of the rules, trials, runs.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::formats::{self, RuleSet};
use super::manage::{self, Begin, Held};
use super::model::{Condition, Join, On, Otherwise, Rule, RulesState, Step, Trigger, WaitUnit, Whom};
use super::{RulesError, store, trial};
use crate::kernel::Kernel;
use crate::kernel::page::page_of;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, check_csrf, if_match, read_body};
use crate::kernel::time::Instant;

/// Longest document, in bytes.
const LIMIT: usize = 1_048_576;
/// Runs on a page.
const SHOWN: i64 = 100;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/rules").route(web::get().to(list_rules)).route(web::post().to(draft_rules)))
        .service(web::resource("/rules/runs").route(web::get().to(list_runs)))
        .service(web::resource("/rules/runs/{id:\\d+}/retry").route(web::post().to(retry_run)))
        .service(web::resource("/rules/pauses").route(web::post().to(pause_rule)))
        .service(web::resource("/rules/{id:\\d+}").route(web::get().to(show_rules)).route(web::put().to(change_rules)))
        .service(web::resource("/rules/{id:\\d+}/toml").route(web::get().to(show_toml)))
        .service(web::resource("/rules/{id:\\d+}/activate").route(web::post().to(activate_rules)))
        .service(web::resource("/rules/{id:\\d+}/retire").route(web::post().to(retire_rules)))
        .service(web::resource("/rules/{id:\\d+}/trial").route(web::get().to(try_rules)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        list_rules,
        draft_rules,
        show_rules,
        show_toml,
        change_rules,
        activate_rules,
        retire_rules,
        try_rules,
        pause_rule,
        list_runs,
        retry_run
    ),
    components(schemas(
        RulesVersions,
        RulesVersion,
        RulesDocument,
        RulesTrial,
        RuleTrial,
        RulePause,
        RuleRuns,
        RuleRun,
        RuleStep,
        RuleSet,
        Rule,
        Trigger,
        Join,
        Condition,
        On,
        Step,
        Whom,
        WaitUnit,
        Otherwise
    ))
)]
pub struct Api;

/// A version of the rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesVersion {
    pub id: i64,
    /// From 1.
    pub number: i64,
    pub state: RulesState,
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

impl RulesVersion {
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
pub struct RulesVersions {
    /// The latest first.
    pub items: Vec<RulesVersion>,
}

/// A version with its rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesDocument {
    #[serde(flatten)]
    pub version: RulesVersion,
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

async fn answer(
    kernel: &Kernel,
    id: i64,
    mut response: actix_web::HttpResponseBuilder,
) -> Result<HttpResponse, Problem> {
    let row = store::version(&mut kernel.db.read().await?, id).await?.ok_or_else(Problem::not_found)?;
    let tag = (header::ETAG, format!("\"{}\"", row.edition));
    Ok(response.insert_header(tag).json(RulesDocument { version: RulesVersion::of(&row)?, rules: row.rules()? }))
}

/// The document of a request: TOML if it says so, else JSON.
async fn document(req: &HttpRequest, payload: web::Payload) -> Result<Vec<Rule>, Problem> {
    check_csrf(req, None)?;
    let body = read_body(req, payload.into_inner(), LIMIT).await?;
    let text = String::from_utf8(body.to_vec()).map_err(|e| RulesError::Unreadable(e.to_string()))?;
    Ok(formats::read(&text)?)
}

/// Lists the versions of the rules.
#[utoipa::path(get, path = "/rules", tag = "automation", security(("bearer" = [])),
    responses((status = 200, body = RulesVersions), (status = 403, description = "Only administrators")))]
async fn list_rules(kernel: web::Data<Kernel>, caller: Caller) -> Result<web::Json<RulesVersions>, Problem> {
    caller.require(Permission::Administer)?;
    let rows = store::versions(&mut kernel.db.read().await?).await?;
    Ok(web::Json(RulesVersions { items: rows.iter().map(RulesVersion::of).collect::<Result<_, _>>()? }))
}

/// Begins a draft with given rules, as JSON or as TOML.
#[utoipa::path(post, path = "/rules", tag = "automation", request_body(content((RuleSet = "application/json"), (String = "application/toml"))),
    security(("bearer" = [])),
    responses((status = 201, description = "The draft; its edition is the ETag", body = RulesDocument),
        (status = 422, description = "The document cannot be read")))]
async fn draft_rules(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let rules = document(&req, payload).await?;
    let id = manage::prepare(&kernel, who, Begin::With(rules)).await?;
    answer(&kernel, id, HttpResponse::Created()).await
}

/// Shows a version.
#[utoipa::path(get, path = "/rules/{id}", tag = "automation", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, description = "The version; its edition is the ETag", body = RulesDocument), (status = 404)))]
async fn show_rules(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    answer(&kernel, *id, HttpResponse::Ok()).await
}

/// Shows the rules of a version as TOML.
#[utoipa::path(get, path = "/rules/{id}/toml", tag = "automation", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, content_type = "application/toml", body = String), (status = 404)))]
async fn show_toml(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let row = store::version(&mut kernel.db.read().await?, *id).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().content_type("application/toml; charset=utf-8").body(formats::to_toml(&row.rules()?)?))
}

/// Puts other rules in the place of a draft's. `If-Match` names the edition they replace.
#[utoipa::path(put, path = "/rules/{id}", tag = "automation", params(("id" = i64, Path)),
    request_body(content((RuleSet = "application/json"), (String = "application/toml"))), security(("bearer" = [])),
    responses((status = 200, body = RulesDocument), (status = 404), (status = 409, description = "It is no draft"),
        (status = 412, description = "Somebody changed it meanwhile"), (status = 422)))]
async fn change_rules(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let new = document(&req, payload).await?;
    manage::change(&kernel, who, *id, if_match(&req)?, move |rules| *rules = new).await?;
    answer(&kernel, *id, HttpResponse::Ok()).await
}

/// Brings a version into force, or back into force.
#[utoipa::path(post, path = "/rules/{id}/activate", tag = "automation", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204, description = "In force"), (status = 404), (status = 409, description = "It is in force"),
        (status = 412, description = "Somebody changed it meanwhile"), (status = 422, description = "A rule is wrong")))]
async fn activate_rules(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    manage::activate(&kernel, &caller.0, *id, if_match(&req)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes the rules in force out of it, and ends what they began.
#[utoipa::path(post, path = "/rules/{id}/retire", tag = "automation", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204, description = "Retired"), (status = 404), (status = 409, description = "It is not in force")))]
async fn retire_rules(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    manage::retire(&kernel, &caller.0, *id).await?;
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

/// What a rule would have done.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleTrial {
    pub rule: String,
    /// How often it would have started.
    pub starts: usize,
    /// Tracking codes, the latest first, 200 at most.
    pub codes: Vec<String>,
    pub then: Vec<Step>,
}

/// What a version would have done.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesTrial {
    /// Events that some rule names.
    pub events: usize,
    /// Whether the period has more than were looked at.
    pub cut: bool,
    pub rules: Vec<RuleTrial>,
}

/// Tries a version on the events of a period; nothing is changed.
#[utoipa::path(get, path = "/rules/{id}/trial", tag = "automation", params(("id" = i64, Path), TrialParams), security(("bearer" = [])),
    responses((status = 200, body = RulesTrial), (status = 404), (status = 422, description = "The days are none")))]
async fn try_rules(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    params: web::Query<TrialParams>,
) -> Result<web::Json<RulesTrial>, Problem> {
    caller.require(Permission::Administer)?;
    let row = store::version(&mut kernel.db.read().await?, *id).await?.ok_or_else(Problem::not_found)?;
    let zone = kernel.config.zone();
    let begin = |day: Date| {
        let at = day.to_zoned(zone.clone()).map_err(|_| Problem::field("from", "invalid"))?;
        Ok::<_, Problem>(Instant::from(at.timestamp()))
    };
    let end = params.to.tomorrow().map_err(|_| Problem::field("to", "invalid"))?;
    let rules = row.rules()?;
    let mut found = trial::run(&kernel, &rules, begin(params.from)?, begin(end)?).await?;
    let of = |(place, rule): (usize, Rule)| {
        let of = found.rules.remove(&place).unwrap_or_default();
        let codes = of.tickets.into_iter().map(|one| one.code).collect();
        RuleTrial { rule: rule.name, starts: of.starts, codes, then: rule.then }
    };
    let rules = rules.into_iter().enumerate().map(of).collect();
    Ok(web::Json(RulesTrial { events: found.events, cut: found.cut, rules }))
}

/// A rule to be paused, or to go on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulePause {
    /// Name.
    pub rule: String,
    pub paused: bool,
    /// Whether what was held meanwhile is done now; else it is dropped.
    #[serde(default)]
    pub run_held: bool,
}

/// Pauses a rule, or lets it go on.
#[utoipa::path(post, path = "/rules/pauses", tag = "automation", request_body = RulePause, security(("bearer" = [])),
    responses((status = 204), (status = 404, description = "No such rule is in force, or it is not paused")))]
async fn pause_rule(kernel: web::Data<Kernel>, caller: Caller, body: Json<RulePause>) -> Result<HttpResponse, Problem> {
    let RulePause { rule, paused, run_held } = body.value;
    if paused {
        manage::pause(&kernel, &caller.0, &rule).await?;
    } else {
        let held = if run_held { Held::Run } else { Held::Drop };
        manage::resume(&kernel, &caller.0, &rule, held).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunParams {
    /// Name of a rule.
    #[serde(default)]
    rule: String,
    /// `pending`, `waiting`, `held`, `done`, `failed` or `stopped`.
    #[serde(default)]
    state: String,
    /// Tracking code.
    #[serde(default)]
    ticket: String,
    /// Only runs before this id.
    before: Option<i64>,
}

/// What a step came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleStep {
    /// Place, from 0.
    pub step: i64,
    pub kind: String,
    /// `done`, `waiting`, `skipped`, `ended` or `failed`.
    pub result: String,
    /// Codes and states.
    pub detail: String,
    pub at: String,
}

/// A rule at work for one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleRun {
    pub id: i64,
    pub rule: String,
    /// Number of the version.
    pub version: i64,
    pub event: String,
    pub ticket: String,
    pub state: String,
    /// Why it stopped or failed; a stable name.
    pub reason: String,
    /// Rules whose effects stand before it.
    pub depth: i64,
    pub created_at: String,
    /// When it goes on, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    pub steps: Vec<RuleStep>,
}

/// What rules did.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleRuns {
    /// The latest first.
    pub items: Vec<RuleRun>,
    pub more: bool,
}

/// Lists what rules did, the latest first.
#[utoipa::path(get, path = "/rules/runs", tag = "automation", params(RunParams), security(("bearer" = [])),
    responses((status = 200, body = RuleRuns), (status = 403)))]
async fn list_runs(
    kernel: web::Data<Kernel>,
    caller: Caller,
    params: web::Query<RunParams>,
) -> Result<web::Json<RuleRuns>, Problem> {
    caller.require(Permission::Administer)?;
    let params = params.into_inner();
    let filter = store::Filter {
        rule: params.rule,
        state: params.state,
        code: params.ticket,
        before: params.before.unwrap_or(i64::MAX),
    };
    let mut conn = kernel.db.read().await?;
    let (rows, more) = page_of(store::runs(&mut conn, &filter, SHOWN + 1).await?, SHOWN);
    let steps = match (rows.last(), rows.first()) {
        (Some(last), Some(first)) => store::steps_of(&mut conn, last.id, first.id).await?,
        _ => Vec::new(),
    };
    let of = |row: store::LogRow| RuleRun {
        steps: steps
            .iter()
            .filter(|step| step.run_id == row.id)
            .map(|step| RuleStep {
                step: step.step,
                kind: step.kind.clone(),
                result: step.result.clone(),
                detail: step.detail.clone(),
                at: step.at.rfc3339(),
            })
            .collect(),
        until: (row.state == "waiting").then(|| row.run_at.rfc3339()),
        id: row.id,
        rule: row.rule,
        version: row.number,
        event: row.event_kind,
        ticket: row.code,
        state: row.state,
        reason: row.reason,
        depth: row.depth,
        created_at: row.created_at.rfc3339(),
    };
    Ok(web::Json(RuleRuns { items: rows.into_iter().map(of).collect(), more }))
}

/// Lets a run that failed try its step again.
#[utoipa::path(post, path = "/rules/runs/{id}/retry", tag = "automation", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 404, description = "No such run failed")))]
async fn retry_run(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    manage::retry(&kernel, &caller.0, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
