//! Many reports of one thing: gathering tickets below one, and answering all.
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::changes::Asked;
use super::read::code;
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::tickets::incidents::{self, Gathering, Next, SharedAnswer};
use crate::tickets::{Outcome, store};

/// Tickets in one answer.
const PAGE: i64 = 200;
const ANSWERS: i64 = 20;

/// Which ticket gathers it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachRequest {
    /// Code of the ticket above, in any spelling.
    pub below: String,
    /// Kept as an internal note.
    #[serde(default)]
    pub reason: String,
}

/// Gathers a ticket below another, which is worked in its place; answers the one below. `If-Match` names its version.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = AttachRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine),
        (status = 409, description = "the ticket above is closed or itself below another, or this one is below another or has some below it"),
        (status = 412, description = "stale version"), (status = 422, description = "the same ticket, or unknown")))]
#[post("/tickets/{code}/attach")]
pub async fn attach(asked: Asked, body: Json<AttachRequest>) -> Result<HttpResponse, Problem> {
    let AttachRequest { below, reason } = body.value;
    let below = TrackingCode::parse(&below).map_err(|_| Problem::field("below", "unknown"))?;
    let how = Gathering { version: asked.version, below: below.as_str().to_owned(), reason };
    let changed = incidents::attach(&asked.kernel, &asked.who, &asked.code, how).await;
    asked.answer(changed).await
}

/// Why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetachRequest {
    /// Kept as an internal note.
    #[serde(default)]
    pub reason: String,
}

/// Lets a ticket go from below another.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = DetachRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 409, description = "below no ticket"),
        (status = 412, description = "stale version")))]
#[post("/tickets/{code}/detach")]
pub async fn detach(asked: Asked, body: Json<DetachRequest>) -> Result<HttpResponse, Problem> {
    let changed = incidents::detach(&asked.kernel, &asked.who, &asked.code, asked.version, &body.value.reason).await;
    asked.answer(changed).await
}

/// What happens to each ticket after an answer to all.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterAll {
    /// It stays in work.
    #[default]
    Stay,
    /// It closes by itself unless the citizen objects.
    Resolve,
    /// It is closed.
    Close,
}

/// One answer for many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerAllRequest {
    pub text: String,
    #[serde(default)]
    pub then: AfterAll,
    /// How each ends, when it does; `answered` when absent.
    pub outcome: Option<String>,
    /// Code of the sheet the text comes from.
    #[serde(default)]
    pub sheet: String,
}

/// Answers the citizens of a ticket and of all in work below it, each by their own channel. It is sent in the
/// background; `GET …/below` says how far it has come.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = AnswerAllRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine), (status = 409, description = "closed, or no ticket is below it"),
        (status = 412, description = "stale version"), (status = 422, description = "no text, unknown sheet or outcome")))]
#[post("/tickets/{code}/answer-all")]
pub async fn answer_all(asked: Asked, body: Json<AnswerAllRequest>) -> Result<HttpResponse, Problem> {
    let AnswerAllRequest { text, then, outcome, sheet } = body.value;
    let outcome = match outcome.as_deref() {
        None => Outcome::Answered,
        Some(text) => Outcome::from_text(text).ok_or_else(|| Problem::field("outcome", "unknown"))?,
    };
    let next = match then {
        AfterAll::Stay => Next::Stay,
        AfterAll::Resolve => Next::Resolve,
        AfterAll::Close => Next::Close,
    };
    let answer = SharedAnswer { text, next, outcome, sheet };
    let changed = incidents::answer_all(&asked.kernel, &asked.who, &asked.code, asked.version, answer).await;
    asked.answer(changed).await
}

/// Where the list goes on.
#[derive(Debug, Deserialize, IntoParams)]
pub struct After {
    /// Code of the last ticket that was read.
    pub after: Option<String>,
}

/// What is above and below a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct BelowBody {
    /// Code of the ticket above it.
    pub above: Option<String>,
    /// How many are below it, and how many of these are in work.
    pub count: i64,
    pub in_work: i64,
    /// At most 200, in the order they were opened.
    pub tickets: Vec<BelowTicket>,
    /// The latest answers to all, newest first.
    pub answers: Vec<SharedAnswerBody>,
}

/// A ticket below another.
#[derive(Debug, Serialize, ToSchema)]
pub struct BelowTicket {
    /// Tracking code, without separators.
    pub code: String,
    pub version: i64,
    pub subject: String,
    pub state: String,
}

/// An answer to all, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct SharedAnswerBody {
    /// RFC 3339.
    pub written_at: String,
    pub waiting: i64,
    pub sent: i64,
    /// Tickets whose citizen nothing leads to.
    pub unreached: i64,
    /// Tickets that were closed or merged meanwhile.
    pub refused: i64,
}

/// The ticket above one, those below it, and the answers to all of them.
#[utoipa::path(tag = "tickets", params(("code" = String, Path), After), security(("bearer" = [])),
    responses((status = 200, body = BelowBody), (status = 404, description = "no such ticket")))]
#[get("/tickets/{code}/below")]
pub async fn get_below(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    after: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let ticket = store::by_code(&mut conn, code(&path)?.as_str()).await?.ok_or_else(Problem::not_found)?;
    let after = match after.after.as_deref() {
        None => 0,
        Some(last) => store::by_code(&mut conn, code(last)?.as_str()).await?.ok_or_else(Problem::not_found)?.id,
    };
    let (count, in_work) = incidents::child_count(&mut conn, ticket.id).await?;
    let tickets = incidents::children(&mut conn, ticket.id, after, PAGE).await?.into_iter().map(|row| BelowTicket {
        code: row.code,
        version: row.version,
        subject: row.subject,
        state: row.state,
    });
    let tickets = tickets.collect();
    let answers = incidents::answers(&mut conn, ticket.id, ANSWERS).await?.into_iter().map(|row| SharedAnswerBody {
        written_at: row.written_at.rfc3339(),
        waiting: row.waiting,
        sent: row.sent,
        unreached: row.unreached,
        refused: row.refused,
    });
    let answers = answers.collect();
    let above = incidents::parent(&mut conn, ticket.id).await?.map(|row| row.code);
    Ok(HttpResponse::Ok().json(BelowBody { above, count, in_work, tickets, answers }))
}
