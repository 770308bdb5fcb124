//! One version: its categories, how it differs from what is in force, mappings, import, activation.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::formats::Format;
use super::super::model::{Mapping, VersionState};
use super::super::{TaxonomyError, activate, drafts, store};
use super::{HERE, Row, faults, href, rows, title};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/classificazione/{id:\\d+}", web::get().to(show))
        .route("/scrivania/classificazione/{id:\\d+}/attiva", web::post().to(activate_it))
        .route("/scrivania/classificazione/{id:\\d+}/scarta", web::post().to(discard))
        .route("/scrivania/classificazione/{id:\\d+}/corrispondenza", web::post().to(map))
        .route("/scrivania/classificazione/{id:\\d+}/importa", web::post().to(import));
}

struct ChangedLine {
    name: String,
    what: String,
}

struct MappingLine {
    from: String,
    to: String,
    weight: i64,
    main: bool,
}

#[derive(Template)]
#[template(path = "classification/draft.html")]
struct DraftPage {
    page: Page,
    id: i64,
    edition: i64,
    /// Whether it can be changed.
    editable: bool,
    /// Whether it was in force and can be again.
    again: bool,
    planned: String,
    rows: Vec<Row>,
    added: Vec<String>,
    retired: Vec<String>,
    unmapped: Vec<String>,
    changed: Vec<ChangedLine>,
    mappings: Vec<MappingLine>,
    /// What keeps it from coming into force.
    faults: Vec<String>,
    /// Why the last thing asked for was not done; empty when it was.
    refused: Vec<String>,
    tomorrow: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    render(&kernel, frame.0, *id, Vec::new(), StatusCode::OK).await
}

async fn render(
    kernel: &Kernel,
    mut page: Page,
    id: i64,
    refused: Vec<String>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let in_force = store::in_force(&mut conn).await?;
    let units = store::units(&mut conn).await?;
    drop(conn);
    let taxonomy = version.taxonomy()?;
    let state = version.state()?;
    let editable = matches!(state, VersionState::Draft | VersionState::Planned);
    let difference = taxonomy.difference(&in_force);
    page.title = title(&page, &version);
    let what = |names: &[&str]| {
        names.iter().map(|n| page.t(&format!("taxonomy-what-{}", n.replace('_', "-")))).collect::<Vec<_>>().join(", ")
    };
    let changed = difference.changed.iter();
    let mapping = |m: &Mapping| MappingLine { from: m.from.clone(), to: m.to.clone(), weight: m.weight, main: m.main };
    let tomorrow = page.now.zoned(&page.zone).date().tomorrow().map(|d| d.to_string()).unwrap_or_default();
    let shown = DraftPage {
        id,
        edition: version.edition,
        editable,
        again: state == VersionState::Replaced,
        planned: version.planned_on.clone().filter(|_| state == VersionState::Planned).unwrap_or_default(),
        rows: rows(&page, &taxonomy, editable.then_some(id)),
        changed: changed.map(|c| ChangedLine { name: c.name.clone(), what: what(&c.what) }).collect(),
        added: difference.added,
        retired: difference.retired,
        unmapped: difference.unmapped,
        mappings: taxonomy.mappings.iter().map(mapping).collect(),
        faults: if editable { faults(&page, &taxonomy.faults(&in_force, &units)) } else { Vec::new() },
        refused,
        tomorrow,
        page,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

/// The page again, with why something was refused.
pub(super) async fn answer(
    kernel: &Kernel,
    page: Page,
    id: i64,
    done: Result<(), TaxonomyError>,
) -> Result<HttpResponse, Problem> {
    let refused = match done {
        Ok(()) => return Ok(see_other(&href(id))),
        Err(TaxonomyError::Invalid(wrong)) => faults(&page, &wrong),
        Err(TaxonomyError::Stale(_)) => vec![page.t("taxonomy-stale")],
        Err(TaxonomyError::Day) => vec![page.t("taxonomy-wrong-day")],
        Err(TaxonomyError::Format(e)) => vec![page.t1("taxonomy-wrong-file", "why", e)],
        Err(
            e @ (TaxonomyError::Missing | TaxonomyError::State | TaxonomyError::Forbidden(_) | TaxonomyError::Store(_)),
        ) => {
            return Err(e.into());
        }
    };
    render(kernel, page, id, refused, StatusCode::UNPROCESSABLE_ENTITY).await
}

#[derive(Deserialize)]
struct Activation {
    edition: i64,
    /// Empty: at once.
    #[serde(default)]
    day: String,
}

async fn activate_it(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<Activation>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let seen = Some(form.0.edition);
    let done = match form.0.day.trim() {
        "" => activate::activate(&kernel, who, *id, seen).await,
        day => match day.parse::<Date>() {
            Ok(day) => activate::plan(&kernel, who, *id, seen, day).await,
            Err(_) => Err(TaxonomyError::Day),
        },
    };
    if done.is_ok() && form.0.day.trim().is_empty() {
        return Ok(see_other(HERE));
    }
    answer(&kernel, frame.0, *id, done).await
}

#[derive(Deserialize)]
struct Nothing {}

async fn discard(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _guard: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    drafts::discard(&kernel, who, *id).await?;
    Ok(see_other(HERE))
}

#[derive(Deserialize)]
struct MappingForm {
    edition: i64,
    from: String,
    /// Empty: the mapping goes.
    #[serde(default)]
    to: String,
    #[serde(default)]
    weight: String,
    #[serde(default)]
    main: String,
    /// `remove`: this one goes.
    #[serde(default)]
    then: String,
}

async fn map(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<MappingForm>,
) -> Result<HttpResponse, Problem> {
    let who: &Principal = caller.require(Permission::Administer)?;
    let form = form.0;
    let seen = Some(form.edition);
    let done = drafts::change(&kernel, who, *id, seen, move |taxonomy, _| {
        taxonomy.mappings.retain(|m| m.from != form.from || m.to != form.to);
        if form.then != "remove" {
            let weight = form.weight.trim();
            let weight = if weight.is_empty() { Ok(1000) } else { weight.parse() };
            let weight = weight.map_err(|_| TaxonomyError::wrong(&form.from, "mapping_weight"))?;
            let main = form.main == "true";
            taxonomy.mappings.push(Mapping { from: form.from, to: form.to, weight, main });
        }
        Ok(())
    })
    .await;
    answer(&kernel, frame.0, *id, done).await
}

#[derive(Deserialize)]
struct ImportForm {
    edition: i64,
    format: String,
    text: String,
}

async fn import(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<ImportForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let form = form.0;
    let format = Format::from_text(&form.format).ok_or_else(|| Problem::field("format", "unknown"))?;
    let done = drafts::change(&kernel, who, *id, Some(form.edition), move |taxonomy, _| {
        *taxonomy = format.read(&form.text, taxonomy)?;
        Ok(())
    })
    .await;
    answer(&kernel, frame.0, *id, done).await
}
