//! Pages: the rules in force as sentences with their versions and areas; a draft with its rules; a trial.
mod areas;
mod draft;
mod trial;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::model::{Rule, RuleFault};
use super::store;
use super::words::{Spell, sentence};
use super::{RoutingError, manage};
use crate::kernel::Kernel;
use crate::kernel::database::Conn;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::store::{categories, units};

/// Where routing is.
const HERE: &str = "/scrivania/smistamento";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(show)).route(HERE, web::post().to(prepare));
    areas::routes(cfg);
    draft::routes(cfg);
    trial::routes(cfg);
}

fn href(id: i64) -> String {
    format!("{HERE}/{id}")
}

/// Names of what rules mention, in the reader's language.
struct Known {
    /// Slug and name.
    units: Vec<(String, String)>,
    categories: Vec<(String, String)>,
    areas: Vec<(String, String)>,
    /// Row ids of units with their names.
    by_id: Vec<(i64, String)>,
}

impl Known {
    async fn read(conn: &mut Conn, page: &Page) -> Result<Self, Problem> {
        let rows = units(conn, page.now).await?;
        let named = store::named(conn, "", page.now).await?;
        let tree = CategoryTree::of(categories(conn).await?);
        let below = tree.areas.iter().flat_map(|area| std::iter::once(&area.category).chain(&area.topics));
        let units: Vec<(String, String)> = rows.into_iter().map(|u| (u.slug, u.name)).collect();
        let id = |slug: &String| named.offices.get(slug).map(|office| office.id);
        Ok(Self {
            by_id: units.iter().filter_map(|(slug, name)| Some((id(slug)?, name.clone()))).collect(),
            units,
            categories: below.map(|c| (c.slug.clone(), c.name_in(page.language).to_owned())).collect(),
            areas: store::areas(conn).await?.into_iter().map(|area| (area.slug, area.name)).collect(),
        })
    }

    fn unit_by_id(&self, id: i64) -> String {
        self.by_id.iter().find(|(known, _)| *known == id).map_or_else(|| id.to_string(), |(_, name)| name.clone())
    }

    fn sentences(&self, page: &Page, rules: &[Rule]) -> Vec<(String, String)> {
        rules.iter().map(|rule| (rule.name.clone(), sentence(rule, self, page.language))).collect()
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

fn faults(page: &Page, faults: &[RuleFault]) -> Vec<String> {
    let line = |fault: &RuleFault| {
        let what = page.t(&format!("routing-wrong-{}", fault.wrong.replace('_', "-")));
        page.t2("routing-wrong-at", "rule", fault.rule, "what", what)
    };
    faults.iter().map(line).collect()
}

struct VersionLine {
    id: i64,
    href: String,
    title: String,
    state: &'static str,
    state_label: String,
    when: String,
}

#[derive(Template)]
#[template(path = "routing/overview.html")]
struct Overview {
    page: Page,
    /// Name and sentence.
    rules: Vec<(String, String)>,
    versions: Vec<VersionLine>,
    areas: usize,
}

async fn show(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = frame.0.titled("routing-title");
    let mut conn = kernel.db.read().await?;
    let known = Known::read(&mut conn, &page).await?;
    let rules = match store::active(&mut conn).await? {
        Some(active) => active.rules()?,
        None => Vec::new(),
    };
    let rows = store::versions(&mut conn).await?;
    drop(conn);
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows {
        let state = row.state()?;
        let when = match row.activated_at {
            Some(at) => page.t1("routing-active-from", "when", page.datetime(&at)),
            None => page.t1("routing-drafted-on", "when", page.datetime(&row.created_at)),
        };
        versions.push(VersionLine {
            id: row.id,
            href: href(row.id),
            title: page.t1("routing-version", "number", row.number),
            state: state.as_str(),
            state_label: page.t(&format!("routing-state-{}", state.as_str())),
            when,
        });
    }
    html(&Overview { rules: known.sentences(&page, &rules), versions, areas: known.areas.len(), page })
}

async fn prepare(kernel: web::Data<Kernel>, caller: Caller, _guard: Form<Pressed>) -> Result<HttpResponse, Problem> {
    let id = manage::prepare(&kernel, &caller.0, None).await?;
    Ok(see_other(&href(id)))
}

/// Why something was refused, as lines of a page.
fn refusal(page: &Page, refusal: RoutingError) -> Result<Vec<String>, Problem> {
    match refusal {
        RoutingError::Invalid(wrong) => Ok(faults(page, &wrong)),
        RoutingError::Stale(_) => Ok(vec![page.t("routing-stale")]),
        RoutingError::Areas(e) => Ok(vec![page.t1("routing-wrong-file", "why", e)]),
        other @ (RoutingError::Missing | RoutingError::State | RoutingError::Forbidden(_) | RoutingError::Store(_)) => {
            Err(other.into())
        }
    }
}
