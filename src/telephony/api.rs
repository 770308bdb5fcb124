//! JSON: calls, and the telephones of agents.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::model::{AgentRow, Attempt, CallRow, CallbackRow, Post, Presence};
use super::pausing::{self, Lines, PauseOut, tape};
use super::presence::{PhoneChange, change};
use super::route::sees;
use super::{PhoneError, Telephony, callbacks as promises, recordings, store, uploads};
use crate::identity;
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::page_of;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::tickets;

const PAGE: i64 = 50;
const MOST: i64 = 200;

/// Mounts the endpoints, relative to `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/calls").route(web::get().to(list)))
        .service(web::resource("/calls/{id}/recording").route(web::put().to(pausing::put)))
        .service(web::resource("/callbacks").route(web::get().to(callbacks)))
        .service(web::resource("/callbacks/{id}/attempts").route(web::post().to(log_attempt)))
        .service(web::resource("/phone/agents").route(web::get().to(agents)))
        .service(web::resource("/phone/agents/{login}").route(web::put().to(put_agent)))
        .service(web::resource("/phone/agents/{login}/states").route(web::get().to(agent_states)))
        .service(web::resource("/recordings/{id}").route(web::get().to(recordings::read)))
        .service(web::resource("/voicemails").route(web::post().to(uploads::post)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        list,
        pausing::put,
        callbacks,
        log_attempt,
        agents,
        put_agent,
        agent_states,
        recordings::read,
        uploads::post
    ),
    components(schemas(
        CallOut,
        CallsOut,
        RecordingOut,
        PauseOut,
        pausing::RecordingIn,
        CallbackOut,
        AttemptIn,
        AgentOut,
        AgentIn,
        StateOut,
        uploads::BroughtOut,
        Presence,
        Post,
        Attempt
    ))
)]
pub struct Api;

/// A call.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallOut {
    id: i64,
    /// Its name at whoever told of it.
    call: String,
    account: String,
    /// `in`, `out`; empty when not told.
    direction: String,
    /// As told; empty when withheld.
    from: String,
    to: String,
    queue: String,
    /// Extension that rings, talks or talked last.
    agent: String,
    /// `waiting`, `ringing`, `talking`, `ended`.
    stage: String,
    /// `answered`, `missed`, `abandoned`, `voicemail`, `closed`, `busy`, `failed`; empty while it goes on.
    outcome: String,
    started_at: String,
    answered_at: Option<String>,
    ended_at: Option<String>,
    wait_seconds: Option<i64>,
    talk_seconds: Option<i64>,
    recordings: Vec<RecordingOut>,
    /// `on` or `paused` while somebody talks and is recorded.
    recording: Option<&'static str>,
    /// Pauses in the recording, in order.
    pauses: Vec<PauseOut>,
    /// Code of the ticket it became a contact of.
    ticket: Option<String>,
}

/// A recording.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordingOut {
    /// Its name at the teller.
    recording: String,
    seconds: Option<u32>,
    /// A message for us, not the recording of a talk.
    voicemail: bool,
}

/// Calls, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallsOut {
    calls: Vec<CallOut>,
    /// Where the list goes on, if it does.
    next: Option<i64>,
}

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
struct Shown {
    /// Only those that go on.
    #[serde(default)]
    live: bool,
    /// Row id before which the list goes on.
    before: Option<i64>,
    /// At most 200.
    limit: Option<i64>,
}

/// An agent's telephone.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentOut {
    login: String,
    name: String,
    /// Name under which edge and exchange know it.
    extension: String,
    /// SIP address or number that rings; empty: nothing does.
    address: String,
    post: String,
    skills: Vec<String>,
    languages: Vec<String>,
    state: String,
    /// Why they pause; may be empty.
    reason: String,
    since: String,
    /// Until when they finish what their last call left to do; they are not rung before.
    wrap_until: Option<String>,
}

