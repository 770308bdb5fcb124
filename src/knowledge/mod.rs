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
mod desk;
pub mod details;
pub mod diff;
mod editing;
mod facts;
mod follower;
mod forms;
pub mod forward;
pub mod gaps;
mod held;
mod history;
pub mod index;
mod links;
mod markdown;
pub mod model;
pub mod opening;
mod pages;
mod passages;
pub mod rebuild;
mod review;
pub mod search;
pub mod sheets;
pub mod store;
pub mod suggest;
pub mod transfer;

pub mod versions;
mod views;
mod work;

use actix_web::web;

pub use follower::follow;
pub use index::KnowledgeIndex;
pub use markdown::spoken;

/// The pages for citizens and the desk.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    desk::routes(cfg);
    work::routes(cfg);
    gaps::routes(cfg);
    forms::routes(cfg);
    editing::routes(cfg);
    review::routes(cfg);
    history::routes(cfg);
    desk::sheet_route(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    api_versions::routes(cfg);
    gaps::api::routes(cfg);
}
