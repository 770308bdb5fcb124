//! Pages: the rules in force as sentences with their versions; a draft and the form of one rule; a trial; the log.
mod draft;
mod edit;
mod log;
mod trial;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::faults::RuleFault;
use super::formats::{self, EXAMPLES};
use super::manage::{self, Begin, Held};
use super::model::{Rule, RulesState};
use super::words::sentence;
use super::{RulesError, store};
use crate::kernel::Kernel;
use crate::kernel::database::Conn;
use crate::kernel::page::{Badge, Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::store::{categories, units};
use crate::routing::Spell;

/// Where rules are.
const HERE: &str = "/scrivania/automazioni";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(show))
        .route(HERE, web::post().to(prepare))
        .route("/scrivania/automazioni/conteggio", web::get().to(badge))
        .route("/scrivania/automazioni/importa", web::post().to(import))
        .route("/scrivania/automazioni/esempi/{name}", web::post().to(example))
        .route("/scrivania/automazioni/pausa", web::post().to(pause))
        .route("/scrivania/automazioni/riprendi", web::post().to(resume));
    log::routes(cfg);
    draft::routes(cfg);
    edit::routes(cfg);
    trial::routes(cfg);
}

fn href(id: i64) -> String {
    format!("{HERE}/{id}")
}

/// A choice of a select or of boxes to tick.
#[derive(Debug, Clone)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// Names of what rules mention, in the reader's language.
struct Known {
    /// Slug and name.
    units: Vec<(String, String)>,
    categories: Vec<(String, String)>,
    areas: Vec<(String, String)>,
}

impl Known {
    async fn read(conn: &mut Conn, page: &Page) -> Result<Self, Problem> {
        let rows = units(conn, page.now).await?;
        let tree = CategoryTree::of(categories(conn).await?);
        let below = tree.areas.iter().flat_map(|area| std::iter::once(&area.category).chain(&area.topics));
        let areas = crate::routing::store::areas(conn).await?;
        Ok(Self {
            units: rows.into_iter().map(|u| (u.slug, u.name)).collect(),
            categories: below.map(|c| (c.slug.clone(), c.name_in(page.language).to_owned())).collect(),
            areas: areas.into_iter().map(|area| (area.slug, area.name)).collect(),
        })
    }
}

fn name_of(all: &[(String, String)], slug: &str) -> String {
    all.iter().find(|(known, _)| known == slug).map_or_else(|| slug.to_owned(), |(_, name)| name.clone())
}

impl Spell for Known {
    fn unit(&self, slug: &str) -> String {
        name_of(&self.units, slug)
    }
    fn category(&self, slug: &str) -> String {
        name_of(&self.categories, slug)
    }
    fn area(&self, slug: &str) -> String {
        name_of(&self.areas, slug)
    }
}

fn fault_line(page: &Page, rules: &[Rule], fault: &RuleFault) -> String {
    let what = page.t(&format!("rules-wrong-{}", fault.wrong.replace('_', "-")));
    let name = rules.get(fault.rule - 1).map(|rule| rule.name.clone()).filter(|name| !name.is_empty());
    let values =
        [("rule", name.unwrap_or_else(|| fault.rule.to_string())), ("step", fault.step.to_string()), ("what", what)];
    page.language.text_with(if fault.step == 0 { "rules-wrong-at" } else { "rules-wrong-at-step" }, &values)
}

struct RuleLine {
    name: String,
    sentence: String,
    /// Why and since when it is paused; empty while it works.
    paused: String,
}

struct VersionLine {
    id: i64,
    href: String,
    title: String,
    state: &'static str,
    state_label: String,
    when: String,
}

struct ExampleLine {
    name: &'static str,
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "rules/overview.html")]
struct Overview {
    page: Page,
    rules: Vec<RuleLine>,
    versions: Vec<VersionLine>,
    examples: Vec<ExampleLine>,
    failed: i64,
    waiting: i64,
    refused: Vec<String>,
    /// What was written to be imported, when it could not be.
    text: String,
}

async fn badge(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (failed, _, paused) = store::counts(&mut kernel.db.read().await?).await?;
    html(&Badge { count: failed + paused, late: paused > 0 })
}

async fn show(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    html(&overview(&kernel, frame.0, Vec::new(), String::new()).await?)
}

