//! JSON: sources, a trial, and what they know of a person or a ticket.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::ask::{About, Looked, Lookups, ask, try_out};
use super::model::{Answer, Source, Values};
use super::store::{self, SourceRow};
use super::{LookupError, save};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/lookups").route(web::get().to(list_lookups)))
        .service(web::resource("/lookups/{slug}").route(web::get().to(show_lookup)).route(web::put().to(save_lookup)))
        .service(web::resource("/lookups/{slug}/trial").route(web::post().to(try_lookup)))
        .service(web::resource("/persons/{id}/lookups").route(web::get().to(lookups_of_person)))
        .service(web::resource("/tickets/{code}/lookups").route(web::get().to(lookups_of_ticket)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list_lookups, show_lookup, save_lookup, try_lookup, lookups_of_person, lookups_of_ticket),
    components(schemas(SourceOut, SourcesOut, Source, TrialIn, AnswerOut, ValueOut, AnswersOut))
)]
pub struct Api;

/// A source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LookupSourceOut)]
pub struct SourceOut {
    pub slug: String,
    pub version: i64,
    pub source: Source,
}

impl SourceOut {
    fn of(row: SourceRow) -> Result<Self, LookupError> {
        let source = row.source()?;
        Ok(Self { slug: row.slug, version: row.version, source })
    }
}

/// The sources.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LookupSources)]
pub struct SourcesOut {
    /// By slug.
    pub items: Vec<SourceOut>,
}

/// Lists the sources.
#[utoipa::path(get, path = "/lookups", tag = "lookups", security(("bearer" = [])),
    responses((status = 200, body = SourcesOut), (status = 403, description = "The caller does not administer")))]
async fn list_lookups(kernel: web::Data<Kernel>, caller: Caller) -> Result<web::Json<SourcesOut>, Problem> {
    caller.require(Permission::Administer)?;
    let rows = store::all(&mut kernel.db.read().await?).await?;
    Ok(web::Json(SourcesOut { items: rows.into_iter().map(SourceOut::of).collect::<Result<_, _>>()? }))
}

async fn answer(kernel: &Kernel, slug: &str) -> Result<HttpResponse, Problem> {
    let row = store::by_slug(&mut kernel.db.read().await?, slug).await?.ok_or(LookupError::Missing)?;
    let etag = format!("\"{}\"", row.version);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag)).json(SourceOut::of(row)?))
}

/// Shows a source.
#[utoipa::path(get, path = "/lookups/{slug}", tag = "lookups", params(("slug" = String, Path)), security(("bearer" = [])),
    responses((status = 200, description = "The source; its version is the ETag", body = SourceOut), (status = 404)))]
async fn show_lookup(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    answer(&kernel, &slug).await
}

/// Saves a source. `If-Match` names the version it replaces; without it, whatever is there.
#[utoipa::path(put, path = "/lookups/{slug}", tag = "lookups", params(("slug" = String, Path)), request_body = Source,
    security(("bearer" = [])),
    responses((status = 200, body = SourceOut), (status = 403, description = "The caller does not administer"),
        (status = 412, description = "Somebody saved it meanwhile"), (status = 422, description = "A value is not acceptable")))]
async fn save_lookup(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    req: HttpRequest,
    body: Json<Source>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let there = store::by_slug(&mut kernel.db.read().await?, &slug).await?.map_or(0, |row| row.version);
    save(&kernel, &caller.0, &slug, if_match(&req)?.unwrap_or(there), body.value).await?;
    answer(&kernel, &slug).await
}

/// What a trial asks with.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LookupTrial)]
#[serde(deny_unknown_fields)]
pub struct TrialIn {
    /// By name: `fiscal_code`, `phone`, `email`, `external`, `ticket_code`, `category`, `field.<name>`.
    pub values: Values,
}

/// A value with its label.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LookupValue)]
pub struct ValueOut {
    pub label: String,
    pub value: String,
}

/// What a source answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LookupAnswer)]
pub struct AnswerOut {
    pub source: String,
    pub name: String,
    /// `found`, `nothing`, `lacks` (a value of the person or ticket is not known), or why there is no answer: `silent`,
    /// `refused`, `unreadable`, `unset`.
    pub state: String,
    /// What is lacking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
    pub rows: Vec<Vec<ValueOut>>,
}

impl AnswerOut {
    fn of(slug: String, source: &Source, answer: Answer) -> Self {
        let row = |values: Vec<String>| {
            let both = source.fields.iter().zip(values);
            both.map(|(field, value)| ValueOut { label: field.label.clone(), value }).collect()
        };
        let (state, lacks, rows) = match answer {
            Answer::Rows(rows) if rows.is_empty() => ("nothing", None, Vec::new()),
            Answer::Rows(rows) => ("found", None, rows.into_iter().map(row).collect()),
            Answer::Lacks(name) => ("lacks", Some(name), Vec::new()),
            Answer::Failed(failure) => (failure.as_str(), None, Vec::new()),
        };
        Self { source: slug, name: source.name.clone(), state: state.to_owned(), lacks, rows }
    }
}

/// What all sources answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LookupAnswers)]
pub struct AnswersOut {
    pub items: Vec<AnswerOut>,
}

impl AnswersOut {
    fn of(looked: Vec<Looked>) -> web::Json<Self> {
        let one = |look: Looked| AnswerOut::of(look.slug, &look.source, look.answer);
        web::Json(Self { items: looked.into_iter().map(one).collect() })
    }
}

/// Asks a source with given values; nothing is kept.
#[utoipa::path(post, path = "/lookups/{slug}/trial", tag = "lookups", params(("slug" = String, Path)), request_body = TrialIn,
    security(("bearer" = [])),
    responses((status = 200, body = AnswerOut), (status = 403, description = "The caller does not administer"), (status = 404)))]
async fn try_lookup(
    kernel: web::Data<Kernel>,
    lookups: web::Data<Lookups>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<TrialIn>,
) -> Result<web::Json<AnswerOut>, Problem> {
    caller.require(Permission::Administer)?;
    let row = store::by_slug(&mut kernel.db.read().await?, &slug).await?.ok_or(LookupError::Missing)?;
    let source = row.source()?;
    let answer = try_out(&kernel, &lookups, &caller.0, &source, &body.value.values).await?;
    Ok(web::Json(AnswerOut::of(row.slug, &source, answer)))
}

/// Asks all sources about a person.
#[utoipa::path(get, path = "/persons/{id}/lookups", tag = "lookups", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = AnswersOut), (status = 403, description = "The caller does not work tickets"), (status = 404)))]
async fn lookups_of_person(
    kernel: web::Data<Kernel>,
    lookups: web::Data<Lookups>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<web::Json<AnswersOut>, Problem> {
    Ok(AnswersOut::of(ask(&kernel, &lookups, &caller.0, &About::Person(*id)).await?))
}

/// Asks all sources about a ticket and its person.
#[utoipa::path(get, path = "/tickets/{code}/lookups", tag = "lookups", params(("code" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = AnswersOut), (status = 403, description = "The caller does not work tickets"), (status = 404)))]
async fn lookups_of_ticket(
    kernel: web::Data<Kernel>,
    lookups: web::Data<Lookups>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<web::Json<AnswersOut>, Problem> {
    Ok(AnswersOut::of(ask(&kernel, &lookups, &caller.0, &About::Ticket(code.into_inner())).await?))
}
