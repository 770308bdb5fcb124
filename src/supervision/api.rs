//! `GET /api/v1/supervision/closure-rate`: the figure of the page, as JSON or CSV.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::figures::{Classes, Dimension, Figures, Period, Row, closure_rate};
use super::recount;
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::Caller;

/// What figure is asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FigureQuery {
    /// First day, `YYYY-MM-DD`; 89 days before `to` when absent.
    pub from: Option<String>,
    /// Last day; today when absent.
    pub to: Option<String>,
    /// `channel` (default), `area`, `category`, `unit`, `level`, `day`, `week` or `month`.
    pub by: Option<String>,
    /// Slug of a unit.
    pub unit: Option<String>,
    /// By which classes areas and categories are read: `then` (default: those the requests were closed with), or
    /// `now` (those in force, through what the old ones became).
    pub classes: Option<String>,
    /// `kept` (default), or `log` to count again from the event log.
    pub source: Option<String>,
    /// On the page: compares the figure with a recount from the log.
    #[param(ignore)]
    pub recount: Option<String>,
}

impl FigureQuery {
    /// By which classes the figure is read.
    ///
    /// # Errors
    /// 422 for an unknown name.
    pub fn classes(&self) -> Result<Classes, Problem> {
        match self.classes.as_deref().filter(|c| !c.is_empty()) {
            Some(text) => Classes::from_text(text).ok_or_else(|| Problem::field("classes", "unknown")),
            None => Ok(Classes::default()),
        }
    }
}

/// A figure with its definitions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureRate {
    pub from: String,
    pub to: String,
    pub by: Dimension,
    /// How `strict` and `wide` are defined.
    pub definitions: Definitions,
    pub total: RateRow,
    pub rows: Vec<RateRow>,
}

/// The published definitions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Definitions {
    pub strict: &'static str,
    pub wide: &'static str,
}

/// One line of the figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateRow {
    pub key: String,
    pub label: String,
    pub closed: i64,
    pub strict: i64,
    pub wide: i64,
    /// Share from 0 to 1; null without closures.
    pub strict_rate: Option<f64>,
    pub wide_rate: Option<f64>,
}

impl From<&Row> for RateRow {
    fn from(row: &Row) -> Self {
        // Counts stay far below 2^53, where f64 is exact.
        #[expect(clippy::cast_precision_loss, reason = "counts of tickets")]
        let rate = |part: i64| (row.closed > 0).then(|| part as f64 / row.closed as f64);
        Self {
            key: row.key.clone(),
            label: if row.label.is_empty() { row.key.clone() } else { row.label.clone() },
            closed: row.closed,
            strict: row.strict,
            wide: row.wide,
            strict_rate: rate(row.strict),
            wide_rate: rate(row.wide),
        }
    }
}

/// Computes the figure a query asks for.
///
/// # Errors
/// 422 for unknown values, else what the database says.
pub async fn figure(kernel: &Kernel, query: &FigureQuery) -> Result<Figures, Problem> {
    let zone = kernel.config.zone();
    let today = kernel.now().zoned(&zone).date();
    let period = Period::parse(query.from.as_deref(), query.to.as_deref(), today)?;
    let by = match query.by.as_deref().filter(|b| !b.is_empty()) {
        Some(text) => Dimension::from_text(text).ok_or_else(|| Problem::field("by", "unknown"))?,
        None => Dimension::Channel,
    };
    let unit = query.unit.as_deref().filter(|u| !u.is_empty());
    let classes = query.classes()?;
    let mut conn = kernel.db.read().await?;
    match query.source.as_deref() {
        None | Some("" | "kept") => Ok(closure_rate(&mut conn, &zone, period, by, unit, classes).await?),
        Some("log") => Ok(recount(&mut conn, &zone, period, by, unit, classes).await?),
        Some(_) => Err(Problem::field("source", "unknown")),
    }
}

/// A figure as CSV: one line per row, then the total.
///
/// # Errors
/// Never in practice: the writer is memory.
pub fn csv(figures: &Figures) -> Result<Vec<u8>, Problem> {
    let internal = |e: &dyn std::fmt::Display| Problem::new(Kind::Internal, "internal", e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["key", "label", "closed", "strict", "wide", "strict_rate", "wide_rate"])
        .map_err(|e| internal(&e))?;
    for row in figures.rows.iter().chain([&figures.total]) {
        let line = RateRow::from(row);
        let rate = |r: Option<f64>| r.map(|r| format!("{r:.4}")).unwrap_or_default();
        // A label that begins like a formula would run in a spreadsheet.
        let label = if line.label.starts_with(['=', '+', '-', '@']) { format!("'{}", line.label) } else { line.label };
        writer
            .write_record([
                line.key,
                label,
                line.closed.to_string(),
                line.strict.to_string(),
                line.wide.to_string(),
                rate(line.strict_rate),
                rate(line.wide_rate),
            ])
            .map_err(|e| internal(&e))?;
    }
    writer.into_inner().map_err(|e| internal(&e))
}

/// The front-office closure rate of a period, divided by one dimension; CSV when `Accept` asks for it.
#[utoipa::path(tag = "supervision", params(FigureQuery), security(("bearer" = [])),
    responses((status = 200, body = ClosureRate, description = "JSON, or CSV by Accept: text/csv"),
        (status = 422, description = "unknown value")))]
#[get("/supervision/closure-rate")]
pub async fn get_closure_rate(
    kernel: web::Data<Kernel>,
    caller: Caller,
    query: web::Query<FigureQuery>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let figures = figure(&kernel, &query).await?;
    let accept = req.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("text/csv") {
        return Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(csv(&figures)?));
    }
    Ok(HttpResponse::Ok().json(ClosureRate {
        from: figures.period.from.to_string(),
        to: figures.period.to.to_string(),
        by: figures.by,
        definitions: Definitions {
            strict: "closed without any competence or inquiry leg, divided by closed",
            wide: "closed without a leg to another agency, divided by closed",
        },
        total: RateRow::from(&figures.total),
        rows: figures.rows.iter().map(RateRow::from).collect(),
    }))
}

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(get_closure_rate);
}

/// The documentation of these routes.
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(get_closure_rate), components(schemas(ClosureRate, RateRow, Definitions)))]
pub struct Api;
