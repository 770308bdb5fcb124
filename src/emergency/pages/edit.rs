//! The form of a plan. Lists are numbered rows with empty ones at their end; a row without a name leaves the plan.
use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::href;
use super::words::{self, Fault};
use crate::classification::store as classification_store;
use crate::emergency::model::{Body, Class, PhoneTexts, Plan};
use crate::emergency::{EmergencyError, save, store};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::organisation::Directory;
use crate::organisation::directory::unit_name;
use crate::protocols::slug_of;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/emergenza/nuovo", web::get().to(new))
        .route("/scrivania/emergenza/nuovo", web::post().to(add))
        .route("/scrivania/emergenza/piani/{slug}/modifica", web::get().to(edit))
        .route("/scrivania/emergenza/piani/{slug}/modifica", web::post().to(change));
}

/// Empty rows below those of a plan.
const EMPTY: usize = 2;
/// Rows read of one form.
const MOST: usize = 60;

struct Choice {
    value: String,
    label: String,
}

struct Row<T> {
    n: usize,
    /// From 1, as people count.
    number: usize,
    value: T,
    /// Words joined for the form.
    words: String,
}

#[derive(Template)]
#[template(path = "emergency/edit.html")]
struct EditPage {
    page: Page,
    action: String,
    cancel: String,
    seen: i64,
    plan: Plan,
    bodies: Vec<Row<Body>>,
    classes: Vec<Row<Class>>,
    calendars: Vec<(Choice, bool)>,
    units: Vec<Choice>,
    categories: Vec<Choice>,
    faults: Vec<Fault>,
}

impl EditPage {
    fn fault(&self, field: &str) -> String {
        self.faults.iter().find(|f| f.field == field).map(|f| f.message.clone()).unwrap_or_default()
    }
}

fn rows<T: Clone + Default>(values: &[T], words: impl Fn(&T) -> String) -> Vec<Row<T>> {
    let empty = std::iter::repeat_with(T::default).take(EMPTY);
    let all = values.iter().cloned().chain(empty).enumerate();
    all.map(|(n, value)| Row { n, number: n + 1, words: words(&value), value }).collect()
}

async fn filled(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    slug: &str,
    seen: i64,
    plan: Plan,
    faults: Vec<Fault>,
) -> Result<EditPage, Problem> {
    let units = directory.units(&kernel.db).await?;
    let there: Vec<Choice> = units
        .existing(page.now)
        .into_iter()
        .map(|unit| {
            let agency = units.agency_of(unit).map(|a| a.name.clone()).unwrap_or_default();
            Choice { value: unit.slug.clone(), label: format!("{} – {agency}", unit_name(unit, page.language)) }
        })
        .collect();
    let known: BTreeSet<String> = there.iter().map(|c| c.value.clone()).collect();
    let brought = plan.bodies.iter().filter(|body| !known.contains(&body.slug));
    let brought = brought.map(|b| Choice { value: b.slug.clone(), label: b.name.clone() });
    let choices: Vec<Choice> = brought.chain(there).collect();
    let mut conn = kernel.db.read().await?;
    let taxonomy = classification_store::in_force(&mut conn).await?;
    let calendars = store::calendars(&mut conn).await?;
    drop(conn);
    let own = |slug: &str| plan.classes.iter().any(|class| class.slug == slug);
    let categories = taxonomy.in_order().into_iter().filter(|node| !own(&node.slug)).map(|node| Choice {
        value: node.slug.clone(),
        label: format!("{}{}", "– ".repeat(node.depth()), node.name_in(page.language)),
    });
    let chosen = |slug: &String| plan.calendars.contains(slug);
    Ok(EditPage {
        action: if slug.is_empty() {
            "/scrivania/emergenza/nuovo".to_owned()
        } else {
            format!("{}/modifica", href(slug))
        },
        cancel: if slug.is_empty() { super::HERE.to_owned() } else { href(slug) },
        seen,
        bodies: rows(&plan.bodies, |_| String::new()),
        classes: rows(&plan.classes, |class| class.keywords.join(", ")),
        calendars: calendars
            .into_iter()
            .map(|(slug, name)| (Choice { label: name, value: slug.clone() }, chosen(&slug)))
            .collect(),
        units: choices,
        categories: categories.collect(),
        faults,
        page: match slug {
            "" => page.titled("emergency-new"),
            _ => {
                let title = page.t1("emergency-edit", "name", &plan.name);
                Page { title, ..page }
            }
        },
        plan,
    })
}

