//! JSON: how units give out, what agents can, absences, the next ticket and priorities.
use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::absences::{NewAbsence, be_absent, come_back};
use super::model::{DeskAgent, Policy, Priority, PriorityReason, UnitPolicy, words};
use super::next::{Next, next};
use super::priority::{Decision, set};
use super::settings::{Readiness, set_agent, set_policy, set_ready};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Json};
use crate::kernel::time::Instant;
use crate::tickets::{Channel, State, Ticket};

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/assignment/units").route(web::get().to(units)))
        .service(web::resource("/assignment/units/{slug}").route(web::put().to(put_unit)))
        .service(web::resource("/assignment/agents").route(web::get().to(agents)))
        .service(web::resource("/assignment/agents/{id}").route(web::put().to(put_agent)))
        .service(web::resource("/assignment/agents/{id}/absences").route(web::post().to(post_absence)))
        .service(web::resource("/assignment/absences/{id}").route(web::delete().to(delete_absence)))
        .service(web::resource("/assignment/next").route(web::post().to(take_next)))
        .service(web::resource("/tickets/{code}/priority").route(web::put().to(put_priority)));
}

/// The documentation of these routes.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(units, put_unit, agents, put_agent, post_absence, delete_absence, take_next, put_priority),
    components(schemas(
        UnitOut,
        PolicyBody,
        AgentOut,
        AgentBody,
        AbsenceBody,
        AbsenceMade,
        GivenTicket,
        PriorityBody
    ))
)]
pub struct Api;

/// How a unit gives its tickets out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyBody {
    policy: Policy,
    /// How much an agent holds at once, 1 to 500.
    capacity: i64,
    /// Whoever lacks one of them gets none of its tickets.
    #[serde(default)]
    skills: Vec<String>,
    /// What a ticket of a channel weighs, 0 to 20; 1 where nothing is said.
    #[serde(default)]
    weights: BTreeMap<Channel, i64>,
    /// At which level it handles requests, 1 to 4; as its kind says without it.
    #[serde(default)]
    level: Option<i64>,
}

/// A unit and how it gives out.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitOut {
    unit: String,
    #[serde(flatten)]
    how: PolicyBody,
    /// Tickets that nobody has.
    free: i64,
}

/// How units give their tickets out
#[utoipa::path(get, path = "/assignment/units", tag = "tickets", security(("bearer" = [])), responses((status = 200, body = [UnitOut])))]
async fn units(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::TakeOver)?;
    let mut conn = kernel.db.read().await?;
    let (policies, free) = (store::policies(&mut conn).await?, store::free_counts(&mut conn).await?);
    let line = |unit: store::UnitLine| {
        let UnitPolicy { policy, capacity, skills, weights, level } = policies.of(unit.id);
        let how = PolicyBody { policy, capacity, skills, weights, level };
        UnitOut { free: free.get(&unit.id).copied().unwrap_or(0), unit: unit.slug, how }
    };
    let found = store::unit_lines(&mut conn).await?;
    Ok(HttpResponse::Ok().json(found.into_iter().map(line).collect::<Vec<_>>()))
}

/// Says how a unit gives its tickets out
#[utoipa::path(put, path = "/assignment/units/{slug}", tag = "tickets", params(("slug" = String, Path)), request_body = PolicyBody,
    security(("bearer" = [])), responses((status = 204), (status = 422, description = "out of range")))]
async fn put_unit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<PolicyBody>,
) -> Result<HttpResponse, Problem> {
    let PolicyBody { policy, capacity, skills, weights, level } = body.value;
    let skills = words(&skills.join(" "));
    set_policy(&kernel, &caller.0, &slug, UnitPolicy { policy, capacity, skills, weights, level }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What an agent can.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentBody {
    #[serde(default)]
    skills: Vec<String>,
    /// Empty: all.
    #[serde(default)]
    languages: Vec<String>,
    /// Empty: all.
    #[serde(default)]
    channels: Vec<Channel>,
    /// That of the unit without it.
    capacity: Option<i64>,
    /// Whether they take what is given out; as it is without it.
    ready: Option<bool>,
}

/// An agent and what they hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentOut {
    id: i64,
    name: String,
    skills: Vec<String>,
    languages: Vec<String>,
    channels: Vec<Channel>,
    capacity: Option<i64>,
    load: i64,
    ready: bool,
    /// Until when they are away, RFC 3339; null when they are there.
    away_until: Option<String>,
}

/// Who works tickets, and what they hold
#[utoipa::path(get, path = "/assignment/agents", tag = "tickets", security(("bearer" = [])), responses((status = 200, body = [AgentOut])))]
async fn agents(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::TakeOver)?;
    let mut conn = kernel.db.read().await?;
    let policies = store::policies(&mut conn).await?;
    let absences = store::absences_at(&mut conn, kernel.now()).await?;
    let mut found = Vec::new();
    for person in store::agent_lines(&mut conn).await? {
        let DeskAgent { skills, languages, channels, capacity, ready_since, .. } =
            store::agent(&mut conn, person.id).await?;
        let away = absences.iter().filter(|a| a.user_id == person.id).map(|a| a.to_at).max();
        found.push(AgentOut {
            id: person.id,
            name: person.name,
            skills,
            languages,
            channels,
            capacity,
            load: policies.load(&store::held(&mut conn, person.id).await?),
            ready: ready_since.is_some(),
            away_until: away.map(Instant::rfc3339),
        });
    }
    Ok(HttpResponse::Ok().json(found))
}

