//! The queues: a page of a list, refreshed in place when a ticket changes.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::due::{Due, due};
use super::names::Names;
use super::{store, words};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal, Role};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::State;
use crate::tickets::queues::{self, PageKey, Queue, QueueRow};
use crate::tickets::search::Piece;

/// Mounts the queues.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania").route(web::get().to(entrance)))
        .service(web::resource("/scrivania/coda/{queue}").route(web::get().to(show)));
}

/// A line of a list, in the reader's words.
#[derive(Debug)]
pub struct Row {
    pub code: String,
    pub grouped: String,
    pub state: &'static str,
    pub state_label: String,
    pub unread: bool,
    pub subject: String,
    pub extract: String,
    pub person: String,
    pub icon: &'static str,
    pub channel: String,
    pub category: String,
    pub age: String,
    pub due: Due,
    /// Empty when nobody has it.
    pub assignee: String,
    pub unit: String,
    /// Whether it can be taken by whoever comes first.
    pub free: bool,
}

impl Row {
    /// No words are marked in a queue.
    fn pieces(&self) -> &[Piece] {
        &[]
    }

    /// A line for a ticket of a list.
    pub fn of(page: &Page, names: &Names, row: &QueueRow, extract: String) -> Self {
        Self {
            code: row.code.clone(),
            grouped: codes::grouped(&row.code),
            state: row.state.as_str(),
            state_label: words::state(page, row.state.as_str()),
            unread: row.state == State::New,
            subject: row.subject.clone(),
            extract: extract.split_whitespace().collect::<Vec<_>>().join(" "),
            person: row.person_name.clone().unwrap_or_default(),
            icon: words::channel_icon(&row.channel),
            channel: words::channel(page, &row.channel),
            category: row.category_id.map(|id| names.category(id)).unwrap_or_default(),
            age: page.age(&row.opened_at),
            due: due(page, row.state, row.expected_at),
            assignee: row.assignee_name.clone().unwrap_or_default(),
            unit: names.unit(row.owner_unit_id),
            free: row.assignee_id.is_none() && !row.state.is_over(),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/queue.html")]
struct QueuePage {
    page: Page,
    queue: &'static str,
    /// How many are in the queue, in words.
    count: String,
    rows: Vec<Row>,
    /// This very page, for refreshing it.
    here: String,
    first: String,
    next: String,
    /// What a form of this page was refused for, empty otherwise.
    alert: String,
}

#[derive(Deserialize)]
struct After {
    dopo: Option<String>,
}

/// Sends a person to the queue where there is most to do; a referent to their own pages.
async fn entrance(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    if caller.0.role == Role::Referent {
        return Ok(see_other("/referente"));
    }
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let counts = queues::counts(&mut conn, who).await?;
    let busiest = [Queue::Mine, Queue::New, Queue::Unit]
        .into_iter()
        .rev()
        .max_by_key(|q| counts.get(q.as_str()).copied().unwrap_or(0))
        .unwrap_or(Queue::New);
    Ok(see_other(&format!("/scrivania/coda/{}", busiest.slug())))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    queue: web::Path<String>,
    after: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let queue = Queue::from_slug(&queue).ok_or_else(Problem::not_found)?;
    render(&kernel, who, frame.0, queue, after.dopo.as_deref(), String::new(), StatusCode::OK).await
}

/// One page of a queue, perhaps with the reason why a form of it was refused.
pub async fn render(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    queue: Queue,
    after: Option<&str>,
    alert: String,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let after = match after.filter(|text| !text.is_empty()) {
        Some(text) => Some(PageKey::from_text(text).ok_or_else(Problem::not_found)?),
        None => None,
    };
    let mut conn = kernel.db.read().await?;
    let found = queues::page(&mut conn, who, queue, after).await?;
    let count = queues::counts(&mut conn, who).await?.get(queue.as_str()).copied().unwrap_or(0);
    let names = Names::read(&mut conn, page.language).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        let extract = store::extract(&mut conn, row.id).await?;
        rows.push(Row::of(&page, &names, row, extract));
    }
    let first = format!("/scrivania/coda/{}", queue.slug());
    let address = |key: PageKey| format!("{first}?dopo={}", key.to_text());
    let shown = QueuePage {
        page: page.clone().titled(&format!("queue-{}", queue.as_str())),
        queue: queue.as_str(),
        count: page.t1("desk-queue-count", "n", count),
        rows,
        here: after.map_or_else(|| first.clone(), address),
        next: found.next.map(address).unwrap_or_default(),
        first: if after.is_some() { first.clone() } else { String::new() },
        alert,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}
