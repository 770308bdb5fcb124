//! The organisation: agencies, their units, and the referents whom units name for what is sent to them.
//!
//! Use cases: [`upsert_agency`], [`upsert_unit`], [`referents`]. Who shall be told of something that a unit
//! has to do is answered by [`referents::recipients`]; names for pages by [`Directory`].
pub mod api;
pub mod directory;
pub mod error;
pub mod model;
pub mod referents;
pub mod store;
mod upsert;

use actix_web::web;

pub use directory::{Directory, Units};
pub use error::OrganisationError;
pub use model::{Absence, Agency, AgencyKind, Rank, Referent, Unit, UnitKind};
pub use upsert::{NewAgency, NewUnit, upsert_agency, upsert_unit};

/// The JSON endpoints, relative to `/api/v1`. They ask for [`Directory`] among the application's data.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
}
