//! JSON: proposals to hand over.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::store::{self, Of};
use super::{Passed, accept, pass, refuse, withdraw};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::tickets::{Ticket, TicketError};

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/tickets/{code}/hand-over").route(web::post().to(hand_over)))
        .service(web::resource("/hand-overs").route(web::get().to(waiting)))
        .service(web::resource("/hand-overs/{id}/answer").route(web::post().to(answer)));
}

/// The documentation of these routes.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(hand_over, waiting, answer),
    components(schemas(NewHandOver, HandOverDone, HandOverOut, HandOverAnswer, AnswerKind))
)]
pub struct Api;

/// To whom a ticket shall go, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandOver {
    /// Slug of a unit.
    unit: String,
    reason: String,
    /// Version of the ticket it was decided on.
    version: Option<i64>,
}

/// What it came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandOverDone {
    code: String,
    version: i64,
    /// Whether the other unit has still to accept; the owner stays until then.
    proposed: bool,
}

/// A proposal that waits for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandOverOut {
    id: i64,
    ticket_code: String,
    /// Row ids of units.
    from: i64,
    to: i64,
    reason: String,
    /// RFC 3339.
    due_at: String,
}

/// What a unit says to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    Accept,
    Refuse,
    /// The owner takes it back.
    Withdraw,
}

/// An answer to a proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverAnswer {
    answer: AnswerKind,
    /// Needed to refuse.
    #[serde(default)]
    reason: String,
}

fn done(ticket: &Ticket, proposed: bool) -> HttpResponse {
    HttpResponse::Ok().json(HandOverDone { code: ticket.code.clone(), version: ticket.version, proposed })
}

/// Hands a ticket over, or proposes it to a unit that the caller does not belong to
#[utoipa::path(post, path = "/tickets/{code}/hand-over", tag = "tickets", params(("code" = String, Path)), request_body = NewHandOver,
    security(("bearer" = [])), responses((status = 200, body = HandOverDone), (status = 422, description = "no reason, no such unit, or asked already")))]
async fn hand_over(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<NewHandOver>,
) -> Result<HttpResponse, Problem> {
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let NewHandOver { unit, reason, version } = body.value;
    Ok(match pass(&kernel, &caller.0, code.as_str(), version, &unit, &reason).await? {
        Passed::HandedOver(ticket) => done(&ticket, false),
        Passed::Proposed(ticket) => done(&ticket, true),
    })
}

/// Proposals that wait for the caller's units
#[utoipa::path(get, path = "/hand-overs", tag = "tickets", security(("bearer" = [])), responses((status = 200, body = [HandOverOut])))]
async fn waiting(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let rows = store::open(&mut conn, Of::To(&who.units), kernel.now(), 200).await?;
    let line = |row: store::Listed| HandOverOut {
        id: row.id,
        ticket_code: row.code,
        from: row.from_unit_id,
        to: row.to_unit_id,
        reason: row.reason,
        due_at: row.due_at.rfc3339(),
    };
    Ok(HttpResponse::Ok().json(rows.into_iter().map(line).collect::<Vec<_>>()))
}

/// Answers a proposal
#[utoipa::path(post, path = "/hand-overs/{id}/answer", tag = "tickets", params(("id" = i64, Path)), request_body = HandOverAnswer,
    security(("bearer" = [])), responses((status = 200, body = HandOverDone), (status = 404, description = "nothing waits any more")))]
async fn answer(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<HandOverAnswer>,
) -> Result<HttpResponse, Problem> {
    let HandOverAnswer { answer, reason } = body.value;
    let ticket: Result<Ticket, TicketError> = match answer {
        AnswerKind::Accept => accept(&kernel, &caller.0, *id).await,
        AnswerKind::Refuse => refuse(&kernel, &caller.0, *id, &reason).await,
        AnswerKind::Withdraw => withdraw(&kernel, &caller.0, *id).await,
    };
    Ok(done(&ticket?, false))
}
