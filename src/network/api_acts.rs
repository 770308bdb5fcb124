//! JSON: what units and the front office do with a leg after it was sent, and who may do what.
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::api::LegDone;
use super::ask::{self, Question};
use super::door::Door;
use super::model::Asked;
use super::purposes::{self, Act, Grant, Holder};
use super::return_leg::{self, NotOurs};
use super::works::{self, Stage, Works};
use super::{accept, answer, follow, inform, steps, views, withdraw};
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};
use crate::tickets::Ticket;

/// Mounts the endpoints, relative to `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    let mut post = |act: &str, route: actix_web::Route| {
        cfg.service(web::resource(format!("/tickets/{{code}}/legs/{{number}}/{act}")).route(route));
    };
    post("acceptance", web::post().to(accept_leg));
    post("refusal", web::post().to(refuse_leg));
    post("question", web::post().to(ask_more));
    post("works", web::post().to(announce_works));
    post("information", web::post().to(inform_unit));
    post("approval", web::post().to(approve_question));
    post("recall", web::post().to(recall_leg));
    post("follow", web::post().to(follow_leg));
    cfg.service(web::resource("/purposes").route(web::get().to(permissions)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        accept_leg,
        refuse_leg,
        ask_more,
        announce_works,
        inform_unit,
        approve_question,
        recall_leg,
        follow_leg,
        permissions
    ),
    components(schemas(Acceptance, Refusal, MoreQuestion, WorksTold, Information, Approval, Recall, PurposeRow))
)]
pub struct Api;

type Kernels = web::Data<Kernel>;
type Leg = web::Path<(String, i64)>;

/// A unit takes charge.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Acceptance {
    /// Who takes charge; the caller when empty.
    signed: String,
}

/// A unit is not competent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    reason: String,
    /// Slug of the unit it belongs to, if that is known.
    #[serde(default)]
    suggests: String,
    #[serde(default)]
    signed: String,
}

/// A unit needs to know more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoreQuestion {
    text: String,
    of: Asked,
    #[serde(default)]
    signed: String,
    /// Names this question among the leg's: sent twice, it is stored once.
    #[serde(default)]
    key: String,
}

/// A unit tells how far works are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorksTold {
    /// The day they are planned for, `YYYY-MM-DD`; without it they are done.
    planned: Option<String>,
    /// For the front office; the citizen is told the day only.
    #[serde(default)]
    text: String,
    #[serde(default)]
    signed: String,
    #[serde(default)]
    key: String,
}

/// What a unit asked to know.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Information {
    text: String,
}

/// A unit's question goes to the citizen.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    /// Other words for the question; the unit's own when empty.
    text: String,
}

/// The front office takes a leg back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    reason: String,
}

/// Whether somebody with a part in a request may do something.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurposeRow {
    holder: Holder,
    act: Act,
    grant: Grant,
}

fn door(caller: &Caller, path: Leg) -> Result<Door, Problem> {
    if !caller.0.role.may(Permission::WorkTickets) {
        caller.require(Permission::AnswerLegs)?;
    }
    let (code, number) = path.into_inner();
    Ok(Door::account(&caller.0, &code, number))
}

fn signed(text: String, caller: &Caller) -> String {
    if text.is_empty() { caller.0.name.clone() } else { text }
}

/// An agent, and the code of a ticket as it is stored.
async fn agent<'c>(kernel: &Kernel, caller: &'c Caller, code: &str) -> Result<(&'c Principal, String), Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    Ok((who, views::ticket_by_code(&mut conn, code).await?.code))
}

/// What became of a leg that the use case does not give back.
async fn done(kernel: &Kernel, who: &Principal, ticket: Ticket, number: i64) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let leg = answer::visible_leg(&mut conn, who, &ticket.code, number).await?;
    Ok(HttpResponse::Ok().json(LegDone::of(ticket, &leg)))
}

/// Take a leg in charge
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/acceptance", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = Acceptance,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg is over")))]
async fn accept_leg(
    kernel: Kernels,
    caller: Caller,
    path: Leg,
    body: Json<Acceptance>,
) -> Result<HttpResponse, Problem> {
    let door = door(&caller, path)?;
    let (ticket, leg) = accept::accept(&kernel, &door, &signed(body.value.signed, &caller)).await?;
    Ok(HttpResponse::Ok().json(LegDone::of(ticket, &leg)))
}

/// Refuse a leg: not of the unit's competence
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/refusal", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = Refusal,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg is over, or the unit's days to refuse are"),
        (status = 422, description = "No reason, or an unknown unit")))]
async fn refuse_leg(kernel: Kernels, caller: Caller, path: Leg, body: Json<Refusal>) -> Result<HttpResponse, Problem> {
    let number = path.1;
    let door = door(&caller, path)?;
    let Refusal { reason, suggests, signed: by } = body.value;
    let why = NotOurs { reason, suggests, signed: signed(by, &caller) };
    let ticket = return_leg::return_leg(&kernel, &door, why).await?;
    done(&kernel, &caller.0, ticket, number).await
}

