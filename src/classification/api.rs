//! JSON: versions of the classification, and what a ticket's category asks.
use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answers;
use super::drafts::{self, Base};
use super::fields::{Answers, Field};
use super::model::{Difference, Taxonomy, VersionState};
use super::store::{self, VersionRow};
use super::{activate, view};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};
use crate::kernel::time::Instant;
use crate::tickets;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/taxonomies").route(web::get().to(list_taxonomies)).route(web::post().to(draft_taxonomy)),
    )
    .service(web::resource("/taxonomies/in-force").route(web::get().to(taxonomy_in_force)))
    .service(
        web::resource("/taxonomies/{id:\\d+}")
            .route(web::get().to(show_taxonomy))
            .route(web::put().to(change_taxonomy)),
    )
    .service(web::resource("/taxonomies/{id:\\d+}/difference").route(web::get().to(compare_taxonomy)))
    .service(web::resource("/taxonomies/{id:\\d+}/activate").route(web::post().to(activate_taxonomy)))
    .service(
        web::resource("/tickets/{code}/fields")
            .route(web::get().to(ticket_fields))
            .route(web::put().to(set_ticket_fields)),
    );
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(
        list_taxonomies,
        draft_taxonomy,
        taxonomy_in_force,
        show_taxonomy,
        change_taxonomy,
        compare_taxonomy,
        activate_taxonomy,
        ticket_fields,
        set_ticket_fields
    ),
    components(schemas(
        TaxonomyVersions,
        TaxonomyVersion,
        TaxonomyDocument,
        NewTaxonomy,
        Activation,
        TicketFields,
        Taxonomy,
        Difference
    ))
)]
pub struct Api;

/// A version of a classification.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaxonomyVersion {
    pub id: i64,
    /// Slug of the classification.
    pub taxonomy: String,
    pub name: String,
    /// From 1, within the classification.
    pub number: i64,
    pub state: VersionState,
    /// Grows with each change; the ETag.
    pub edition: i64,
    /// RFC 3339, as all instants.
    pub created_at: String,
    /// Day of a planned activation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_at: Option<String>,
}

impl TaxonomyVersion {
    fn of(row: &VersionRow) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            taxonomy: row.taxonomy.clone(),
            name: row.name.clone(),
            number: row.number,
            state: row.state()?,
            edition: row.edition,
            created_at: row.created_at.rfc3339(),
            planned_on: row.planned_on.clone(),
            activated_at: row.activated_at.map(Instant::rfc3339),
            replaced_at: row.replaced_at.map(Instant::rfc3339),
        })
    }
}

/// The versions that were drafted, are in force, or were.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaxonomyVersions {
    /// The latest first.
    pub items: Vec<TaxonomyVersion>,
}

/// A version with what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaxonomyDocument {
    #[serde(flatten)]
    pub version: TaxonomyVersion,
    pub document: Taxonomy,
}

/// A version about to be drafted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaxonomy {
    /// Slug of its classification, which is made if there is none; such as `emergenza`.
    pub taxonomy: String,
    /// Its name, if it is new.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub name_en: String,
    pub document: Taxonomy,
}

/// When a version comes into force.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// A day to come, in the agency's zone; at once without it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
}

/// What a ticket's category asks, and what was answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketFields {
    pub fields: Vec<Field>,
    /// By name of the field.
    pub answers: Answers,
}

async fn answer(kernel: &Kernel, id: i64, mut to: actix_web::HttpResponseBuilder) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let row = store::version(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    to.insert_header((header::ETAG, format!("\"{}\"", row.edition)));
    Ok(to.json(TaxonomyDocument { version: TaxonomyVersion::of(&row)?, document: row.taxonomy()? }))
}

/// Lists the versions of all classifications.
#[utoipa::path(get, path = "/taxonomies", tag = "classification", security(("bearer" = [])),
    responses((status = 200, body = TaxonomyVersions), (status = 403, description = "The caller does not administer")))]
async fn list_taxonomies(kernel: web::Data<Kernel>, caller: Caller) -> Result<web::Json<TaxonomyVersions>, Problem> {
    caller.require(Permission::Administer)?;
    let rows = store::versions(&mut kernel.db.read().await?).await?;
    Ok(web::Json(TaxonomyVersions { items: rows.iter().map(TaxonomyVersion::of).collect::<Result<_, _>>()? }))
}

/// Drafts a version.
#[utoipa::path(post, path = "/taxonomies", tag = "classification", request_body = NewTaxonomy, security(("bearer" = [])),
    responses((status = 201, body = TaxonomyDocument), (status = 403, description = "The caller does not administer"),
        (status = 422, description = "A value is not acceptable")))]
