//! JSON: what differs between what peers handed over and what is stored.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::model::{Day, Item, Sheet};
use super::pages::read_day;
use super::{RIGHT, ReconciliationError, compare_days, first_shown, recover, store};
use crate::accounts::Accounts;
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};

/// Mounts the endpoints, relative to `/api/v1`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/reconciliation").route(web::get().to(list)).route(web::post().to(run)))
        .service(web::resource("/reconciliation/{account}/{day}/recover").route(web::post().to(fetch)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(list, run, fetch), components(schemas(SheetOut, ItemOut, RunIn, RecoverIn)))]
pub struct Api;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    /// First local day, `YYYY-MM-DD`; two weeks ago when absent.
    from: Option<String>,
    /// Last day; today when absent.
    to: Option<String>,
    /// Name of an account; all when absent.
    account: Option<String>,
}

/// What an account and a day come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetOut {
    account: String,
    day: String,
    channel: String,
    checked_at: String,
    /// Who says how much was handed over: `source` (it was asked), `door` (our own count at the time), `none`.
    asked: String,
    handed: i64,
    stored: i64,
    contacts: i64,
    duplicates: i64,
    reports: i64,
    quarantined: i64,
    discarded: i64,
    waiting: i64,
    sent: i64,
    /// Messages sent of which a report or receipt is overdue.
    unreported: i64,
    calls: i64,
    /// What a gateway itself counted as received from citizens; `null` when it was not asked.
    gateway_received: Option<i64>,
    /// What it counted as given to the network; long messages count for each part.
    gateway_sent: Option<i64>,
    /// Why the peer could not be asked; empty when it was.
    error: String,
    differences: Vec<ItemOut>,
}

/// One thing that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemOut {
    /// `missing`, `left`, `uncounted`, `unread`, `report`, `call`, `waiting`, `lost` or `untaken`.
    kind: String,
    name: String,
    at: Option<String>,
    /// Code of its ticket; empty without.
    ticket: String,
    /// Whether the peer gives it when asked.
    obtainable: bool,
}

/// Which day to compare.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunIn {
    /// `YYYY-MM-DD`; today and yesterday when absent.
    #[serde(default)]
    day: Option<String>,
}

/// What to fetch.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoverIn {
    /// Name of the only item wanted; all of the day when absent.
    #[serde(default)]
    name: Option<String>,
}

async fn out(conn: &mut Conn, s: Sheet) -> Result<SheetOut, StoreError> {
    let items = if s.differences == 0 { Vec::new() } else { store::items(conn, &s.account, &s.day).await? };
    let item = |i: Item| ItemOut {
        kind: i.kind,
        name: i.name,
        at: i.at.map(|at| at.rfc3339()),
        ticket: i.ticket,
        obtainable: i.obtainable,
    };
    Ok(SheetOut {
        account: s.account,
        day: s.day,
        channel: s.channel,
        checked_at: s.checked_at.rfc3339(),
        asked: s.asked,
        handed: s.handed,
        stored: s.stored,
        contacts: s.contacts,
        duplicates: s.duplicates,
        reports: s.reports,
        quarantined: s.quarantined,
        discarded: s.discarded,
        waiting: s.waiting,
        sent: s.sent,
        unreported: s.unreported,
        calls: s.calls,
        gateway_received: s.gateway_received,
        gateway_sent: s.gateway_sent,
        error: s.error,
        differences: items.into_iter().map(item).collect(),
    })
}

async fn answer(kernel: &Kernel, sheets: Vec<Sheet>) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let mut all = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        all.push(out(&mut conn, sheet).await?);
    }
    Ok(HttpResponse::Ok().json(all))
}

/// What peers handed over on each day, and what is stored of it
#[utoipa::path(get, path = "/reconciliation", tag = "accounts", params(Period),
    responses((status = 200, body = [SheetOut])), security(("bearer" = [])))]
async fn list(kernel: web::Data<Kernel>, caller: Caller, query: web::Query<Period>) -> Result<HttpResponse, Problem> {
    caller.require(RIGHT)?;
    let day = |text: &Option<String>, other: String| match text.as_deref().filter(|t| !t.is_empty()) {
        Some(text) => read_day(&kernel, text).map(|day| day.text()),
        None => Ok(other),
    };
    let from = day(&query.from, first_shown(&kernel))?;
    let to = day(&query.to, kernel.now().day(&kernel.config.zone()))?;
    let mut conn = kernel.db.read().await?;
    let mut sheets = store::between(&mut conn, &from, &to).await?;
    drop(conn);
    sheets.retain(|sheet| query.account.as_ref().is_none_or(|account| *account == sheet.account));
    answer(&kernel, sheets).await
}

/// Compares now; answers what was found
#[utoipa::path(post, path = "/reconciliation", tag = "accounts", request_body = RunIn,
    responses((status = 200, body = [SheetOut]), (status = 409, description = "A comparison is under way"),
        (status = 422, description = "No such day")), security(("bearer" = [])))]
async fn run(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    Json { value, .. }: Json<RunIn>,
) -> Result<HttpResponse, Problem> {
    caller.require(RIGHT)?;
    let days = match value.day {
        Some(day) => vec![read_day(&kernel, &day)?],
        None => Day::up_to(kernel.now(), &kernel.config.zone(), 2),
    };
    let sheets = compare_days(&accounts, &days).await?;
    answer(&kernel, sheets).await
}

/// Has the peer of an account give what is missing of a day; answers the comparison made anew
#[utoipa::path(post, path = "/reconciliation/{account}/{day}/recover", tag = "accounts",
    params(("account" = String, Path), ("day" = String, Path)), request_body = RecoverIn,
    responses((status = 200, body = SheetOut), (status = 404), (status = 409, description = "The peer does not give it")),
    security(("bearer" = [])))]
async fn fetch(
    kernel: web::Data<Kernel>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    path: web::Path<(String, String)>,
    Json { value, .. }: Json<RecoverIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(RIGHT)?;
    let (account, day) = path.into_inner();
    let day = read_day(&kernel, &day).map_err(|_: ReconciliationError| ReconciliationError::NotFound)?;
    let (sheet, _) = recover(&accounts, who, &account, &day, value.name.as_deref()).await?;
    let mut conn = kernel.db.read().await?;
    Ok(HttpResponse::Ok().json(out(&mut conn, sheet).await?))
}
