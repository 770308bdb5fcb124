//! The referral legs that tickets travel along between the units of the organisation: an agent refers a
//! ticket to a unit for competence, inquiry or knowledge; its referent answers on a token page without an
//! account, on a page with one, or by mail, and every answer lands on its leg.
//!
//! Use cases: [`refer`], [`answer`], [`return_leg`], [`withdraw`], [`renew`]. For the ticket
//! page of the desk: [`views::legs_of`] and [`views::answer_text`].
pub mod answer;
pub mod api;
mod desk;
mod door;
mod error;
mod form;
pub mod forward;
mod mail;
pub mod model;
mod pages;
pub mod refer;
mod referent;
pub mod renew;
pub mod return_leg;
pub mod seen;
pub mod store;
pub mod tokens;
pub mod views;
pub mod ways;
pub mod withdraw;

use actix_web::web;

pub use door::Door;
pub use error::LegError;
pub use model::{Leg, LegKind, LegState};
pub use renew::RenewalLimits;

/// The pages: for referents, and of the desk.
///
/// They ask for [`crate::organisation::Directory`] and [`RenewalLimits`] among the application's data.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    referent::routes(cfg);
    desk::routes(cfg);
    ways::routes(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    ways::api_routes(cfg);
}
