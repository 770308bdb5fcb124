//! The JSON endpoints of gaps and figures.
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rank::{self, Todos};
use super::usage::{self, SheetUsage};
use super::{Days, from_ticket, pages, store};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::api::params;

pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/gaps", web::get().to(list_gaps))
        .route("/knowledge/usage", web::get().to(sheet_usage))
        .route("/knowledge/searches-without-hit", web::get().to(searches_without_hit))
        .route("/tickets/{code}/sheet-draft", web::post().to(draft_from_ticket));
}

/// Most searches in one answer.
const SEARCHES: i64 = 1_000;

/// The period that is looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DaysParams {
    /// Days up to today, 1 to 366; 90 when left out.
    days: Option<u16>,
}

fn days(req: &HttpRequest) -> Result<Days, Problem> {
    let asked: DaysParams = params(req)?;
    match asked.days {
        Some(days) => Days::new(days).ok_or_else(|| Problem::field("days", "out_of_range")),
        None => Ok(Days::USUAL),
    }
}

/// Whoever works tickets or reads figures.
fn reads_figures(caller: &Caller) -> Result<&Principal, Problem> {
    if caller.0.role.may(Permission::ReadFigures) {
        Ok(&caller.0)
    } else {
        Ok(caller.require(Permission::WorkTickets)?)
    }
}

/// What to write or mend next, what gains most first. Referents see the sheets they may draft.
#[utoipa::path(get, path = "/knowledge/gaps", tag = "knowledge", params(DaysParams), security(("bearer" = [])),
    responses((status = 200, body = Todos), (status = 403, description = "the caller neither drafts nor reads figures"),
        (status = 422, description = "days out of range")))]
pub(crate) async fn list_gaps(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<Todos>, Problem> {
    let who = match reads_figures(&caller) {
        Ok(who) => who,
        Err(_) => caller.require(Permission::DraftKnowledge)?,
    };
    let mut found = rank::todos(&kernel, &index, days(&req)?, Language::Italian).await?;
    found.items = pages::visible(who, found.items);
    Ok(web::Json(found))
}

/// What became of sheets.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageList {
    /// Days that were looked at, up to today.
    pub days: i64,
    /// By code.
    pub items: Vec<SheetUsage>,
}

/// What became of each sheet in use: shown, opened, used, closed with, and sent to an office after all.
#[utoipa::path(get, path = "/knowledge/usage", tag = "knowledge", params(DaysParams), security(("bearer" = [])),
    responses((status = 200, body = UsageList), (status = 422, description = "days out of range")))]
pub(crate) async fn sheet_usage(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<UsageList>, Problem> {
    reads_figures(&caller)?;
    let days = days(&req)?;
    let items = usage::usage(&kernel, days, Language::Italian).await?;
    Ok(web::Json(UsageList { days: days.count(), items }))
}

/// Words that were searched for in vain.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchWithoutHit {
    /// In normal form: lower case, without accents, in alphabetic order; nothing personal.
    pub words: String,
    /// How often, on all sides.
    pub count: i64,
    /// By citizens on the public pages.
    pub portal: i64,
    /// By agents.
    pub desk: i64,
    /// Subjects of web requests, and of other messages, for which nothing was found to propose.
    pub form: i64,
    pub message: i64,
    /// The last local day, `YYYY-MM-DD`.
    pub last: String,
}

/// Searches without a hit, the most frequent first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchList {
    pub items: Vec<SearchWithoutHit>,
}

/// What was searched for at least twice and not found.
#[utoipa::path(get, path = "/knowledge/searches-without-hit", tag = "knowledge", params(DaysParams),
    security(("bearer" = [])),
    responses((status = 200, body = SearchList), (status = 422, description = "days out of range")))]
pub(crate) async fn searches_without_hit(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<SearchList>, Problem> {
    reads_figures(&caller)?;
    let from = days(&req)?.from(&kernel);
    let mut conn = kernel.db.read().await?;
    let found = store::misses(&mut conn, &from, rank::SEARCHED, SEARCHES).await?;
    let item = |row: store::MissRow| SearchWithoutHit {
        words: row.words,
        count: row.n,
        portal: row.portal,
        desk: row.desk,
        form: row.form,
        message: row.message,
        last: row.last,
    };
    Ok(web::Json(SearchList { items: found.into_iter().map(item).collect() }))
}

/// The sheet that was drafted from a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftedSheet {
    /// Code of the sheet.
    pub sheet: String,
    /// How many personal data were removed, each leaving a placeholder.
    pub removed: usize,
}

/// Drafts a sheet from a ticket that is over, with personal data removed. While a placeholder is left in it the draft
/// cannot be submitted. A ticket gives one sheet: asked again, the same is answered with 200.
#[utoipa::path(post, path = "/tickets/{code}/sheet-draft", tag = "knowledge",
    params(("code" = String, Path, description = "tracking code, in any spelling")), security(("bearer" = [])),
    responses((status = 201, body = DraftedSheet), (status = 200, body = DraftedSheet, description = "drafted before"),
        (status = 404, description = "no such ticket"),
        (status = 422, description = "the ticket is not over (`not_over`), or nobody answered it (`no_answer`)")))]
pub(crate) async fn draft_from_ticket(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::DraftKnowledge)?;
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let drafted = from_ticket::draft(&kernel, who, code.as_str()).await?;
    let body = DraftedSheet { sheet: drafted.code, removed: drafted.removed.values().sum() };
    Ok(if drafted.new { HttpResponse::Created().json(body) } else { HttpResponse::Ok().json(body) })
}
