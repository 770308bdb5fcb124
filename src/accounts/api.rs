//! JSON: channel accounts.
use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::model::{AccountRow, NewAccount};
use super::{AccountError, Accounts, add, change, check, scans, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};

/// Mounts the endpoints, relative to `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/accounts").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/accounts/{name}").route(web::get().to(read)).route(web::put().to(replace)))
        .service(web::resource("/accounts/{name}/check").route(web::post().to(try_out)))
        .service(web::resource("/scans").route(web::post().to(scans::bring)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list, create, read, replace, try_out, scans::bring),
    components(schemas(AccountOut, AccountIn, NewAccountIn, Tried, scans::ScanOut))
)]
pub struct Api;

/// A channel account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountOut {
    name: String,
    driver: String,
    /// By field; a secret is the reference to it (`env:…`, `file:…`).
    settings: BTreeMap<String, String>,
    /// Slug of the unit that owns what arrives; empty for the desk's entry unit.
    unit: String,
    enabled: bool,
    version: i64,
    /// Whether this node receives for it now.
    receiving: bool,
    /// Messages at the provider not yet stored, as far as this node knows.
    lag: u64,
    /// What went wrong last; empty when it works.
    last_error: String,
}

/// An account as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountIn {
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    unit: String,
    enabled: bool,
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccountIn {
    /// Lower-case letters, digits and dashes; it never changes.
    name: String,
    /// Who speaks with the provider: `email`, `pec`, `sms_kannel`…
    driver: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    enabled: bool,
}

/// What a trial of the provider found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tried {
    works: bool,
    /// In a sentence.
    words: String,
}

fn out(accounts: &Accounts, row: AccountRow) -> AccountOut {
    let status = accounts.status().of(&row.name);
    AccountOut {
        settings: row.values(),
        name: row.name,
        driver: row.driver,
        unit: row.unit,
        enabled: row.enabled,
        version: row.version,
        receiving: status.as_ref().is_some_and(|s| s.connected),
        lag: status.as_ref().map_or(0, |s| s.lag),
        last_error: status.map(|s| s.last_error).unwrap_or_default(),
    }
}

fn versioned(mut response: actix_web::HttpResponseBuilder, out: &AccountOut) -> HttpResponse {
    response.insert_header(("ETag", format!("\"{}\"", out.version))).json(out)
}

/// All channel accounts
#[utoipa::path(get, path = "/accounts", tag = "accounts", responses((status = 200, body = [AccountOut])), security(("bearer" = [])))]
async fn list(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let mut conn = kernel.db.read().await?;
    let rows = store::all(&mut conn).await?;
    let all: Vec<AccountOut> = rows.into_iter().map(|row| out(&accounts, row)).collect();
    Ok(HttpResponse::Ok().json(all))
}

/// Opens a channel account
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = NewAccountIn,
    responses((status = 201, body = AccountOut), (status = 409, description = "The name is taken"),
        (status = 422, description = "A setting is not acceptable")), security(("bearer" = [])))]
async fn create(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    Json { value, .. }: Json<NewAccountIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let new = NewAccount {
        name: value.name,
        driver: value.driver,
        settings: value.settings,
        unit: value.unit,
        enabled: value.enabled,
    };
    let row = add(&kernel, who, new).await?;
    Ok(versioned(HttpResponse::Created(), &out(&accounts, row)))
}

/// One channel account
#[utoipa::path(get, path = "/accounts/{name}", tag = "accounts", params(("name" = String, Path)),
    responses((status = 200, body = AccountOut), (status = 404)), security(("bearer" = [])))]
async fn read(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    Ok(versioned(HttpResponse::Ok(), &out(&accounts, find(&kernel, &name).await?)))
}

async fn find(kernel: &Kernel, name: &str) -> Result<AccountRow, AccountError> {
    let mut conn = kernel.db.read().await?;
    store::by_name(&mut conn, name).await?.ok_or(AccountError::NotFound)
}

/// Changes a channel account; `If-Match` names the version it is made on
#[utoipa::path(put, path = "/accounts/{name}", tag = "accounts", params(("name" = String, Path)),
    request_body = AccountIn, responses((status = 200, body = AccountOut), (status = 404), (status = 412),
        (status = 422, description = "A setting is not acceptable")), security(("bearer" = [])))]
async fn replace(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    name: web::Path<String>,
    Json { value, .. }: Json<AccountIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let new = NewAccount {
        name: name.into_inner(),
        driver: String::new(),
        settings: value.settings,
        unit: value.unit,
        enabled: value.enabled,
    };
    let row = change(&kernel, who, if_match(&req)?, new).await?;
    Ok(versioned(HttpResponse::Ok(), &out(&accounts, row)))
}

/// Tries the provider of an account without receiving or sending
#[utoipa::path(post, path = "/accounts/{name}/check", tag = "accounts", params(("name" = String, Path)),
    responses((status = 200, body = Tried), (status = 404)), security(("bearer" = [])))]
async fn try_out(kernel: web::Data<Kernel>, caller: Caller, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let tried = match check(&kernel, who, &find(&kernel, &name).await?).await? {
        Ok(words) => Tried { works: true, words },
        Err(words) => Tried { works: false, words },
    };
    Ok(HttpResponse::Ok().json(tried))
}
