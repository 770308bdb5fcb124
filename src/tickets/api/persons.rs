//! Persons: their identifiers, two that are one, and what is still to be confirmed.
use actix_web::{HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::outbox;
use crate::people::file;
use crate::people::merging::store as people_store;
use crate::tickets::persons;

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonBody {
    pub id: i64,
    pub name: String,
    pub identifiers: Vec<IdentifierBody>,
    /// Given for them without proof: they find nobody and prove nothing until confirmed.
    pub unconfirmed: Vec<ClaimBody>,
    /// Who goes on in their place; identifiers and tickets are there.
    pub merged_into: Option<i64>,
    /// Those who go on as this person.
    pub merged: Vec<i64>,
    /// What they said of notices by text message, for each of their numbers; nothing where they said nothing.
    pub consents: Vec<ConsentBody>,
}

/// Whether somebody wants notices.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentBody {
    /// `sms`.
    pub channel: String,
    /// In normal form.
    pub address: String,
    /// `given` or `withdrawn`.
    pub state: String,
    /// `word`, `form`, `assisted`, `tracking` or `desk`.
    pub source: String,
    /// RFC 3339.
    pub at: String,
}

/// What somebody said of notices.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRequest {
    /// One of their numbers, in normal form.
    pub address: String,
    pub given: bool,
}

/// Writes down whether a person wants notices by text message to one of their numbers.
#[utoipa::path(tag = "tickets", params(("id" = i64, Path)), request_body = ConsentRequest, security(("bearer" = [])),
    responses((status = 200, body = PersonBody), (status = 404, description = "no such person, or not their number")))]
#[put("/persons/{id}/consents")]
pub async fn put_consent(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<i64>,
    body: Json<ConsentRequest>,
) -> Result<HttpResponse, Problem> {
    persons::set_consent(&kernel, &caller.0, *path, &body.value.address, body.value.given).await?;
    body_of(&kernel, *path).await
}

/// A way to reach or recognise somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentifierBody {
    /// email, phone, pec, fax, fiscal_code or external.
    pub kind: String,
    /// In normal form.
    pub value: String,
}

/// An identifier to be confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimBody {
    pub id: i64,
    pub kind: String,
    pub value: String,
    /// RFC 3339.
    pub claimed_at: String,
}

async fn body_of(kernel: &Kernel, id: i64) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let file = file::read(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let merged = people_store::merged(&mut conn, id).await?;
    let mut consents = Vec::new();
    for phone in file.identifiers.iter().filter(|i| i.kind == "phone") {
        let latest = outbox::consents(&mut conn, outbox::SMS, &phone.value).await?.into_iter().next();
        consents.extend(latest.map(|row| ConsentBody {
            channel: outbox::SMS.to_owned(),
            address: phone.value.clone(),
            state: row.state,
            source: row.source,
            at: row.at.rfc3339(),
        }));
    }
    Ok(HttpResponse::Ok().json(PersonBody {
        id,
        consents,
        name: file.person.name,
        identifiers: file.identifiers.into_iter().map(|i| IdentifierBody { kind: i.kind, value: i.value }).collect(),
        unconfirmed: file
            .claims
            .into_iter()
            .map(|c| ClaimBody { id: c.id, kind: c.kind, value: c.value, claimed_at: c.created_at.rfc3339() })
            .collect(),
        merged_into: file.person.merged_into_id,
        merged: merged.into_iter().map(|m| m.id).collect(),
    }))
}

/// A person with all identifiers.
#[utoipa::path(tag = "tickets", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = PersonBody), (status = 404, description = "no such person")))]
#[get("/persons/{id}")]
pub async fn get_person(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    body_of(&kernel, *path).await
}

/// Who goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonMergeRequest {
    /// Row id of the person who goes on.
    pub into: i64,
}

/// Merges a person into another and answers the one who goes on.
#[utoipa::path(tag = "tickets", params(("id" = i64, Path)), request_body = PersonMergeRequest, security(("bearer" = [])),
    responses((status = 200, body = PersonBody), (status = 409, description = "merged meanwhile"),
        (status = 422, description = "the same person")))]
#[post("/persons/{id}/merge")]
pub async fn merge_person(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<i64>,
    body: Json<PersonMergeRequest>,
) -> Result<HttpResponse, Problem> {
    persons::merge(&kernel, &caller.0, *path, body.value.into).await?;
    let mut conn = kernel.db.read().await?;
    let live = people_store::live(&mut conn, body.value.into).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    body_of(&kernel, live).await
}

/// Parts a merged person again and answers them, with the identifiers, tickets and contacts that were theirs.
#[utoipa::path(tag = "tickets", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = PersonBody),
        (status = 409, description = "not merged, or the other was itself merged since")))]
#[post("/persons/{id}/unmerge")]
pub async fn unmerge_person(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    persons::part(&kernel, &caller.0, *path).await?;
    body_of(&kernel, *path).await
}

/// Confirms an identifier: from now on it is the person's as any other.
#[utoipa::path(tag = "tickets", params(("id" = i64, Path), ("claim" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = PersonBody), (status = 404, description = "nothing to confirm"),
        (status = 409, description = "it belongs to another: `person` says to whom")))]
#[post("/persons/{id}/unconfirmed/{claim}/confirm")]
pub async fn confirm_identifier(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, Problem> {
    let (person, claim) = path.into_inner();
    persons::confirm(&kernel, &caller.0, person, claim).await?;
    body_of(&kernel, person).await
}

/// Rejects an identifier.
#[utoipa::path(tag = "tickets", params(("id" = i64, Path), ("claim" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = PersonBody), (status = 404, description = "nothing to reject")))]
#[post("/persons/{id}/unconfirmed/{claim}/reject")]
pub async fn reject_identifier(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, Problem> {
    let (person, claim) = path.into_inner();
    persons::reject(&kernel, &caller.0, person, claim).await?;
    body_of(&kernel, person).await
}
