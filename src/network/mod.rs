//! The referral legs that tickets travel along between the units of the organisation: an agent refers a
//! ticket to a unit for competence, inquiry or knowledge; its referent answers on a token page without an
//! account, on a page with one, or by mail, and every answer lands on its leg.
//!
//! Use cases of a unit: [`accept`], [`answer`], [`ask`], [`return_leg`], [`works`]; of the front office: [`refer`],
//! [`follow`], [`inform`], [`withdraw`]; of both: [`renew`]; of administrators: [`leave`]; of the program: [`forward`], [`late`]. For the ticket page
//! of the desk: [`views::legs_of`] and [`views::answer_text`]. Who may do what stands in [`purposes`].
pub mod accept;
pub mod answer;
pub mod api;
pub mod api_acts;
pub mod api_referents;
pub mod ask;
mod desk;
pub mod digest;
mod door;
mod error;
pub mod follow;
mod form;
pub mod forward;
pub mod inform;
pub mod late;
pub mod leave;
mod leg_page;
mod mail;
pub mod model;
mod pages;
pub mod purposes;
pub mod reassign;
pub mod refer;
mod referent;
pub mod referent_links;
mod referent_page;
pub mod remind;
pub mod renew;
pub mod reorganise;
pub mod return_leg;
pub mod rules;
mod rules_page;
pub mod seen;
mod speak;
mod steps;
pub mod store;
pub mod terms;
pub mod tokens;
pub mod views;
pub mod ways;
pub mod withdraw;
pub mod works;

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
    referent_page::routes(cfg);
    desk::routes(cfg);
    rules_page::routes(cfg);
    reorganise::pages::routes(cfg);
    ways::routes(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    api_acts::routes(cfg);
    api_referents::routes(cfg);
    reorganise::api::routes(cfg);
    reorganise::api_transfer::routes(cfg);
    ways::api_routes(cfg);
}
