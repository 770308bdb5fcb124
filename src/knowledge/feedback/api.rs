//! The JSON endpoints: how a sheet is rated, and what was said.
use actix_web::{HttpRequest, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::desk::Asked;
use super::model::Source;
use super::store::{self, CountRow, FeedbackRow};
use super::tally::average;
use crate::kernel::Kernel;
use crate::kernel::page::page_of;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::knowledge::api::params;
use crate::knowledge::model::SheetCode;
use crate::knowledge::search::of_own_agency;
use crate::knowledge::sheets;
use crate::knowledge::versions::rules;

/// This module's part of the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(sheet_feedback, list_feedback),
    components(schemas(SheetFeedback, FeedbackCount, FeedbackList, FeedbackItem))
)]
pub struct Api;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/sheets/{code}/feedback", web::get().to(sheet_feedback))
        .route("/knowledge/feedback", web::get().to(list_feedback));
}

/// Rows of a page.
const PAGE: i64 = 50;

/// How a sheet is rated.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetFeedback {
    pub code: String,
    /// The version in force.
    pub version: i64,
    /// Ratings by citizens, of all versions.
    pub ratings: i64,
    /// The mean of their stars, 1 to 5; absent without ratings.
    pub average: Option<f64>,
    /// The mean of the version in force.
    pub average_of_version: Option<f64>,
    pub counts: Vec<FeedbackCount>,
}

/// How often something was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackCount {
    pub version: i64,
    /// Language that was read, `it` or `en`.
    pub lang: String,
    /// `citizen` or `agent`.
    pub source: String,
    /// Stars, 1 to 5; absent from agents.
    pub rate: Option<i64>,
    pub reason: String,
    pub n: i64,
}

/// What was said, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackList {
    pub items: Vec<FeedbackItem>,
    /// To be given as `before` for the next page; absent on the last.
    pub next: Option<i64>,
}

/// One feedback.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackItem {
    pub id: i64,
    /// Code of the sheet.
    pub sheet: String,
    pub version: i64,
    pub lang: String,
    /// `citizen` or `agent`.
    pub source: String,
    /// Stars, 1 to 5; absent from agents.
    pub rate: Option<i64>,
    pub reason: String,
    /// Without addresses and numbers of persons.
    pub comment: String,
    /// RFC 3339.
    pub at: String,
    /// When it was dealt with, RFC 3339.
    pub settled_at: Option<String>,
}

impl From<CountRow> for FeedbackCount {
    fn from(row: CountRow) -> Self {
        Self {
            version: row.version,
            lang: row.lang,
            source: row.source,
            rate: (row.rate > 0).then_some(row.rate),
            reason: row.reason,
            n: row.n,
        }
    }
}

impl From<FeedbackRow> for FeedbackItem {
    fn from(row: FeedbackRow) -> Self {
        Self {
            id: row.id,
            sheet: row.code,
            version: row.version,
            lang: row.lang,
            source: row.source,
            rate: row.rate,
            reason: row.reason,
            comment: row.comment,
            at: row.at.rfc3339(),
            settled_at: row.settled_at.map(|at| at.rfc3339()),
        }
    }
}

/// Shows how a sheet is rated.
#[utoipa::path(
    get,
    path = "/knowledge/sheets/{code}/feedback",
    tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet, such as `ANA-01`")),
    responses(
        (status = 200, description = "Counts by version, language, source, stars and reason", body = SheetFeedback),
        (status = 401, description = "No or unknown token"),
        (status = 403, description = "The caller does not read the desk's sheets"),
        (status = 404, description = "No sheet that this caller may read has this code"),
    ),
    security(("bearer" = []))
)]
async fn sheet_feedback(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<web::Json<SheetFeedback>, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let own = of_own_agency(&kernel, who).await?;
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    let sheet = sheets::by_code(&kernel, &code).await?.filter(|s| rules::may_read(who.role, own, s.audience));
    let sheet = sheet.ok_or_else(Problem::not_found)?;
    let mut conn = kernel.db.read().await?;
    let counts = store::counts(&mut conn, sheet.id).await?;
    Ok(web::Json(SheetFeedback {
        version: sheet.version,
        ratings: counts.iter().filter(|c| c.source == Source::Citizen.as_str()).map(|c| c.n).sum(),
        average: average(&counts, None).map(|(mean, _)| mean),
        average_of_version: average(&counts, Some(sheet.version)).map(|(mean, _)| mean),
        counts: counts.into_iter().map(FeedbackCount::from).collect(),
        code: sheet.code,
    }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Only of the sheet with this code.
    sheet: String,
    /// Only of `citizen` or `agent`.
    source: String,
    /// Only `low` (one to three stars) or `high` ratings.
    rating: String,
    /// Also those without words.
    all: bool,
    /// Also those that were dealt with.
    settled: bool,
    /// `next` of the page before.
    before: i64,
}

/// Lists what citizens and agents said of sheets.
#[utoipa::path(
    get,
    path = "/knowledge/feedback",
    tag = "knowledge",
    params(ListParams),
    responses(
        (status = 200, description = "At most fifty, the latest first", body = FeedbackList),
        (status = 401, description = "No or unknown token"),
        (status = 403, description = "The caller does not read the desk's sheets"),
        (status = 422, description = "A value is not one of the list"),
    ),
    security(("bearer" = []))
)]
async fn list_feedback(
    kernel: web::Data<Kernel>,
    caller: Caller,
    req: HttpRequest,
) -> Result<web::Json<FeedbackList>, Problem> {
    let who = caller.require(Permission::ReadKnowledge)?;
    let own = of_own_agency(&kernel, who).await?;
    let wanted: ListParams = params(&req)?;
    if !wanted.source.is_empty() && Source::from_text(&wanted.source).is_none() {
        return Err(Problem::field("source", "unknown"));
    }
    let stelle = match wanted.rating.as_str() {
        "" => "",
        "low" => "basse",
        "high" => "alte",
        _ => return Err(Problem::field("rating", "unknown")),
    };
    let every = |all: bool| if all { "tutte".to_owned() } else { String::new() };
    let asked = Asked {
        scheda: wanted.sheet,
        chi: wanted.source,
        stelle: stelle.to_owned(),
        mostra: every(wanted.all),
        stato: every(wanted.settled),
        prima: wanted.before,
    };
    let mut conn = kernel.db.read().await?;
    let found = store::list(&mut conn, &asked.list_of(who, own)?).await?;
    let (found, more) = page_of(found, PAGE);
    let next = found.last().filter(|_| more).map(|last| last.id);
    Ok(web::Json(FeedbackList { items: found.into_iter().map(FeedbackItem::from).collect(), next }))
}
