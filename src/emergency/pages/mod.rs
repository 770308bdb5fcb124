//! The pages of the desk: what is in force, the plans, what a plan will change, its form, the report.
mod edit;
mod overview;
mod plan;
mod words;

use actix_web::web;

const HERE: &str = "/scrivania/emergenza";

/// Mounts them.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    overview::routes(cfg);
    edit::routes(cfg);
    plan::routes(cfg);
}

fn href(slug: &str) -> String {
    format!("{HERE}/piani/{slug}")
}
