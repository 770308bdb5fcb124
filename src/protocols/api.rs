//! JSON: calendars, protocols, terms of a ticket, figures of terms.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::acts::{Act, act};
use super::figures::{self, Behind, By, Line, Period, Which};
use super::save::{Saving, save_calendar, save_protocol};
use crate::clocks::model::ClockPause;
use crate::clocks::store as clock_store;
use crate::clocks::{CalendarBody, Closure, NoticeEffect, PhaseKind, PhaseRule, ProtocolBody, Roll, Subject, TermUnit};
use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::language::Language;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Json, if_match};
use crate::kernel::time::Instant;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/calendars").route(web::get().to(list_calendars)))
        .service(web::resource("/calendars/{slug}").route(web::put().to(put_calendar)))
        .service(web::resource("/protocols").route(web::get().to(list_protocols)))
        .service(web::resource("/protocols/{slug}").route(web::put().to(put_protocol)))
        .service(web::resource("/tickets/{code}/terms").route(web::get().to(list_terms)))
        .service(web::resource("/tickets/{code}/terms/{term}/acts").route(web::post().to(post_act)))
        .service(web::resource("/supervision/terms").route(web::get().to(get_figures)))
        .service(web::resource("/supervision/terms/list").route(web::get().to(get_behind)));
}

/// The endpoints of terms, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list_calendars, put_calendar, list_protocols, put_protocol, list_terms, post_act, get_figures, get_behind),
    components(schemas(
        CalendarOut,
        CalendarIn,
        CalendarBody,
        Closure,
        ProtocolOut,
        ProtocolIn,
        ProtocolBody,
        PhaseRule,
        Subject,
        PhaseKind,
        TermUnit,
        Roll,
        NoticeEffect,
        TermOut,
        PauseOut,
        ActIn,
        Act,
        FiguresOut,
        Line,
        Behind
    ))
)]
pub struct Api;

/// A version of a calendar.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarOut {
    id: i64,
    slug: String,
    number: i64,
    valid_from: String,
    /// RFC 3339.
    saved_at: String,
    /// `user:12` or `token:3`.
    saved_by: String,
    body: CalendarBody,
}

/// The next version of a calendar.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarIn {
    /// The number it follows; 0 for a new calendar.
    expected: i64,
    /// First day, `YYYY-MM-DD`.
    valid_from: String,
    body: CalendarBody,
}

/// A version of a protocol.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProtocolOut {
    id: i64,
    slug: String,
    number: i64,
    valid_from: String,
    /// RFC 3339.
    saved_at: String,
    /// `user:12` or `token:3`.
    saved_by: String,
    body: ProtocolBody,
}

/// The next version of a protocol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProtocolIn {
    /// The number it follows; 0 for a new protocol.
    expected: i64,
    /// First day, `YYYY-MM-DD`.
    valid_from: String,
    body: ProtocolBody,
}

/// The versions of all calendars, oldest first.
#[utoipa::path(get, path = "/calendars", tag = "supervision", security(("bearer" = [])), responses((status = 200, body = [CalendarOut])))]
async fn list_calendars(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let mut conn = kernel.db.read().await?;
    let rows = clock_store::calendar_versions(&mut conn, None).await?;
    let out = rows.into_iter().filter_map(|row| {
        let body = serde_json::from_str(&row.body).ok()?;
        let saved_at = row.saved_at.rfc3339();
        let (id, slug, number, valid_from) = (row.of, row.slug, row.number, row.valid_from);
        Some(CalendarOut { id, slug, number, valid_from, saved_at, saved_by: row.saved_by, body })
    });
    Ok(HttpResponse::Ok().json(out.collect::<Vec<_>>()))
}

/// Saves the next version of a calendar. Terms that run by it are computed anew.
#[utoipa::path(put, path = "/calendars/{slug}", tag = "supervision", request_body = CalendarIn, security(("bearer" = [])),
    params(("slug" = String, Path)), responses((status = 200), (status = 412, description = "changed meanwhile"), (status = 422, description = "a field cannot be read")))]
async fn put_calendar(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<CalendarIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let CalendarIn { expected, valid_from, body } = body.value;
    let saving = Saving { slug: slug.into_inner(), expected, valid_from: day(&valid_from)? };
    let id = save_calendar(&kernel, who, saving, body).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "id": id, "number": expected + 1 })))
}

