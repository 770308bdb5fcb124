//! «Distribuzione»: how each unit gives its tickets out.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::Channel;
use crate::tickets::assignment::AssignmentError;
use crate::tickets::assignment::model::{HEAVIEST, MOST, Policy, UnitPolicy, words};
use crate::tickets::assignment::settings::set_policy;
use crate::tickets::assignment::store::{self, UnitLine};
use crate::tickets::pages::words as said;

const HERE: &str = "/scrivania/supervisione/distribuzione";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(list)))
        .service(web::resource(format!("{HERE}/{{slug}}")).route(web::get().to(show)).route(web::post().to(save)));
}

struct Line {
    name: String,
    href: String,
    policy: String,
    capacity: i64,
    skills: String,
    /// Tickets that nobody has.
    free: i64,
    /// Agents who take what is given out.
    ready: usize,
}

#[derive(Template)]
#[template(path = "assignment/units.html")]
struct UnitsPage {
    page: Page,
    lines: Vec<Line>,
    done: bool,
}

fn name(page: &Page, unit: &UnitLine) -> String {
    let english = page.language == Language::English && !unit.name_en.is_empty();
    if english { unit.name_en.clone() } else { unit.name.clone() }
}

async fn list(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    done: web::Query<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::TakeOver)?;
    let mut conn = kernel.db.read().await?;
    let (policies, free) = (store::policies(&mut conn).await?, store::free_counts(&mut conn).await?);
    let mut lines = Vec::new();
    for unit in store::unit_lines(&mut conn).await? {
        let policy = policies.of(unit.id);
        lines.push(Line {
            name: name(&page, &unit),
            href: format!("{HERE}/{}", unit.slug),
            policy: page.t(&format!("policy-{}", policy.policy.as_str())),
            capacity: policy.capacity,
            skills: policy.skills.join(", "),
            free: free.get(&unit.id).copied().unwrap_or(0),
            ready: store::ready_agents(&mut conn, unit.id).await?.len(),
        });
    }
    drop(conn);
    html(&UnitsPage { page: page.titled("assign-units-title"), lines, done: done.contains_key("fatto") })
}

struct PolicyChoice {
    value: &'static str,
    label: String,
    hint: String,
}

struct Weight {
    field: String,
    label: String,
    value: String,
}

#[derive(Template)]
#[template(path = "assignment/unit.html")]
struct UnitPage {
    page: Page,
    action: String,
    policies: Vec<PolicyChoice>,
    chosen: &'static str,
    capacity: String,
    skills: String,
    weights: Vec<Weight>,
    /// The levels, and which one is chosen; empty for that of its kind.
    levels: Vec<(String, String)>,
    level: String,
    /// Why the form was refused: field and message.
    error: (&'static str, String),
}

impl UnitPage {
    /// What is wrong with a field; empty when nothing is.
    fn wrong(&self, field: &str) -> String {
        if self.error.0 == field { self.error.1.clone() } else { String::new() }
    }
}

/// What a form has, as it was typed.
struct Typed {
    policy: Policy,
    capacity: String,
    skills: String,
    level: String,
    weights: BTreeMap<String, String>,
}

impl Typed {
    fn of(policy: &UnitPolicy) -> Self {
        let weight = |c: &Channel| (c.as_str().to_owned(), policy.weight(*c).to_string());
        Self {
            policy: policy.policy,
            capacity: policy.capacity.to_string(),
            skills: policy.skills.join(" "),
            level: policy.level.map(|level| level.to_string()).unwrap_or_default(),
            weights: Channel::ALL.iter().map(weight).collect(),
        }
    }

