//! JSON for another body's system: it answers the legs of its unit with a token that opens nothing else. The address
//! of a leg is its code, slash included: `/legs/ABC-DEF-GHJ/1`.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::content::{self, LegBody};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::network::answer::{self, Meaning, Written};
use crate::network::model::{LegState, leg_code};
use crate::network::return_leg::{NotOurs, return_leg};
use crate::network::{Door, LegError, seen};
use crate::tickets::store as ticket_store;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/legs/{code}/{number}").route(web::get().to(show)))
        .service(web::resource("/legs/{code}/{number}/received").route(web::post().to(received)))
        .service(web::resource("/legs/{code}/{number}/answer").route(web::post().to(answer)))
        .service(web::resource("/legs/{code}/{number}/progress").route(web::post().to(progress)))
        .service(web::resource("/legs/{code}/{number}/refuse").route(web::post().to(refuse)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(show, received, answer, progress, refuse),
    components(schemas(LegBody, BodyMessage, BodyRefusal, LegStanding, content::LegCitizen, content::LegFile))
)]
pub struct Api;

/// What a body writes about a leg.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BodyMessage {
    text: String,
    /// The body's own code for the leg.
    #[serde(default)]
    code: String,
    /// Who signs it.
    #[serde(default)]
    signed: String,
    /// Names this message among the leg's: sent twice, it is stored once.
    #[serde(default)]
    key: String,
}

/// Why a leg is not the body's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BodyRefusal {
    reason: String,
    #[serde(default)]
    signed: String,
}

/// Where a leg stands.
#[derive(Debug, Serialize, ToSchema)]
struct LegStanding {
    /// `ABC-DEF-GHJ/1`.
    leg: String,
    state: LegState,
    /// The body's own code, when known.
    code: String,
}

/// A leg of the caller's unit
#[utoipa::path(get, path = "/legs/{code}/{number}", operation_id = "body_leg", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = LegBody), (status = 404, description = "No such leg, or not one of the caller's")))]
async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::AnswerLegs)?;
    let (code, number) = path.into_inner();
    let mut conn = kernel.db.read().await?;
    let leg = answer::visible_leg(&mut conn, who, &code, number).await?;
    drop(conn);
    let own = kernel.get_ref().clone();
    let body = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let ticket = ticket_store::by_id(tx, leg.ticket_id).await?.ok_or(LegError::NotFound)?;
                content::leg_body(tx, &own, &ticket, &leg, false, own.now()).await
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(body))
}

/// Tell that a leg was received
#[utoipa::path(post, path = "/legs/{code}/{number}/received", operation_id = "body_received", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = LegStanding), (status = 404, description = "No such leg, or not one of the caller's")))]
async fn received(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::AnswerLegs)?;
    let (code, number) = path.into_inner();
    let leg = answer::visible_leg(&mut kernel.db.read().await?, who, &code, number).await?;
    seen::note(&kernel, &leg, who.actor.clone()).await?;
    standing(&kernel, &caller, &code, number).await
}

/// Answer a leg
#[utoipa::path(post, path = "/legs/{code}/{number}/answer", operation_id = "body_answer", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = BodyMessage, security(("bearer" = [])),
    responses((status = 200, body = LegStanding), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg was withdrawn"), (status = 422, description = "No text")))]
async fn answer(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    body: Json<BodyMessage>,
) -> Result<HttpResponse, Problem> {
    write(&kernel, &caller, path.into_inner(), body.value, Meaning::Answer).await
}

/// Tell how a leg goes on
#[utoipa::path(post, path = "/legs/{code}/{number}/progress", operation_id = "body_progress", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = BodyMessage, security(("bearer" = [])),
    responses((status = 200, body = LegStanding), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg was withdrawn"), (status = 422, description = "No text")))]
async fn progress(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    body: Json<BodyMessage>,
) -> Result<HttpResponse, Problem> {
    write(&kernel, &caller, path.into_inner(), body.value, Meaning::Progress).await
}

/// Give a leg back: not of the unit's competence
#[utoipa::path(post, path = "/legs/{code}/{number}/refuse", operation_id = "body_refuse", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = BodyRefusal, security(("bearer" = [])),
    responses((status = 200, body = LegStanding), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg is over"), (status = 422, description = "No reason")))]
async fn refuse(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    body: Json<BodyRefusal>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::AnswerLegs)?;
    let (code, number) = path.into_inner();
    let signed = if body.value.signed.is_empty() { who.name.clone() } else { body.value.signed };
    let why = NotOurs { reason: body.value.reason, signed, ..NotOurs::default() };
    return_leg(&kernel, &Door::account(who, &code, number), why).await?;
    standing(&kernel, &caller, &code, number).await
}

async fn write(
    kernel: &Kernel,
    caller: &Caller,
    (code, number): (String, i64),
    message: BodyMessage,
    meaning: Meaning,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::AnswerLegs)?;
    let written = Written {
        text: message.text,
        files: Vec::new(),
        external_code: message.code,
        signed: if message.signed.is_empty() { who.name.clone() } else { message.signed },
        key: message.key,
        meaning,
        ..Written::default()
    };
    answer::write(kernel, &Door::account(who, &code, number), written).await?;
    standing(kernel, caller, &code, number).await
}

async fn standing(kernel: &Kernel, caller: &Caller, code: &str, number: i64) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let leg = answer::visible_leg(&mut conn, &caller.0, code, number).await?;
    let ticket = ticket_store::by_id(&mut conn, leg.ticket_id).await?.ok_or(LegError::NotFound)?;
    Ok(HttpResponse::Ok().json(LegStanding {
        leg: leg_code(&ticket.code, leg.number),
        state: leg.state,
        code: leg.external_code,
    }))
}