async fn overview(kernel: &Kernel, page: Page, refused: Vec<String>, text: String) -> Result<Overview, Problem> {
    let page = page.titled("rules-title");
    let mut conn = kernel.db.read().await?;
    let known = Known::read(&mut conn, &page).await?;
    let active = store::active(&mut conn).await?;
    let pauses = store::pauses(&mut conn).await?;
    let (failed, waiting, _) = store::counts(&mut conn).await?;
    let rows = store::versions(&mut conn).await?;
    drop(conn);
    let paused = |name: &str| {
        let pause = pauses.iter().find(|pause| pause.rule == name);
        let key = |why: &str| if why == "rate" { "rules-paused-rate" } else { "rules-paused-by-hand" };
        pause.map(|p| page.t1(key(&p.why), "when", page.datetime(&p.paused_at))).unwrap_or_default()
    };
    let in_force = active.as_ref().map(store::VersionRow::rules).transpose()?.unwrap_or_default();
    let rules = in_force
        .iter()
        .map(|rule| RuleLine {
            sentence: sentence(rule, &known, page.language),
            paused: paused(&rule.name),
            name: rule.name.clone(),
        })
        .collect();
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows {
        let state = row.state()?;
        let when = match (state, row.activated_at, row.replaced_at) {
            (RulesState::Active, Some(at), _) => page.t1("rules-active-from", "when", page.datetime(&at)),
            (_, Some(_), Some(at)) => page.t1("rules-until", "when", page.datetime(&at)),
            _ => page.t1("rules-drafted-on", "when", page.datetime(&row.created_at)),
        };
        versions.push(VersionLine {
            id: row.id,
            href: href(row.id),
            title: page.t1("rules-version", "number", row.number),
            state: state.as_str(),
            state_label: page.t(&format!("rules-state-{}", state.as_str())),
            when,
        });
    }
    let examples = EXAMPLES
        .iter()
        .map(|example| ExampleLine {
            name: example.name,
            title: page.t(&format!("rules-example-{}", example.name)),
            text: page.t(&format!("rules-example-{}-text", example.name)),
        })
        .collect();
    Ok(Overview { rules, versions, examples, failed, waiting, refused, text, page })
}

async fn prepare(kernel: web::Data<Kernel>, caller: Caller, _guard: Form<Pressed>) -> Result<HttpResponse, Problem> {
    let id = manage::prepare(&kernel, &caller.0, Begin::InForce).await?;
    Ok(see_other(&href(id)))
}

#[derive(Deserialize)]
struct Imported {
    #[serde(default)]
    text: String,
}

async fn import(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    form: Form<Imported>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let text = form.0.text;
    match formats::read(&text) {
        Ok(rules) if !rules.is_empty() => {
            let id = manage::prepare(&kernel, who, Begin::Adding(rules)).await?;
            Ok(see_other(&href(id)))
        }
        read => {
            let why = match read {
                Err(RulesError::Unreadable(why)) => why,
                _ => frame.0.t("rules-import-empty"),
            };
            let refused = vec![frame.0.t1("rules-unreadable", "why", why)];
            let page = overview(&kernel, frame.0, refused, text).await?;
            html_as(&mut HttpResponse::UnprocessableEntity(), &page)
        }
    }
}

async fn example(
    kernel: web::Data<Kernel>,
    caller: Caller,
    name: web::Path<String>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let example = EXAMPLES.iter().find(|example| example.name == *name).ok_or(RulesError::Missing)?;
    let id = manage::prepare(&kernel, who, Begin::Adding(example.rules()?)).await?;
    Ok(see_other(&href(id)))
}

#[derive(Deserialize)]
struct Named {
    rule: String,
    /// What becomes of what was held: `run`, else dropped.
    #[serde(default)]
    held: String,
}

async fn pause(kernel: web::Data<Kernel>, caller: Caller, form: Form<Named>) -> Result<HttpResponse, Problem> {
    manage::pause(&kernel, &caller.0, &form.0.rule).await?;
    Ok(see_other(HERE))
}

async fn resume(kernel: web::Data<Kernel>, caller: Caller, form: Form<Named>) -> Result<HttpResponse, Problem> {
    let held = if form.0.held == "run" { Held::Run } else { Held::Drop };
    manage::resume(&kernel, &caller.0, &form.0.rule, held).await?;
    Ok(see_other(HERE))
}
