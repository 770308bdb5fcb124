//! JSON: sites of units.
use actix_web::{HttpResponse, web};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::model::{Season, Site, SiteHours};
use super::save::{NewSite, save};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::organisation::store;

/// Mounts the endpoints, relative to `/api/v1`.
pub(in crate::organisation) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/units/{slug}/sites").route(web::get().to(list)))
        .service(web::resource("/sites/{slug}").route(web::put().to(put)));
}

/// The endpoints, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(list, put), components(schemas(SiteOut, SiteIn, SiteHours, Season)))]
pub struct Api;

/// Where citizens find a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteOut {
    slug: String,
    name: String,
    address: String,
    phone: String,
    email: String,
    note: String,
    note_en: String,
    hours: SiteHours,
    /// First day, `YYYY-MM-DD`; empty: always.
    valid_from: String,
    /// Last day; empty: until further notice.
    valid_to: String,
    /// RFC 3339: since when it is open, or when it will be next; null when not in the next two months.
    opens_at: Option<String>,
    /// RFC 3339: the end of that opening.
    closes_at: Option<String>,
}

/// A site to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteIn {
    /// Slug of the unit.
    unit: String,
    name: String,
    address: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    note_en: String,
    #[serde(default)]
    hours: SiteHours,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>)]
    valid_from: Option<Date>,
    /// `YYYY-MM-DD`, the last day.
    #[schema(value_type = Option<String>)]
    valid_to: Option<Date>,
}

fn out(kernel: &Kernel, site: Site) -> SiteOut {
    let hours = site.hours();
    let next = hours.next(kernel.now(), &kernel.config.zone());
    SiteOut {
        opens_at: next.map(|(from, _)| from.rfc3339()),
        closes_at: next.map(|(_, to)| to.rfc3339()),
        hours,
        slug: site.slug,
        name: site.name,
        address: site.address,
        phone: site.phone,
        email: site.email,
        note: site.note,
        note_en: site.note_en,
        valid_from: site.valid_from,
        valid_to: site.valid_to,
    }
}

/// The sites that a unit has or had
#[utoipa::path(get, path = "/units/{slug}/sites", tag = "organisation", params(("slug" = String, Path)),
    responses((status = 200, body = [SiteOut]), (status = 404, description = "No such unit")))]
async fn list(kernel: web::Data<Kernel>, caller: Caller, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let unit = store::unit_by_slug(&mut conn, &slug).await?.ok_or_else(Problem::not_found)?;
    let found = store::sites_of(&mut conn, unit.id).await?;
    Ok(HttpResponse::Ok().json(found.into_iter().map(|site| out(&kernel, site)).collect::<Vec<_>>()))
}

/// Make a site, or change it
#[utoipa::path(put, path = "/sites/{slug}", tag = "organisation", params(("slug" = String, Path)), request_body = SiteIn,
    responses((status = 200, body = SiteOut), (status = 422, description = "Something is missing, unknown or unreadable")))]
async fn put(
    kernel: web::Data<Kernel>,
    caller: Caller,
    slug: web::Path<String>,
    body: Json<SiteIn>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::Administer)?.actor.clone();
    let (now, sent, slug) = (kernel.now(), body.value, slug.into_inner());
    let new = NewSite {
        slug: slug.clone(),
        unit: sent.unit,
        name: sent.name,
        address: sent.address,
        phone: sent.phone,
        email: sent.email,
        note: sent.note,
        note_en: sent.note_en,
        hours: sent.hours,
        valid_from: sent.valid_from,
        valid_to: sent.valid_to,
    };
    kernel.db.write(move |tx| Box::pin(async move { save(tx, &new, actor, now).await })).await?;
    let mut conn = kernel.db.read().await?;
    let site = store::site(&mut conn, &slug).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(out(&kernel, site)))
}
