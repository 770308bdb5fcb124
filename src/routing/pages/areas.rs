//! Areas: imported from a file, or known by the names of their streets.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::areas::{NewArea, slug};
use super::super::{Routing, RoutingError, manage, store};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};

const HERE: &str = "/scrivania/smistamento/zone";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(show))
        .route(HERE, web::post().to(save))
        .route("/scrivania/smistamento/zone/importa", web::post().to(import));
}

struct Line {
    slug: String,
    name: String,
    names: String,
    mapped: bool,
}

#[derive(Template)]
#[template(path = "routing/areas.html")]
struct AreasPage {
    page: Page,
    areas: Vec<Line>,
    refused: Vec<String>,
}

async fn show(kernel: web::Data<Kernel>, caller: Caller, frame: Frame) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    render(&kernel, frame.0, Vec::new()).await
}

async fn render(kernel: &Kernel, page: Page, refused: Vec<String>) -> Result<HttpResponse, Problem> {
    let page = page.titled("routing-areas");
    let areas = store::areas(&mut kernel.db.read().await?).await?;
    let line = |a: NewArea| Line { mapped: !a.geometry.is_empty(), slug: a.slug, name: a.name, names: a.names };
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_as(
        &mut HttpResponse::build(status),
        &AreasPage { areas: areas.into_iter().map(line).collect(), refused, page },
    )
}

#[derive(Deserialize)]
struct AreaForm {
    /// Empty for a new one.
    #[serde(default)]
    slug: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    names: String,
    #[serde(default)]
    then: String,
}

async fn save(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    frame: Frame,
    form: Form<AreaForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let form = form.0;
    if form.then == "remove" {
        manage::remove_area(&kernel, &routing, who, &form.slug).await?;
        return Ok(see_other(HERE));
    }
    let wanted = if form.slug.is_empty() { slug(&form.name) } else { form.slug.clone() };
    if wanted.is_empty() {
        let refused = vec![frame.0.t("routing-area-unnamed")];
        return render(&kernel, frame.0, refused).await;
    }
    let known = store::areas(&mut kernel.db.read().await?).await?;
    let geometry = known.into_iter().find(|area| area.slug == wanted).map(|area| area.geometry).unwrap_or_default();
    let names = form.names.replace("\r\n", "\n");
    let area = NewArea { slug: wanted, name: form.name.trim().to_owned(), geometry, names };
    manage::put_area(&kernel, &routing, who, area).await?;
    Ok(see_other(HERE))
}

#[derive(Deserialize)]
struct ImportForm {
    text: String,
}

async fn import(
    kernel: web::Data<Kernel>,
    routing: web::Data<Routing>,
    caller: Caller,
    frame: Frame,
    form: Form<ImportForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    match manage::import_areas(&kernel, &routing, who, &form.0.text).await {
        Ok(_) => Ok(see_other(HERE)),
        Err(e @ RoutingError::Areas(_)) => {
            let refused = super::refusal(&frame.0, e)?;
            render(&kernel, frame.0, refused).await
        }
        Err(e) => Err(e.into()),
    }
}
