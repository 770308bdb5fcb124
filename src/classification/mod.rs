//! The classification of requests: categories in levels, what each asks and promises, the versions it had, and how
//! one became the other.
//!
//! `categories` holds what is in force, and all readers read that and nothing else. The next version is a document
//! in `taxonomy_versions`, drafted beside it; [`activate`] is the one place where it becomes what is in force.
//! Several classifications can be prepared, such as one for emergencies; one version of one of them is in force.
//!
//! Use cases: [`drafts::prepare`], [`drafts::change`], [`drafts::discard`], [`activate::activate`],
//! [`activate::plan`], [`answers::set`].
pub mod activate;
pub mod answers;
pub mod api;
pub mod competence;
pub mod drafts;
mod error;
pub mod fields;
pub mod formats;
pub mod mapping;
pub mod model;
mod pages;
pub mod store;
pub mod view;

use actix_web::web;

pub use activate::follow;
pub use error::{AnswersError, TaxonomyError};

/// The pages for administrators.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
}
