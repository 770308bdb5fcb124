//! What is in force, the versions, and open requests that wait for somebody to reclassify them.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::TaxonomyError;
use super::super::drafts::{self, Base};
use super::super::formats::Format;
use super::super::model::Taxonomy;
use super::super::store::{self, LeftBehind};
use super::{HERE, Row, href, rows, title};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(show))
        .route(HERE, web::post().to(prepare))
        .route("/scrivania/classificazione/{id:\\d+}.{format:toml|json|csv}", web::get().to(download));
}

/// Requests listed at most.
const LEFT: i64 = 200;

struct VersionLine {
    href: String,
    title: String,
    state: &'static str,
    state_label: String,
    when: String,
    id: i64,
    editable: bool,
}

#[derive(Template)]
#[template(path = "classification/overview.html")]
struct Overview {
    page: Page,
    rows: Vec<Row>,
    versions: Vec<VersionLine>,
    left: Vec<LeftBehind>,
}

async fn show(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let page = frame.0.titled("taxonomy-title");
    let mut conn = kernel.db.read().await?;
    let in_force = store::in_force(&mut conn).await?;
    let versions = store::versions(&mut conn).await?;
    let left = store::left_behind(&mut conn, LEFT).await?;
    drop(conn);
    let mut lines = Vec::with_capacity(versions.len());
    for version in &versions {
        let state = version.state()?;
        let when = match (&version.planned_on, version.activated_at) {
            (Some(day), None) => page.t1("taxonomy-planned-on", "day", day),
            (_, Some(at)) => page.t1("taxonomy-active-from", "day", page.date(&at)),
            (None, None) => page.t1("taxonomy-drafted-on", "day", page.date(&version.created_at)),
        };
        lines.push(VersionLine {
            href: href(version.id),
            title: title(&page, version),
            state: state.as_str(),
            state_label: page.t(&format!("taxonomy-state-{}", state.as_str())),
            when,
            id: version.id,
            editable: version.activated_at.is_none(),
        });
    }
    html(&Overview { rows: rows(&page, &in_force, None), versions: lines, left, page })
}

#[derive(Deserialize)]
struct Begin {
    /// A version to begin with; what is in force without it.
    #[serde(default)]
    from: String,
    /// Slug of another classification.
    #[serde(default)]
    taxonomy: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    name_en: String,
}

async fn prepare(kernel: web::Data<Kernel>, caller: Caller, form: Form<Begin>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let form = form.0;
    let base = match (form.from.parse::<i64>(), form.taxonomy.trim()) {
        (Ok(id), _) => Base::Version(id),
        (Err(_), "") => Base::InForce,
        (Err(_), slug) => {
            let taxonomy = store::in_force(&mut kernel.db.read().await?).await?;
            Base::Document { slug: slug.to_owned(), name: form.name, name_en: form.name_en, taxonomy }
        }
    };
    let id = drafts::prepare(&kernel, who, base).await?;
    Ok(see_other(&href(id)))
}

async fn download(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(i64, String)>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let (id, format) = path.into_inner();
    let format = Format::from_text(&format).ok_or_else(Problem::not_found)?;
    let mut conn = kernel.db.read().await?;
    let (name, taxonomy): (String, Taxonomy) = if id == 0 {
        ("in-vigore".to_owned(), store::in_force(&mut conn).await?)
    } else {
        let version = store::version(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
        (format!("{}-{}", version.taxonomy, version.number), version.taxonomy()?)
    };
    let text = format.write(&taxonomy).map_err(TaxonomyError::from)?;
    let name = format!("attachment; filename=\"classificazione-{name}.{}\"", format.as_str());
    Ok(HttpResponse::Ok().content_type(format.media_type()).insert_header(("Content-Disposition", name)).body(text))
}
