//! Tickets over JSON: the use cases of the desk for programs. Every answer about one ticket carries its
//! version as `ETag`; every change may name the version it was made on in `If-Match`.
mod changes;
mod incidents;
mod merging;
mod persons;
mod read;
mod similar;

use actix_web::web;

pub use read::{ContactBody, TicketBody, TicketLine, TicketList};

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(read::list)
        .service(read::get_ticket)
        .service(similar::of_ticket)
        .service(changes::take)
        .service(changes::reply)
        .service(changes::note)
        .service(changes::classify)
        .service(changes::wait)
        .service(changes::close)
        .service(changes::reopen)
        .service(merging::merge)
        .service(merging::unmerge)
        .service(merging::move_contact)
        .service(merging::split)
        .service(incidents::attach)
        .service(incidents::detach)
        .service(incidents::answer_all)
        .service(incidents::get_below)
        .service(persons::get_person)
        .service(persons::put_consent)
        .service(persons::merge_person)
        .service(persons::unmerge_person)
        .service(persons::confirm_identifier)
        .service(persons::reject_identifier);
}

/// The documentation of these routes.
#[derive(Debug, utoipa::OpenApi)]
#[openapi(
    paths(
        read::list,
        read::get_ticket,
        similar::of_ticket,
        changes::take,
        changes::reply,
        changes::note,
        changes::classify,
        changes::wait,
        changes::close,
        changes::reopen,
        merging::merge,
        merging::unmerge,
        merging::move_contact,
        merging::split,
        incidents::attach,
        incidents::detach,
        incidents::answer_all,
        incidents::get_below,
        persons::get_person,
        persons::put_consent,
        persons::merge_person,
        persons::unmerge_person,
        persons::confirm_identifier,
        persons::reject_identifier
    ),
    components(schemas(
        TicketBody,
        TicketList,
        TicketLine,
        ContactBody,
        read::FileBody,
        similar::SimilarBody,
        similar::SimilarTicket,
        similar::DuplicateTicket,
        similar::ProbableCategory,
        similar::ProbableUnit,
        changes::ReplyRequest,
        changes::ReplyWay,
        changes::AfterReply,
        changes::NoteRequest,
        changes::ClassifyRequest,
        changes::CloseRequest,
        merging::MergeRequest,
        merging::UnmergeRequest,
        merging::MoveRequest,
        merging::SplitRequest,
        incidents::AttachRequest,
        incidents::DetachRequest,
        incidents::AnswerAllRequest,
        incidents::BelowBody,
        incidents::BelowTicket,
        incidents::SharedAnswerBody,
        incidents::AfterAll,
        persons::PersonBody,
        persons::ConsentBody,
        persons::ConsentRequest,
        persons::IdentifierBody,
        persons::ClaimBody,
        persons::PersonMergeRequest
    ))
)]
pub struct Api;
