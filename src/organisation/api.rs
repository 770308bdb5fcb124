//! JSON: the units of the organisation.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::directory::Directory;
use super::model::{AgencyKind, UnitKind};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::Caller;

/// Mounts the endpoints, relative to `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/units").route(web::get().to(units)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(units), components(schemas(UnitOut)))]
pub struct Api;

/// A unit of the network.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitOut {
    slug: String,
    name: String,
    name_en: String,
    kind: UnitKind,
    /// Slug of the unit above it.
    parent: Option<String>,
    agency: String,
    agency_kind: Option<AgencyKind>,
    external: bool,
}

/// Which units.
#[derive(Debug, Deserialize, IntoParams)]
pub struct UnitQuery {
    /// Words of the name or of the agency's.
    #[serde(default)]
    q: String,
}

/// The units that exist now
#[utoipa::path(get, path = "/units", tag = "organisation", params(UnitQuery), responses((status = 200, body = [UnitOut])))]
async fn units(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    query: web::Query<UnitQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let units = directory.units(&kernel.db).await?;
    let found: Vec<UnitOut> = units
        .search(&query.q, kernel.now())
        .into_iter()
        .map(|unit| UnitOut {
            slug: unit.slug.clone(),
            name: unit.name.clone(),
            name_en: unit.name_en.clone(),
            kind: unit.kind,
            parent: unit.parent_id.and_then(|id| units.unit(id)).map(|parent| parent.slug.clone()),
            agency: units.agency_of(unit).map(|a| a.name.clone()).unwrap_or_default(),
            agency_kind: units.agency_of(unit).map(|a| a.kind),
            external: units.is_external(unit),
        })
        .collect();
    Ok(HttpResponse::Ok().json(found))
}
