//! The ticket page: conversation, composer, and beside them all that helps to answer.
mod aside;
mod news;
mod notice;
mod terms;
mod writing;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::asked::{AskedBox, Wrong};
use super::conversation::{self, Bubble, Sent};
use super::due::{Due, due};
use super::legs::Leg;
use super::names::{AreaChoice, Choice, Names};
use super::priority::{self, PriorityBox};
use super::{code_in_path, history, ticket_url, words};
use crate::classification::view::Input;
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::knowledge::gaps;
use crate::outbox::store::OutboxRow;
use crate::outbox::wording::Carrier;
use crate::tickets::proposals::{self, store::Of};
use crate::tickets::resolve::closes_at;
use crate::tickets::view::TicketView;
use crate::tickets::{Outcome, RequestKind, State, assignment, merging, view};
use aside::{Joined, Link, PersonBox, SheetLink};

pub use notice::{Notice, refusal};
pub use writing::Composer;
use writing::{AccountWay, AroundText, Kept};

/// Mounts the page and its live fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code:[0-9A-Za-z.-]{9,16}}").route(web::get().to(show)));
    news::routes(cfg);
}

#[derive(Template)]
#[template(path = "desk/ticket.html")]
struct TicketPage {
    page: Page,
    /// The sheets it was written from and answered with.
    sheets: Vec<SheetLink>,
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
    /// Terms that run, and those that ended.
    terms: Vec<terms::Term>,
    may_correct: bool,
    priority: PriorityBox,
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
    accounts: Vec<AccountWay>,
    /// What stands around an answer by mail.
    email: AroundText,
    /// Language in which the citizen is answered.
    answer_lang: &'static str,
    /// Sheets that were used or read for it: code and title.
    seen_sheets: Vec<(String, String)>,
    person: Option<PersonBox>,
    areas: Vec<AreaChoice>,
    category: String,
    kinds: Vec<Choice>,
    /// What the category says to agents.
    class: AskedBox,
    /// What it asks.
    asked: Vec<Input>,
    kind: String,
    outcomes: Vec<Choice>,
    owners: Vec<Choice>,
    may_take_over: bool,
    /// At which level its owner handles it.
    level: String,
    /// Which unit is asked to take it over and until when; empty when none is.
    proposed: String,
    /// The unit it was taken over from, as long as it can be given back; else empty.
    taken_from: String,
    links: Vec<Link>,
    /// Whether somebody called: the telephone then knows more of it.
    called: bool,
    /// Tickets that go on in this one.
    joined: Vec<Joined>,
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
    /// Code of a merged ticket that was asked for.
    unita: Option<String>,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let mut conn = kernel.db.read().await?;
    let named = crate::tickets::store::by_code(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    if let Some(into) = named.merged_into_id {
        let live = crate::tickets::store::code_of(&mut conn, into).await?;
        return Ok(see_other(&format!("{}?unita={code}", ticket_url(&live))));
    }
    drop(conn);
    let page = &frame.0;
    let merged = shown.unita.as_deref().and_then(|c| code_in_path(c).ok());
    let notice = match (shown.fatto.as_deref(), merged) {
        (Some(done), _) => Notice::done(page, done),
        (None, Some(code)) => Some(Notice::good(page.t1("desk-merged-here", "code", codes::grouped(&code)))),
        (None, None) => None,
    };
    render(
        &kernel,
        who,
        frame.0,
        &code,
        Showing { before: shown.prima, notice, composer: None, status: StatusCode::OK, wrong: None },
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
    /// Refused answers to what the category asks.
    pub wrong: Option<Wrong>,
}

impl Showing {
    /// The page as it is, under a status.
    pub const fn with(status: StatusCode) -> Self {
        Self { before: None, notice: None, composer: None, status, wrong: None }
    }
}

/// The ticket page, perhaps with a notice, and with the text of a refused form in place of the draft.
pub async fn render(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    code: &str,
    showing: Showing,
) -> Result<HttpResponse, Problem> {
    let Showing { before, notice, composer, status, wrong } = showing;
    let mut conn = kernel.db.read().await?;
    let mut view = view::read(&mut conn, code, before).await?;
    if let Some(into) = view.ticket.merged_into_id {
        let live = crate::tickets::store::code_of(&mut conn, into).await?;
        view = view::read(&mut conn, &live, None).await?;
    }
    let ticket = &view.ticket;
    let joined = merging::store::tombstones(&mut conn, ticket.id).await?;
    let mut names = Names::read(&mut conn, page.language).await?;
    let authors = view.contacts.iter().filter_map(|c| c.contact.author_id);
    names.add_users(&mut conn, authors.chain(ticket.assignee_id).collect::<Vec<_>>()).await?;
    let events = view::history(&mut conn, ticket.id).await?;
    let history = history::lines(&mut conn, &page, &mut names, &events).await?;
    let legs = aside::legs_of(&mut conn, &page, ticket.id, &joined).await?;
    let terms = terms::of_ticket(&mut conn, &page, ticket.id).await?;
    let person = match &view.person {
        Some(file) => Some(aside::person_box(&mut conn, &page, file, ticket.id).await?),
        None => None,
    };
    let sheets = aside::sheets_of(&mut conn, &page, ticket).await?;
    let priority = priority::of_ticket(&mut conn, &page, ticket.id).await?;
    let level = assignment::store::levels(&mut conn).await?.get(&ticket.owner_unit_id).copied();
    let proposals = proposals::store::open(&mut conn, Of::Ticket(ticket.id), page.now, 1).await?;
    let taken = crate::tickets::takeovers::store::open(&mut conn, ticket.id).await?;
    let mut class = AskedBox::read(&mut conn, &page, ticket, wrong.as_ref()).await?;
    let last_incoming = crate::tickets::store::last_incoming(&mut conn, ticket.id).await?;
    let senders = crate::outbox::senders(&mut conn).await?;
    let reached = crate::tickets::store::last_reached(&mut conn, ticket.person_id, ticket.id).await?;
    let ticket_language = crate::kernel::language::Language::from_tag(&ticket.language).unwrap_or(page.language);
    let person_name = view.person.as_ref().map(|p| p.person.name.clone()).unwrap_or_default();
    let values = [
        ("code", codes::grouped(&ticket.code)),
        ("link", kernel.config.link("/sportello/pratica")),
        ("agency", page.agency_name.clone()),
        ("agent", who.name.clone()),
        ("unit", crate::tickets::store::unit_name(&mut conn, ticket.owner_unit_id, ticket_language).await?),
        ("name", person_name),
    ];
    let mut around = Vec::with_capacity(Carrier::ALL.len());
    for &carrier in Carrier::ALL {
        if carrier == Carrier::Email || senders.iter().any(|s| Carrier::of(s.kind) == Some(carrier)) {
            around.push((carrier, AroundText::read(&mut conn, carrier, ticket_language, &values).await?));
        }
    }
    drop(conn);
    let mut composer = match composer {
        Some(composer) => composer,
        None => writing::from_drafts(kernel, who, ticket.id).await?,
    };
    let seen = if ticket.state.is_over() { Vec::new() } else { gaps::seen(kernel, ticket.id, page.language).await? };
    if composer.sheet.is_empty()
        && let Some(used) = seen.iter().find(|s| s.used)
    {
        composer.sheet.clone_from(&used.code);
    }
    let mail_to = writing::mail_address(&view, last_incoming.as_ref());
    let known = writing::Known { view: &view, last: last_incoming.as_ref(), reached: &reached };
    if composer.way.is_empty() {
        let spoken = if ticket.channel.as_str() == "counter" { "counter" } else { "phone" };
        // By the way the citizen came, if an account answers there.
        let same = senders.iter().find(|s| last_incoming.as_ref().is_some_and(|l| l.channel == s.kind.as_str()));
        composer.way = match same {
            Some(account) => format!("account:{}", account.name),
            None => if mail_to.is_empty() { spoken } else { "email" }.to_owned(),
        };
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
    let closed = match (ticket.outcome(), ticket.closed_at) {
        (Some(outcome), Some(at)) => {
            let outcome = words::outcome(&page, outcome.as_str());
            page.t2("desk-closed-line", "outcome", outcome, "date", page.date(&at))
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
    let choices = |values: &[&'static str], word: fn(&Page, &str) -> String| -> Vec<Choice> {
        values.iter().map(|v| Choice { value: (*v).to_owned(), label: word(&page, v) }).collect()
    };
    let shown = TicketPage {
        sheets,
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
        terms,
        may_correct: who.role.may(Permission::TakeOver),
        priority,
        closed,
        notice,
        unsent: unsent(&page, &view),
        bubbles: conversation::bubbles(&page, &names, &view),
        earlier: view.earlier.map(|id| format!("{}?prima={id}", ticket_url(&ticket.code))).unwrap_or_default(),
        latest: before.map(|_| ticket_url(&ticket.code)).unwrap_or_default(),
        accounts: writing::account_ways(&page, &senders, &composer, &known, &around),
        composer,
        kept,
        mail_to,
        // E-mail is always among them: what is said aloud begins like it.
        email: around.into_iter().next().map(|(_, text)| text).unwrap_or_default(),
        answer_lang: ticket_language.as_str(),
        seen_sheets: seen.into_iter().map(|s| (s.code, s.title)).collect(),
        person,
        asked: std::mem::take(&mut class.inputs),
        class,
        areas: names.areas(ticket.category_id),
        category: names.category_slug(ticket.category_id),
        kinds: choices(&RequestKind::ALL.iter().map(|k| k.as_str()).collect::<Vec<_>>(), words::kind),
        kind: ticket.kind.as_str().to_owned(),
        outcomes: choices(&Outcome::CHOICES.iter().map(|o| o.as_str()).collect::<Vec<_>>(), words::outcome),
        owners: names.owners(),
        level: level.map(|level| page.t(&format!("level-{level}"))).unwrap_or_default(),
        proposed: proposals
            .first()
            .map(|p| page.t2("proposal-waits", "unit", names.unit(p.to_unit_id), "until", page.datetime(&p.due_at)))
            .unwrap_or_default(),
        taken_from: taken.map(|taken| names.unit(taken.unit_before_id)).unwrap_or_default(),
        may_take_over: who.role.may(Permission::TakeOver),
        legs,
        swapped: false,
        called: view.contacts.iter().any(|c| matches!(c.contact.channel.as_str(), "phone" | "voicemail")),
        links: view.links.iter().map(|l| aside::link(&page, l)).collect(),
        joined: joined.iter().map(|t| aside::joined(&page, t)).collect(),
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
