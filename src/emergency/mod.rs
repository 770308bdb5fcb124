//! Emergency mode (D18): a prepared plan comes into force by one command or button, and goes again. It brings classes
//! that come first, rules that send them to who helps, bodies that otherwise receive nothing, hours without an end,
//! a banner and what callers hear. What it changes are the ordinary classification, rules, calendars and units, each by
//! the use case of its own capability, all in one transaction; `emergencies.changed` keeps what was there before, and
//! the end gives it back but for what people changed meanwhile.
//!
//! Use cases: [`save`], [`start`], [`end`], [`try_out`], [`drill`], [`report::read`]. Pages, calls and intake ask
//! `kernel.emergency` what is in force, which [`follow`] keeps.
pub mod api;
mod end;
mod error;
pub mod formats;
pub mod model;
mod now;
mod pages;
pub mod report;
mod save;
mod start;
pub mod store;

use actix_web::web;

pub use end::end;
pub use error::EmergencyError;
pub use now::{follow, refresh};
pub use save::save;
pub use start::{Begun, drill, start, try_out};

/// The pages of the desk.
pub fn routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
}
