//! Knowledge sheets and the classification they hang on: written by supervisors, read by citizens on public
//! pages, proposed to agents beside each contact's text.
//!
//! Use cases: [`categories::upsert`], [`sheets::save`], [`sheets::retire`], [`sheets::by_code`],
//! [`suggest::suggest`], [`search::search`], [`search::typeahead`], [`rebuild::rebuild`]. Rows are the truth;
//! each node keeps its own search index of them ([`index::KnowledgeIndex`]) and follows the event feed.
pub mod api;
pub mod api_versions;
pub mod categories;
pub mod classified;
pub mod collections;
mod condition;
mod desk;
pub mod details;
pub mod diff;
mod editing;
mod facts;
pub mod feedback;
mod follower;
mod forms;
pub mod forward;
pub mod gaps;
mod held;
mod history;
pub mod index;
pub mod lessons;
pub mod linkcheck;
mod links;
pub mod listing;
mod markdown;
pub mod model;
mod pages;
mod passages;
mod promised;
pub mod rebuild;
pub mod redact;
mod review;
pub mod search;
pub mod sections;
pub mod sheets;
pub mod site;
pub mod store;
pub mod suggest;
pub mod transfer;
pub mod verdicts;
pub mod versions;
mod views;
mod work;

use actix_web::web;

pub use feedback::RatingLimits;
pub use follower::follow;
pub use index::KnowledgeIndex;
pub use markdown::{plain, spoken, to_html};

/// The pages for citizens and the desk.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    feedback::routes(cfg);
    site::routes(cfg);
    desk::routes(cfg);
    work::routes(cfg);
    gaps::routes(cfg);
    forms::routes(cfg);
    transfer::pages::routes(cfg);
    editing::routes(cfg);
    review::routes(cfg);
    verdicts::routes(cfg);
    lessons::routes(cfg);
    linkcheck::routes(cfg);
    condition::routes(cfg);
    history::routes(cfg);
    desk::sheet_route(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    api_versions::routes(cfg);
    verdicts::api::routes(cfg);
    lessons::api::routes(cfg);
    linkcheck::api::routes(cfg);
    listing::routes(cfg);
    transfer::api::routes(cfg);
    feedback::api_routes(cfg);
    gaps::api::routes(cfg);
}
