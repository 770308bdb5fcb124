//! JSON: the ways of units and agencies, for administrators.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::model::{Way, WayKind, Whose};
use super::save::{Wish, save};
use super::{WayError, body_api, hosts, store, try_way};
use crate::identity;
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::organisation;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/ways/{whose}/{slug}").route(web::get().to(show)).route(web::put().to(put)))
        .service(web::resource("/ways/{whose}/{slug}/try").route(web::post().to(try_it)))
        .service(web::resource("/ways/unit/{slug}/tokens").route(web::post().to(token)))
        .service(web::resource("/callable-hosts").route(web::get().to(list_hosts)).route(web::put().to(put_host)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug)]
pub struct Api;

impl OpenApi for Api {
    fn openapi() -> utoipa::openapi::OpenApi {
        let mut own = Own::openapi();
        own.merge(body_api::Api::openapi());
        own
    }
}

#[derive(Debug, OpenApi)]
#[openapi(
    paths(show, put, try_it, token, list_hosts, put_host),
    components(schemas(WayOut, WayIn, WayTried, BodyTokenIn, BodyTokenOut, CallableHost, WayKind))
)]
struct Own;

/// A way.
#[derive(Debug, Serialize, ToSchema)]
struct WayOut {
    kind: WayKind,
    /// By field; secrets only as references.
    settings: BTreeMap<String, String>,
    /// Goes with the next change.
    version: i64,
}

/// A way as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WayIn {
    kind: WayKind,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// The version it was made on; 0 for the first.
    #[serde(default)]
    version: i64,
}

/// What a trial said.
#[derive(Debug, Serialize, ToSchema)]
struct WayTried {
    works: bool,
    words: String,
}

/// A token for a body's system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BodyTokenIn {
    name: String,
    /// Days it lives; for ever when absent.
    days: Option<u32>,
}

/// A token just made.
#[derive(Debug, Serialize, ToSchema)]
struct BodyTokenOut {
    id: i64,
    /// Shown this once.
    token: String,
}

/// A host in a private network, with or without a port.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CallableHost {
    host: String,
    /// Whether it may be called from now on.
    allowed: bool,
}

/// Whose way a path names: `unit` or `agency`, and its slug.
pub(super) async fn named(kernel: &Kernel, whose: &str, slug: &str) -> Result<Whose, WayError> {
    let mut conn = kernel.db.read().await?;
    let found = match whose {
        "unit" => organisation::store::unit_by_slug(&mut conn, slug).await?.map(|u| Whose::Unit(u.id)),
        "agency" => organisation::store::agency_id(&mut conn, slug).await?.map(Whose::Agency),
        _ => None,
    };
    found.ok_or(WayError::NotFound)
}

fn out(way: Option<Way>) -> WayOut {
    match way {
        Some(way) => WayOut { kind: way.kind, settings: way.values(), version: way.version },
        None => WayOut { kind: WayKind::Default, settings: BTreeMap::new(), version: 0 },
    }
}

/// The way of a unit or an agency
#[utoipa::path(get, path = "/ways/{whose}/{slug}", operation_id = "way", tag = "network",
    params(("whose" = String, Path, description = "unit or agency"), ("slug" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = WayOut), (status = 404, description = "No such unit or agency")))]
async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let whose = named(&kernel, &path.0, &path.1).await?;
    let way = store::of(&mut kernel.db.read().await?, whose).await?;
    Ok(HttpResponse::Ok().json(out(way)))
}

/// Choose the way of a unit or an agency
#[utoipa::path(put, path = "/ways/{whose}/{slug}", operation_id = "choose_way", tag = "network",
    params(("whose" = String, Path, description = "unit or agency"), ("slug" = String, Path)),
    request_body = WayIn, security(("bearer" = [])),
    responses((status = 200, body = WayOut), (status = 404, description = "No such unit or agency"),
        (status = 412, description = "The way was changed meanwhile"), (status = 422, description = "A setting is not acceptable")))]
async fn put(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, String)>,
    body: Json<WayIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let whose = named(&kernel, &path.0, &path.1).await?;
    let WayIn { kind, settings, version } = body.value;
    let way = save(&kernel, who, Wish { whose, kind, settings, version }).await?;
    Ok(HttpResponse::Ok().json(out(Some(way))))
}

/// Try the way of a unit or an agency
#[utoipa::path(post, path = "/ways/{whose}/{slug}/try", operation_id = "try_way", tag = "network",
    params(("whose" = String, Path, description = "unit or agency"), ("slug" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = WayTried), (status = 404, description = "No such unit or agency, or it has no way")))]
async fn try_it(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let whose = named(&kernel, &path.0, &path.1).await?;
    let way = store::of(&mut kernel.db.read().await?, whose).await?.ok_or(WayError::NotFound)?;
    let (works, words) = match try_way::try_out(&kernel, who, &way).await? {
        Ok(words) => (true, words),
        Err(words) => (false, words),
    };
    Ok(HttpResponse::Ok().json(WayTried { works, words }))
}

/// Make a token for the system of a unit
#[utoipa::path(post, path = "/ways/unit/{slug}/tokens", operation_id = "make_body_token", tag = "network",
    params(("slug" = String, Path)), request_body = BodyTokenIn, security(("bearer" = [])),
    responses((status = 201, body = BodyTokenOut), (status = 404, description = "No such unit"),
        (status = 422, description = "Name or days are not acceptable")))]
async fn token(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<BodyTokenIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let Whose::Unit(unit) = named(&kernel, "unit", &slug).await? else { return Err(WayError::NotFound.into()) };
    let BodyTokenIn { name, days } = body.value;
    let made = identity::create_body_token(&kernel, who.actor.clone(), &name, unit, days).await?;
    Ok(HttpResponse::Created().json(BodyTokenOut { id: made.id, token: made.secret }))
}

/// The hosts in private networks that may be called
#[utoipa::path(get, path = "/callable-hosts", operation_id = "callable_hosts", tag = "network", security(("bearer" = [])),
    responses((status = 200, body = [String])))]
async fn list_hosts(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    Ok(HttpResponse::Ok().json(store::hosts(&mut kernel.db.read().await?).await?))
}

/// Allow or forbid calls to a host in a private network
#[utoipa::path(put, path = "/callable-hosts", operation_id = "allow_host", tag = "network", request_body = CallableHost,
    security(("bearer" = [])),
    responses((status = 200, body = [String]), (status = 404, description = "It was not on the list"),
        (status = 422, description = "Not a host")))]
async fn put_host(
    kernel: web::Data<Kernel>,
    caller: Caller,
    body: Json<CallableHost>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    hosts::set(&kernel, who, &body.value.host, body.value.allowed).await?;
    Ok(HttpResponse::Ok().json(store::hosts(&mut kernel.db.read().await?).await?))
}
