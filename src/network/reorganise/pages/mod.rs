//! Pages of the organisation, for administrators: the chart of a day, a unit with its history, its planned
//! changes and its people, and the forms that change it.
mod change;
mod fields;
mod people;
mod person;
mod site;
mod transfer;
mod unit;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::api::day;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::organisation::chart::{Chart, Node, Plan};
use crate::organisation::directory::unit_name;
use crate::organisation::reorganise::{State, chart_at, start_of};
use crate::organisation::{Agency, Directory, Reorganisation, Units, store};

const HERE: &str = "/scrivania/organizzazione";

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)));
    change::routes(cfg);
    people::routes(cfg);
    person::routes(cfg);
    site::routes(cfg);
    transfer::routes(cfg);
    unit::routes(cfg);
}

/// The address of a unit's page.
fn unit_href(slug: &str) -> String {
    format!("{HERE}/strutture/{slug}")
}

/// One unit of the chart.
struct Line {
    href: String,
    name: String,
    /// Steps to the right of the unit above; empty for units without one.
    indent: String,
    kind: String,
    email: String,
    scope: String,
}

struct Body {
    id: String,
    name: String,
    lines: Vec<Line>,
}

/// A reorganisation in words.
pub(super) struct ChangeLine {
    id: i64,
    at: String,
    when: String,
    state: &'static str,
    label: String,
    reason: String,
    /// What it opens, changes and closes, a line each.
    steps: Vec<String>,
    problem: String,
}

/// Names of units by slug, those that a plan opens included: what has none shows its slug.
struct Names<'p> {
    units: &'p Units,
    language: Language,
    opens: &'p [Node],
}

impl Names<'_> {
    fn of(&self, slug: &str) -> String {
        let known = self.units.by_slug(slug).map(|unit| unit_name(unit, self.language).to_owned());
        let opened = || self.opens.iter().find(|n| n.slug == slug).map(|n| n.name.clone());
        known.or_else(opened).unwrap_or_else(|| slug.to_owned())
    }
}

/// What a plan does, in words of the reader's language.
fn steps(page: &Page, units: &Units, plan: &Plan) -> Vec<String> {
    let names = Names { units, language: page.language, opens: &plan.opens };
    let mut all = Vec::new();
    for new in &plan.opens {
        all.push(page.t1("org-step-opens", "name", &new.name));
    }
    for change in &plan.changes {
        let name = change.name.clone().unwrap_or_default();
        let key = if name.is_empty() { "org-step-changes" } else { "org-step-renames" };
        all.push(page.t2(key, "unit", names.of(&change.unit), "name", name));
    }
    for closing in &plan.closes {
        all.push(page.t2(
            "org-step-closes",
            "unit",
            names.of(&closing.unit),
            "successor",
            names.of(&closing.successor),
        ));
    }
    for (category, unit) in &plan.categories {
        all.push(page.t2("org-step-category", "category", category, "unit", names.of(unit)));
    }
    all
}

fn change_line(page: &Page, units: &Units, found: &Reorganisation) -> ChangeLine {
    ChangeLine {
        id: found.id,
        at: page.machine_time(&found.takes_effect_at),
        when: page.date(&found.takes_effect_at),
        state: found.state.as_str(),
        label: page.t(&format!("org-state-{}", found.state.as_str())),
        reason: found.reason.clone(),
        steps: steps(page, units, &found.plan()),
        problem: found.problem.clone(),
    }
}

#[derive(Template)]
#[template(path = "network/organisation.html")]
struct ChartPage {
    page: Page,
    on: String,
    /// Whether the day is another one than today.
    other_day: bool,
    bodies: Vec<Body>,
    changes: Vec<ChangeLine>,
    done: String,
}

#[derive(Debug, Deserialize)]
struct Query {
    on: Option<String>,
    done: Option<String>,
}

/// The chart by agency, ours first, each unit after the one above it.
fn bodies(page: &Page, chart: &Chart, agencies: &[Agency]) -> Vec<Body> {
    let of_agency = |agency: &Agency| {
        let inside = |node: &&Node| node.agency == agency.slug;
        let is_top = |node: &&Node| {
            node.parent.as_ref().and_then(|p| chart.nodes.get(p)).is_none_or(|above| above.agency != agency.slug)
        };
        let mut stack: Vec<(usize, &Node)> =
            chart.nodes.values().filter(inside).filter(is_top).map(|node| (0, node)).collect();
        stack.sort_by(|a, b| b.1.name.cmp(&a.1.name));
        let mut lines = Vec::new();
        while let Some((depth, node)) = stack.pop() {
            lines.push(Line {
                href: unit_href(&node.slug),
                name: node.name.clone(),
                indent: if depth == 0 { String::new() } else { format!("{}└ ", "\u{2003}".repeat(depth - 1)) },
                kind: page.t(&format!("org-kind-{}", node.kind.as_str())),
                email: node.email.clone(),
                scope: node.scope.clone(),
            });
            let below = |n: &&Node| n.parent.as_deref() == Some(node.slug.as_str());
            let mut below: Vec<&Node> = chart.nodes.values().filter(inside).filter(below).collect();
            below.sort_by(|a, b| b.name.cmp(&a.name));
            stack.extend(below.into_iter().map(|node| (depth + 1, node)));
        }
        Body { id: format!("agency-{}", agency.slug), name: agency.name.clone(), lines }
    };
    agencies.iter().map(of_agency).filter(|body| !body.lines.is_empty()).collect()
}

async fn show(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = page.titled("org-title");
    let (now, today) = (kernel.now(), kernel.now().zoned(&page.zone).date());
    let on = day(query.on.as_deref())?.unwrap_or(today);
    let at = if on == today { now } else { start_of(on, &page.zone)? };
    directory.forget();
    let units = directory.units(&kernel.db).await?;
    let mut conn = kernel.db.read().await?;
    let chart = chart_at(&mut conn, at, now).await?;
    let agencies = store::agencies(&mut conn).await?;
    let changes = store::latest_reorganisations(&mut conn).await?;
    let done = match query.done.as_deref() {
        Some(done @ ("planned" | "cancelled")) => page.t(&format!("org-done-{done}")),
        _ => String::new(),
    };
    let view = ChartPage {
        bodies: bodies(&page, &chart, &agencies),
        changes: changes.iter().map(|found| change_line(&page, &units, found)).collect(),
        on: on.to_string(),
        other_day: on != today,
        done,
        page,
    };
    html(&view)
}

/// Whether a reorganisation speaks of a unit.
fn concerns(plan: &Plan, slug: &str) -> bool {
    plan.opens.iter().any(|n| n.slug == slug)
        || plan.changes.iter().any(|c| c.unit == slug)
        || plan.closes.iter().any(|c| c.unit == slug || c.successor == slug)
        || plan.categories.values().any(|unit| unit == slug)
}

/// The planned ones that speak of a unit.
fn planned_for(page: &Page, units: &Units, all: &[Reorganisation], slug: &str) -> Vec<ChangeLine> {
    let planned = all.iter().filter(|r| r.state == State::Planned && concerns(&r.plan(), slug));
    planned.map(|found| change_line(page, units, found)).collect()
}
