//! The ticket page: conversation, composer, and beside them all that helps to answer.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::conversation::{self, Bubble, Sent};
use super::due::{Due, due};
use super::legs::{self, Leg};
use super::names::{AreaChoice, Choice, Names};
use super::{code_in_path, history, store, ticket_url, words};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, html_as};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Frame};
use crate::kernel::time::Instant;
use crate::outbox::store::OutboxRow;
use crate::people::file::PersonFile;
use crate::tickets::resolve::closes_at;
use crate::tickets::store::{ContactRow, StoredFile};
use crate::tickets::view::{self, TicketView};
use crate::tickets::{Outcome, RequestKind, State, TicketError, drafts};

/// Mounts the page and its live fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code:[0-9A-Za-z.-]{9,16}}").route(web::get().to(show)))
        .service(web::resource("/scrivania/pratiche/{code}/novita").route(web::get().to(news)));
}

/// Other tickets of the person shown beside this one.
const PAST: i64 = 5;

/// A message at the head of the page.
#[derive(Debug)]
pub struct Notice {
    /// `good`, `warn` or `bad`.
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub lines: Vec<String>,
    pub text: String,
}

/// A file that a refused form had brought.
#[derive(Debug)]
pub struct Kept {
    pub word: String,
    pub name: String,
    pub size: String,
}

/// What the composer shows.
#[derive(Debug, Default)]
pub struct Composer {
    /// `reply` or `note`.
    pub kind: String,
    pub reply: String,
    pub note: String,
    pub sheet: String,
    /// `email`, `phone` or `counter`; empty for what suits the ticket best.
    pub way: String,
    /// `stay`, `wait`, `resolve` or `close`.
    pub then: String,
    pub outcome: String,
    pub files: Vec<StoredFile>,
}

/// The person beside the conversation.
struct PersonBox {
    id: i64,
    name: String,
    initials: String,
    count: String,
    /// Kind and value as written.
    identifiers: Vec<(String, String)>,
    past: Vec<Past>,
}

/// Another ticket of the person.
struct Past {
    href: String,
    subject: String,
    state: String,
    state_label: String,
    about: String,
}

/// A ticket this one may belong to or continues.
struct Link {
    href: String,
    code: String,
    subject: String,
    text: String,
    /// As stored, for settling it.
    kind: String,
    other: String,
}

#[derive(Template)]
#[template(path = "desk/ticket.html")]
struct TicketPage {
    page: Page,
    id: i64,
    code: String,
    grouped: String,
    version: i64,
    subject: String,
    state: &'static str,
    state_label: String,
    over: bool,
    waiting: bool,
    resolved: bool,
    unit: String,
    /// Empty when nobody has it.
    assignee: String,
    assignee_id: i64,
    mine: bool,
    opened: String,
    opened_at: String,
    icon: &'static str,
    channel: String,
    due: Due,
    due_date: String,
    /// How it was closed, empty otherwise.
    closed: String,
    notice: Option<Notice>,
    /// Failed mails that belong to no contact of the page and to no leg, each with what it was.
    unsent: Vec<(String, Sent)>,
    bubbles: Vec<Bubble>,
    earlier: String,
    latest: String,
    composer: Composer,
    kept: Vec<Kept>,
    /// Address an answer by mail goes to, empty when there is none.
    mail_to: String,
    greeting: String,
    person: Option<PersonBox>,
    areas: Vec<AreaChoice>,
    category: String,
    kinds: Vec<Choice>,
    kind: String,
    outcomes: Vec<Choice>,
    owners: Vec<Choice>,
    may_take_over: bool,
    links: Vec<Link>,
    legs: Vec<Leg>,
    /// The part is swapped on its own only in [`NewsPart`].
    swapped: bool,
    history: Vec<history::Line>,
    max_bytes: usize,
    max_files: usize,
}

#[derive(Deserialize)]
struct Shown {
    prima: Option<i64>,
    fatto: Option<String>,
}

/// What was done, by the word in the address after a form; the words are keys of the catalogue.
const DONE: [&str; 17] = [
    "reply",
    "spoken",
    "note",
    "taken",
    "classified",
    "waiting",
    "resumed",
    "resolved",
    "closed",
    "reopened",
    "put-back",
    "freed",
    "handed-over",
    "taken-over",
    "resent",
    "link",
    "opened",
];

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let notice = shown.fatto.as_deref().and_then(|d| DONE.into_iter().find(|known| *known == d)).map(|done| Notice {
        tone: "good",
        icon: "check-circle",
        title: frame.0.t(&format!("desk-done-{done}")),
        lines: Vec::new(),
        text: String::new(),
    });
    render(
        &kernel,
        who,
        frame.0,
        &code,
        Showing { before: shown.prima, notice, composer: None, status: StatusCode::OK },
    )
    .await
}