/// What is to change of a telephone; what is missing stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentIn {
    state: Option<Presence>,
    extension: Option<String>,
    address: Option<String>,
    post: Option<Post>,
    skills: Option<Vec<String>>,
    languages: Option<Vec<String>>,
    /// Why they pause: one of the configured reasons.
    reason: Option<String>,
    /// More seconds to finish what the last call left to do.
    more_wrap: Option<u32>,
}

/// From when on an agent is in a state.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateOut {
    /// `ready`, `pause`, `off`, `wrap`.
    state: String,
    reason: String,
    at: String,
}

/// A promise to call somebody back.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallbackOut {
    id: i64,
    /// Code of the ticket.
    ticket: String,
    number: String,
    /// `missed`, `voicemail`.
    reason: String,
    due_at: String,
    /// `open`, `done`, `called_again`, `given_up`, `dropped`.
    state: String,
    /// Attempts that counted: those before the office opens do not.
    attempts: i64,
    /// Once it was given up: the channel by which the citizen was told, or `none`.
    told: Option<String>,
}

/// What came of an attempt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttemptIn {
    outcome: Attempt,
}

fn callback_out(row: CallbackRow) -> CallbackOut {
    CallbackOut {
        id: row.id,
        ticket: row.code,
        number: row.number,
        reason: row.reason,
        due_at: row.due_at.rfc3339(),
        state: row.state,
        attempts: row.attempts,
        told: Some(row.told).filter(|told| !told.is_empty()),
    }
}

pub(super) async fn out(conn: &mut Conn, lines: &dyn Lines, row: CallRow) -> Result<CallOut, StoreError> {
    let ticket = match row.ticket_id {
        Some(id) => tickets::store::by_id(conn, id).await?.map(|t| t.code),
        None => None,
    };
    let pauses = match row.answered_at {
        Some(_) => store::pauses(conn, row.id).await?.into_iter().map(PauseOut::from).collect(),
        None => Vec::new(),
    };
    Ok(CallOut {
        id: row.id,
        recording: tape(lines, &row).map(|tape| if tape.paused { "paused" } else { "on" }),
        pauses,
        recordings: serde_json::from_str(&row.recordings).unwrap_or_default(),
        started_at: row.started_at.rfc3339(),
        answered_at: row.answered_at.map(|at| at.rfc3339()),
        ended_at: row.ended_at.map(|at| at.rfc3339()),
        call: row.call,
        account: row.account,
        direction: row.direction,
        from: row.caller,
        to: row.called,
        queue: row.queue,
        agent: row.agent,
        stage: row.stage,
        outcome: row.outcome,
        wait_seconds: row.wait_seconds,
        talk_seconds: row.talk_seconds,
        ticket,
    })
}

fn agent_out(row: AgentRow) -> AgentOut {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    AgentOut {
        skills: words(&row.skills),
        languages: words(&row.languages),
        login: row.login,
        name: row.name,
        extension: row.extension,
        address: row.address,
        post: row.post,
        state: row.state,
        reason: row.reason,
        since: row.since.rfc3339(),
        wrap_until: row.wrap_until.map(|at| at.rfc3339()),
    }
}

/// Calls, the newest first
#[utoipa::path(get, path = "/calls", tag = "telephony", params(Shown),
    responses((status = 200, body = CallsOut)), security(("bearer" = [])))]
async fn list(
    kernel: web::Data<Kernel>,
    telephony: web::Data<Telephony>,
    lines: web::Data<dyn Lines>,
    caller: Caller,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let seer = telephony.seer(&caller.0).await?;
    let mut conn = kernel.db.read().await?;
    let limit = shown.limit.unwrap_or(PAGE).clamp(1, MOST);
    let (rows, more) = if shown.live {
        (store::live_calls(&mut conn).await?, false)
    } else {
        page_of(store::last_calls(&mut conn, shown.before.unwrap_or(i64::MAX), limit + 1).await?, limit)
    };
    let next = rows.last().map(|row| row.id).filter(|_| more);
    let mut calls = Vec::with_capacity(rows.len());
    for row in rows.into_iter().filter(|row| sees(&kernel.config.phone, &seer, row)) {
        calls.push(out(&mut conn, lines.get_ref(), row).await?);
    }
    Ok(HttpResponse::Ok().json(CallsOut { calls, next }))
}

