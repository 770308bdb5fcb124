//! JSON: channel accounts.
use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::model::{AccountRow, NewAccount};
use super::standing::Standing;
use super::{AccountError, Accounts, add, change, check, scans, standing, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};
use crate::kernel::time::Instant;

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
    /// Whether a node receives for it now.
    receiving: bool,
    /// Messages at the provider not yet stored.
    lag: i64,
    /// Items that are stored and not read yet.
    unread: i64,
    /// When the oldest of them came (RFC 3339).
    unread_since: Option<String>,
    /// Messages that are to leave.
    unsent: i64,
    /// When the oldest of them was written (RFC 3339).
    unsent_since: Option<String>,
    /// When its provider called last (RFC 3339).
    called_at: Option<String>,
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

fn out(row: AccountRow, how: Standing) -> AccountOut {
    let receiving = how.receiving.unwrap_or_default();
    AccountOut {
        settings: row.values(),
        name: row.name,
        driver: row.driver,
        unit: row.unit,
        enabled: row.enabled,
        version: row.version,
        receiving: receiving.connected,
        lag: receiving.lag,
        unread: how.unread.count,
        unread_since: how.unread.since.map(Instant::rfc3339),
        unsent: how.unsent.count,
        unsent_since: how.unsent.since.map(Instant::rfc3339),
        called_at: how.called_at.map(Instant::rfc3339),
        last_error: receiving.last_error,
    }
}

async fn one(accounts: &Accounts, row: AccountRow) -> Result<AccountOut, Problem> {
    let how = standing::read(accounts).await?.of(&row.name);
    Ok(out(row, how))
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
    drop(conn);
    let standing = standing::read(&accounts).await?;
    let of = |row: AccountRow| {
        let how = standing.of(&row.name);
        out(row, how)
    };
    let all: Vec<AccountOut> = rows.into_iter().map(of).collect();
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
    Ok(versioned(HttpResponse::Created(), &one(&accounts, row).await?))
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
    Ok(versioned(HttpResponse::Ok(), &one(&accounts, find(&kernel, &name).await?).await?))
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
    Ok(versioned(HttpResponse::Ok(), &one(&accounts, row).await?))
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
