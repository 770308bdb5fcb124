//! The forms that change the organisation: written, looked at with what they would move, then confirmed.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::api::day;
use super::super::plan::{Wanted, cancel, look_ahead, plan};
use super::super::preview::Preview;
use super::fields::{self, Fields, PARTS, What};
use super::{HERE, Names, unit_href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::network::{LegError, store as leg_store};
use crate::organisation::chart::{Chart, Node, Plan};
use crate::organisation::reorganise::chart_at;
use crate::organisation::{Directory, OrganisationError, UnitKind, Units, store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    let of_unit = format!("{HERE}/strutture/{{slug}}/{{what:{}}}", What::pattern(true));
    let of_all = format!("{HERE}/{{what:{}}}", What::pattern(false));
    cfg.service(web::resource(format!("{HERE}/cambi")).route(web::post().to(confirm)))
        .service(web::resource(format!("{HERE}/cambi/{{id}}/annulla")).route(web::post().to(take_back)));
    for form in [of_unit, of_all] {
        cfg.service(web::resource(form).route(web::get().to(show)).route(web::post().to(look)));
    }
}

/// Which form, and about which unit.
#[derive(Debug, Deserialize)]
struct Asked {
    what: String,
    #[serde(default)]
    slug: String,
}

pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// A category of a unit that is split, and the part that it goes to.
struct Share {
    field: String,
    name: String,
    part: String,
}

/// One of the units that another is split into.
struct Part {
    /// From 1.
    number: String,
    /// Of the field with its name.
    field: String,
    value: String,
    /// A split makes at least two.
    required: bool,
}

#[derive(Template)]
#[template(path = "network/change.html")]
struct ChangePage {
    page: Page,
    what: What,
    back: String,
    fields: Fields,
    units: Vec<Choice>,
    parents: Vec<Choice>,
    agencies: Vec<Choice>,
    kinds: Vec<Choice>,
    shares: Vec<Share>,
    parts: Vec<Part>,
    hint: String,
    alert: String,
}

impl ChangePage {
    fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }
}

