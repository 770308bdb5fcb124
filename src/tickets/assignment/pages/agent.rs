//! An agent's page: what they hold, whether they are ready, when they are away and what was passed on meanwhile. Agents
//! see their own; what they can and hold, supervisors say.
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::agent_href;
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::Conn;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame, Pressed, local_path};
use crate::kernel::time::Instant;
use crate::tickets::Channel;
use crate::tickets::assignment::absences::{NewAbsence, absent_today, be_absent, come_back};
use crate::tickets::assignment::model::{AgentAbsence, Away, DeskAgent, MOST, words};
use crate::tickets::assignment::settings::{Readiness, set_agent, set_ready};
use crate::tickets::assignment::{AssignmentError, store};
use crate::tickets::pages::words as said;

/// Absences that are shown, and tickets of each.
const ABSENCES: i64 = 12;
const PASSES: i64 = 200;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    let at = |path: &str| format!("/scrivania/operatori/{{id:\\d+}}{path}");
    cfg.service(web::resource(at("")).route(web::get().to(show)).route(web::post().to(save)))
        .service(web::resource(at("/pronto")).route(web::post().to(ready)))
        .service(web::resource(at("/oggi")).route(web::post().to(today)))
        .service(web::resource(at("/assenze")).route(web::post().to(add)))
        .service(web::resource(at("/assenze/{absence}/rientro")).route(web::post().to(back)));
}

struct Passed {
    href: String,
    code: String,
    subject: String,
    state: String,
    state_label: String,
    /// Who got it, or that it went back to its queue; and who has it now.
    to: String,
    when: String,
}

struct AbsenceLine {
    id: i64,
    /// From when until when.
    span: String,
    substitute: String,
    reason: String,
    state: String,
    tone: &'static str,
    /// Whether it can still be taken back or ended.
    open: bool,
    begun: bool,
    passed: Vec<Passed>,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "assignment/agent.html")]
struct AgentPage {
    page: Page,
    id: i64,
    may_set: bool,
    load: String,
    away: bool,
    ready: bool,
    skills: String,
    languages: String,
    capacity: String,
    channels: Vec<Choice>,
    colleagues: Vec<Choice>,
    absences: Vec<AbsenceLine>,
    from: String,
    to: String,
    reason: String,
    done: String,
    /// Why a form was refused: field and message.
    error: (&'static str, String),
}

impl AgentPage {
    /// What is wrong with a field; empty when nothing is.
    fn wrong(&self, field: &str) -> String {
        if self.error.0 == field { self.error.1.clone() } else { String::new() }
    }
}

/// What a refused form had.
#[derive(Default)]
struct Refused {
    sent: BTreeMap<String, String>,
    error: (&'static str, String),
}

fn allowed(who: &Principal, user: i64) -> Result<(), Problem> {
    who.require(if who.user_id == Some(user) { Permission::WorkTickets } else { Permission::TakeOver })?;
    Ok(())
}

async fn agent_page(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    id: i64,
    refused: Refused,
) -> Result<AgentPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let people = store::agent_lines(&mut conn).await?;
    let name = people.iter().find(|p| p.id == id).map(|p| p.name.clone()).ok_or_else(Problem::not_found)?;
    let agent = store::agent(&mut conn, id).await?;
    let load = store::policies(&mut conn).await?.load(&store::held(&mut conn, id).await?);
    let away = Away::new(&store::absences_at(&mut conn, page.now).await?).has(id);
    let mut absences = Vec::new();
    for absence in store::absences_of(&mut conn, id, ABSENCES).await? {
        let substitute = absence.substitute_id.and_then(|id| people.iter().find(|p| p.id == id));
        let substitute = substitute.map(|p| p.name.clone()).unwrap_or_default();
        absences.push(absence_line(&mut conn, &page, &absence, substitute).await?);
    }
    drop(conn);
    let typed = |name: &str, kept: String| refused.sent.get(name).cloned().unwrap_or(kept);
    let chosen_substitute = typed("substitute", String::new());
    let colleague = |p: &store::AgentLine| {
        let value = p.id.to_string();
        Choice { chosen: value == chosen_substitute, value, label: p.name.clone() }
    };
    let channel = |c: &Channel| Choice {
        value: c.as_str().to_owned(),
        label: said::channel(&page, c.as_str()),
        chosen: agent.channels.contains(c),
    };
    Ok(AgentPage {
        id,
        may_set: who.role.may(Permission::TakeOver),
        load: load.to_string(),
        away,
        ready: agent.ready_since.is_some(),
        skills: typed("skills", agent.skills.join(" ")),
        languages: typed("languages", agent.languages.join(" ")),
        capacity: typed("capacity", agent.capacity.map(|n| n.to_string()).unwrap_or_default()),
        channels: Channel::ALL.iter().map(channel).collect(),
        colleagues: people.iter().filter(|p| p.id != id).map(colleague).collect(),
        absences,
        from: typed("from", String::new()),
        to: typed("to", String::new()),
        reason: typed("reason", String::new()),
        done: String::new(),
        error: refused.error,
        page: Page { title: name, ..page },
    })
}

async fn absence_line(
    conn: &mut Conn,
    page: &Page,
    absence: &AgentAbsence,
    substitute: String,
) -> Result<AbsenceLine, Problem> {
    let (begun, over) = (absence.from_at <= page.now, absence.to_at <= page.now);
    let passed = store::passes(conn, absence.id, PASSES).await?;
    let (tone, key) = match (begun, over) {
        (_, true) => ("plain", "absence-over"),
        (true, false) => ("warn", "absence-now"),
        (false, false) => ("note", "absence-planned"),
    };
    let line = |row: store::PassRow| Passed {
        href: format!("/scrivania/pratiche/{}", row.code),
        code: codes::grouped(&row.code),
        subject: row.subject,
        state_label: said::state(page, &row.state),
        state: row.state,
        to: match (row.to_name.as_str(), row.holder.as_str()) {
            ("", "") => page.t("absence-to-queue"),
            ("", holder) => page.t1("absence-to-queue-then", "who", holder),
            (to, holder) if to == holder || holder.is_empty() => page.t1("absence-to", "who", to),
            (to, holder) => page.t2("absence-to-then", "who", to, "holder", holder),
        },
        when: page.datetime(&row.at),
    };
    Ok(AbsenceLine {
        id: absence.id,
        span: page.t2("absence-span", "from", page.datetime(&absence.from_at), "to", page.datetime(&absence.to_at)),
        substitute,
        reason: absence.reason.clone(),
        state: page.t(key),
        tone,
        open: !over,
        begun,
        passed: passed.into_iter().map(line).collect(),
    })
}

/// Words in the address after a form.
const DONE: [&str; 4] = ["saved", "absent", "returned", "ready"];

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    done: web::Query<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    allowed(&caller.0, *id)?;
    let word = done.get("fatto").and_then(|word| DONE.into_iter().find(|known| known == word));
    let said = word.map(|word| page.t(&format!("agent-done-{word}"))).unwrap_or_default();
    let filled = agent_page(&kernel, &caller.0, page, *id, Refused::default()).await?;
    html(&AgentPage { done: said, ..filled })
}

