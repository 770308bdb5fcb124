//! JSON: the links of referents, and their leaving.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::leave::leave;
use super::referent_links::{self, LinkState, Then, revoke};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::kernel::time::Instant;

/// Mounts the endpoints, relative to `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/referents/{id}/link")
            .route(web::get().to(link_state))
            .route(web::post().to(new_link))
            .route(web::delete().to(revoke_link)),
    )
    .service(web::resource("/referents/{id}/leave").route(web::post().to(leave_now)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(link_state, leave_now, new_link, revoke_link), components(schemas(LinkOut, LeaveIn)))]
pub struct Api;

type Kernels = web::Data<Kernel>;

/// Where a referent's link stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkOut {
    /// `never`, `open`, `expired` or `revoked`.
    state: &'static str,
    /// RFC 3339: until when it opens, or when it ended.
    at: Option<String>,
}

/// Who goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveIn {
    /// Row id of the referent to whom open legs go; absent: back to the unit.
    #[serde(default)]
    successor: Option<i64>,
}

/// Where the link of a referent stands
#[utoipa::path(get, path = "/referents/{id}/link", tag = "network", params(("id" = i64, Path)),
    responses((status = 200, body = LinkOut), (status = 403, description = "Only administrators may")))]
async fn link_state(kernel: Kernels, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let (state, at) = match referent_links::link_state(&mut conn, *id, kernel.now()).await? {
        LinkState::Never => ("never", None),
        LinkState::Open { until, .. } => ("open", Some(until)),
        LinkState::Expired { at } => ("expired", Some(at)),
        LinkState::Revoked { at } => ("revoked", Some(at)),
    };
    Ok(HttpResponse::Ok().json(LinkOut { state, at: at.map(Instant::rfc3339) }))
}

/// End the time of a referent now, and give what they had to somebody else
#[utoipa::path(post, path = "/referents/{id}/leave", tag = "network", params(("id" = i64, Path)), request_body = LeaveIn,
    responses((status = 204), (status = 403, description = "Only administrators may"),
        (status = 404, description = "No such referent, or over"), (status = 422, description = "The successor is none")))]
async fn leave_now(
    kernel: Kernels,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<LeaveIn>,
) -> Result<HttpResponse, Problem> {
    leave(&kernel, caller.require(Permission::Administer)?, *id, body.value.successor).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Revoke the links of a referent and mail a new one to their address
#[utoipa::path(post, path = "/referents/{id}/link", tag = "network", params(("id" = i64, Path)),
    responses((status = 204, description = "Sent"), (status = 403, description = "Only administrators may"),
        (status = 404, description = "No such referent"), (status = 422, description = "The referent has no address")))]
async fn new_link(kernel: Kernels, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    revoke(&kernel, caller.require(Permission::Administer)?, *id, Then::SendNew).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Revoke the links of a referent
#[utoipa::path(delete, path = "/referents/{id}/link", tag = "network", params(("id" = i64, Path)),
    responses((status = 204, description = "Revoked"), (status = 403, description = "Only administrators may"),
        (status = 404, description = "No such referent")))]
async fn revoke_link(kernel: Kernels, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    revoke(&kernel, caller.require(Permission::Administer)?, *id, Then::Nothing).await?;
    Ok(HttpResponse::NoContent().finish())
}
