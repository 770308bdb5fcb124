//! The telephone on the desk: a page of calls, promises and agents.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::board::Board;
use super::choose::choose;
use super::model::{AgentRow, Attempt, CallRow, Post, Presence, normal};
use super::pausing::{Lines, Tape, tape};
use super::route::{AgentNow, Seer, sees};
use super::{PhoneError, Telephony, callbacks, store};
use crate::kernel::codes;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::people;
use crate::tickets;

/// Address of the page.
pub(super) const HERE: &str = "/scrivania/telefono";
const CALLBACKS: i64 = 100;
const LAST: i64 = 20;
/// Calls in progress that one page shows.
const LINES: usize = 200;

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(web::resource("/scrivania/telefono/chiamate/{id}/pratica").route(web::post().to(set_ticket)))
        .service(web::resource("/scrivania/telefono/richiamate/{id}").route(web::post().to(log_attempt)));
}

/// A call that goes on.
pub(super) struct Line {
    pub id: i64,
    pub who: String,
    pub number: String,
    pub stage: String,
    pub talking: bool,
    pub at: String,
    pub since: String,
    pub queue: String,
    pub agent: String,
    /// Empty when the caller is nobody we know.
    pub person: String,
    pub new_ticket: String,
    /// Whether the reader may say which ticket it belongs to.
    pub mine: bool,
    /// The recording of the talk, for who may pause it.
    pub tape: Option<Tape>,
}

/// A call that is over.
struct Past {
    who: String,
    outcome: String,
    missed: bool,
    agent: String,
    at: String,
    when: String,
    wait: String,
    talk: String,
    /// Code of its ticket as read, and address; empty without one.
    code: String,
    href: String,
}

/// A promise to call back.
struct Promise {
    id: i64,
    number: String,
    reason: String,
    code: String,
    href: String,
    at: String,
    due: String,
    late: bool,
    tries: Vec<String>,
}

/// An agent.
struct Colleague {
    name: String,
    post: String,
    extension: String,
    state: String,
    tone: &'static str,
    since: String,
    can: String,
}

/// The reader's own telephone.
struct Own {
    extension: String,
    address: String,
    post: String,
    skills: String,
    languages: String,
    state: String,
}