/// The versions of all protocols, oldest first.
#[utoipa::path(get, path = "/protocols", tag = "supervision", security(("bearer" = [])), responses((status = 200, body = [ProtocolOut])))]
async fn list_protocols(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let mut conn = kernel.db.read().await?;
    let rows = clock_store::protocol_versions(&mut conn, None).await?;
    let out = rows.into_iter().filter_map(|row| {
        let body = serde_json::from_str(&row.body).ok()?;
        let saved_at = row.saved_at.rfc3339();
        let (id, slug, number, valid_from) = (row.of, row.slug, row.number, row.valid_from);
        Some(ProtocolOut { id, slug, number, valid_from, saved_at, saved_by: row.saved_by, body })
    });
    Ok(HttpResponse::Ok().json(out.collect::<Vec<_>>()))
}

/// Saves the next version of a protocol. Tickets that began before keep theirs.
#[utoipa::path(put, path = "/protocols/{slug}", tag = "supervision", request_body = ProtocolIn, security(("bearer" = [])),
    params(("slug" = String, Path)), responses((status = 200), (status = 412, description = "changed meanwhile"), (status = 422, description = "a field cannot be read")))]
async fn put_protocol(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<ProtocolIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let ProtocolIn { expected, valid_from, body } = body.value;
    let saving = Saving { slug: slug.into_inner(), expected, valid_from: day(&valid_from)? };
    let id = save_protocol(&kernel, who, saving, body).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "id": id, "number": expected + 1 })))
}

fn day(text: &str) -> Result<jiff::civil::Date, Problem> {
    text.parse().map_err(|_| Problem::field("valid_from", "not_a_day"))
}

/// A term of a ticket or of one of its legs.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermOut {
    id: i64,
    /// Row id of the leg; 0 for the ticket itself.
    leg: i64,
    phase: PhaseKind,
    round: i64,
    /// `running`, `suspended`, `met`, `missed` or `cancelled`.
    state: String,
    /// RFC 3339, as all instants here.
    started_at: String,
    /// Null while it is suspended without an end.
    due_at: Option<String>,
    /// Days, or for hours and minutes microseconds, left while it is suspended.
    left_over: Option<i64>,
    unit: TermUnit,
    amount: i64,
    warned_at: Option<String>,
    missed_at: Option<String>,
    ended_at: Option<String>,
    reason: String,
    pauses: Vec<PauseOut>,
}

/// A time that does not count.
#[derive(Debug, Serialize, ToSchema)]
pub struct PauseOut {
    from: String,
    until: Option<String>,
    /// `citizen`, `documents` or `notice`.
    reason: String,
    /// The whole term begins again after it.
    interrupts: bool,
}

impl From<ClockPause> for PauseOut {
    fn from(p: ClockPause) -> Self {
        let until = p.until_at.map(Instant::rfc3339);
        Self { from: p.from_at.rfc3339(), until, reason: p.reason, interrupts: p.interrupts }
    }
}

/// The terms of a ticket and its legs, in the order in which they began.
#[utoipa::path(get, path = "/tickets/{code}/terms", tag = "tickets", security(("bearer" = [])), params(("code" = String, Path)),
    responses((status = 200, body = [TermOut]), (status = 404)))]
async fn list_terms(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let mut conn = kernel.db.read().await?;
    let ticket = crate::tickets::store::by_code(&mut conn, code.as_str()).await?.ok_or_else(Problem::not_found)?;
    let mut out = Vec::new();
    for k in clock_store::of_ticket(&mut conn, ticket.id).await? {
        let pauses = clock_store::pauses(&mut conn, k.id).await?;
        out.push(TermOut {
            id: k.id,
            leg: k.leg_id,
            phase: k.phase,
            round: k.round,
            state: k.state.as_str().to_owned(),
            started_at: k.started_at.rfc3339(),
            due_at: k.due_at.map(Instant::rfc3339),
            left_over: k.left_over,
            unit: k.unit,
            amount: k.amount,
            warned_at: k.warned_at.map(Instant::rfc3339),
            missed_at: k.missed_at.map(Instant::rfc3339),
            ended_at: k.ended_at.map(Instant::rfc3339),
            reason: k.reason,
            pauses: pauses.into_iter().map(PauseOut::from).collect(),
        });
    }
    Ok(HttpResponse::Ok().json(out))
}

/// What is done to a term, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActIn {
    act: Act,
    /// Kept as an internal note.
    reason: String,
}

