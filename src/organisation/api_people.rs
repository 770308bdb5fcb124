//! JSON: referents of units, and when they are away.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::error::OrganisationError;
use super::model::{Absence, Rank, Referent};
use super::referents::{self, NewAbsence, NewReferent};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::kernel::time::Instant;

/// Mounts the endpoints, relative to `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/units/{slug}/referents").route(web::get().to(list)).route(web::post().to(add)))
        .service(web::resource("/referents/{id}").route(web::put().to(change)))
        .service(web::resource("/referents/{id}/end").route(web::post().to(end)))
        .service(web::resource("/referents/{id}/absences").route(web::post().to(be_absent)))
        .service(web::resource("/absences/{id}/end").route(web::post().to(come_back)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list, add, change, end, be_absent, come_back),
    components(schemas(ReferentOut, AbsenceOut, NewReferentIn, ReferentIn, NewAbsenceIn, Rank, PersonMade))
)]
pub struct Api;

/// A referent of a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferentOut {
    id: i64,
    name: String,
    email: String,
    phone: String,
    /// Whether the referent signs in.
    account: bool,
    rank: Rank,
    /// RFC 3339.
    valid_from: String,
    valid_to: Option<String>,
    /// Absences now and to come.
    absences: Vec<AbsenceOut>,
}

/// A time in which a referent is away.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbsenceOut {
    id: i64,
    /// RFC 3339.
    from: String,
    /// RFC 3339; the first instant at which the referent is back.
    to: String,
    /// Row id of the referent who stands in.
    substitute: Option<i64>,
    reason: String,
}

/// A referent to name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReferentIn {
    name: String,
    /// Empty to use the login of the account.
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    /// Login of the account; empty without one.
    #[serde(default)]
    login: String,
    rank: Rank,
    /// RFC 3339; now when absent.
    valid_from: Option<String>,
    valid_to: Option<String>,
}

/// What is written of a referent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferentIn {
    /// Slug of the unit.
    unit: String,
    name: String,
    /// Empty to use the login of the account.
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    /// Login of the account; empty without one.
    #[serde(default)]
    login: String,
    rank: Rank,
    /// RFC 3339; as it is when absent.
    valid_from: Option<String>,
    valid_to: Option<String>,
}

/// An absence to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAbsenceIn {
    /// RFC 3339.
    from: String,
    to: String,
    /// Row id of the referent who stands in.
    substitute: Option<i64>,
    #[serde(default)]
    reason: String,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonMade {
    id: i64,
}

fn instant(field: &str, text: &str) -> Result<Instant, Problem> {
    Instant::parse(text).map_err(|_| Problem::field(field, "not_an_instant"))
}

fn absence_out(absence: &Absence) -> AbsenceOut {
    AbsenceOut {
        id: absence.id,
        from: absence.from_at.rfc3339(),
        to: absence.to_at.rfc3339(),
        substitute: absence.substitute_id,
        reason: absence.reason.clone(),
    }
}

fn referent_out(referent: Referent, absences: &[Absence]) -> ReferentOut {
    let own = absences.iter().filter(|a| a.referent_id == referent.id);
    ReferentOut {
        id: referent.id,
        absences: own.map(absence_out).collect(),
        name: referent.name,
        email: referent.email,
        phone: referent.phone,
        account: referent.user_id.is_some(),
        rank: referent.rank,
        valid_from: referent.valid_from.rfc3339(),
        valid_to: referent.valid_to.map(Instant::rfc3339),
    }
}

/// Everybody who is or was referent of a unit
#[utoipa::path(get, path = "/units/{slug}/referents", tag = "organisation", params(("slug" = String, Path)),
    responses((status = 200, body = [ReferentOut]), (status = 404, description = "No such unit")))]
async fn list(kernel: web::Data<Kernel>, caller: Caller, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let unit = store::unit_by_slug(&mut conn, &slug).await?.ok_or_else(Problem::not_found)?;
    let found = store::referents_of(&mut conn, unit.id).await?;
    let absences = store::absences_of(&mut conn, unit.id, kernel.now()).await?;
    let out: Vec<ReferentOut> = found.into_iter().map(|referent| referent_out(referent, &absences)).collect();
    Ok(HttpResponse::Ok().json(out))
}

