//! The queues: a page of a list, refreshed in place when a ticket changes.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::due::{Due, due};
use super::names::{AreaChoice, Choice, Names};
use super::{next, store, words};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal, Role};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;
use crate::tickets::assignment::Priority;
use crate::tickets::queues::{self, Assignee, Filter, Order, PageKey, Queue, QueueRow};
use crate::tickets::search::Piece;
use crate::tickets::{Channel, RequestKind, State};

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
    /// Its priority in words; empty when it is the usual one.
    pub priority: String,
    /// Tone of its tag.
    pub priority_tone: &'static str,
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
            due: due(page, row.state, row.due_at.unwrap_or(row.expected_at)),
            assignee: row.assignee_name.clone().unwrap_or_default(),
            unit: names.unit(row.owner_unit_id),
            free: row.assignee_id.is_none() && !row.state.is_over(),
            priority: words::priority(page, Priority::from_rank(row.priority)),
            priority_tone: words::priority_tone(Priority::from_rank(row.priority)),
        }
    }
}

/// What a form of this page was refused for, empty otherwise.
#[derive(Debug, Default)]
pub struct Alert {
    pub title: String,
    pub text: String,
}

#[derive(Template)]
#[template(path = "desk/queue.html")]
struct QueuePage {
    page: Page,
    queue: &'static str,
    /// Its name in the address.
    slug: &'static str,
    /// How many are in the queue, in words.
    count: String,
    rows: Vec<Row>,
    /// This very page, for refreshing it.
    here: String,
    first: String,
    next: String,
    alert: Alert,
    /// What the reader holds, and what was passed on while they were away.
    own: next::Own,
    /// Whether it is in the order in which tickets are given out.
    by_work: bool,
    /// Whether a filter hides some of them.
    filtered: bool,
    /// Whether it is in the usual order.
    usual: bool,
    channels: Vec<Choice>,
    kinds: Vec<Choice>,
    areas: Vec<AreaChoice>,
    /// Empty where the queue says who has its tickets.
    colleagues: Vec<Choice>,
    asked: Asked,
}

/// What the address asks for, as it came: filters, order, and where the page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    canale: String,
    tipo: String,
    /// Slug.
    categoria: String,
    /// Row id of a user, or 0 for nobody.
    operatore: String,
    /// `recenti` for the newest first, `vecchie` for the oldest, `lavoro` by priority and term, `scadenza` by term,
    /// `scadute` for those whose term is over.
    ordine: String,
    dopo: String,
}

impl Asked {
    /// The filter it names.
    fn filter(&self, queue: Queue, names: &Names, now: Instant) -> Result<Filter, Problem> {
        let wrong = |field: &str| Problem::field(field, "unknown");
        let given = |text: &str| !text.is_empty();
        let categories = names.with_below(&self.categoria);
        if given(&self.categoria) && categories.is_empty() {
            return Err(wrong("categoria"));
        }
        let assignee = match self.operatore.as_str() {
            "" => None,
            "0" => Some(Assignee::Nobody),
            id => Some(Assignee::User(id.parse().map_err(|_| wrong("operatore"))?)),
        };
        let channel = Channel::from_text(&self.canale);
        let kind = RequestKind::from_text(&self.tipo);
        if given(&self.canale) && channel.is_none() {
            return Err(wrong("canale"));
        }
        if given(&self.tipo) && kind.is_none() {
            return Err(wrong("tipo"));
        }
        let order = match self.ordine.as_str() {
            "recenti" => Order::Newest,
            "scadenza" | "scadute" => Order::Due,
            "lavoro" => Order::Work,
            // New ones are worked in the order in which they are given out.
            "" if queue == Queue::New => Order::Work,
            _ => Order::Oldest,
        };
        let due_before = (self.ordine == "scadute").then_some(now);
        Ok(Filter { channel, kind, categories, assignee, order, due_before })
    }

    /// The address of the queue's page that begins after a row.
    fn address(&self, queue: Queue, after: &str) -> String {
        let pairs = [
            ("canale", self.canale.as_str()),
            ("tipo", &self.tipo),
            ("categoria", &self.categoria),
            ("operatore", &self.operatore),
            ("ordine", &self.ordine),
            ("dopo", after),
        ];
        let given: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let path = format!("/scrivania/coda/{}", queue.slug());
        match serde_urlencoded::to_string(given) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            Ok(_) | Err(_) => path,
        }
    }
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
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let queue = Queue::from_slug(&queue).ok_or_else(Problem::not_found)?;
    render(&kernel, who, frame.0, queue, asked.into_inner(), Alert::default(), StatusCode::OK).await
}

/// One page of a queue, perhaps with the reason why a form of it was refused.
pub async fn render(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    queue: Queue,
    asked: Asked,
    alert: Alert,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let after = match asked.dopo.as_str() {
        "" => None,
        text => Some(PageKey::from_text(text).ok_or_else(Problem::not_found)?),
    };
    let mut conn = kernel.db.read().await?;
    let names = Names::read(&mut conn, page.language).await?;
    let filter = asked.filter(queue, &names, page.now)?;
    let found = queues::page(&mut conn, who, queue, &filter, after).await?;
    let colleagues = store::colleagues(&mut conn).await?;
    let own = next::own(&mut conn, &page, who).await?;
    let count = queues::counts(&mut conn, who).await?.get(queue.as_str()).copied().unwrap_or(0);
    let mut rows = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        let extract = store::extract(&mut conn, row.id).await?;
        let mut line = Row::of(&page, &names, row, extract);
        // Where tickets are given out, the list offers no choice; the page of a ticket still does, for whoever has the
        // citizen on the telephone.
        line.free &= who.role.may(Permission::TakeOver) || !own.given_out.contains(&row.owner_unit_id);
        rows.push(line);
    }
    let filtered = filter != Filter { order: filter.order, ..Filter::default() };
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let shown = QueuePage {
        page: page.clone().titled(&format!("queue-{}", queue.as_str())),
        queue: queue.as_str(),
        slug: queue.slug(),
        count: page.t1(if filtered { "desk-queue-count-filtered" } else { "desk-queue-count" }, "n", count),
        rows,
        here: asked.address(queue, &asked.dopo),
        next: found.next.map(|key| asked.address(queue, &key.to_text())).unwrap_or_default(),
        first: if after.is_some() { asked.address(queue, "") } else { String::new() },
        alert,
        own,
        by_work: filter.order == Order::Work,
        filtered,
        usual: asked.ordine.is_empty(),
        channels: Channel::ALL.iter().map(|c| choice(c.as_str(), words::channel(&page, c.as_str()))).collect(),
        kinds: RequestKind::ALL.iter().map(|k| choice(k.as_str(), words::kind(&page, k.as_str()))).collect(),
        areas: names.areas(None),
        colleagues: if matches!(queue, Queue::New | Queue::Mine) {
            Vec::new()
        } else {
            colleagues.into_iter().map(|(id, name)| choice(&id.to_string(), name)).collect()
        },
        asked,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}
