//! Tickets over JSON: the use cases of the desk for programs. Every answer about one ticket carries its
//! version as `ETag`; every change may name the version it was made on in `If-Match`.
mod changes;
mod read;

use actix_web::web;

pub use read::{ContactBody, TicketBody, TicketLine, TicketList};

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(read::list)
        .service(read::get_ticket)
        .service(changes::take)
        .service(changes::reply)
        .service(changes::note)
        .service(changes::classify)
        .service(changes::wait)
        .service(changes::close)
        .service(changes::reopen);
}

/// The documentation of these routes.
#[derive(Debug, utoipa::OpenApi)]
#[openapi(
    paths(
        read::list,
        read::get_ticket,
        changes::take,
        changes::reply,
        changes::note,
        changes::classify,
        changes::wait,
        changes::close,
        changes::reopen
    ),
    components(schemas(
        TicketBody,
        TicketList,
        TicketLine,
        ContactBody,
        read::FileBody,
        changes::ReplyRequest,
        changes::ReplyWay,
        changes::AfterReply,
        changes::NoteRequest,
        changes::ClassifyRequest,
        changes::CloseRequest
    ))
)]
pub struct Api;
