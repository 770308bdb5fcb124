//! News for operators, told before citizens ask (004-20): what is planned, emergencies, changes of services, what
//! happens in one place. A bulletin holds from one instant to another, for all operators or for some roles and
//! units; each reader says «read» once, and of an emergency it is known who has not.
//!
//! Use cases: [`publish`], [`change`], [`withdraw`], [`mark_read`], [`list`], [`show`], [`readers`].
pub mod api;
mod due;
mod editor;
mod error;
pub mod model;
mod pages;
mod read;
mod store;
mod strip;
mod views;
mod write;

use actix_web::web;

pub use due::{follow, run};
pub use error::BulletinError;
pub use read::{Asked, Listed, list, mark_read, readers, show};
pub use write::{change, publish, withdraw};

/// The pages of the desk.
pub fn routes(cfg: &mut web::ServiceConfig) {
    strip::routes(cfg);
    editor::routes(cfg);
    pages::routes(cfg);
}
