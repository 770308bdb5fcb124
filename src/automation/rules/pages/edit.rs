//! The form of one rule. Conditions and steps are rows of plain controls; a button adds, moves or removes one and comes
//! back to the form, so that nothing needs a script.
mod controls;
mod read;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use self::controls::{Control, Lists, condition_controls, step_controls};
use self::read::rule_of;
use super::super::faults::faults;
use super::super::message::VALUES;
use super::super::model::{Condition, Join, On, Rule, RulesState, Step, StepKind, Trigger};
use super::super::words::sentence;
use super::super::{RulesError, manage, store};
use super::{Choice, Known, fault_line, href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/automazioni/{id:\\d+}/regole/{place:\\d+}", web::get().to(show))
        .route("/scrivania/automazioni/{id:\\d+}/regole/{place:\\d+}", web::post().to(save));
}

/// A condition as its form has it.
struct ConditionForm {
    /// Begins the names of its controls.
    prefix: String,
    label: String,
    on: &'static str,
    not: bool,
    controls: Vec<Control>,
}

/// A step as its form has it.
struct StepForm {
    /// From 1, as people count.
    number: usize,
    place: usize,
    prefix: String,
    label: String,
    kind: &'static str,
    controls: Vec<Control>,
    /// Of a step that goes on only if they hold.
    conditions: Vec<ConditionForm>,
    asks: bool,
    first: bool,
}

#[derive(Template)]
#[template(path = "rules/edit.html")]
struct EditPage {
    page: Page,
    edition: i64,
    place: usize,
    new: bool,
    first: bool,
    last: bool,
    back: String,
    name: String,
    sentence: String,
    most: String,
    triggers: Vec<Choice>,
    joins: Vec<Choice>,
    conditions: Vec<ConditionForm>,
    steps: Vec<StepForm>,
    /// What a further condition may look at.
    ons: Vec<Choice>,
    /// What a further step may do.
    kinds: Vec<Choice>,
    faults: Vec<String>,
    values: String,
    /// Why nothing was saved; empty usually.
    refused: String,
}

fn choices(page: &Page, prefix: &str, all: &[&'static str], chosen: &str) -> Vec<Choice> {
    let one = |value: &&'static str| Choice {
        label: page.t(&format!("{prefix}-{}", value.replace(['.', '_'], "-"))),
        chosen: *value == chosen,
        value: (*value).to_owned(),
    };
    all.iter().map(one).collect()
}

fn condition_form(page: &Page, lists: &Lists, prefix: String, condition: &Condition) -> ConditionForm {
    ConditionForm {
        label: page.t(&format!("rules-on-{}", condition.on.as_str().replace('_', "-"))),
        on: condition.on.as_str(),
        not: condition.not,
        controls: condition_controls(page, lists, &prefix, condition),
        prefix,
    }
}