#[derive(Template)]
#[template(path = "telephony/phone.html")]
struct PhonePage {
    page: Page,
    open: bool,
    hours: String,
    lines: Vec<Line>,
    promises: Vec<Promise>,
    agents: Vec<Colleague>,
    last: Vec<Past>,
    own: Own,
    posts: Vec<(&'static str, String)>,
    reasons: Vec<String>,
    outcomes: Vec<(&'static str, String)>,
}

pub(super) fn kebab(name: &str) -> String {
    name.replace('_', "-")
}

pub(super) fn tone(agent: &AgentNow) -> &'static str {
    match agent.state {
        _ if agent.busy => "note",
        Presence::Ready if agent.wraps => "warn",
        Presence::Ready => "good",
        Presence::Pause => "warn",
        Presence::Off => "plain",
    }
}

pub(super) fn state_label(page: &Page, agent: &AgentNow) -> String {
    let state = match agent.state {
        _ if agent.busy => "busy",
        Presence::Ready if agent.wraps => "wrap",
        state => state.as_str(),
    };
    let label = page.t(&format!("phone-state-{state}"));
    if agent.reason.is_empty() { label } else { format!("{label}: {}", agent.reason) }
}

pub(super) async fn line(
    conn: &mut Conn,
    page: &Page,
    call: &CallRow,
    agents: &[AgentNow],
    lines: &dyn Lines,
    who: &Principal,
) -> Result<Line, StoreError> {
    let number = call.number();
    let person = match &number {
        Some(number) => people::store::by_value(conn, number).await?.first().copied(),
        None => None,
    };
    let known = match person {
        Some(id) => people::store::person(conn, id).await?.map(|p| p.name).filter(|name| !name.is_empty()),
        None => None,
    };
    let agent = agents.iter().find(|a| a.extension == call.agent);
    let shown = number.clone().unwrap_or_else(|| page.t("phone-withheld"));
    let written = [
        ("channel", "phone"),
        ("phone", number.as_deref().unwrap_or_default()),
        ("name", known.as_deref().unwrap_or_default()),
    ];
    let query = serde_urlencoded::to_string(written).unwrap_or_default();
    let mine = who.user_id.is_some() && agent.map(|a| a.user) == who.user_id && call.stage != "waiting";
    let pauses = mine || who.role.may(Permission::HearRecordings);
    Ok(Line {
        id: call.id,
        who: known.unwrap_or_else(|| shown.clone()),
        number: shown,
        stage: page.t(&format!("phone-stage-{}", call.stage)),
        talking: call.stage == "talking",
        at: call.started_at.rfc3339(),
        since: page.age(&call.started_at),
        queue: call.queue.clone(),
        agent: agent.map_or_else(|| call.agent.clone(), |a| a.name.clone()),
        person: person.map(|id| format!("/scrivania/persone/{id}")).unwrap_or_default(),
        new_ticket: format!("/scrivania/pratiche/nuova?{query}"),
        mine,
        tape: tape(lines, call).filter(|_| pauses),
    })
}

fn span(seconds: Option<i64>) -> String {
    seconds.map(|s| format!("{}:{:02}", s / 60, s % 60)).unwrap_or_default()
}

async fn past(conn: &mut Conn, page: &Page, call: CallRow, agents: &[AgentNow]) -> Result<Past, StoreError> {
    let ticket = match call.ticket_id {
        Some(id) => tickets::store::by_id(conn, id).await?,
        None => None,
    };
    let agent = agents.iter().find(|a| a.extension == call.agent);
    let outcome = if call.outcome.is_empty() { "ended" } else { call.outcome.as_str() };
    Ok(Past {
        who: normal(call.citizen()).unwrap_or_else(|| page.t("phone-withheld")),
        outcome: page.t(&format!("phone-outcome-{outcome}")),
        missed: matches!(outcome, "missed" | "abandoned" | "busy" | "failed"),
        agent: agent.map_or_else(|| call.agent.clone(), |a| a.name.clone()),
        at: call.started_at.rfc3339(),
        when: page.datetime(&call.started_at),
        wait: span(call.wait_seconds),
        talk: span(call.talk_seconds),
        code: ticket.as_ref().map(|t| codes::grouped(&t.code)).unwrap_or_default(),
        href: ticket.map(|t| format!("/scrivania/pratiche/{}", t.code)).unwrap_or_default(),
    })
}

/// The attempts of a promise, each in words.
pub(super) async fn attempt_words(
    telephony: &Telephony,
    conn: &mut Conn,
    page: &Page,
    callback: i64,
) -> Result<Vec<String>, StoreError> {
    let words = |(at, who, outcome): (crate::kernel::time::Instant, String, String)| {
        let who = if who.is_empty() { page.t("phone-try-exchange") } else { who };
        let early = matches!(outcome.as_str(), "no_answer" | "busy") && !telephony.hours().is_open(at);
        let outcome = page.t(&format!("phone-attempt-{}", kebab(&outcome)));
        let key = if early { "phone-try-early" } else { "phone-try" };
        page.language.text_with(key, &[("when", page.datetime(&at)), ("who", who), ("outcome", outcome)])
    };
    Ok(store::attempts(conn, callback).await?.into_iter().map(words).collect())
}

async fn promises(telephony: &Telephony, conn: &mut Conn, page: &Page) -> Result<Vec<Promise>, StoreError> {
    let mut shown = Vec::new();
    for row in store::open_callbacks(conn, CALLBACKS).await? {
        shown.push(Promise {
            id: row.id,
            number: row.number,
            reason: page.t(&format!("phone-reason-{}", row.reason)),
            href: format!("/scrivania/pratiche/{}", row.code),
            code: codes::grouped(&row.code),
            at: row.due_at.rfc3339(),
            due: page.datetime(&row.due_at),
            late: row.due_at < page.now,
            tries: attempt_words(telephony, conn, page, row.id).await?,
        });
    }
    Ok(shown)
}

fn own(row: Option<AgentRow>) -> Own {
    let post = row.as_ref().map_or_else(|| Post::Internal.as_str().to_owned(), |r| r.post.clone());
    let state = row.as_ref().map_or_else(|| Presence::Off.as_str().to_owned(), |r| r.state.clone());
    let (extension, address, skills, languages) =
        row.map(|r| (r.extension, r.address, r.skills, r.languages)).unwrap_or_default();
    Own { extension, address, post, skills, languages, state }
}

/// Through whose eyes somebody sees calls.
fn seer_on(board: &Board, who: &Principal) -> Seer {
    if who.user_id.is_none() || who.role.may(Permission::TakeOver) {
        return Seer::All;
    }
    Seer::Agent(board.agents.iter().find(|a| Some(a.user) == who.user_id).cloned().map(Box::new))
}

impl Telephony {
    /// Through whose eyes somebody sees calls now.
    pub(super) async fn seer(&self, who: &Principal) -> Result<Seer, StoreError> {
        Ok(seer_on(&*self.board().await?, who))
    }
}

async fn show(
    telephony: web::Data<Telephony>,
    wires: web::Data<dyn Lines>,
    caller: Caller,
    frame: Frame,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let page = frame.0.titled("phone-title");
    let board = telephony.read_board().await?;
    let mut conn = telephony.kernel().db.read().await?;
    let mut lines = Vec::with_capacity(board.calls.len());
    let (seer, rules) = (seer_on(&board, who), &telephony.kernel().config.phone);
    for call in board.calls.iter().filter(|call| sees(rules, &seer, call)).take(LINES) {
        lines.push(line(&mut conn, &page, call, &board.agents, wires.get_ref(), who).await?);
    }
    let mut last = Vec::new();
    for call in store::last_calls(&mut conn, i64::MAX, LAST)
        .await?
        .into_iter()
        .filter(|call| call.is_over() && sees(rules, &seer, call))
    {
        last.push(past(&mut conn, &page, call, &board.agents).await?);
    }
    let row = match who.user_id {
        Some(user) => store::agent(&mut conn, user).await?,
        None => None,
    };
    let colleague = |agent: &AgentNow| Colleague {
        name: agent.name.clone(),
        post: page.t(&format!("phone-post-{}", agent.post.as_str())),
        extension: agent.extension.clone(),
        state: state_label(&page, agent),
        tone: tone(agent),
        since: page.age(&agent.since),
        can: agent.skills.iter().chain(&agent.languages).cloned().collect::<Vec<_>>().join(", "),
    };
    let open = telephony.hours().is_open(page.now);
    let hours = match telephony.hours().next_opening(page.now) {
        Some(_) if open => page.t("phone-open-now"),
        Some(at) => page.t1("phone-closed-now", "when", page.datetime(&at)),
        None => page.t("phone-closed-always"),
    };
    let shown = PhonePage {
        open,
        hours,
        lines,
        promises: promises(&telephony, &mut conn, &page).await?,
        agents: board.agents.iter().map(colleague).collect(),
        last,
        own: own(row),
        reasons: telephony.kernel().config.phone.pause_reasons.clone(),
        posts: Post::ALL.iter().map(|p| (p.as_str(), page.t(&format!("phone-post-{}", p.as_str())))).collect(),
        outcomes: super::of_ticket::outcomes(&page),
        page,
    };
    html(&shown)
}

#[derive(Deserialize)]
struct Choice {
    code: String,
}

async fn set_ticket(
    telephony: web::Data<Telephony>,
    caller: Caller,
    id: web::Path<i64>,
    Form(choice): Form<Choice>,
) -> Result<HttpResponse, Problem> {
    choose(telephony.kernel(), &caller.0, *id, &choice.code).await?;
    Ok(see_other(HERE))
}

#[derive(Deserialize)]
struct Tried {
    outcome: String,
    /// Path of the page to go back to.
    #[serde(default)]
    back: String,
}

async fn log_attempt(
    telephony: web::Data<Telephony>,
    caller: Caller,
    id: web::Path<i64>,
    Form(tried): Form<Tried>,
) -> Result<HttpResponse, Problem> {
    let outcome = Attempt::from_text(&tried.outcome);
    let outcome = outcome.ok_or(PhoneError::Invalid { field: "outcome", wrong: "unknown" })?;
    callbacks::attempt(&telephony, &caller.0, *id, outcome).await?;
    let back = crate::kernel::request::local_path(&tried.back).filter(|path| path.starts_with("/scrivania"));
    Ok(see_other(back.unwrap_or(HERE)))
}
