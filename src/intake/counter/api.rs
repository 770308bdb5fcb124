//! JSON: visits, registered and counted.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::model::{NewVisit, VisitOutcome, Visitor};
use super::store::{self, CounterRow, VisitRow};
use super::{Registered, VisitError, counter_of, register, topics, undo};
use crate::intake::Intake;
use crate::kernel::database::Conn;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::kernel::time::Instant;
use crate::tickets;

/// Visits told at most.
const MOST: i64 = 500;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/visits").route(web::get().to(list_visits)).route(web::post().to(post_visit)))
        .service(web::resource("/visits/{id}/undo").route(web::post().to(undo_visit)));
}

/// The endpoints of counters, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list_visits, post_visit, undo_visit),
    components(schemas(VisitIn, VisitorIn, VisitOut, VisitsOut, TopicOut, VisitOutcome))
)]
pub struct Api;

/// A visit at a counter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitIn {
    /// Slug; without it the category of the sheet.
    category: Option<String>,
    /// Code of the sheet that answered.
    sheet: Option<String>,
    /// Nobody: the visitor stays unnamed.
    visitor: Option<VisitorIn>,
    /// Code of the ticket the visit is about; a new one is opened without.
    ticket: Option<String>,
    note: Option<String>,
    /// `answered` when absent.
    outcome: Option<VisitOutcome>,
    /// Slug of a counter; the caller's own when absent.
    counter: Option<String>,
    /// RFC 3339; when the visitor's turn began.
    started_at: Option<String>,
    /// The sender's own name for this visit: sent twice, it is one.
    external_id: Option<String>,
}

/// Who came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitorIn {
    /// Row id of a person.
    person: Option<i64>,
    /// E-mail address, number or fiscal code of somebody who may be new.
    identifier: Option<String>,
    name: Option<String>,
}

/// A visit that is registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitOut {
    id: i64,
    /// Tracking code of its ticket, without separators.
    ticket_code: String,
    /// Whether the ticket was opened for it.
    new_ticket: bool,
    outcome: String,
    registered_at: String,
    /// From the beginning of the visitor's turn, where that is known.
    seconds: Option<i64>,
    undone: bool,
}

/// What was asked, and how often.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicOut {
    category: Option<String>,
    sheet: Option<String>,
    visits: i64,
    answered: i64,
    /// Mean duration of those whose duration is known.
    mean_seconds: Option<i64>,
}

/// A day at a counter.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitsOut {
    /// Slug.
    counter: String,
    day: String,
    topics: Vec<TopicOut>,
    /// The latest 500, newest first.
    visits: Vec<VisitOut>,
}

/// Which visits.
#[derive(Debug, Deserialize, IntoParams)]
struct Shown {
    /// YYYY-MM-DD; today when absent.
    day: Option<String>,
    /// Slug; the caller's own when absent.
    counter: Option<String>,
}

fn out(visit: &VisitRow, code: String) -> VisitOut {
    VisitOut {
        id: visit.id,
        ticket_code: code,
        new_ticket: visit.opened,
        outcome: visit.outcome.clone(),
        registered_at: visit.registered_at.rfc3339(),
        seconds: visit.seconds(),
        undone: visit.undone_at.is_some(),
    }
}

async fn counter(intake: &Intake, who: &Principal, slug: Option<&str>) -> Result<CounterRow, VisitError> {
    let Some(slug) = slug else { return counter_of(intake, who).await };
    let mut conn = intake.kernel().db.read().await?;
    let counters = store::counters(&mut conn).await?;
    counters.into_iter().find(|c| c.slug == slug).ok_or(VisitError::Invalid { field: "counter", wrong: "unknown" })
}

/// Registers a visit at a counter; one that was answered is closed with its sheet
#[utoipa::path(post, path = "/visits", tag = "intake", request_body = VisitIn, security(("bearer" = [])),
    responses((status = 201, body = VisitOut), (status = 422, description = "unacceptable value")))]
async fn post_visit(
    intake: web::Data<Intake>,
    caller: Caller,
    Json { value, .. }: Json<VisitIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let started_at = match &value.started_at {
        Some(text) => Some(Instant::parse(text).map_err(|_| Problem::field("started_at", "not_rfc3339"))?),
        None => None,
    };
    let visitor = value.visitor.map(|v| Visitor {
        person: v.person,
        identifier: v.identifier.unwrap_or_default(),
        name: v.name.unwrap_or_default(),
    });
    let new = NewVisit {
        once: value.external_id.unwrap_or_default(),
        category: value.category.unwrap_or_default(),
        sheet: value.sheet.unwrap_or_default(),
        visitor: visitor.unwrap_or_default(),
        ticket: value.ticket.unwrap_or_default(),
        note: value.note.unwrap_or_default(),
        outcome: value.outcome.unwrap_or(VisitOutcome::Answered),
        counter: value.counter.unwrap_or_default(),
        started_at,
    };
    let Registered { visit, code } = register(&intake, who, new).await?;
    Ok(HttpResponse::Created().json(out(&visit, code)))
}

/// A day's visits at a counter, by topic and one by one
#[utoipa::path(get, path = "/visits", tag = "intake", params(Shown), security(("bearer" = [])),
    responses((status = 200, body = VisitsOut), (status = 422, description = "no such counter or day")))]
async fn list_visits(
    intake: web::Data<Intake>,
    caller: Caller,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadTickets)?;
    let kernel = intake.kernel();
    let counter = counter(&intake, who, shown.counter.as_deref()).await?;
    let (day, from, to) = match shown.day.as_deref() {
        None => {
            let (from, to) = topics::today(kernel);
            (kernel.now().day(&kernel.config.zone()), from, to)
        }
        Some(text) => {
            let day: jiff::civil::Date = text.parse().map_err(|_| Problem::field("day", "not_a_day"))?;
            let (from, to) = topics::bounds(kernel, day);
            (day.to_string(), from, to)
        }
    };
    let mut conn = kernel.db.read().await?;
    let mut topics = Vec::new();
    for row in store::by_topic(&mut conn, counter.id, from, to).await? {
        topics.push(topic(&mut conn, &row).await?);
    }
    let mut visits = Vec::new();
    for visit in store::between(&mut conn, counter.id, from, to, MOST).await? {
        let code = tickets::store::code_of(&mut conn, visit.ticket_id).await?;
        visits.push(out(&visit, code));
    }
    Ok(HttpResponse::Ok().json(VisitsOut { counter: counter.slug, day, topics, visits }))
}

async fn topic(conn: &mut Conn, row: &store::TopicCount) -> Result<TopicOut, VisitError> {
    let category = match row.category_id {
        Some(id) => store::category(conn, id).await?.map(|c| c.slug),
        None => None,
    };
    let sheet = match row.sheet_id {
        Some(id) => tickets::store::sheet_code(conn, id).await?,
        None => None,
    };
    let mean_seconds = (row.timed > 0).then(|| row.seconds / row.timed);
    Ok(TopicOut { category, sheet, visits: row.visits, answered: row.answered, mean_seconds })
}

/// Takes a visit back, within a minute
#[utoipa::path(post, path = "/visits/{id}/undo", tag = "intake", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204), (status = 404), (status = 409, description = "too late, or somebody else's")))]
async fn undo_visit(intake: web::Data<Intake>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    undo(intake.kernel(), who, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
