//! Look-ups into other systems' data (000-36): what a register, a database or a service of another office knows of a
//! person or a request, shown beside it and kept nowhere.
//!
//! A *source* is asked over HTTP or by one SQL statement, read-only either way, with values of the person or ticket at
//! hand. The answer is a few labelled values; it lives in memory for a moment. Each look is an event, as who read what
//! of whom must be known later.
//!
//! Use cases: [`save`], [`ask`].
pub mod api;
mod ask;
mod error;
pub mod model;
mod pages;
mod rest;
mod save;
mod sql;
pub mod store;

use actix_web::web;

pub use ask::{About, Lookups, ask, try_out};
pub use error::LookupError;
pub use save::save;

/// The pages: cards beside persons and requests, and those for administrators.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
}