async fn new(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let plan = Plan { always_open: true, ..Plan::default() };
    html(&filled(&kernel, &directory, frame.0, "", 0, plan, Vec::new()).await?)
}

async fn edit(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let row = store::plan(&mut kernel.db.read().await?, &slug).await?.ok_or(EmergencyError::Missing)?;
    html(&filled(&kernel, &directory, frame.0, &slug, row.number, row.plan()?, Vec::new()).await?)
}

#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

impl Written {
    fn given(&self, field: &str) -> String {
        self.fields.get(field).map(|text| text.trim().replace("\r\n", "\n")).unwrap_or_default()
    }

    fn is(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// The plan that the form says.
    fn plan(&self) -> Plan {
        let named = |kind: &'static str| (0..MOST).filter(move |n| !self.given(&format!("{kind}-{n}-name")).is_empty());
        let body = |n: usize| {
            let text = |field: &str| self.given(&format!("body-{n}-{field}"));
            let or = |known: String, made: String| if known.is_empty() { made } else { known };
            let agency_name = or(text("agency_name"), text("name"));
            Body {
                slug: or(text("slug"), slug_of(&text("name"))),
                agency: or(text("agency"), slug_of(&agency_name)),
                name: text("name"),
                name_en: text("name_en"),
                agency_name,
                email: text("email"),
            }
        };
        let class = |n: usize| {
            let text = |field: &str| self.given(&format!("class-{n}-{field}"));
            let slug = text("slug");
            let keywords = text("keywords");
            Class {
                slug: if slug.is_empty() { format!("emergenza-{}", slug_of(&text("name"))) } else { slug },
                name: text("name"),
                name_en: text("name_en"),
                description: text("description"),
                keywords: keywords
                    .split([',', '\n'])
                    .map(str::trim)
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned)
                    .collect(),
                citizen: self.is(&format!("class-{n}-citizen")),
                unit: text("unit"),
                question: text("question"),
                becomes: text("becomes"),
            }
        };
        Plan {
            name: self.given("name"),
            name_en: self.given("name_en"),
            description: self.given("description"),
            banner: self.given("banner"),
            banner_en: self.given("banner_en"),
            desk: self.given("desk"),
            desk_en: self.given("desk_en"),
            always_open: self.is("always_open"),
            calendars: self.fields.keys().filter_map(|key| key.strip_prefix("calendar.")).map(str::to_owned).collect(),
            phone: PhoneTexts {
                welcome: self.given("welcome"),
                welcome_en: self.given("welcome_en"),
                message: self.given("message"),
                message_en: self.given("message_en"),
                class: self.given("phone-class"),
            },
            bodies: named("body").map(body).collect(),
            classes: named("class").map(class).collect(),
        }
    }
}

async fn add(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    form: Form<Written>,
) -> Result<HttpResponse, Problem> {
    keep(&kernel, &directory, &caller, frame.0, "", &form.0).await
}

async fn change(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
    form: Form<Written>,
) -> Result<HttpResponse, Problem> {
    keep(&kernel, &directory, &caller, frame.0, &slug, &form.0).await
}

async fn keep(
    kernel: &Kernel,
    directory: &Directory,
    caller: &Caller,
    page: Page,
    slug: &str,
    written: &Written,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let plan = written.plan();
    let seen: i64 = written.given("seen").parse().unwrap_or_default();
    let to = if slug.is_empty() { slug_of(&plan.name) } else { slug.to_owned() };
    match save(kernel, &caller.0, &to, Some(seen), plan.clone()).await {
        Ok(_) => Ok(see_other(&href(&to))),
        Err(e) => {
            let Some(faults) = words::faults(&page, &e) else { return Err(e.into()) };
            let form = filled(kernel, directory, page, slug, seen, plan, faults).await?;
            html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &form)
        }
    }
}
