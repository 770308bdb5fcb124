//! The agents' desk: queues, the ticket page with its composer, new tickets for callers and visitors, search,
//! a person's file, attachments. Handlers parse, call one use case, and render.
mod actions;
mod attachments;
mod close;
mod composer;
mod conversation;
mod drafts;
mod due;
mod history;
mod links;
mod names;
mod queues;
mod rail;
mod store;
mod ticket;
mod upload;
mod words;

use actix_web::web;

use crate::kernel::codes::TrackingCode;
use crate::kernel::problem::Problem;

/// Mounts the desk's pages. They ask for [`Kernel`](crate::kernel::Kernel) among the application's data.
pub fn routes(cfg: &mut web::ServiceConfig) {
    queues::routes(cfg);
    rail::routes(cfg);
    ticket::routes(cfg);
    composer::routes(cfg);
    drafts::routes(cfg);
    actions::routes(cfg);
    close::routes(cfg);
    links::routes(cfg);
    attachments::routes(cfg);
}

/// The stored form of a code in an address, however it was typed.
fn code_in_path(raw: &str) -> Result<String, Problem> {
    TrackingCode::parse(raw).map(|code| code.as_str().to_owned()).map_err(|_| Problem::not_found())
}

/// The address of a ticket's page.
fn ticket_url(code: &str) -> String {
    format!("/desk/pratiche/{code}")
}
