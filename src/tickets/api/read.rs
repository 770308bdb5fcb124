//! Reading tickets.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::kernel::Kernel;
use crate::kernel::codes::TrackingCode;
use crate::kernel::database::Conn;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;
use crate::tickets::model::{Channel, Outcome, RequestKind, State, Ticket};
use crate::tickets::search::{self, TicketIndex};
use crate::tickets::{TicketError, store, view};

/// Which tickets to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// A state: new, open, waiting_citizen, referred, resolved, closed.
    pub state: Option<String>,
    /// A code, phone, e-mail, fiscal code in any format, or words.
    pub q: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Tickets a page, 1 to 100; 50 when absent.
    pub limit: Option<i64>,
}

/// A page of tickets, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketList {
    pub tickets: Vec<TicketLine>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
}

/// A ticket in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketLine {
    /// Tracking code, without separators.
    pub code: String,
    pub state: State,
    pub version: i64,
    pub subject: String,
    pub channel: Channel,
    pub kind: RequestKind,
    /// Slug of the category.
    pub category: Option<String>,
    /// Slug of the unit that owns the relation with the citizen.
    pub owner_unit: String,
    pub assignee: Option<String>,
    /// RFC 3339, as all instants.
    pub opened_at: String,
    pub updated_at: String,
    pub expected_at: String,
    pub closed_at: Option<String>,
    pub outcome: Option<Outcome>,
    /// Code of the ticket that goes on in its place; such a ticket is closed, has no contacts and counts in no
    /// figure.
    pub merged_into: Option<String>,
}

/// A ticket with its contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketBody {
    #[serde(flatten)]
    pub ticket: TicketLine,
    /// Code of the sheet from which the request was written.
    pub requested_sheet: Option<String>,
    /// The version of it that was in force then.
    pub requested_sheet_version: Option<i64>,
    /// Code of the sheet that closed it.
    pub closing_sheet: Option<String>,
    /// The version of it that was in force then.
    pub closing_sheet_version: Option<i64>,
    /// Row id of the person, for `/persons/{id}`.
    pub person: Option<i64>,
    /// The last contacts, oldest first; internal notes only for those who work tickets.
    pub contacts: Vec<ContactBody>,
}

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactBody {
    pub id: i64,
    /// in, out or note.
    pub direction: String,
    pub channel: String,
    pub at: String,
    pub from: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Why it looks automatic.
    pub automatic: Option<String>,
    /// Code of the ticket it came from, if it was moved.
    pub moved_from: Option<String>,
    pub attachments: Vec<FileBody>,
}

/// A file of a contact.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileBody {
    pub id: i64,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    /// `signed` (its content is listed too; the signature was not verified), `taken_from:<name of the signed file>`,
    /// `unreadable` (a container that could not be opened), or empty.
    pub note: String,
}

/// Reads a code in any spelling; a text that is no code leads nowhere.
pub fn code(text: &str) -> Result<TrackingCode, Problem> {
    TrackingCode::parse(text).map_err(|_| Problem::not_found())
}

pub(super) async fn line(conn: &mut Conn, t: &Ticket) -> Result<TicketLine, TicketError> {
    let names = store::names_of(conn, t).await?;
    let merged_into = match t.merged_into_id {
        Some(into) => Some(store::code_of(conn, into).await?),
        None => None,
    };
    Ok(TicketLine {
        code: t.code.clone(),
        state: t.state,
        version: t.version,
        subject: t.subject.clone(),
        channel: t.channel,
        kind: t.kind,
        category: names.category,
        owner_unit: names.owner_unit,
        assignee: names.assignee,
        opened_at: t.opened_at.rfc3339(),
        updated_at: t.touched_at.rfc3339(),
        expected_at: t.expected_at.rfc3339(),
        closed_at: t.closed_at.map(|at| at.rfc3339()),
        outcome: t.outcome(),
        merged_into,
    })
}

/// The tickets of the caller's scope, the newest first, by state or by search.
#[utoipa::path(tag = "tickets", params(ListQuery), security(("bearer" = [])),
    responses((status = 200, body = TicketList), (status = 422, description = "unknown state or cursor")))]