/// What a unit's own form begins with.
fn begin(what: What, unit: Option<&Node>) -> Fields {
    let Some(unit) = unit.filter(|_| what == What::Change) else { return Fields::default() };
    let pairs = [
        ("name", unit.name.as_str()),
        ("name_en", &unit.name_en),
        ("agency", &unit.agency),
        ("parent", unit.parent.as_deref().unwrap_or_default()),
        ("kind", unit.kind.as_str()),
        ("email", &unit.email),
        ("scope", &unit.scope),
    ];
    Fields(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}

async fn read(kernel: &Kernel, asked: &Asked) -> Result<(What, Chart, Option<Node>), Problem> {
    let what = What::from_text(&asked.what).ok_or_else(Problem::not_found)?;
    let mut conn = kernel.db.read().await?;
    let chart = chart_at(&mut conn, kernel.now(), kernel.now()).await?;
    let unit = match asked.slug.as_str() {
        "" => None,
        slug => Some(chart.nodes.get(slug).cloned().ok_or_else(Problem::not_found)?),
    };
    Ok((what, chart, unit))
}

async fn filled(
    kernel: &Kernel,
    page: Page,
    (what, chart, unit): (What, &Chart, Option<&Node>),
    fields: Fields,
    alert: String,
) -> Result<ChangePage, Problem> {
    let mut conn = kernel.db.read().await?;
    let agencies = store::agencies(&mut conn).await?;
    let agency_name = |slug: &str| agencies.iter().find(|a| a.slug == slug).map(|a| a.name.clone()).unwrap_or_default();
    let others = || chart.nodes.values().filter(|node| unit.is_none_or(|unit| unit.slug != node.slug));
    let label = |node: &Node| format!("{} – {}", agency_name(&node.agency), node.name);
    let choices = |field: &str| {
        let chosen = fields.all(field);
        let choice = |node: &Node| Choice {
            value: node.slug.clone(),
            label: label(node),
            chosen: chosen.contains(&node.slug.as_str()),
        };
        let mut all: Vec<Choice> = others().map(choice).collect();
        all.sort_by(|a, b| a.label.cmp(&b.label));
        all
    };
    let choice = |value: &str, label: String, field: &str| Choice {
        value: value.to_owned(),
        label,
        chosen: fields.get(field) == value,
    };
    let mut shares = Vec::new();
    if let Some(unit) = unit.filter(|_| what == What::Split)
        && let Some(row) = store::unit_by_slug(&mut conn, &unit.slug).await?
    {
        for (slug, name) in leg_store::categories_of(&mut conn, row.id).await? {
            let field = format!("category.{slug}");
            shares.push(Share { part: fields.get(&field).to_owned(), field, name });
        }
    }
    let title = page.t(&format!("org-{}-title", what.as_str()));
    let heading = unit.map_or_else(|| title.clone(), |unit| format!("{title}: {}", unit.name));
    Ok(ChangePage {
        what,
        back: unit.map_or_else(|| HERE.to_owned(), |unit| unit_href(&unit.slug)),
        units: choices(if what == What::Merge { "units" } else { "successor" }),
        parents: choices("parent"),
        agencies: agencies.iter().map(|a| choice(&a.slug, a.name.clone(), "agency")).collect(),
        kinds: UnitKind::ALL
            .iter()
            .map(|kind| choice(kind.as_str(), page.t(&format!("org-kind-{}", kind.as_str())), "kind"))
            .collect(),
        shares,
        parts: (1..=PARTS)
            .map(|number| {
                let field = format!("name_{number}");
                let value = fields.get(&field).to_owned();
                Part { number: number.to_string(), field, value, required: number < PARTS }
            })
            .collect(),
        hint: page.t(&format!("org-{}-hint", what.as_str())),
        alert,
        page: Page { title: heading, ..page },
        fields,
    })
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    asked: web::Path<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (what, chart, unit) = read(&kernel, &asked).await?;
    let fields = begin(what, unit.as_ref());
    html(&filled(&kernel, page, (what, &chart, unit.as_ref()), fields, String::new()).await?)
}

/// One unit that closes, in words.
struct MovedLine {
    text: String,
    counts: Vec<(String, i64)>,
}

#[derive(Template)]
#[template(path = "network/preview.html")]
struct PreviewPage {
    page: Page,
    back: String,
    on: String,
    day: String,
    reason: String,
    plan: String,
    opens: Vec<String>,
    changes: Vec<(String, Vec<String>)>,
    closes: Vec<MovedLine>,
    categories: Vec<String>,
}

/// What differs of a unit, a line each.
fn differences(page: &Page, names: &Names<'_>, before: &Node, after: &Node) -> Vec<String> {
    let kind = |node: &Node| page.t(&format!("org-kind-{}", node.kind.as_str()));
    let above = |node: &Node| node.parent.as_deref().map(|slug| names.of(slug)).unwrap_or_default();
    let pairs = [
        ("name", before.name.clone(), after.name.clone()),
        ("name-en", before.name_en.clone(), after.name_en.clone()),
        ("agency", before.agency.clone(), after.agency.clone()),
        ("parent", above(before), above(after)),
        ("kind", kind(before), kind(after)),
        ("email", before.email.clone(), after.email.clone()),
        ("scope", before.scope.clone(), after.scope.clone()),
    ];
    let dash = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    pairs
        .into_iter()
        .filter(|(_, was, is)| was != is)
        .map(|(what, was, is)| format!("{}: {} → {}", page.t(&format!("org-{what}")), dash(was), dash(is)))
        .collect()
}

fn preview_page(page: Page, units: &Units, preview: Preview, wanted: &Wanted, back: String) -> PreviewPage {
    let names = Names { units, language: page.language, opens: &wanted.plan.opens };
    let closes = preview.closes.iter().map(|moved| MovedLine {
        text: page.t2("org-step-closes", "unit", &moved.unit.name, "successor", &moved.successor.name),
        counts: [
            ("tickets", moved.open_tickets),
            ("legs", moved.waiting_legs),
            ("categories", moved.categories),
            ("sheets", moved.sheets),
            ("users", moved.users),
        ]
        .map(|(what, n)| (page.t(&format!("org-moves-{what}")), n))
        .to_vec(),
    });
    let categories = wanted
        .plan
        .categories
        .iter()
        .map(|(category, unit)| page.t2("org-step-category", "category", category, "unit", names.of(unit)));
    let day = wanted.on.and_then(|on| on.to_zoned(page.zone.clone()).ok()).map(|z| page.date(&z.timestamp().into()));
    PreviewPage {
        back,
        on: wanted.on.map(|on| on.to_string()).unwrap_or_default(),
        day: day.unwrap_or_else(|| page.t("org-at-once")),
        reason: wanted.reason.clone(),
        plan: serde_json::json!(wanted.plan).to_string(),
        opens: preview.opens.iter().map(|node| page.t1("org-step-opens", "name", &node.name)).collect(),
        changes: preview
            .changes
            .iter()
            .map(|(was, is)| (was.name.clone(), differences(&page, &names, was, is)))
            .collect(),
        closes: closes.collect(),
        categories: categories.collect(),
        page: page.titled("org-preview-title"),
    }
}

/// Why a form was refused, for the person who wrote it; the error itself when that person cannot mend it.
fn refusal(page: &Page, error: LegError) -> Result<String, Problem> {
    let (field, wrong) = match &error {
        LegError::Organisation(OrganisationError::Misfit(misfit)) => (misfit.field.clone(), misfit.wrong),
        LegError::Organisation(OrganisationError::Invalid { field, wrong }) => ((*field).to_owned(), *wrong),
        _ => return Err(error.into()),
    };
    let key = format!("org-wrong-{}", wrong.replace('_', "-"));
    let key = if page.language.has(&key) { key } else { "org-wrong-other".to_owned() };
    let part = field.rsplit('.').next().unwrap_or_default().trim_end_matches(|c: char| c == '_' || c.is_ascii_digit());
    let label = format!("org-{}", part.replace('_', "-"));
    let label = if page.language.has(&label) { page.t(&label) } else { field };
    Ok(page.t1(&key, "field", label))
}

async fn look(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    asked: web::Path<Asked>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let (what, chart, unit) = read(&kernel, &asked).await?;
    let fields = Fields(sent);
    let reason = fields.get("reason").to_owned();
    let result = match fields::plan(what, unit.as_ref(), &fields, &chart) {
        Err(misfit) => Err(OrganisationError::from(misfit).into()),
        Ok(_) if reason.is_empty() => Err(OrganisationError::Invalid { field: "reason", wrong: "missing" }.into()),
        Ok(plan) => {
            let wanted = Wanted { plan, on: day(Some(fields.get("on")))?, reason };
            look_ahead(&kernel, who, &wanted).await.map(|preview| (preview, wanted))
        }
    };
    let refused = match result {
        Ok((preview, wanted)) => {
            let back = unit.map_or_else(|| HERE.to_owned(), |unit| unit_href(&unit.slug));
            directory.forget();
            let units = directory.units(&kernel.db).await?;
            return html(&preview_page(page, &units, preview, &wanted, back));
        }
        Err(refused) => refused,
    };
    let status = refused.kind().status();
    let alert = refusal(&page, refused)?;
    let again = filled(&kernel, page, (what, &chart, unit.as_ref()), fields, alert).await?;
    html_as(&mut HttpResponse::build(status), &again)
}

#[derive(Debug, Deserialize)]
struct Confirmed {
    plan: String,
    #[serde(default)]
    on: String,
    reason: String,
}

async fn confirm(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Form(sent): Form<Confirmed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let wanted: Plan = serde_json::from_str(&sent.plan).map_err(|_| Problem::field("plan", "malformed"))?;
    let wanted = Wanted { plan: wanted, on: day(Some(&sent.on))?, reason: sent.reason };
    plan(&kernel, who, wanted).await?;
    Ok(see_other(&format!("{HERE}?done=planned")))
}

async fn take_back(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    cancel(&kernel, caller.require(Permission::Administer)?, *id).await?;
    Ok(see_other(&format!("{HERE}?done=cancelled")))
}
