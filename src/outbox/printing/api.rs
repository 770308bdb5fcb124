//! JSON: letters to be printed and posted.
use actix_web::{HttpResponse, web};
use channels::paper::Sides;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::store::{self, Printing, Shelf};
use super::{Posted, batch, mark_printed, post, spoil};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};

/// Letters of one answer.
const MOST: i64 = 300;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/printings").route(web::get().to(list)))
        .service(web::resource("/printings/batch").route(web::post().to(take)))
        .service(web::resource("/printings/posted").route(web::post().to(confirm)))
        .service(web::resource("/printings/spoiled").route(web::post().to(again)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(list, take, confirm, again), components(schemas(PrintingOut, Batch, PostedIn, PostedList, Spoiled)))]
pub struct Api;

/// A letter that goes out.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrintingOut {
    /// Row id in the outbox.
    id: i64,
    /// `queued` until it is posted, then `sent`.
    state: String,
    recipient: String,
    address: String,
    ticket_code: String,
    pages: i64,
    queued_at: String,
    printed_at: Option<String>,
    /// How often it was taken to the printer.
    times: i64,
    posted_at: Option<String>,
    tracking: String,
}

impl From<Printing> for PrintingOut {
    fn from(p: Printing) -> Self {
        Self {
            address: p.address(),
            id: p.id,
            state: p.state,
            recipient: p.recipient,
            ticket_code: p.code,
            pages: p.sheets,
            queued_at: p.queued_at.rfc3339(),
            printed_at: p.printed_at.map(|at| at.rfc3339()),
            times: p.times,
            posted_at: p.posted_at.map(|at| at.rfc3339()),
            tracking: p.tracking,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
struct Wanted {
    /// `print`, `post`, `posted`.
    #[serde(default)]
    #[param(inline)]
    list: Shelf,
}

/// Letters to be printed in one file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    ids: Vec<i64>,
    /// Whether sheets are printed on both sides: each letter then begins on one of its own.
    #[serde(default)]
    both_sides: bool,
}

/// A letter that was posted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostedIn {
    id: i64,
    /// Number of the registered letter.
    #[serde(default)]
    tracking: String,
}

/// Letters that were posted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostedList {
    letters: Vec<PostedIn>,
}

/// Letters whose pages were spoiled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Spoiled {
    ids: Vec<i64>,
}

/// Letters that wait to be printed or posted, or were posted
#[utoipa::path(get, path = "/printings", tag = "letters", params(Wanted), security(("bearer" = [])),
    responses((status = 200, body = [PrintingOut])))]
async fn list(kernel: web::Data<Kernel>, caller: Caller, wanted: web::Query<Wanted>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let rows = store::list(&mut conn, wanted.list, MOST).await?;
    Ok(HttpResponse::Ok().json(rows.into_iter().map(PrintingOut::from).collect::<Vec<_>>()))
}

/// Takes letters to the printer: one PDF of all
#[utoipa::path(post, path = "/printings/batch", tag = "letters", request_body = Batch, security(("bearer" = [])),
    responses((status = 200, content_type = "application/pdf"), (status = 404), (status = 409), (status = 503)))]
async fn take(kernel: web::Data<Kernel>, caller: Caller, body: Json<Batch>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let sides = if body.value.both_sides { Sides::Both } else { Sides::One };
    let pdf = batch(&kernel, who, &body.value.ids, sides).await?;
    mark_printed(&kernel, who, &body.value.ids).await?;
    Ok(HttpResponse::Ok().content_type("application/pdf").body(pdf))
}

/// Says that letters were printed and posted
#[utoipa::path(post, path = "/printings/posted", tag = "letters", request_body = PostedList, security(("bearer" = [])),
    responses((status = 204), (status = 404), (status = 409, description = "one of them does not wait"), (status = 422)))]
async fn confirm(kernel: web::Data<Kernel>, caller: Caller, body: Json<PostedList>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let letters: Vec<Posted> =
        body.value.letters.into_iter().map(|p| Posted { id: p.id, tracking: p.tracking }).collect();
    post(&kernel, who, &letters).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Puts letters whose pages were spoiled back among those to be printed
#[utoipa::path(post, path = "/printings/spoiled", tag = "letters", request_body = Spoiled, security(("bearer" = [])),
    responses((status = 204), (status = 404), (status = 409)))]
async fn again(kernel: web::Data<Kernel>, caller: Caller, body: Json<Spoiled>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    spoil(&kernel, who, &body.value.ids).await?;
    Ok(HttpResponse::NoContent().finish())
}