#[get("/tickets")]
pub async fn list(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let state = match query.state.as_deref().filter(|s| !s.is_empty()) {
        Some(text) => Some(State::from_text(text).ok_or_else(|| Problem::field("state", "unknown"))?),
        None => None,
    };
    let before = match query.cursor.as_deref().filter(|c| !c.is_empty()) {
        Some(text) => text.parse::<i64>().map_err(|_| Problem::field("cursor", "unknown"))?,
        None => i64::MAX,
    };
    let limit = query.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::field("limit", "out_of_range"));
    }
    let (found, next) = match query.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        Some(q) => searched(&kernel, &index, q, state, before, limit).await?,
        None => listed(&kernel, state, before, limit).await?,
    };
    let next_cursor = next.map(|id| id.to_string());
    let mut conn = kernel.db.read().await?;
    let mut tickets = Vec::with_capacity(found.len());
    for ticket in &found {
        tickets.push(line(&mut conn, ticket).await?);
    }
    Ok(HttpResponse::Ok().json(TicketList { tickets, next_cursor }))
}

async fn listed(
    kernel: &Kernel,
    state: Option<State>,
    before: i64,
    limit: i64,
) -> Result<(Vec<Ticket>, Option<i64>), Problem> {
    let mut conn = kernel.db.read().await?;
    let mut found = store::list(&mut conn, state, before, limit + 1).await?;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    if more {
        found.pop();
    }
    let next = found.last().filter(|_| more).map(|t| t.id);
    Ok((found, next))
}

/// Searches; a state narrows each page of results, which may then be short while `next_cursor` goes on.
async fn searched(
    kernel: &Kernel,
    index: &TicketIndex,
    q: &str,
    state: Option<State>,
    before: i64,
    limit: i64,
) -> Result<(Vec<Ticket>, Option<i64>), Problem> {
    let limit = usize::try_from(limit).unwrap_or(search::LIMIT);
    let page = search::search(kernel, index, q, limit, (before != i64::MAX).then_some(before)).await?;
    let mut conn = kernel.db.read().await?;
    let mut tickets = Vec::with_capacity(page.found.len());
    for found in page.found.iter().filter(|f| state.is_none_or(|s| f.row.state == s)) {
        tickets.extend(store::by_id(&mut conn, found.row.id).await?);
    }
    Ok((tickets, page.next))
}

/// One ticket with its contacts. A merged one says in `merged_into` where they went on.
#[utoipa::path(tag = "tickets", params(("code" = String, Path, description = "tracking code, in any spelling")),
    security(("bearer" = [])),
    responses((status = 200, body = TicketBody), (status = 304, description = "If-None-Match names this version"),
        (status = 404, description = "no such ticket")))]
#[get("/tickets/{code}")]
pub async fn get_ticket(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let page = view::read(&mut conn, code(&path)?.as_str(), None).await?;
    let etag = format!("\"{}\"", page.ticket.version);
    if req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()) == Some(etag.as_str()) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    let inside = who.role.may(Permission::WorkTickets);
    let requested = store::requested_sheet(&mut conn, page.ticket.id).await?;
    let body = TicketBody {
        requested_sheet: match requested {
            Some(sheet) => store::sheet_code(&mut conn, sheet.id).await?,
            None => None,
        },
        requested_sheet_version: requested.map(|sheet| sheet.version),
        ticket: line(&mut conn, &page.ticket).await?,
        person: page.ticket.person_id,
        closing_sheet_version: page.ticket.closing_sheet_version,
        closing_sheet: match page.ticket.closing_sheet_id {
            Some(id) => store::sheet_code(&mut conn, id).await?,
            None => None,
        },
        contacts: page
            .contacts
            .into_iter()
            .filter(|c| inside || c.contact.public)
            .map(|c| ContactBody {
                id: c.contact.id,
                direction: c.contact.direction,
                channel: c.contact.channel,
                at: c.contact.happened_at.rfc3339(),
                from: c.contact.from_address,
                to: c.contact.to_address,
                subject: c.contact.subject,
                text: c.contact.body,
                automatic: c.contact.automatic,
                moved_from: c.origin,
                attachments: c
                    .attachments
                    .into_iter()
                    .map(|a| FileBody { id: a.id, name: a.name, media_type: a.media_type, size: a.size, note: a.note })
                    .collect(),
            })
            .collect(),
    };
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag)).json(body))
}
