//! One version: its rules as sentences, each in a form of its own while it is a draft.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::model::{Action, Conditions, LegToSend, Load, RoutingState, Rule, Segment, faults};
use super::super::words::sentence;
use super::super::{Routing, RoutingError, manage, store};
use super::{HERE, Known, href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::network::LegKind;
use crate::tickets::{Channel, RequestKind};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/smistamento/{id:\\d+}", web::get().to(show))
        .route("/scrivania/smistamento/{id:\\d+}/regola", web::post().to(save))
        .route("/scrivania/smistamento/{id:\\d+}/attiva", web::post().to(activate))
        .route("/scrivania/smistamento/{id:\\d+}/scarta", web::post().to(discard));
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct LegForm {
    units: Vec<Choice>,
    kinds: Vec<Choice>,
    question: String,
}

/// A rule as its form has it.
struct RuleForm {
    /// From 0; one past the last for a new one.
    place: usize,
    name: String,
    sentence: String,
    new: bool,
    first: bool,
    last: bool,
    categories: Vec<Choice>,
    channels: Vec<Choice>,
    kinds: Vec<Choice>,
    segments: Vec<Choice>,
    areas: Vec<Choice>,
    languages: String,
    open: &'static str,
    load_units: Vec<Choice>,
    load: String,
    units: Vec<Choice>,
    assignee: String,
    legs: Vec<LegForm>,
}

#[derive(Template)]
#[template(path = "routing/draft.html")]
struct DraftPage {
    page: Page,
    id: i64,
    edition: i64,
    editable: bool,
    active: bool,
    rules: Vec<RuleForm>,
    faults: Vec<String>,
    refused: Vec<String>,
    from: String,
    to: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    render(&kernel, frame.0, *id, Vec::new()).await
}

fn chosen<'a>(all: impl IntoIterator<Item = &'a (String, String)>, is: impl Fn(&str) -> bool) -> Vec<Choice> {
    let choice =
        |(value, label): &(String, String)| Choice { chosen: is(value), value: value.clone(), label: label.clone() };
    all.into_iter().map(choice).collect()
}

impl RuleForm {
    fn of(page: &Page, known: &Known, rule: &Rule, place: usize, count: usize) -> Self {
        let when = &rule.when;
        let named = |prefix: &str, value: &str| (value.to_owned(), page.t(&format!("{prefix}-{value}")));
        let channels: Vec<_> = Channel::ALL.iter().map(|c| named("channel", c.as_str())).collect();
        let kinds: Vec<_> = RequestKind::ALL.iter().map(|k| named("request-kind", k.as_str())).collect();
        let segments: Vec<_> = Segment::ALL.iter().map(|s| named("segment", s.as_str())).collect();
        let leg_kinds: Vec<_> = LegKind::ALL.iter().map(|k| named("leg-kind", k.as_str())).collect();
        let leg = |leg: Option<&LegToSend>| LegForm {
            units: chosen(&known.units, |slug| leg.is_some_and(|leg| leg.unit == slug)),
            kinds: chosen(&leg_kinds, |kind| leg.is_some_and(|leg| leg.kind.as_str() == kind)),
            question: leg.map(|leg| leg.question.clone()).unwrap_or_default(),
        };
        let load = when.load.as_ref();
        Self {
            place,
            name: rule.name.clone(),
            sentence: if place < count { sentence(rule, known, page.language) } else { String::new() },
            new: place == count,
            first: place == 0,
            last: place + 1 == count,
            categories: chosen(&known.categories, |slug| when.categories.iter().any(|c| c == slug)),
            channels: chosen(&channels, |name| when.channels.iter().any(|c| c.as_str() == name)),
            kinds: chosen(&kinds, |name| when.kinds.iter().any(|k| k.as_str() == name)),
            segments: chosen(&segments, |name| when.segments.iter().any(|s| s.as_str() == name)),
            areas: chosen(&known.areas, |slug| when.areas.iter().any(|a| a == slug)),
            languages: when.languages.join(", "),
            open: match when.open {
                None => "",
                Some(true) => "open",
                Some(false) => "closed",
            },
            load_units: chosen(&known.units, |slug| load.is_some_and(|load| load.unit == slug)),
            load: load.map(|load| load.at_least.to_string()).unwrap_or_default(),
            units: chosen(&known.units, |slug| rule.then.unit.as_deref() == Some(slug)),
            assignee: rule.then.assignee.clone().unwrap_or_default(),
            legs: rule.then.legs.iter().map(Some).chain([None]).map(leg).collect(),
        }
    }
}

