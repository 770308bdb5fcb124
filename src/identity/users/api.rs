//! JSON: accounts, for administrators' programs.
use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::store;
use super::{NewUser, add_user, disable_user, login_of, unlock_user};
use crate::identity::{ChangePasswordError, Password, reset_password};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Role};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, check_csrf};

/// Mounts the API of accounts below `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/users").route(web::get().to(list)).route(web::post().to(add)))
        .service(web::resource("/users/{id}/disable").route(web::post().to(disable)))
        .service(web::resource("/users/{id}/unlock").route(web::post().to(unlock)))
        .service(web::resource("/users/{id}/password").route(web::post().to(password)));
}

/// The documentation of these routes.
#[derive(Debug, utoipa::OpenApi)]
#[openapi(
    paths(list, add, disable, unlock, password),
    components(schemas(UserBody, UserList, NewUserRequest, MadeUser, NewPassword))
)]
pub struct Api;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserBody {
    id: i64,
    /// Mail address.
    login: String,
    name: String,
    role: &'static str,
    language: String,
    /// Slugs of the units they belong to.
    units: Vec<String>,
    /// Until when too many wrong passwords lock it.
    locked_until: Option<String>,
    disabled_at: Option<String>,
}

/// All accounts, by login.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserList {
    items: Vec<UserBody>,
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserRequest {
    login: String,
    name: String,
    /// `agent`, `supervisor`, `referent` or `admin`.
    #[schema(value_type = String)]
    role: Role,
    /// `it` or `en`; the installation's when absent.
    language: Option<String>,
    /// Slugs of units.
    #[serde(default)]
    units: Vec<String>,
    /// A random one is made when absent.
    password: Option<String>,
}

/// An account just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeUser {
    id: i64,
    /// The random password, never shown again; absent when the request gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// A password just set, never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewPassword {
    password: String,
}

/// List accounts
#[utoipa::path(get, path = "/users", tag = "users", security(("bearer" = [])), responses((status = 200, body = UserList)))]
async fn list(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let mut units: HashMap<i64, Vec<String>> = HashMap::new();
    for (user, unit) in store::memberships(&mut conn).await? {
        units.entry(user).or_default().push(unit.slug);
    }
    let items = store::users(&mut conn).await?.into_iter().map(|user| UserBody {
        units: units.remove(&user.id).unwrap_or_default(),
        role: user.role.as_str(),
        locked_until: user.locked_until.map(|at| at.rfc3339()),
        disabled_at: user.disabled_at.map(|at| at.rfc3339()),
        id: user.id,
        login: user.login,
        name: user.name,
        language: user.language,
    });
    Ok(HttpResponse::Ok().json(UserList { items: items.collect() }))
}

/// Make an account
#[utoipa::path(post, path = "/users", tag = "users", security(("bearer" = [])), request_body = NewUserRequest,
    responses((status = 201, body = MadeUser), (status = 409, description = "The login is taken"),
        (status = 422, description = "A value that cannot be")))]
async fn add(kernel: web::Data<Kernel>, caller: Caller, body: Json<NewUserRequest>) -> Result<HttpResponse, Problem> {
    let admin = caller.require(Permission::Administer)?;
    let NewUserRequest { login, name, role, language, units, password } = body.value;
    let given = password.map(|text| Password::parse(&text)).transpose().map_err(ChangePasswordError::from)?;
    let made = given.is_none().then(Password::random);
    let tag = language.unwrap_or_else(|| kernel.config.desk.language.clone());
    let new = NewUser {
        login,
        name,
        role,
        language: Language::from_tag(&tag).ok_or_else(|| Problem::field("language", "unknown"))?,
        password: given.or_else(|| made.clone()).unwrap_or_else(Password::random),
        units,
    };
    let id = add_user(&kernel, admin.actor.clone(), new).await?;
    Ok(HttpResponse::Created().json(MadeUser { id, password: made.map(|p| p.reveal().to_owned()) }))
}

/// Disable an account and end its sessions
#[utoipa::path(post, path = "/users/{id}/disable", tag = "users", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "No such account"),
        (status = 409, description = "It is the caller's own")))]
async fn disable(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    let admin = caller.require(Permission::Administer)?;
    disable_user(&kernel, admin.actor.clone(), &login_of(&kernel, *id).await?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Unlock an account that too many wrong passwords locked
#[utoipa::path(post, path = "/users/{id}/unlock", tag = "users", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "No such account")))]
async fn unlock(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    let admin = caller.require(Permission::Administer)?;
    unlock_user(&kernel, admin.actor.clone(), *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Set a random password, unlock the account and end its sessions
#[utoipa::path(post, path = "/users/{id}/password", tag = "users", security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = NewPassword), (status = 404, description = "No such account")))]
async fn password(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    let admin = caller.require(Permission::Administer)?;
    let password = Password::random();
    reset_password(&kernel, admin.actor.clone(), &login_of(&kernel, *id).await?, &password).await?;
    Ok(HttpResponse::Ok().json(NewPassword { password: password.reveal().to_owned() }))
}
