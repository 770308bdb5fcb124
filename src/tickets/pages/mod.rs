//! The agents' desk: queues, the ticket page with its composer, search, a person's file, attachments. Handlers
//! parse, call one use case, and render.
mod actions;
mod asked;
pub mod attachments;
mod close;
mod composer;
mod conversation;
mod drafts;
mod due;
mod history;
mod incident;
mod legs;
mod links;
mod merging;
pub mod names;
mod next;
mod person;
mod presence;
mod priority;
mod queues;
mod rail;
mod search;
pub mod sheets;
mod similar;
mod sms_count;
mod store;
mod ticket;
pub mod upload;
pub mod words;

use actix_web::web;

use crate::kernel::codes::TrackingCode;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::problem::Problem;

/// Mounts the desk's pages. They ask for [`Kernel`](crate::kernel::Kernel),
/// [`KnowledgeIndex`](crate::knowledge::KnowledgeIndex), [`TicketIndex`](super::search::TicketIndex) and
/// [`Presence`](super::presence::Presence) among the application's data.
pub fn routes(cfg: &mut web::ServiceConfig) {
    // Before the queues, whose names it would be taken for.
    next::routes(cfg);
    queues::routes(cfg);
    priority::routes(cfg);
    rail::routes(cfg);
    ticket::routes(cfg);
    composer::routes(cfg);
    sms_count::routes(cfg);
    drafts::routes(cfg);
    presence::routes(cfg);
    actions::routes(cfg);
    asked::routes(cfg);
    close::routes(cfg);
    links::routes(cfg);
    merging::routes(cfg);
    incident::routes(cfg);
    attachments::routes(cfg);
    sheets::routes(cfg);
    similar::routes(cfg);
    search::routes(cfg);
    person::routes(cfg);
}

/// The stored form of a code in an address, however it was typed.
fn code_in_path(raw: &str) -> Result<String, Problem> {
    TrackingCode::parse(raw).map(|code| code.as_str().to_owned()).map_err(|_| Problem::not_found())
}

/// The address of a ticket's page.
fn ticket_url(code: &str) -> String {
    format!("/scrivania/pratiche/{code}")
}

/// How many tickets a person has, counted up to 100.
///
/// # Errors
/// When the database cannot be read.
pub async fn tickets_of_person(conn: &mut Conn, person: i64) -> Result<i64, StoreError> {
    store::count_tickets_of(conn, person).await
}
