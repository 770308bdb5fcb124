//! Many reports of one thing, on the desk: what is above and below a ticket, gathering others below it, and one
//! answer to all.
mod answer;
mod gather;
mod part;

use actix_web::web;

/// Mounts the pages and the fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    part::routes(cfg);
    gather::routes(cfg);
    answer::routes(cfg);
}