    fn policy(&self) -> Result<UnitPolicy, AssignmentError> {
        let range = |field| AssignmentError::Invalid { field, wrong: "range" };
        let mut weights = BTreeMap::new();
        for (channel, text) in &self.weights {
            let Some(channel) = Channel::from_text(channel) else { continue };
            let weight = text.trim().parse().map_err(|_| range("weights"))?;
            if weight != 1 {
                weights.insert(channel, weight);
            }
        }
        Ok(UnitPolicy {
            policy: self.policy,
            capacity: self.capacity.trim().parse().map_err(|_| range("capacity"))?,
            skills: words(&self.skills),
            level: match self.level.as_str() {
                "" => None,
                text => Some(text.parse().map_err(|_| range("level"))?),
            },
            weights,
        })
    }
}

fn unit_page(page: Page, unit: &UnitLine, typed: &Typed, error: (&'static str, String)) -> UnitPage {
    let weight = |c: &Channel| Weight {
        field: format!("weight-{}", c.as_str()),
        label: said::channel(&page, c.as_str()),
        value: typed.weights.get(c.as_str()).cloned().unwrap_or_default(),
    };
    UnitPage {
        action: format!("{HERE}/{}", unit.slug),
        policies: Policy::ALL
            .iter()
            .map(|p| PolicyChoice {
                value: p.as_str(),
                label: page.t(&format!("policy-{}", p.as_str())),
                hint: page.t(&format!("policy-{}-hint", p.as_str())),
            })
            .collect(),
        chosen: typed.policy.as_str(),
        capacity: typed.capacity.clone(),
        skills: typed.skills.clone(),
        weights: Channel::ALL.iter().map(weight).collect(),
        levels: (1..=4).map(|n: i64| (n.to_string(), page.t(&format!("level-{n}")))).collect(),
        level: typed.level.clone(),
        error,
        page: Page { title: name(&page, unit), ..page },
    }
}

async fn unit(kernel: &Kernel, slug: &str) -> Result<(UnitLine, UnitPolicy), Problem> {
    let mut conn = kernel.db.read().await?;
    let found = store::unit_lines(&mut conn).await?.into_iter().find(|u| u.slug == slug);
    let found = found.ok_or_else(Problem::not_found)?;
    let policy = store::policies(&mut conn).await?.of(found.id);
    Ok((found, policy))
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::TakeOver)?;
    let (unit, policy) = unit(&kernel, &slug).await?;
    html(&unit_page(page, &unit, &Typed::of(&policy), ("", String::new())))
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    slug: web::Path<String>,
    Form(sent): Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::TakeOver)?;
    let field = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let typed = Typed {
        policy: Policy::from_text(&field("policy")).ok_or_else(|| Problem::field("policy", "unknown"))?,
        capacity: field("capacity"),
        skills: field("skills"),
        level: field("level"),
        weights: Channel::ALL
            .iter()
            .map(|c| (c.as_str().to_owned(), field(&format!("weight-{}", c.as_str()))))
            .filter(|(_, text)| !text.trim().is_empty())
            .collect(),
    };
    let done = match typed.policy() {
        Ok(policy) => set_policy(&kernel, who, &slug, policy).await,
        Err(e) => Err(e),
    };
    let error = match done {
        Ok(()) => return Ok(see_other(&format!("{HERE}?fatto=1"))),
        Err(error) => error,
    };
    let AssignmentError::Invalid { field, .. } = error else { return Err(error.into()) };
    let message = match field {
        "capacity" => page.t2("assign-wrong-range", "least", 1, "most", MOST),
        "weights" => page.t2("assign-wrong-range", "least", 0, "most", HEAVIEST),
        "level" => page.t2("assign-wrong-range", "least", 1, "most", 4),
        _ => page.t("assign-wrong-words"),
    };
    let (unit, _) = unit(&kernel, &slug).await?;
    html_as(&mut HttpResponse::build(error.kind().status()), &unit_page(page, &unit, &typed, (field, message)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;

    use super::*;

    #[test]
    fn weights_of_one_are_not_kept_and_a_word_is_no_number() {
        let mut typed = Typed::of(&UnitPolicy::default());
        assert_eq!(typed.policy().unwrap(), UnitPolicy::default());
        typed.weights.insert("phone".to_owned(), "2".to_owned());
        assert_eq!(typed.policy().unwrap().weight(Channel::Phone), 2);
        typed.capacity = "tante".to_owned();
        assert!(matches!(typed.policy(), Err(AssignmentError::Invalid { field: "capacity", .. })));
        assert_eq!(StatusCode::UNPROCESSABLE_ENTITY, typed.policy().unwrap_err().kind().status());
    }
}
