//! «Operatori»: who is there, who is ready, what they hold and who stands in for whom.
use actix_web::{HttpResponse, web};
use askama::Template;

use super::agent_href;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::assignment::store;

const HERE: &str = "/scrivania/supervisione/operatori";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(list)));
}

struct Line {
    name: String,
    href: String,
    units: String,
    load: i64,
    capacity: String,
    skills: String,
    tone: &'static str,
    state: String,
    /// Until when they are away and who stands in; empty when they are there.
    away: String,
    absent: bool,
}

#[derive(Template)]
#[template(path = "assignment/agents.html")]
struct AgentsPage {
    page: Page,
    lines: Vec<Line>,
}

async fn list(kernel: web::Data<Kernel>, caller: Caller, Frame(page): Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::TakeOver)?;
    let mut conn = kernel.db.read().await?;
    let policies = store::policies(&mut conn).await?;
    let absences = store::absences_at(&mut conn, page.now).await?;
    let people = store::agent_lines(&mut conn).await?;
    let mut lines = Vec::with_capacity(people.len());
    for person in &people {
        let agent = store::agent(&mut conn, person.id).await?;
        let absence = absences.iter().filter(|a| a.user_id == person.id).max_by_key(|a| a.to_at);
        let substitute = absence.and_then(|a| a.substitute_id).and_then(|id| people.iter().find(|p| p.id == id));
        let (tone, state) = match (absence, agent.ready_since) {
            (Some(_), _) => ("warn", page.t("agent-state-away")),
            (None, Some(_)) => ("good", page.t("agent-state-ready")),
            (None, None) => ("plain", page.t("agent-state-there")),
        };
        let until = absence.map(|a| page.datetime(&a.to_at)).unwrap_or_default();
        lines.push(Line {
            name: person.name.clone(),
            href: agent_href(person.id),
            units: person.units.clone(),
            load: policies.load(&store::held(&mut conn, person.id).await?),
            capacity: agent.capacity.map_or_else(|| page.t("agent-capacity-unit"), |n| n.to_string()),
            skills: agent.skills.iter().chain(&agent.languages).cloned().collect::<Vec<_>>().join(", "),
            tone,
            state,
            away: match (absence, substitute) {
                (None, _) => String::new(),
                (Some(_), None) => page.t1("agent-away-until", "until", until),
                (Some(_), Some(by)) => page.t2("agent-away-until-by", "until", until, "who", &by.name),
            },
            absent: absence.is_some(),
        });
    }
    drop(conn);
    html(&AgentsPage { page: page.titled("assign-agents-title"), lines })
}
