//! Changing tickets. Each answers with the ticket as it is now and its new version.
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::read::{code, line};
use crate::kernel::Kernel;
use crate::kernel::permissions::Principal;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Json, if_match};
use crate::tickets::classify::Classification;
use crate::tickets::close::Closing;
use crate::tickets::model::{Outcome, RequestKind, Ticket};
use crate::tickets::reply::{Dispatch, Reply, Then, Way};
use crate::tickets::{self, Channel, TicketError};

/// What every change is made of: who asks, for which ticket, on which version of it.
pub struct Asked {
    pub(super) kernel: web::Data<Kernel>,
    pub(super) who: Principal,
    /// In its normal form.
    pub(super) code: String,
    pub(super) version: Option<i64>,
}

impl FromRequest for Asked {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(req, payload).into_inner();
        ready(caller.and_then(|caller| {
            let kernel = req.app_data::<web::Data<Kernel>>().cloned();
            Ok(Self {
                kernel: kernel.ok_or_else(|| Problem::new(Kind::Internal, "internal", "no kernel is mounted"))?,
                who: caller.0,
                code: code(req.match_info().query("code"))?.as_str().to_owned(),
                version: if_match(req)?,
            })
        }))
    }
}

impl Asked {
    /// The ticket as it is after the change.
    pub(super) async fn answer(&self, changed: Result<Ticket, TicketError>) -> Result<HttpResponse, Problem> {
        let ticket = changed?;
        let mut conn = self.kernel.db.read().await?;
        let body = line(&mut conn, &ticket).await?;
        Ok(HttpResponse::Ok().insert_header((header::ETAG, format!("\"{}\"", ticket.version))).json(body))
    }
}

/// Takes a ticket; 409 names the colleague who was faster.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 409, description = "taken by another")))]
#[post("/tickets/{code}/take")]
pub async fn take(asked: Asked) -> Result<HttpResponse, Problem> {
    let changed = tickets::assign::take(&asked.kernel, &asked.who, &asked.code, None).await;
    asked.answer(changed).await
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
    /// Name of the channel account by which it leaves, when `way` is `account`.
    #[serde(default)]
    pub account: String,
    /// Number or address it goes to, when `way` is `account`.
    #[serde(default)]
    pub to: String,
    /// Name and postal address, a line each, when the account prints letters.
    #[serde(default)]
    pub postal: String,
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
    /// By a channel account.
    Account,
}

/// What happens to the ticket after an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterReply {
    #[default]
    Stay,
    WaitForCitizen,
    /// It resolves it: the ticket closes by itself unless the citizen objects.
    Resolve,
    Close,
}

/// Answers the citizen.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = ReplyRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine),
        (status = 409, description = "closed, or `held_by_another`: a colleague is writing an answer"),
        (status = 412, description = "stale version")))]
#[post("/tickets/{code}/replies")]
pub async fn reply(asked: Asked, body: Json<ReplyRequest>) -> Result<HttpResponse, Problem> {
    let request = body.value;
    let reply = Reply {
        text: request.text,
        sheet: request.sheet.clone(),
        files: Vec::new(),
        way: match request.way {
            ReplyWay::Email => Way::Email,
            ReplyWay::Phone => Way::Spoken(Channel::Phone),
            ReplyWay::Counter => Way::Spoken(Channel::Counter),
            ReplyWay::Account => {
                Way::Account(Dispatch { account: request.account, to: request.to, postal: request.postal })
            }
        },
        then: match request.then {
            AfterReply::Stay => Then::Stay,
            AfterReply::WaitForCitizen => Then::Wait,
            AfterReply::Resolve => Then::Resolve(Closing { outcome: Outcome::Answered, sheet: request.sheet }),
            AfterReply::Close => Then::Close(Closing { outcome: Outcome::Answered, sheet: request.sheet }),
        },
    };
    let changed = tickets::reply::reply(&asked.kernel, &asked.who, &asked.code, asked.version, reply).await;
    asked.answer(changed).await
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
pub async fn note(asked: Asked, body: Json<NoteRequest>) -> Result<HttpResponse, Problem> {
    let changed = tickets::note::note(&asked.kernel, &asked.who, &asked.code, &body.value.text, Vec::new()).await;
    asked.answer(changed).await
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
pub async fn classify(asked: Asked, body: Json<ClassifyRequest>) -> Result<HttpResponse, Problem> {
    let ClassifyRequest { category, kind, subject } = body.value;
    let to = Classification { category, kind, subject };
    let changed = tickets::classify::classify(&asked.kernel, &asked.who, &asked.code, asked.version, to).await;
    asked.answer(changed).await
}

/// Parks a ticket until the citizen answers.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 412, description = "stale version")))]
#[post("/tickets/{code}/wait")]
pub async fn wait(asked: Asked) -> Result<HttpResponse, Problem> {
    let changed = tickets::wait::wait_for_citizen(&asked.kernel, &asked.who, &asked.code, asked.version).await;
    asked.answer(changed).await
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
    responses((status = 200, body = super::TicketLine), (status = 409, description = "closed already, or `held_by_another`: a colleague is writing an answer"),
        (status = 412, description = "stale version")))]
#[post("/tickets/{code}/close")]
pub async fn close(asked: Asked, body: Json<CloseRequest>) -> Result<HttpResponse, Problem> {
    let closing = Closing { outcome: body.value.outcome, sheet: body.value.sheet };
    let changed = tickets::close::close(&asked.kernel, &asked.who, &asked.code, asked.version, closing).await;
    asked.answer(changed).await
}

/// Reopens a ticket that was over.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 409, description = "not closed")))]
#[post("/tickets/{code}/reopen")]
pub async fn reopen(asked: Asked) -> Result<HttpResponse, Problem> {
    let changed = tickets::reopen::reopen(&asked.kernel, &asked.who, &asked.code, asked.version).await;
    asked.answer(changed).await
}