async fn render(kernel: &Kernel, mut page: Page, id: i64, refused: Vec<String>) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let known = Known::read(&mut conn, &page).await?;
    let named = store::named(&mut conn, &kernel.config.desk.entry_unit, kernel.now()).await?;
    drop(conn);
    let (rules, state) = (version.rules()?, version.state()?);
    let editable = state == RoutingState::Draft;
    page.title = page.t1("routing-version", "number", version.number);
    let today = page.now.zoned(&page.zone).date();
    let month_ago = today.saturating_sub(jiff::Span::new().months(1));
    let count = rules.len();
    let mut forms: Vec<RuleForm> =
        rules.iter().enumerate().map(|(place, rule)| RuleForm::of(&page, &known, rule, place, count)).collect();
    if editable {
        forms.push(RuleForm::of(&page, &known, &Rule::default(), count, count));
    }
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = DraftPage {
        id,
        edition: version.edition,
        editable,
        active: state == RoutingState::Active,
        rules: forms,
        faults: if editable { super::faults(&page, &faults(&rules, &named)) } else { Vec::new() },
        refused,
        from: month_ago.to_string(),
        to: today.to_string(),
        page,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

/// A rule as its form was sent.
fn rule_of(pairs: &[(String, String)]) -> Rule {
    let all = |name: &str| -> Vec<String> {
        let values = pairs.iter().filter(|(n, v)| n == name && !v.trim().is_empty());
        values.map(|(_, v)| v.trim().to_owned()).collect()
    };
    let one = |name: &str| all(name).into_iter().next();
    // Legs come in rows of three: each row sends each of its controls.
    let rows = |name: &str| pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.trim()).collect::<Vec<_>>();
    let (units, kinds, questions) = (rows("leg_unit"), rows("leg_kind"), rows("leg_question"));
    let legs = units.iter().zip(kinds).zip(questions).filter(|((unit, _), _)| !unit.is_empty());
    let legs = legs.map(|((unit, kind), question)| LegToSend {
        unit: (*unit).to_owned(),
        kind: LegKind::from_text(kind).unwrap_or(LegKind::Inquiry),
        question: question.to_owned(),
    });
    let load = one("load_unit")
        .map(|unit| Load { unit, at_least: one("load").and_then(|count| count.parse().ok()).unwrap_or_default() });
    Rule {
        name: one("name").unwrap_or_default(),
        when: Conditions {
            categories: all("categories"),
            channels: all("channels").iter().filter_map(|c| Channel::from_text(c)).collect(),
            kinds: all("kinds").iter().filter_map(|k| RequestKind::from_text(k)).collect(),
            languages: all("languages").iter().flat_map(|l| crate::classification::formats::words(l)).collect(),
            segments: all("segments").iter().filter_map(|s| Segment::from_text(s)).collect(),
            areas: all("areas"),
            open: one("open").map(|open| open == "open"),
            load,
        },
        then: Action { unit: one("unit"), assignee: one("assignee").map(|a| a.to_lowercase()), legs: legs.collect() },
    }
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let pairs = form.0;
    let text = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let seen = text("edition").parse().ok();
    let place: usize = text("place").parse().map_err(|_| Problem::field("place", "invalid"))?;
    let then = text("then");
    let rule = rule_of(&pairs);
    let done = manage::change(&kernel, who, *id, seen, move |rules| match then.as_str() {
        "remove" if place < rules.len() => drop(rules.remove(place)),
        "up" if place > 0 && place < rules.len() => rules.swap(place, place - 1),
        "down" if place + 1 < rules.len() => rules.swap(place, place + 1),
        "remove" | "up" | "down" => {}
        _ if place < rules.len() => rules[place] = rule,
        _ => rules.push(rule),
    })
    .await;
    answer(&kernel, frame.0, *id, done, &href(*id)).await
}

async fn answer(
    kernel: &Kernel,
    page: Page,
    id: i64,
    done: Result<(), RoutingError>,
    next: &str,
) -> Result<HttpResponse, Problem> {
    match done {
        Ok(()) => Ok(see_other(next)),
        Err(e) => {
            let refused = super::refusal(&page, e)?;
            render(kernel, page, id, refused).await
        }
    }
}

#[derive(Deserialize)]
struct Activation {
    edition: i64,
}

async fn activate(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<Activation>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let done = manage::activate(&kernel, &routing, who, *id, Some(form.0.edition)).await;
    answer(&kernel, frame.0, *id, done, HERE).await
}

async fn discard(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    manage::discard(&kernel, &caller.0, *id).await?;
    Ok(see_other(HERE))
}
