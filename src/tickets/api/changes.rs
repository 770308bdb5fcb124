//! Changing tickets. Each answers with the ticket as it is now and its new version.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::read::{code, line};
use crate::kernel::Kernel;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};
use crate::tickets::classify::Classification;
use crate::tickets::close::Closing;
use crate::tickets::model::{Outcome, RequestKind, Ticket};
use crate::tickets::reply::{Reply, Then, Way};
use crate::tickets::{self, Channel};

pub(super) async fn answer(kernel: &Kernel, ticket: &Ticket) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let body = line(&mut conn, ticket).await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, format!("\"{}\"", ticket.version))).json(body))
}

/// Takes a ticket; 409 names the colleague who was faster.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 409, description = "taken by another")))]
#[post("/tickets/{code}/take")]
pub async fn take(kernel: web::Data<Kernel>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let ticket = tickets::assign::take(&kernel, &caller.0, code(&path)?.as_str(), None).await?;
    answer(&kernel, &ticket).await
}

/// An answer to the citizen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyRequest {
    pub text: String,
    /// Code of the sheet the text comes from.
    pub sheet: Option<String>,
    /// `email` when absent.
    #[serde(default)]
    pub way: ReplyWay,
    /// `stay` when absent.
    #[serde(default)]
    pub then: AfterReply,
}

/// How an answer reaches the citizen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyWay {
    #[default]
    Email,
    Phone,
    Counter,
}

/// What happens to the ticket after an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterReply {
    #[default]
    Stay,
    WaitForCitizen,
    Close,
}

/// Answers the citizen.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = ReplyRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 412, description = "stale version")))]
#[post("/tickets/{code}/replies")]
pub async fn reply(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    req: HttpRequest,
    body: Json<ReplyRequest>,
) -> Result<HttpResponse, Problem> {
    let request = body.value;
    let reply = Reply {
        text: request.text,
        sheet: request.sheet.clone(),
        files: Vec::new(),
        way: match request.way {
            ReplyWay::Email => Way::Email,
            ReplyWay::Phone => Way::Spoken(Channel::Phone),
            ReplyWay::Counter => Way::Spoken(Channel::Counter),
        },
        then: match request.then {
            AfterReply::Stay => Then::Stay,
            AfterReply::WaitForCitizen => Then::Wait,
            AfterReply::Close => Then::Close(Closing { outcome: Outcome::Answered, sheet: request.sheet }),
        },
    };
    let ticket = tickets::reply::reply(&kernel, &caller.0, code(&path)?.as_str(), if_match(&req)?, reply).await?;
    answer(&kernel, &ticket).await
}

/// An internal note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    pub text: String,
}

/// Writes an internal note.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = NoteRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine)))]
#[post("/tickets/{code}/notes")]
pub async fn note(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    body: Json<NoteRequest>,
) -> Result<HttpResponse, Problem> {
    let ticket = tickets::note::note(&kernel, &caller.0, code(&path)?.as_str(), &body.value.text, Vec::new()).await?;
    answer(&kernel, &ticket).await
}

/// What a classification sets; absent values stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyRequest {
    /// Slug; empty removes the category.
    pub category: Option<String>,
    pub kind: Option<RequestKind>,
    pub subject: Option<String>,
}

/// Classifies a ticket.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = ClassifyRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 412, description = "stale version"),
        (status = 422, description = "unknown category")))]
#[post("/tickets/{code}/classification")]
pub async fn classify(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    req: HttpRequest,
    body: Json<ClassifyRequest>,
) -> Result<HttpResponse, Problem> {
    let ClassifyRequest { category, kind, subject } = body.value;
    let to = Classification { category, kind, subject };
    let ticket = tickets::classify::classify(&kernel, &caller.0, code(&path)?.as_str(), if_match(&req)?, to).await?;
    answer(&kernel, &ticket).await
}

/// Parks a ticket until the citizen answers.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 412, description = "stale version")))]
#[post("/tickets/{code}/wait")]
pub async fn wait(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let ticket = tickets::wait::wait_for_citizen(&kernel, &caller.0, code(&path)?.as_str(), if_match(&req)?).await?;
    answer(&kernel, &ticket).await
}

/// How a ticket is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseRequest {
    pub outcome: Outcome,
    /// Code of the sheet that answered it.
    pub sheet: Option<String>,
}

/// Closes a ticket.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = CloseRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 409, description = "closed already"),
        (status = 412, description = "stale version")))]
#[post("/tickets/{code}/close")]
pub async fn close(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    req: HttpRequest,
    body: Json<CloseRequest>,
) -> Result<HttpResponse, Problem> {
    let CloseRequest { outcome, sheet } = body.value;
    let ticket =
        tickets::close::close(&kernel, &caller.0, code(&path)?.as_str(), if_match(&req)?, Closing { outcome, sheet })
            .await?;
    answer(&kernel, &ticket).await
}

/// Reopens a ticket that was over.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 409, description = "not closed")))]
#[post("/tickets/{code}/reopen")]
pub async fn reopen(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let ticket = tickets::reopen::reopen(&kernel, &caller.0, code(&path)?.as_str(), if_match(&req)?).await?;
    answer(&kernel, &ticket).await
}
