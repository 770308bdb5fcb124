//! Joining, parting, moving and splitting tickets.
use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::changes::Asked;
use super::read::line;
use crate::kernel::problem::Problem;
use crate::kernel::request::Json;
use crate::tickets::merging::{self, Merge, Moving, Split};

/// Which ticket goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// Code of the ticket that goes on, in any spelling.
    pub into: String,
    /// Version of that ticket as the caller saw it; not checked when absent.
    pub into_version: Option<i64>,
    /// Kept as an internal note.
    #[serde(default)]
    pub reason: String,
}

/// Merges a ticket into another and answers the one that goes on. The merged ticket stays as a tombstone with
/// `merged_into`; `If-Match` names its version.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = MergeRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine),
        (status = 409, description = "merged already (`merged_into` says where), the other is closed, or a unit has still to answer"),
        (status = 412, description = "stale version"), (status = 422, description = "the same ticket, or unknown")))]
#[post("/tickets/{code}/merge")]
pub async fn merge(asked: Asked, body: Json<MergeRequest>) -> Result<HttpResponse, Problem> {
    let MergeRequest { into, into_version, reason } = body.value;
    let into = crate::kernel::codes::TrackingCode::parse(&into).map_err(|_| Problem::field("into", "unknown"))?;
    let how = Merge { version: asked.version, into: into.as_str().to_owned(), into_version, reason };
    let changed = merging::merge(&asked.kernel, &asked.who, &asked.code, how).await;
    asked.answer(changed).await
}

/// Why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmergeRequest {
    /// Kept as an internal note.
    #[serde(default)]
    pub reason: String,
}

/// Parts a merged ticket again and answers it: with its contacts, state, owner and assignee as they were.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = UnmergeRequest, security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine),
        (status = 409, description = "not merged, or the other was itself merged since"),
        (status = 412, description = "stale version")))]
#[post("/tickets/{code}/unmerge")]
pub async fn unmerge(asked: Asked, body: Json<UnmergeRequest>) -> Result<HttpResponse, Problem> {
    let reason = &body.value.reason;
    let changed = merging::unmerge(&asked.kernel, &asked.who, &asked.code, asked.version, reason).await;
    asked.answer(changed).await
}

/// Where a message goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveRequest {
    /// Code of the other ticket, in any spelling.
    pub to: String,
    /// Version of that ticket as the caller saw it; not checked when absent.
    pub to_version: Option<i64>,
    /// Kept as an internal note.
    #[serde(default)]
    pub reason: String,
}

/// Moves a contact to another ticket, which is answered; author and time stay.
#[utoipa::path(tag = "tickets", params(("code" = String, Path), ("contact" = i64, Path)), request_body = MoveRequest,
    security(("bearer" = [])),
    responses((status = 200, body = super::TicketLine),
        (status = 409, description = "of a leg, the last of the citizen, or the other ticket is closed"),
        (status = 412, description = "stale version")))]
#[post("/tickets/{code}/contacts/{contact}/move")]
pub async fn move_contact(
    asked: Asked,
    path: web::Path<(String, i64)>,
    body: Json<MoveRequest>,
) -> Result<HttpResponse, Problem> {
    let MoveRequest { to, to_version, reason } = body.value;
    let (_, contact) = path.into_inner();
    let to = crate::kernel::codes::TrackingCode::parse(&to).map_err(|_| Problem::field("to", "unknown"))?;
    let how = Moving { version: asked.version, to: to.as_str().to_owned(), to_version, reason };
    let changed = merging::move_contact(&asked.kernel, &asked.who, &asked.code, contact, how).await;
    asked.answer(changed).await
}

/// What becomes a ticket of its own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitRequest {
    /// Row ids of contacts.
    pub contacts: Vec<i64>,
    /// Of the new ticket; made from the first contact when absent.
    #[serde(default)]
    pub subject: String,
    /// Kept as an internal note.
    #[serde(default)]
    pub reason: String,
}

/// Makes a new ticket of some contacts and answers it; the two are linked.
#[utoipa::path(tag = "tickets", params(("code" = String, Path)), request_body = SplitRequest, security(("bearer" = [])),
    responses((status = 201, body = super::TicketLine),
        (status = 409, description = "of a leg, or nothing of the citizen would be left"),
        (status = 412, description = "stale version")))]
#[post("/tickets/{code}/split")]
pub async fn split(asked: Asked, body: Json<SplitRequest>) -> Result<HttpResponse, Problem> {
    let SplitRequest { contacts, subject, reason } = body.value;
    let how = Split { version: asked.version, contacts, subject, reason };
    let ticket = merging::split(&asked.kernel, &asked.who, &asked.code, how).await?;
    let mut conn = asked.kernel.db.read().await?;
    Ok(HttpResponse::Created().json(line(&mut conn, &ticket).await?))
}