/// Ask the front office or the citizen for more
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/question", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = MoreQuestion,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg is over, or its kind does not permit it"),
        (status = 422, description = "No text")))]
async fn ask_more(
    kernel: Kernels,
    caller: Caller,
    path: Leg,
    body: Json<MoreQuestion>,
) -> Result<HttpResponse, Problem> {
    let door = door(&caller, path)?;
    let MoreQuestion { text, of, signed: by, key } = body.value;
    let (ticket, leg) = ask::ask(&kernel, &door, Question { text, of, signed: signed(by, &caller), key }).await?;
    Ok(HttpResponse::Ok().json(LegDone::of(ticket, &leg)))
}

/// Tell when works are planned, or that they are done
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/works", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = WorksTold,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg was refused or taken back"),
        (status = 422, description = "A day that cannot be read, or is over")))]
async fn announce_works(
    kernel: Kernels,
    caller: Caller,
    path: Leg,
    body: Json<WorksTold>,
) -> Result<HttpResponse, Problem> {
    let door = door(&caller, path)?;
    let WorksTold { planned, text, signed: by, key } = body.value;
    let stage = match planned.as_deref() {
        Some(day) => Stage::Planned(steps::planned(&kernel, day)?),
        None => Stage::Done,
    };
    let told = Works { text, signed: signed(by, &caller), files: Vec::new(), key, stage };
    let (ticket, leg) = works::tell_works(&kernel, &door, told).await?;
    Ok(HttpResponse::Ok().json(LegDone::of(ticket, &leg)))
}

/// Tell a unit what it asked
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/information", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = Information,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg"),
        (status = 409, description = "The unit asked nothing"),
        (status = 412, description = "The ticket was changed meanwhile")))]
async fn inform_unit(
    req: HttpRequest,
    kernel: Kernels,
    caller: Caller,
    path: Leg,
    body: Json<Information>,
) -> Result<HttpResponse, Problem> {
    let (who, code) = agent(&kernel, &caller, &path.0).await?;
    let (ticket, leg) = inform::inform(&kernel, who, &code, path.1, if_match(&req)?, &body.value.text).await?;
    Ok(HttpResponse::Ok().json(LegDone::of(ticket, &leg)))
}

/// Send a unit's question on to the citizen
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/approval", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = Approval,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg"),
        (status = 409, description = "No question waits for approval, or nothing leads to the citizen"),
        (status = 412, description = "The ticket was changed meanwhile")))]
async fn approve_question(
    req: HttpRequest,
    kernel: Kernels,
    caller: Caller,
    path: Leg,
    body: Json<Approval>,
) -> Result<HttpResponse, Problem> {
    let (who, code) = agent(&kernel, &caller, &path.0).await?;
    let ticket = ask::approve(&kernel, who, &code, path.1, if_match(&req)?, &body.value.text).await?;
    done(&kernel, who, ticket, path.1).await
}

/// Take a leg back
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/recall", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = Recall,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg"),
        (status = 409, description = "The leg is over"), (status = 412, description = "The ticket was changed meanwhile"),
        (status = 422, description = "No reason")))]
async fn recall_leg(
    req: HttpRequest,
    kernel: Kernels,
    caller: Caller,
    path: Leg,
    body: Json<Recall>,
) -> Result<HttpResponse, Problem> {
    let (who, code) = agent(&kernel, &caller, &path.0).await?;
    let ticket = withdraw::withdraw(&kernel, who, &code, path.1, if_match(&req)?, &body.value.reason).await?;
    done(&kernel, who, ticket, path.1).await
}

/// Send a refused leg to the unit that the refusal suggests
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/follow", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 201, body = LegDone), (status = 404, description = "No such leg"),
        (status = 409, description = "It was not refused with a suggestion, or somebody followed it already"),
        (status = 412, description = "The ticket was changed meanwhile")))]
async fn follow_leg(req: HttpRequest, kernel: Kernels, caller: Caller, path: Leg) -> Result<HttpResponse, Problem> {
    let (who, code) = agent(&kernel, &caller, &path.0).await?;
    let (ticket, leg) = follow::follow(&kernel, who, &code, path.1, if_match(&req)?).await?;
    Ok(HttpResponse::Created().json(LegDone::of(ticket, &leg)))
}

/// Who may do what with a request, by their part in it
#[utoipa::path(get, path = "/purposes", tag = "network", responses((status = 200, body = [PurposeRow])))]
async fn permissions(caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let rows = Holder::ALL.iter().flat_map(|&holder| {
        Act::ALL.iter().map(move |&act| PurposeRow { holder, act, grant: purposes::may(holder, act) })
    });
    Ok(HttpResponse::Ok().json(rows.collect::<Vec<_>>()))
}
