//! What readers say of a sheet: citizens give stars and a reason, agents one key while they answer. Each is bound
//! to the version and the language that was read, so that a corrected text is not blamed for an old one.
//!
//! Use cases: [`rate::rate`], [`settle::settle`]. Citizens' comments lose what names a person before they are kept
//! ([`anonymous`](super::redact::anonymous)), and nothing says whose they are.
mod api;
mod desk;
mod desk_pages;
mod limits;
pub mod model;
mod pages;
pub mod places;
pub mod rate;
pub mod settle;
pub mod store;
mod tally;
mod widget;

use actix_web::web;

pub use api::Api;
pub use limits::RatingLimits;
pub(super) use tally::{TallyView, tally_of};
pub use widget::Widget;

/// The pages for citizens and the desk.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    desk_pages::routes(cfg);
    desk::routes(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub(super) fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
}
