//! The list of ways, and of the hosts that may be called.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::model::WayKind;
use super::super::{WayError, choose, hosts, store};
use super::{FieldError, HERE, kind_label, unreachable};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::network::LegError;
use crate::organisation::AgencyKind;
use crate::organisation::directory::{Directory, unit_name};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(list)))
        .service(web::resource("/scrivania/vie/sistemi").route(web::post().to(host)));
}

struct Line {
    href: String,
    name: String,
    agency: bool,
    kind: String,
    shown: String,
    wrong: String,
}

#[derive(Template)]
#[template(path = "network/ways.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    hosts: Vec<String>,
    host: String,
    errors: Vec<FieldError>,
}

impl ListPage {
    fn host_error(&self) -> String {
        self.errors.first().map(|e| e.message.clone()).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct HostForm {
    host: String,
    #[serde(default)]
    allowed: String,
}

async fn list(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    html(&list_page(&kernel, &directory, page).await?)
}

async fn list_page(kernel: &Kernel, directory: &Directory, page: Page) -> Result<ListPage, Problem> {
    let page = page.titled("way-title");
    let units = directory.units(&kernel.db).await?;
    let mut conn = kernel.db.read().await?;
    let ways = store::all(&mut conn).await?;
    let hosts = store::hosts(&mut conn).await?;
    let mut lines = Vec::new();
    let mut last = None;
    for unit in units.existing(kernel.now()) {
        if last != Some(unit.agency_id)
            && let Some(agency) = units.agency_of(unit)
        {
            last = Some(agency.id);
            let way = ways.iter().find(|way| way.agency_id == Some(agency.id));
            let kind = way.map_or(WayKind::Default, |way| way.kind);
            lines.push(Line {
                href: format!("{HERE}/agency/{}", agency.slug),
                name: agency.name.clone(),
                agency: true,
                kind: kind_label(&page, kind),
                shown: if agency.kind == AgencyKind::Own { String::new() } else { agency.email.clone() },
                wrong: String::new(),
            });
        }
        let (kind, shown, wrong) = match choose::departure(&mut conn, unit, kernel.now()).await {
            Ok(departure) => (kind_label(&page, departure.kind), departure.shown, String::new()),
            Err(LegError::Unreachable) => (String::new(), String::new(), page.t("problem-unit-unreachable")),
            Err(LegError::Way { wrong }) => (String::new(), String::new(), page.t(&unreachable(wrong))),
            Err(e) => return Err(e.into()),
        };
        let name = unit_name(unit, page.language).to_owned();
        lines.push(Line { href: format!("{HERE}/unit/{}", unit.slug), name, agency: false, kind, shown, wrong });
    }
    Ok(ListPage { page, lines, hosts, host: String::new(), errors: Vec::new() })
}

async fn host(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    Frame(page): Frame,
    form: Form<HostForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    match hosts::set(&kernel, who, &form.0.host, form.0.allowed != "false").await {
        Ok(()) | Err(WayError::NotFound) => Ok(see_other(HERE)),
        Err(WayError::Invalid { field, wrong }) => {
            let message = page.t(&format!("way-wrong-{wrong}"));
            let errors = vec![FieldError { field: field.to_owned(), message }];
            let filled = list_page(&kernel, &directory, page).await?;
            html_as(&mut HttpResponse::UnprocessableEntity(), &ListPage { errors, host: form.0.host, ..filled })
        }
        Err(e) => Err(e.into()),
    }
}