fn step_form(page: &Page, lists: &Lists, step: &Step, place: usize) -> StepForm {
    let prefix = format!("s{place}");
    let conditions = match step {
        Step::Only { when, .. } => {
            let one = |(n, c): (usize, &Condition)| condition_form(page, lists, format!("{prefix}.c{n}"), c);
            when.iter().enumerate().map(one).collect()
        }
        _ => Vec::new(),
    };
    StepForm {
        number: place + 1,
        place,
        label: page.t(&format!("rules-step-{}", step.kind().key())),
        kind: step.kind().as_str(),
        controls: step_controls(page, lists, &prefix, step),
        asks: step.kind() == StepKind::Only,
        conditions,
        prefix,
        first: place == 0,
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(i64, usize)>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (id, place) = path.into_inner();
    render(&kernel, frame.0, (id, place), None).await
}

/// The form with the rule as it is stored, or as it was sent on a draft that somebody changed meanwhile.
async fn render(
    kernel: &Kernel,
    mut page: Page,
    (id, place): (i64, usize),
    sent: Option<Rule>,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let rules = version.rules()?;
    if version.state()? != RulesState::Draft || place > rules.len() {
        return Ok(see_other(&href(id)));
    }
    let known = Known::read(&mut conn, &page).await?;
    let day = page.now.day(&page.zone);
    let named = store::named(&mut conn, &kernel.config.desk.entry_unit, kernel.now(), &day).await?;
    drop(conn);
    let new = place == rules.len();
    let stale = sent.is_some();
    let rule = sent.or_else(|| rules.get(place).cloned()).unwrap_or_default();
    page.title = if new { page.t("rules-new") } else { rule.name.clone() };
    let wrong = if new || stale { Vec::new() } else { faults(&rules, &named) };
    let wrong = wrong.iter().filter(|fault| fault.rule == place + 1);
    let refused = if stale { page.t("rules-stale-rule") } else { String::new() };
    let status = if stale { StatusCode::PRECONDITION_FAILED } else { StatusCode::OK };
    let lists = Lists::of(&known, &named);
    let triggers: Vec<_> = Trigger::ALL.iter().map(|t| t.as_str()).collect();
    let ons: Vec<_> = On::ALL.iter().map(|on| on.as_str()).collect();
    let kinds: Vec<_> = StepKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let joins: Vec<_> = Join::ALL.iter().map(|join| join.as_str()).collect();
    let conditions = rule.conditions.iter().enumerate();
    let shown = EditPage {
        edition: version.edition,
        place,
        new,
        first: place == 0,
        last: place + 1 >= rules.len(),
        back: href(id),
        name: rule.name.clone(),
        sentence: if new { String::new() } else { sentence(&rule, &known, page.language) },
        most: rule.most_per_hour.map(|most| most.to_string()).unwrap_or_default(),
        triggers: choices(&page, "rules-event", &triggers, rule.when.as_str()),
        joins: choices(&page, "rules-join", &joins, rule.join.as_str()),
        conditions: conditions.map(|(n, c)| condition_form(&page, &lists, format!("c{n}"), c)).collect(),
        steps: rule.then.iter().enumerate().map(|(n, s)| step_form(&page, &lists, s, n)).collect(),
        ons: choices(&page, "rules-on", &ons, ""),
        kinds: choices(&page, "rules-step", &kinds, ""),
        faults: wrong.map(|fault| fault_line(&page, &rules, fault)).collect(),
        values: VALUES.iter().map(|v| format!("{{{v}}}")).collect::<Vec<_>>().join(", "),
        refused,
        page,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    path: web::Path<(i64, usize)>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (id, place) = path.into_inner();
    let (rule, then) = rule_of(&form.0);
    let seen = form.0.iter().find(|(name, _)| name == "edition").and_then(|(_, value)| value.parse().ok());
    let next = match then.as_str() {
        "save" | "remove" | "up" | "down" => href(id),
        _ => format!("{}/regole/{place}#cambia", href(id)),
    };
    let kept = rule.clone();
    let done = manage::change(&kernel, who, id, seen, move |rules| match then.as_str() {
        "remove" if place < rules.len() => drop(rules.remove(place)),
        "up" if place > 0 && place < rules.len() => rules.swap(place, place - 1),
        "down" if place + 1 < rules.len() => rules.swap(place, place + 1),
        "remove" | "up" | "down" => {}
        _ if place < rules.len() => rules[place] = rule,
        _ => rules.push(rule),
    })
    .await;
    match done {
        Ok(()) => Ok(see_other(&next)),
        Err(RulesError::Stale(_)) => render(&kernel, frame.0, (id, place), Some(kept)).await,
        Err(e) => Err(e.into()),
    }
}

/// A rule with a further condition or step, or with one less, as a button asked.
fn after(mut rule: Rule, then: &str, add: impl Fn(&str) -> String) -> Rule {
    let number = |text: &str| text.parse::<usize>().ok();
    let nested = |text: &str| text.split_once(".c").and_then(|(s, c)| Some((number(s)?, number(c)?)));
    if then == "add" {
        if let Some(on) = On::from_text(&add("add_condition")) {
            rule.conditions.push(Condition { on, name: String::new(), is: Vec::new(), not: false });
        }
        if let Some(kind) = StepKind::from_text(&add("add_step")) {
            rule.then.push(Step::empty(kind));
        }
        for (place, step) in rule.then.iter_mut().enumerate() {
            if let (Step::Only { when, .. }, Some(on)) = (step, On::from_text(&add(&format!("s{place}.add")))) {
                when.push(Condition { on, name: String::new(), is: Vec::new(), not: false });
            }
        }
    } else if let Some((step, place)) = then.strip_prefix("drop-s").and_then(nested) {
        if let Some(Step::Only { when, .. }) = rule.then.get_mut(step)
            && place < when.len()
        {
            when.remove(place);
        }
    } else if let Some(place) = then.strip_prefix("drop-c").and_then(number).filter(|n| *n < rule.conditions.len()) {
        rule.conditions.remove(place);
    } else if let Some(place) = then.strip_prefix("drop-s").and_then(number).filter(|n| *n < rule.then.len()) {
        rule.then.remove(place);
    } else if let Some(place) = then.strip_prefix("up-s").and_then(number).filter(|n| 0 < *n && *n < rule.then.len()) {
        rule.then.swap(place, place - 1);
    }
    rule
}
