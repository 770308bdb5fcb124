//! JSON: what agents say of sheets.
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Report, Said, Verdict, of_sheet, say, settle};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Forbidden, Permission};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, check_csrf};
use crate::knowledge::editing::code_in;
use crate::knowledge::sheets;
use crate::knowledge::versions::rules;

pub(in crate::knowledge) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/knowledge/sheets/{code}/verdicts", web::get().to(list_verdicts))
        .route("/knowledge/sheets/{code}/verdicts", web::post().to(judge_sheet))
        .route("/knowledge/sheets/{code}/verdicts/settle", web::post().to(settle_verdicts));
}

/// What an agent says of a sheet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictIn {
    pub verdict: Verdict,
    /// The version that was read; the one in force when absent.
    pub version: Option<i64>,
    /// `it` or `en`; Italian when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub lang: Option<Language>,
    /// One line.
    #[serde(default)]
    pub remark: String,
    /// Tracking code of the ticket that was being answered.
    #[serde(default)]
    pub ticket: String,
}

/// A report that nobody settled.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportOut {
    pub at: String,
    pub version: i64,
    pub remark: String,
    /// Name of the agent.
    pub who: String,
}

/// What agents said of a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictsOut {
    /// How often, over all versions.
    pub useful: i64,
    pub out_of_date: i64,
    /// Reports that nobody settled, the latest first.
    pub open: Vec<ReportOut>,
}

/// Says what agents said of a sheet.
#[utoipa::path(get, path = "/knowledge/sheets/{code}/verdicts", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")), security(("bearer" = [])),
    responses((status = 200, body = VerdictsOut), (status = 403, description = "The caller does not write this sheet"),
        (status = 404, description = "No such sheet")))]
pub(in crate::knowledge) async fn list_verdicts(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<web::Json<VerdictsOut>, Problem> {
    let sheet = sheets::by_code(&kernel, &code_in(&code)?).await?.ok_or_else(Problem::not_found)?;
    if !rules::may_draft(&caller.0, sheet.unit) {
        return Err(Forbidden.into());
    }
    let said = of_sheet(&kernel, sheet.id).await?;
    let report = |r: Report| ReportOut { at: r.at.rfc3339(), version: r.version, remark: r.remark, who: r.who };
    Ok(web::Json(VerdictsOut {
        useful: said.useful,
        out_of_date: said.out_of_date,
        open: said.open.into_iter().map(report).collect(),
    }))
}

/// Keeps what the calling agent says of a sheet; said again of the same version and ticket it takes the place of
/// the one before.
#[utoipa::path(post, path = "/knowledge/sheets/{code}/verdicts", tag = "knowledge", request_body = VerdictIn,
    params(("code" = String, Path, description = "Code of the sheet")), security(("bearer" = [])),
    responses((status = 204, description = "Kept"), (status = 403, description = "The caller is no agent"),
        (status = 404, description = "No such sheet"), (status = 422, description = "A value is not acceptable")))]
pub(in crate::knowledge) async fn judge_sheet(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<VerdictIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (code, body) = (code_in(&code)?, body.value);
    let sheet = sheets::by_code(&kernel, &code).await?.ok_or_else(Problem::not_found)?;
    let said = Said {
        code,
        version: body.version.unwrap_or(sheet.version),
        language: body.lang.unwrap_or(Language::Italian),
        verdict: body.verdict,
        remark: body.remark,
        ticket: body.ticket,
    };
    say(&kernel, who, said).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Says that the reports on a sheet were looked at and it holds.
#[utoipa::path(post, path = "/knowledge/sheets/{code}/verdicts/settle", tag = "knowledge",
    params(("code" = String, Path, description = "Code of the sheet")), security(("bearer" = [])),
    responses((status = 204, description = "Settled"), (status = 403, description = "The caller does not write this sheet"),
        (status = 404, description = "No such sheet")))]
pub(in crate::knowledge) async fn settle_verdicts(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_csrf(&req, None)?;
    settle(&kernel, &caller.0, &code_in(&code)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