/// Suspends, resumes, extends or corrects a term; `If-Match` names the ticket's version.
#[utoipa::path(post, path = "/tickets/{code}/terms/{term}/acts", tag = "tickets", request_body = ActIn, security(("bearer" = [])),
    params(("code" = String, Path), ("term" = i64, Path)),
    responses((status = 200), (status = 404), (status = 409, description = "the term does not allow it"), (status = 412), (status = 422)))]
async fn post_act(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    req: actix_web::HttpRequest,
    body: Json<ActIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (code, term) = path.into_inner();
    let code = TrackingCode::parse(&code).map_err(|_| Problem::not_found())?;
    let expected = if_match(&req)?;
    let ticket = act(&kernel, who, (code.as_str(), expected), term, body.value.act, &body.value.reason).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "code": ticket.code, "version": ticket.version })))
}

/// Which figures are asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// First day, `YYYY-MM-DD`; 89 days before `to` when absent.
    pub from: String,
    /// Last day; today when absent.
    pub to: String,
    /// `protocol` (default), `phase`, `unit` or `category`.
    pub by: String,
    /// Of a list: the key of a line; all when absent.
    pub key: String,
    /// Of a list: `all` (default), `met` or `missed`.
    pub which: String,
    /// Of a list: the `id` after which it goes on.
    pub before: Option<i64>,
}

impl Asked {
    /// Period, division and choice.
    pub fn read(&self, kernel: &Kernel) -> Result<(Period, By, Which), Problem> {
        let today = kernel.now().zoned(&kernel.config.zone()).date();
        let period = Period::parse(&self.from, &self.to, today).ok_or_else(|| Problem::field("from", "not_a_day"))?;
        let by = match self.by.as_str() {
            "" => By::Protocol,
            text => By::from_text(text).ok_or_else(|| Problem::field("by", "unknown"))?,
        };
        let which = match self.which.as_str() {
            "" => Which::All,
            text => Which::from_text(text).ok_or_else(|| Problem::field("which", "unknown"))?,
        };
        Ok((period, by, which))
    }
}

/// The figures of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiguresOut {
    from: String,
    to: String,
    total: Line,
    lines: Vec<Line>,
}

/// How terms were kept in a period: met and missed, with median and ninth decile of their lengths.
#[utoipa::path(get, path = "/supervision/terms", tag = "supervision", params(Asked), security(("bearer" = [])),
    responses((status = 200, body = FiguresOut), (status = 422, description = "unknown value")))]
async fn get_figures(
    kernel: web::Data<Kernel>,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let (period, by, _) = asked.read(&kernel)?;
    let mut conn = kernel.db.read().await?;
    let found = figures::figures(&mut conn, period, by, Language::Italian).await?;
    let (from, to) = (period.from.to_string(), period.to.to_string());
    Ok(HttpResponse::Ok().json(FiguresOut { from, to, total: found.total, lines: found.lines }))
}

/// The terms behind a figure, the latest first, fifty at a time.
#[utoipa::path(get, path = "/supervision/terms/list", tag = "supervision", params(Asked), security(("bearer" = [])),
    responses((status = 200, body = [Behind]), (status = 422, description = "unknown value")))]
async fn get_behind(
    kernel: web::Data<Kernel>,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadFigures)?;
    let (period, by, which) = asked.read(&kernel)?;
    let mut conn = kernel.db.read().await?;
    let before = asked.before.unwrap_or(i64::MAX);
    let found = figures::behind(&mut conn, period, (by, &asked.key, which), before, 50).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Lines as CSV, the total last.
///
/// # Errors
/// Never in practice: the writer is memory.
pub fn csv(found: &figures::Figures) -> Result<Vec<u8>, Problem> {
    let internal = |e: &dyn std::fmt::Display| Problem::new(Kind::Internal, "internal", e.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["key", "label", "phase", "met", "missed", "met_permille", "median_hours", "p90_hours"];
    writer.write_record(head).map_err(|e| internal(&e))?;
    for line in found.lines.iter().chain([&found.total]) {
        let hours = |value: Option<f64>| value.map(|v| format!("{v:.2}")).unwrap_or_default();
        // A label that begins like a formula would run in a spreadsheet.
        let label =
            if line.label.starts_with(['=', '+', '-', '@']) { format!("'{}", line.label) } else { line.label.clone() };
        writer
            .write_record([
                line.key.clone(),
                label,
                line.phase.clone(),
                line.met.to_string(),
                line.missed.to_string(),
                line.permille().to_string(),
                hours(line.median_hours),
                hours(line.p90_hours),
            ])
            .map_err(|e| internal(&e))?;
    }
    writer.into_inner().map_err(|e| internal(&e))
}