async fn draft_taxonomy(
    kernel: web::Data<Kernel>,
    caller: Caller,
    body: Json<NewTaxonomy>,
) -> Result<HttpResponse, Problem> {
    let new = body.value;
    let base = Base::Document { slug: new.taxonomy, name: new.name, name_en: new.name_en, taxonomy: new.document };
    let id = drafts::prepare(&kernel, &caller.0, base).await?;
    answer(&kernel, id, HttpResponse::Created()).await
}

/// Shows the classification in force, for whoever works tickets.
#[utoipa::path(get, path = "/taxonomies/in-force", tag = "classification", security(("bearer" = [])),
    responses((status = 200, body = Taxonomy)))]
async fn taxonomy_in_force(kernel: web::Data<Kernel>, caller: Caller) -> Result<web::Json<Taxonomy>, Problem> {
    caller.require(Permission::ReadTickets)?;
    Ok(web::Json(store::in_force(&mut kernel.db.read().await?).await?))
}

/// Shows a version.
#[utoipa::path(get, path = "/taxonomies/{id}", tag = "classification", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, description = "The version; its edition is the ETag", body = TaxonomyDocument), (status = 404)))]
async fn show_taxonomy(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    answer(&kernel, *id, HttpResponse::Ok()).await
}

/// Puts another document in the place of a draft's. `If-Match` names the edition it replaces.
#[utoipa::path(put, path = "/taxonomies/{id}", tag = "classification", params(("id" = i64, Path)), request_body = Taxonomy,
    security(("bearer" = [])),
    responses((status = 200, body = TaxonomyDocument), (status = 404), (status = 409, description = "It is no draft"),
        (status = 412, description = "Somebody changed it meanwhile")))]
async fn change_taxonomy(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
    body: Json<Taxonomy>,
) -> Result<HttpResponse, Problem> {
    let document = body.value;
    drafts::change(&kernel, &caller.0, *id, if_match(&req)?, move |taxonomy, _| {
        *taxonomy = document;
        Ok(())
    })
    .await?;
    answer(&kernel, *id, HttpResponse::Ok()).await
}

/// Says how a version differs from what is in force.
#[utoipa::path(get, path = "/taxonomies/{id}/difference", tag = "classification", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = Difference), (status = 404)))]
async fn compare_taxonomy(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<web::Json<Difference>, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, *id).await?.ok_or_else(Problem::not_found)?;
    Ok(web::Json(version.taxonomy()?.difference(&store::in_force(&mut conn).await?)))
}

/// Brings a version into force, at once or on a day.
#[utoipa::path(post, path = "/taxonomies/{id}/activate", tag = "classification", params(("id" = i64, Path)), request_body = Activation,
    security(("bearer" = [])),
    responses((status = 204, description = "In force, or planned"), (status = 404), (status = 409, description = "It is in force"),
        (status = 412, description = "Somebody changed it meanwhile"), (status = 422, description = "Something is wrong with it")))]
async fn activate_taxonomy(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    req: HttpRequest,
    body: Json<Activation>,
) -> Result<HttpResponse, Problem> {
    let seen = if_match(&req)?;
    match body.value.on {
        None => activate::activate(&kernel, &caller.0, *id, seen).await?,
        Some(day) => activate::plan(&kernel, &caller.0, *id, seen, day).await?,
    }
    Ok(HttpResponse::NoContent().finish())
}

fn code(path: &str) -> Result<String, Problem> {
    TrackingCode::parse(path).map(|code| code.as_str().to_owned()).map_err(|_| Problem::not_found())
}

/// Shows what a ticket's category asks, and the answers.
#[utoipa::path(get, path = "/tickets/{code}/fields", tag = "classification", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = TicketFields), (status = 404)))]
async fn ticket_fields(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let ticket = tickets::store::by_code(&mut conn, &code(&path)?).await?.ok_or_else(Problem::not_found)?;
    let asked = answers::of_ticket(&mut conn, &ticket).await?;
    let tag = (header::ETAG, format!("\"{}\"", ticket.version));
    Ok(HttpResponse::Ok().insert_header(tag).json(TicketFields { fields: asked.fields, answers: asked.answers }))
}

/// Sets the answers of a ticket, in place of those it had. `If-Match` names the version of the ticket.
#[utoipa::path(put, path = "/tickets/{code}/fields", tag = "classification", params(("code" = String, Path)),
    request_body(content = Object, description = "Answers by name of the field: texts, numbers, true or false, lists of texts"),
    security(("bearer" = [])),
    responses((status = 200, body = TicketFields), (status = 404), (status = 412, description = "The ticket was changed meanwhile"),
        (status = 422, description = "An answer is not acceptable")))]
async fn set_ticket_fields(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    req: HttpRequest,
    body: Json<BTreeMap<String, serde_json::Value>>,
) -> Result<HttpResponse, Problem> {
    let given = view::of_json(&body.value)?;
    answers::set(&kernel, &caller.0, &code(&path)?, if_match(&req)?, given).await?;
    ticket_fields(kernel, caller, path).await
}
