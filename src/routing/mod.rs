//! Where a new request goes: which unit owns it, who gets it, which legs are sent at once.
//!
//! Rules are ordered and versioned; [`model::decide`] is a pure function over them and over what is known of the
//! request, so that a draft is tried on what has been ([`trial`]) before it comes into force. The back-office rule
//! (004-09) is checked when rules come into force, and held again at each decision. Each node keeps the rules in
//! memory ([`Routing`]), so that a request costs no statement unless a rule asks for load or for the person.
pub mod api;
pub mod areas;
mod book;
mod error;
pub mod manage;
pub mod model;
mod pages;
pub mod store;
pub mod trial;
mod words;

use actix_web::web;

pub use book::{Book, Looked, Request, Routing};
pub use error::RoutingError;
pub use words::{Spell, because};

/// The pages for administrators.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
}
