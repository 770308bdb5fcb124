//! One plan: what it will change, its start, a drill, its versions as files.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words::{self, Effect, Fault};
use super::{HERE, href};
use crate::emergency::formats::Format;
use crate::emergency::{EmergencyError, drill, start, store, try_out};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::routing::Routing;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/emergenza/piani/{slug}.{format:toml|json}", web::get().to(download))
        .route("/scrivania/emergenza/piani/{slug}", web::get().to(show))
        .route("/scrivania/emergenza/piani/{slug}/avvia", web::post().to(begin));
}

struct VersionLine {
    number: i64,
    when: String,
    who: String,
    file: String,
}

#[derive(Template)]
#[template(path = "emergency/plan.html")]
struct PlanPage {
    page: Page,
    href: String,
    description: String,
    effects: Vec<Effect>,
    /// Why it cannot start, if it cannot.
    obstacles: Vec<Fault>,
    faults: Vec<Fault>,
    reason: String,
    versions: Vec<VersionLine>,
    edits: bool,
}

async fn shown(
    kernel: &Kernel,
    caller: &Caller,
    page: Page,
    slug: &str,
    (faults, reason): (Vec<Fault>, String),
) -> Result<PlanPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let row = store::plan(&mut conn, slug).await?.ok_or(EmergencyError::Missing)?;
    let versions = store::versions(&mut conn, slug).await?;
    drop(conn);
    let plan = row.plan()?;
    let (effects, obstacles) = match try_out(kernel, &caller.0, slug).await {
        Ok(changes) => (words::effects(&page, &plan, &changes), Vec::new()),
        Err(e) => match words::faults(&page, &e) {
            Some(faults) => (Vec::new(), faults),
            None => return Err(e.into()),
        },
    };
    let english = page.language == Language::English && !plan.name_en.is_empty();
    let line = |row: &store::PlanRow| VersionLine {
        number: row.number,
        when: page.datetime(&row.saved_at),
        who: words::who(&page, &row.saved_by, row.author.as_deref()),
        file: format!("{}.toml?versione={}", href(slug), row.number),
    };
    Ok(PlanPage {
        versions: versions.iter().map(line).collect(),
        href: href(slug),
        description: plan.description,
        effects,
        obstacles,
        faults,
        reason,
        edits: page.may(Permission::Administer),
        page: Page { title: if english { plan.name_en } else { plan.name }, ..page },
    })
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::RunEmergency)?;
    html(&shown(&kernel, &caller, frame.0, &slug, (Vec::new(), String::new())).await?)
}

#[derive(Deserialize)]
struct Beginning {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    confirm: String,
    /// `start` or `drill`.
    #[serde(default)]
    then: String,
}

async fn begin(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    frame: Frame,
    slug: web::Path<String>,
    form: Form<Beginning>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::RunEmergency)?;
    let Beginning { reason, confirm, then } = form.0;
    let begun = match (then.as_str(), confirm.as_str()) {
        ("drill", _) => drill(&kernel, &caller.0, &slug, &reason).await,
        (_, "true") => start(&kernel, &routing, &caller.0, &slug, &reason).await,
        _ => Err(EmergencyError::Invalid(vec![("confirm".to_owned(), "missing".to_owned())])),
    };
    match begun {
        Ok(begun) if then == "drill" => Ok(see_other(&format!("{HERE}/{}", begun.id))),
        Ok(_) => Ok(see_other(HERE)),
        Err(e) => {
            let Some(faults) = words::faults(&frame.0, &e) else { return Err(e.into()) };
            let page = shown(&kernel, &caller, frame.0, &slug, (faults, reason)).await?;
            html_as(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), &page)
        }
    }
}

#[derive(Deserialize)]
struct Wanted {
    /// Number; the latest without it.
    versione: Option<i64>,
}

async fn download(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, String)>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::RunEmergency)?;
    let (slug, format) = path.into_inner();
    let format = Format::from_text(&format).ok_or_else(Problem::not_found)?;
    let rows = store::versions(&mut kernel.db.read().await?, &slug).await?;
    let row = rows.into_iter().find(|row| wanted.versione.is_none_or(|number| number == row.number));
    let row = row.ok_or(EmergencyError::Missing)?;
    let name = format!("attachment; filename=\"emergenza-{slug}-{}.{}\"", row.number, format.as_str());
    let text = format.write(&row.plan()?)?;
    Ok(HttpResponse::Ok().content_type(format.media_type()).insert_header(("Content-Disposition", name)).body(text))
}
