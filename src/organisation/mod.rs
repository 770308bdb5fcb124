//! The organisation: agencies, their units, and the referents whom units name for what is sent to them.
//!
//! Units are dated: [`reorganise`] plans renames, splits, merges and closings for a day, [`chart`] holds their
//! rules, and [`History`] answers what was on a day. What hangs on units (tickets, legs, categories) is moved
//! by `network::reorganise`, which knows it.
//!
//! Use cases: [`upsert_agency`], [`upsert_unit`], [`referents`], [`sites`], [`reorganise`]. Who shall be told of something that a unit
//! has to do is answered by [`referents::recipients`]; names for pages by [`Directory`].
pub mod api;
pub mod api_people;
pub mod chart;
pub mod directory;
pub mod error;
pub mod history;
pub mod model;
pub mod referents;
pub mod reorganise;
pub mod sites;
pub mod store;
pub mod transfer;
mod upsert;

use actix_web::web;

pub use chart::Plan;
pub use directory::{Directory, Units};
pub use error::OrganisationError;
pub use history::History;
pub use model::{Absence, Agency, AgencyKind, Rank, Referent, Unit, UnitKind};
pub use reorganise::Reorganisation;
pub use sites::{NewSite, Site, SiteHours, SiteView};
pub use upsert::{NewAgency, NewUnit, set_unit_end, upsert_agency, upsert_unit};

/// The JSON endpoints, relative to `/api/v1`. They ask for [`Directory`] among the application's data.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    api_people::routes(cfg);
    sites::api::routes(cfg);
}
