//! The cards beside persons and tickets, and the pages for administrators.
mod cards;
mod sources;

use actix_web::web;

const HERE: &str = "/scrivania/fonti";

/// Mounts them.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cards::routes(cfg);
    sources::routes(cfg);
}