/// Name a referent of a unit
#[utoipa::path(post, path = "/units/{slug}/referents", tag = "organisation", params(("slug" = String, Path)),
    request_body = NewReferentIn, responses((status = 201, body = PersonMade), (status = 422, description = "Nobody could reach them")))]
async fn add(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<NewReferentIn>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let (now, new, slug) = (kernel.now(), body.value, slug.into_inner());
    let valid_from = new.valid_from.as_deref().map(|t| instant("valid_from", t)).transpose()?.unwrap_or(now);
    let valid_to = new.valid_to.as_deref().map(|t| instant("valid_to", t)).transpose()?;
    let id = kernel.db.write(move |tx| {
        Box::pin(async move {
            let unit = store::unit_by_slug(tx, &slug).await?.ok_or(OrganisationError::NotFound)?;
            let user_id = referents::account(tx, &new.login).await?;
            let NewReferentIn { name, email, phone, rank, .. } = new;
            let new = NewReferent { unit_id: unit.id, user_id, name, email, phone, rank, valid_from, valid_to };
            referents::save(tx, None, &new, actor, now).await
        })
    });
    Ok(HttpResponse::Created().json(PersonMade { id: id.await? }))
}

/// Change what is written of a referent
#[utoipa::path(put, path = "/referents/{id}", tag = "organisation", params(("id" = i64, Path)), request_body = ReferentIn,
    responses((status = 204), (status = 404, description = "No such referent"), (status = 422, description = "Nobody could reach them")))]
async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<ReferentIn>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let (now, id, sent) = (kernel.now(), *id, body.value);
    let valid_from = sent.valid_from.as_deref().map(|t| instant("valid_from", t)).transpose()?;
    let valid_to = sent.valid_to.as_deref().map(|t| instant("valid_to", t)).transpose()?;
    let written = kernel.db.write(move |tx| {
        Box::pin(async move {
            let before = store::written_referent(tx, id).await?.ok_or(OrganisationError::NotFound)?;
            let unknown = OrganisationError::Invalid { field: "unit", wrong: "unknown" };
            let unit_id = store::unit_by_slug(tx, &sent.unit).await?.ok_or(unknown)?.id;
            let user_id = referents::account(tx, &sent.login).await?;
            let ReferentIn { name, email, phone, rank, .. } = sent;
            let valid_from = valid_from.unwrap_or(before.valid_from);
            let new = NewReferent { unit_id, user_id, name, email, phone, rank, valid_from, valid_to };
            referents::save(tx, Some(id), &new, actor, now).await
        })
    });
    written.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End the time of a referent now
#[utoipa::path(post, path = "/referents/{id}/end", tag = "organisation", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "No such referent, or over")))]
async fn end(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let (now, id) = (kernel.now(), *id);
    kernel.db.write(move |tx| Box::pin(async move { referents::end(tx, id, actor, now).await })).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Write when a referent is away, and who stands in
#[utoipa::path(post, path = "/referents/{id}/absences", tag = "organisation", params(("id" = i64, Path)),
    request_body = NewAbsenceIn, responses((status = 201, body = PersonMade), (status = 422, description = "Not a time, or nobody who could stand in")))]
async fn be_absent(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<NewAbsenceIn>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let (now, new) = (kernel.now(), body.value);
    let absence = NewAbsence {
        referent_id: *id,
        from_at: instant("from", &new.from)?,
        to_at: instant("to", &new.to)?,
        substitute_id: new.substitute,
        reason: new.reason,
    };
    let made = kernel
        .db
        .write(move |tx| Box::pin(async move { referents::be_absent(tx, &absence, actor, now).await }))
        .await?;
    Ok(HttpResponse::Created().json(PersonMade { id: made }))
}

/// Take an absence back, or end it now
#[utoipa::path(post, path = "/absences/{id}/end", tag = "organisation", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "No such absence, or over")))]
async fn come_back(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let (now, id) = (kernel.now(), *id);
    kernel.db.write(move |tx| Box::pin(async move { referents::return_early(tx, id, actor, now).await })).await?;
    Ok(HttpResponse::NoContent().finish())
}