/// Open promises to call back, the first due first
#[utoipa::path(get, path = "/callbacks", tag = "telephony", responses((status = 200, body = [CallbackOut])),
    security(("bearer" = [])))]
async fn callbacks(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let open: Vec<CallbackOut> = store::open_callbacks(&mut conn, MOST).await?.into_iter().map(callback_out).collect();
    Ok(HttpResponse::Ok().json(open))
}

/// Logs what an attempt to call somebody back came to
#[utoipa::path(post, path = "/callbacks/{id}/attempts", tag = "telephony", params(("id" = i64, Path)),
    request_body = AttemptIn, responses((status = 200, body = CallbackOut),
        (status = 404, description = "There is no such open promise")), security(("bearer" = [])))]
async fn log_attempt(
    telephony: web::Data<Telephony>,
    caller: Caller,
    id: web::Path<i64>,
    Json { value, .. }: Json<AttemptIn>,
) -> Result<HttpResponse, Problem> {
    let row = promises::attempt(&telephony, &caller.0, *id, value.outcome).await?;
    Ok(HttpResponse::Ok().json(callback_out(row)))
}

/// The telephones of all agents
#[utoipa::path(get, path = "/phone/agents", tag = "telephony", responses((status = 200, body = [AgentOut])),
    security(("bearer" = [])))]
async fn agents(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let all: Vec<AgentOut> = store::agents(&mut conn).await?.into_iter().map(agent_out).collect();
    Ok(HttpResponse::Ok().json(all))
}

/// When an agent took calls, paused and finished calls, the newest first
#[utoipa::path(get, path = "/phone/agents/{login}/states", tag = "telephony", params(("login" = String, Path)),
    responses((status = 200, body = [StateOut]), (status = 404)), security(("bearer" = [])))]
async fn agent_states(
    kernel: web::Data<Kernel>,
    caller: Caller,
    login: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let mut conn = kernel.db.read().await?;
    let user = identity::user_id(&mut conn, &login.to_lowercase()).await?.ok_or(PhoneError::NotFound)?;
    let rows = store::states(&mut conn, user, MOST).await?.into_iter();
    let all: Vec<StateOut> = rows.map(|(state, reason, at)| StateOut { state, reason, at: at.rfc3339() }).collect();
    Ok(HttpResponse::Ok().json(all))
}

/// Changes an agent's telephone: whether it takes calls, and where it is
#[utoipa::path(put, path = "/phone/agents/{login}", tag = "telephony", params(("login" = String, Path)),
    request_body = AgentIn, responses((status = 200, body = AgentOut), (status = 404),
        (status = 409, description = "Another agent has this extension"),
        (status = 422, description = "A value is not acceptable")), security(("bearer" = [])))]
async fn put_agent(
    kernel: web::Data<Kernel>,
    caller: Caller,
    login: web::Path<String>,
    Json { value, .. }: Json<AgentIn>,
) -> Result<HttpResponse, Problem> {
    // Who may do nothing with telephones does not learn who has one.
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let user = identity::user_id(&mut conn, &login.to_lowercase()).await?.ok_or(PhoneError::NotFound)?;
    drop(conn);
    let joined = |words: Option<Vec<String>>| words.map(|w| w.join(" "));
    let new = PhoneChange {
        state: value.state,
        extension: value.extension,
        address: value.address,
        post: value.post,
        skills: joined(value.skills),
        languages: joined(value.languages),
        reason: value.reason,
        more_wrap: value.more_wrap,
    };
    Ok(HttpResponse::Ok().json(agent_out(change(&kernel, &caller.0, user, new).await?)))
}