/// The page again with why a form was refused, and what was written.
async fn refuse(
    kernel: &Kernel,
    who: &Principal,
    page: Page,
    id: i64,
    sent: BTreeMap<String, String>,
    error: AssignmentError,
) -> Result<HttpResponse, Problem> {
    let status: StatusCode = error.kind().status();
    let AssignmentError::Invalid { field, wrong } = error else { return Err(error.into()) };
    let message = match (field, wrong) {
        ("capacity", _) => page.t2("assign-wrong-range", "least", 0, "most", MOST),
        ("skills" | "languages", _) => page.t("assign-wrong-words"),
        (_, wrong) => page.t(&format!("absence-wrong-{}", wrong.replace('_', "-"))),
    };
    let shown = agent_page(kernel, who, page, id, Refused { sent, error: (field, message) }).await?;
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::TakeOver)?;
    let one = |name: &str| sent.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned()).unwrap_or_default();
    let capacity = match one("capacity").as_str() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| AssignmentError::Invalid { field: "capacity", wrong: "range" }),
    };
    let channels: Vec<Channel> =
        sent.iter().filter(|(n, _)| n == "channel").filter_map(|(_, v)| Channel::from_text(v)).collect();
    let agent = |capacity| DeskAgent {
        user_id: *id,
        skills: words(&one("skills")),
        languages: words(&one("languages")),
        // All of them is as good as none in particular.
        channels: if channels.len() == Channel::ALL.len() { Vec::new() } else { channels.clone() },
        capacity,
        ..DeskAgent::default()
    };
    let done = match capacity {
        Ok(capacity) => set_agent(&kernel, who, agent(capacity)).await,
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("{}?fatto=saved", agent_href(*id)))),
        Err(e) => refuse(&kernel, who, page, *id, sent.into_iter().collect(), e).await,
    }
}

#[derive(Deserialize)]
struct Ready {
    ready: String,
    #[serde(default)]
    back: String,
}

async fn ready(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    Form(sent): Form<Ready>,
) -> Result<HttpResponse, Problem> {
    let readiness = if sent.ready == "yes" { Readiness::Ready } else { Readiness::Busy };
    set_ready(&kernel, &caller.0, *id, readiness).await?;
    let back = local_path(&sent.back).filter(|path| path.starts_with("/scrivania"));
    Ok(see_other(back.unwrap_or(&format!("{}?fatto=ready", agent_href(*id)))))
}

#[derive(Deserialize)]
struct Today {
    #[serde(default)]
    substitute: String,
}

async fn today(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    Form(sent): Form<Today>,
) -> Result<HttpResponse, Problem> {
    absent_today(&kernel, &caller.0, *id, sent.substitute.parse().ok()).await?;
    Ok(see_other(&format!("{}?fatto=absent", agent_href(*id))))
}

/// The beginning of a day of the form, `after` days later.
fn day(kernel: &Kernel, text: &str, field: &'static str, after: i64) -> Result<Instant, AssignmentError> {
    let wrong = || AssignmentError::Invalid { field, wrong: "not_a_day" };
    let day = text.trim().parse::<Date>().ok().and_then(|day| day.checked_add(after.days()).ok()).ok_or_else(wrong)?;
    Ok(day.to_zoned(kernel.config.zone()).map_err(|_| wrong())?.timestamp().into())
}

async fn add(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    Form(sent): Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let who = &caller.0;
    allowed(who, *id)?;
    let field = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let times =
        day(&kernel, &field("from"), "from", 0).and_then(|from| Ok((from, day(&kernel, &field("to"), "to", 1)?)));
    let done = match times {
        Ok((from_at, to_at)) => {
            let substitute_id = field("substitute").parse().ok();
            let new = NewAbsence { user_id: *id, from_at, to_at, substitute_id, reason: field("reason") };
            be_absent(&kernel, who, new).await.map(drop)
        }
        Err(e) => Err(e),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("{}?fatto=absent", agent_href(*id)))),
        Err(e) => refuse(&kernel, who, page, *id, sent, e).await,
    }
}

async fn back(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(i64, i64)>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let (_, absence) = path.into_inner();
    let ended = come_back(&kernel, &caller.0, absence).await?;
    Ok(see_other(&format!("{}?fatto=returned", agent_href(ended.user_id))))
}
