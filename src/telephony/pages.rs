//! The telephone on the desk.
use actix_web::web;

/// Mounts the pages.
pub fn routes(_cfg: &mut web::ServiceConfig) {}
