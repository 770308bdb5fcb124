//! Pages of who works on what: how units give out, who is there and what they hold, and each agent's own page.
mod agent;
mod agents;
mod units;

use actix_web::web;

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    units::routes(cfg);
    agents::routes(cfg);
    agent::routes(cfg);
}

/// An agent's page.
fn agent_href(user: i64) -> String {
    format!("/scrivania/operatori/{user}")
}