/// Says what an agent can
#[utoipa::path(put, path = "/assignment/agents/{id}", tag = "tickets", params(("id" = i64, Path)), request_body = AgentBody,
    security(("bearer" = [])), responses((status = 204), (status = 422, description = "out of range")))]
async fn put_agent(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<AgentBody>,
) -> Result<HttpResponse, Problem> {
    let AgentBody { skills, languages, channels, capacity, ready } = body.value;
    let agent = DeskAgent {
        user_id: *id,
        skills: words(&skills.join(" ")),
        languages: words(&languages.join(" ")),
        channels,
        capacity,
        ..DeskAgent::default()
    };
    set_agent(&kernel, &caller.0, agent).await?;
    if let Some(ready) = ready {
        set_ready(&kernel, &caller.0, *id, if ready { Readiness::Ready } else { Readiness::Busy }).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// An absence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceBody {
    /// RFC 3339.
    from: String,
    /// RFC 3339.
    to: String,
    /// Row id of who stands in; without it, tickets go back to their queue.
    substitute: Option<i64>,
    #[serde(default)]
    reason: String,
}

/// An absence that was written down.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbsenceMade {
    id: i64,
}

/// Writes an absence of an agent down
#[utoipa::path(post, path = "/assignment/agents/{id}/absences", tag = "tickets", params(("id" = i64, Path)), request_body = AbsenceBody,
    security(("bearer" = [])), responses((status = 201, body = AbsenceMade), (status = 422, description = "not a span, or no substitute")))]
async fn post_absence(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<AbsenceBody>,
) -> Result<HttpResponse, Problem> {
    let AbsenceBody { from, to, substitute, reason } = body.value;
    let at = |text: &str, field| Instant::parse(text).map_err(|_| Problem::field(field, "unreadable"));
    let new = NewAbsence {
        user_id: *id,
        from_at: at(&from, "from")?,
        to_at: at(&to, "to")?,
        substitute_id: substitute,
        reason,
    };
    let id = be_absent(&kernel, &caller.0, new).await?;
    Ok(HttpResponse::Created().json(AbsenceMade { id }))
}

/// Ends an absence now, or takes it back before it began
#[utoipa::path(delete, path = "/assignment/absences/{id}", tag = "tickets", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 404, description = "there is none, or it is over")))]
async fn delete_absence(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    come_back(&kernel, &caller.0, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A ticket after it was given to somebody, or got another priority.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenTicket {
    code: String,
    version: i64,
    state: State,
}

fn given(ticket: &Ticket) -> HttpResponse {
    let body = GivenTicket { code: ticket.code.clone(), version: ticket.version, state: ticket.state };
    HttpResponse::Ok().insert_header((header::ETAG, format!("\"{}\"", ticket.version))).json(body)
}

/// Takes the next ticket of one's units, in the order of priority and term
#[utoipa::path(post, path = "/assignment/next", tag = "tickets", security(("bearer" = [])), responses((status = 200, body = GivenTicket),
    (status = 204, description = "nothing waits that the caller may get"), (status = 409, description = "the caller holds as much as they can, or is away")))]
async fn take_next(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    Ok(match next(&kernel, &caller.0).await? {
        Next::Given(ticket) => given(&ticket),
        Next::Nothing => HttpResponse::NoContent().finish(),
        Next::Full { .. } => return Err(Problem::new(Kind::Conflict, "full", "you hold as much as you can")),
        Next::Away => return Err(Problem::new(Kind::Conflict, "absent", "you are written down as absent")),
    })
}

/// What priority a ticket shall have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorityBody {
    /// Without it, what follows from category and citizen.
    priority: Option<Priority>,
    /// `manual` (default) or `emergency`.
    because: Option<PriorityReason>,
    /// Becomes a note.
    reason: String,
    /// Version of the ticket it was decided on.
    version: Option<i64>,
}

/// Decides the priority of a ticket
#[utoipa::path(put, path = "/tickets/{code}/priority", tag = "tickets", params(("code" = String, Path)), request_body = PriorityBody,
    security(("bearer" = [])), responses((status = 200, body = GivenTicket), (status = 409, description = "changed meanwhile, or closed")))]
async fn put_priority(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<PriorityBody>,
) -> Result<HttpResponse, Problem> {
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let PriorityBody { priority, because, reason, version } = body.value;
    let decision = match priority {
        Some(priority) => Decision::Set(priority, because.unwrap_or(PriorityReason::Manual)),
        None => Decision::Automatic,
    };
    Ok(given(&set(&kernel, &caller.0, code.as_str(), version, decision, &reason).await?))
}
