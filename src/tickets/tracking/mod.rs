//! The citizen follows a ticket: its state by the tracking code alone, its messages only with a second fact
//! (the e-mail or phone that was used) or the key of a link that we mailed.
//!
//! The code alone shows a state in plain words, the expected date and the steps: nothing personal, so that it
//! can be asked on the phone by whoever holds it. A code that does not exist, and one asked too often from one
//! address, get the same page: 40 random bits and a limit on look-ups make guessing useless. A check symbol
//! that does not fit is told as a typing error before the database is asked, because anybody can compute it.
mod api;
mod conversation;
mod files;
pub mod forms;
mod limits;
mod model;
mod pages;
pub mod proof;
pub mod store;

use actix_web::web;

pub use api::Api;
pub use limits::{TrackingLimits, address_key};
pub use pages::{Addition, notice_number, refused_addition, unproven_addition};

/// Pages of the citizen's side, with full paths.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    files::routes(cfg);
}

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
}
