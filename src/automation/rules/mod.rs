//! Rules of automation: when an event of the feed comes, if conditions hold, then steps follow ([`model`]).
//!
//! A reader of the feed ([`Follower`]) writes a *run* for each rule that an event starts, in the transaction in which it
//! moves: one run for a rule of a version and an event. Workers lease runs and take one step at a time (`work.rs`); a
//! step's effect, its line in the log and the run's next place are one transaction, so that nothing is done twice
//! whoever dies. Waits are runs whose hour has not come. What a run does is done by [`Actor::Rule`] through the use
//! cases that people use, and events that it causes know their depth, so that rules do not chase each other.
//!
//! Versions are drafted, tried on the past ([`trial`]), brought into force, replaced or retired ([`manage`]).
//!
//! [`Actor::Rule`]: crate::kernel::events::Actor::Rule
mod act;
mod api;
pub mod conditions;
mod error;
pub mod faults;
mod follow;
pub mod formats;
mod known;
pub mod manage;
mod measure;
pub mod message;
pub mod model;
mod pages;
pub mod store;
pub mod trial;
mod waits;
mod words;
mod work;

use actix_web::web;

pub use api::Api;
pub use error::RulesError;
pub use follow::Follower;
pub use measure::measure;
pub use work::{Worker, work};

/// The pages for administrators.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
}

/// The JSON endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
}