/// How a ticket's page is shown.
#[derive(Debug)]
pub struct Showing {
    /// Contacts before this one, rather than the latest.
    pub before: Option<i64>,
    pub notice: Option<Notice>,
    /// What a refused form had, in place of the drafts.
    pub composer: Option<Composer>,
    pub status: StatusCode,
}

/// The ticket page, perhaps with a notice, and with the text of a refused form in place of the draft.
pub async fn render(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    code: &str,
    showing: Showing,
) -> Result<HttpResponse, Problem> {
    let Showing { before, notice, composer, status } = showing;
    let mut conn = kernel.db.read().await?;
    let view = view::read(&mut conn, code, before).await?;
    let ticket = &view.ticket;
    let mut names = Names::read(&mut conn, page.language).await?;
    let authors = view.contacts.iter().filter_map(|c| c.contact.author_id);
    names.add_users(&mut conn, authors.chain(ticket.assignee_id).collect::<Vec<_>>()).await?;
    let events = view::history(&mut conn, ticket.id).await?;
    let history = history::lines(&mut conn, &page, &mut names, &events).await?;
    let legs = legs_of(&mut conn, &page, ticket.id).await?;
    let person = match &view.person {
        Some(file) => Some(person_box(&mut conn, &page, file, ticket.id).await?),
        None => None,
    };
    let closing_sheet = match ticket.closing_sheet_id {
        Some(id) => crate::tickets::store::sheet_code(&mut conn, id).await?.unwrap_or_default(),
        None => String::new(),
    };
    let last_incoming = crate::tickets::store::last_incoming(&mut conn, ticket.id).await?;
    drop(conn);
    let mut composer = match composer {
        Some(composer) => composer,
        None => from_drafts(kernel, who, ticket.id).await?,
    };
    let mail_to = mail_address(&view, last_incoming.as_ref());
    if composer.way.is_empty() {
        let spoken = if ticket.channel.as_str() == "counter" { "counter" } else { "phone" };
        composer.way = if mail_to.is_empty() { spoken } else { "email" }.to_owned();
    }
    if composer.kind.is_empty() {
        composer.kind = "reply".to_owned();
    }
    if composer.then.is_empty() {
        composer.then = "stay".to_owned();
    }
    let kept = composer
        .files
        .iter()
        .map(|f| Kept { word: super::upload::keep(kernel, f), name: f.name.clone(), size: words::size(&page, f.size) })
        .collect();
    let person_name = view.person.as_ref().map(|p| p.person.name.clone()).unwrap_or_default();
    let closed = match (ticket.outcome(), ticket.closed_at) {
        (Some(outcome), Some(at)) => {
            let outcome = words::outcome(&page, outcome.as_str());
            let line = page.t2("desk-closed-line", "outcome", outcome, "date", page.date(&at));
            if closing_sheet.is_empty() {
                line
            } else {
                format!("{line} · {}", page.t1("desk-closed-sheet", "sheet", closing_sheet))
            }
        }
        (Some(outcome), None) if ticket.state == State::Resolved => {
            let at = ticket.resolved_at.unwrap_or(ticket.touched_at);
            let outcome = words::outcome(&page, outcome.as_str());
            let closes = page.date(&closes_at(&kernel.config.desk, at));
            let values = [("outcome", outcome), ("date", page.date(&at)), ("closes", closes)];
            page.language.text_with("desk-resolved-line", &values)
        }
        _ => String::new(),
    };
    let greeting_key = if person_name.is_empty() { "desk-greeting" } else { "desk-greeting-name" };
    let ticket_language = crate::kernel::language::Language::from_tag(&ticket.language).unwrap_or(page.language);
    let choices = |values: &[&'static str], word: fn(&Page, &str) -> String| -> Vec<Choice> {
        values.iter().map(|v| Choice { value: (*v).to_owned(), label: word(&page, v) }).collect()
    };
    let shown = TicketPage {
        id: ticket.id,
        code: ticket.code.clone(),
        grouped: codes::grouped(&ticket.code),
        version: ticket.version,
        subject: ticket.subject.clone(),
        state: ticket.state.as_str(),
        state_label: words::state(&page, ticket.state.as_str()),
        over: ticket.state.is_over(),
        waiting: ticket.state == State::WaitingCitizen,
        resolved: ticket.state == State::Resolved,
        unit: names.unit(ticket.owner_unit_id),
        assignee: ticket.assignee_id.map(|id| names.user(id)).unwrap_or_default(),
        assignee_id: ticket.assignee_id.unwrap_or(0),
        mine: ticket.assignee_id.is_some() && ticket.assignee_id == who.user_id,
        opened: words::moment(&page, &ticket.opened_at),
        opened_at: ticket.opened_at.rfc3339(),
        icon: words::channel_icon(ticket.channel.as_str()),
        channel: words::channel(&page, ticket.channel.as_str()),
        due: due(&page, ticket.state, ticket.expected_at),
        due_date: page.date(&ticket.expected_at),
        closed,
        notice,
        unsent: unsent(&page, &view),
        bubbles: conversation::bubbles(&page, &names, &view),
        earlier: view.earlier.map(|id| format!("{}?prima={id}", ticket_url(&ticket.code))).unwrap_or_default(),
        latest: before.map(|_| ticket_url(&ticket.code)).unwrap_or_default(),
        composer,
        kept,
        mail_to,
        greeting: ticket_language.text_with(greeting_key, &[("name", person_name)]),
        person,
        areas: names.areas(ticket.category_id),
        category: names.category_slug(ticket.category_id),
        kinds: choices(&RequestKind::ALL.iter().map(|k| k.as_str()).collect::<Vec<_>>(), words::kind),
        kind: ticket.kind.as_str().to_owned(),
        outcomes: choices(&Outcome::ALL.iter().map(|o| o.as_str()).collect::<Vec<_>>(), words::outcome),
        owners: names.owners(),
        may_take_over: who.role.may(Permission::TakeOver),
        legs,
        swapped: false,
        links: view.links.iter().map(|l| link(&page, l)).collect(),
        history,
        max_bytes: super::upload::FILE_BYTES,
        max_files: super::upload::FILES,
        page: Page { title: format!("{} {}", codes::grouped(&ticket.code), ticket.subject), ..page.clone() },
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

fn unsent(page: &Page, view: &TicketView) -> Vec<(String, Sent)> {
    let elsewhere = |row: &OutboxRow| row.contact_id.is_some() || row.purpose == "leg";
    let rows = view.outbox.iter().filter(|row| row.state == "failed" && !elsewhere(row));
    let purpose = |row: &OutboxRow| page.t(&format!("outbox-purpose-{}", row.purpose.replace('_', "-")));
    rows.map(|row| (purpose(row), conversation::sent(page, row))).collect()
}

async fn legs_of(conn: &mut crate::kernel::database::Conn, page: &Page, ticket: i64) -> Result<Vec<Leg>, Problem> {
    let views = crate::network::views::legs_of(conn, ticket, page.language).await?;
    Ok(views.iter().map(|view| legs::leg(page, view)).collect())
}

async fn from_drafts(kernel: &Kernel, who: &Principal, ticket: i64) -> Result<Composer, Problem> {
    let mut composer = Composer::default();
    let mut newest = Instant(i64::MIN);
    for draft in drafts::read(kernel, who, ticket).await? {
        if draft.updated_at > newest {
            newest = draft.updated_at;
            composer.kind.clone_from(&draft.kind);
        }
        match draft.kind.as_str() {
            "note" => composer.note = draft.body,
            _ => composer.reply = draft.body,
        }
    }
    Ok(composer)
}

/// Where an answer by mail would go: the address of the last message, else the person's.
fn mail_address(view: &TicketView, last: Option<&ContactRow>) -> String {
    last.and_then(|l| crate::people::Identifier::email(&l.from_address).ok())
        .map(|i| i.raw)
        .or_else(|| view.person.as_ref().and_then(|p| p.first("email")).map(str::to_owned))
        .unwrap_or_default()
}

async fn person_box(
    conn: &mut crate::kernel::database::Conn,
    page: &Page,
    file: &PersonFile,
    this: i64,
) -> Result<PersonBox, Problem> {
    let id = file.person.id;
    let rows = store::tickets_of(conn, id, (Instant(i64::MAX), i64::MAX), PAST + 1).await?;
    let count = store::count_tickets_of(conn, id).await?;
    let name = file.display_name();
    Ok(PersonBox {
        id,
        initials: words::initials(&name),
        name,
        count: page.t1("desk-person-tickets", "n", count),
        identifiers: file
            .identifiers
            .iter()
            .map(|i| (page.t(&format!("desk-identifier-{}", i.kind.replace('_', "-"))), i.raw.clone()))
            .collect(),
        past: rows
            .iter()
            .filter(|r| r.id != this)
            .take(usize::try_from(PAST).unwrap_or(5))
            .map(|r| past(page, r))
            .collect(),
    })
}

fn past(page: &Page, row: &store::PastTicketRow) -> Past {
    Past {
        href: ticket_url(&row.code),
        subject: row.subject.clone(),
        state: row.state.clone(),
        state_label: words::state(page, &row.state),
        about: format!("{}, {}", page.date(&row.opened_at), words::channel(page, &row.channel)),
    }
}

fn link(page: &Page, (code, subject, kind): &(String, String, String)) -> Link {
    Link {
        href: ticket_url(code),
        code: codes::grouped(code),
        subject: subject.clone(),
        text: page.t(&format!("desk-link-{}", kind.replace('_', "-"))),
        kind: kind.clone(),
        other: code.clone(),
    }
}

/// The notice for a change that the ticket's state or a colleague did not allow; other refusals pass on.
///
/// # Errors
/// The refusal itself, when the page cannot help with it.
pub async fn refusal(
    kernel: &Kernel,
    page: &Page,
    code: &str,
    seen: Option<i64>,
    error: TicketError,
) -> Result<(Notice, StatusCode), Problem> {
    let status = error.kind().status();
    let warn = |title: String, lines: Vec<String>, text: String| Notice {
        tone: "warn",
        icon: "warning-circle",
        title,
        lines,
        text,
    };
    let notice = match &error {
        TicketError::Stale { changed_by, .. } => {
            let title = page.t1("desk-stale-title", "who", changed_by);
            warn(title, changes_since(kernel, page, code, seen.unwrap_or(0)).await?, page.t("desk-stale-text"))
        }
        TicketError::TakenBy { name } => {
            warn(page.t1("desk-taken-title", "who", name), Vec::new(), page.t("desk-taken-text"))
        }
        TicketError::HeldBy { name, since } => {
            let title = page.t2("desk-held-title", "who", name, "time", words::clock(page, since));
            warn(title, Vec::new(), page.t("desk-held-text"))
        }
        TicketError::State { .. } | TicketError::Over => {
            warn(page.t("desk-state-refused"), Vec::new(), page.t("desk-state-refused-text"))
        }
        TicketError::NoAddress => warn(page.t("desk-no-address"), Vec::new(), page.t("desk-no-address-text")),
        TicketError::Invalid { field, wrong } => {
            let own = format!("desk-invalid-{field}-{wrong}");
            let title = if page.language.has(&own) { page.t(&own) } else { page.t("desk-invalid") };
            warn(title, Vec::new(), String::new())
        }
        TicketError::NotFound | TicketError::Forbidden(_) | TicketError::Blobs(_) | TicketError::Store(_) => {
            return Err(error.into());
        }
    };
    Ok((notice, status))
}

/// What changed a ticket after a version, in words, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn changes_since(kernel: &Kernel, page: &Page, code: &str, version: i64) -> Result<Vec<String>, Problem> {
    let mut conn = kernel.db.read().await?;
    let ticket = crate::tickets::store::by_code(&mut conn, code).await?.ok_or_else(Problem::not_found)?;
    let mut names = Names::read(&mut conn, page.language).await?;
    let events = view::history(&mut conn, ticket.id).await?;
    let later: Vec<_> =
        events.into_iter().filter(|e| e.data()["version"].as_i64().is_some_and(|v| v > version)).collect();
    let lines = history::lines(&mut conn, page, &mut names, &later).await?;
    Ok(lines.into_iter().rev().map(|l| format!("{} ({})", l.text, l.when)).collect())
}

#[derive(Template)]
#[template(path = "desk/news.html")]
struct NewsPart {
    page: Page,
    code: String,
    /// What changed since the page was made, empty when nothing did.
    changes: Vec<String>,
    bubbles: Vec<Bubble>,
    earlier: String,
    latest: String,
    legs: Vec<Leg>,
    /// The version of the forms in the part.
    version: i64,
    over: bool,
    swapped: bool,
}

#[derive(Deserialize)]
struct Seen {
    versione: i64,
    prima: Option<i64>,
}

/// What changed since a page was made, and the conversation as it is now. The composer and the version that
/// forms carry stay as they are, so that nobody answers without having seen the change.
async fn news(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    seen: web::Query<Seen>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (page, code) = (frame.0, code_in_path(&code)?);
    let mut conn = kernel.db.read().await?;
    let view = view::read(&mut conn, &code, seen.prima).await?;
    let mut names = Names::read(&mut conn, page.language).await?;
    let authors: Vec<i64> = view.contacts.iter().filter_map(|c| c.contact.author_id).collect();
    names.add_users(&mut conn, authors).await?;
    let legs = legs_of(&mut conn, &page, view.ticket.id).await?;
    drop(conn);
    let changes = if view.ticket.version > seen.versione {
        changes_since(&kernel, &page, &code, seen.versione).await?
    } else {
        Vec::new()
    };
    html(&NewsPart {
        bubbles: conversation::bubbles(&page, &names, &view),
        earlier: view.earlier.map(|id| format!("{}?prima={id}", ticket_url(&code))).unwrap_or_default(),
        latest: seen.prima.map(|_| ticket_url(&code)).unwrap_or_default(),
        legs,
        version: seen.versione,
        over: view.ticket.state.is_over(),
        swapped: true,
        code,
        changes,
        page,
    })
}
