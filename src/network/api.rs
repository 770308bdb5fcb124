//! JSON: legs of a ticket.
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer::{self, Addressee, Meaning, Written};
use super::door::Door;
use super::model::{Asked, Leg, LegKind, LegState};
use super::refer::{Referral, refer as refer_ticket};
use super::views::{self, LegView, Way};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json, if_match};
use crate::tickets::{State, Ticket};

/// Mounts the endpoints, relative to `/api/v1`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/tickets/{code}/legs").route(web::get().to(legs)).route(web::post().to(refer)))
        .service(web::resource("/tickets/{code}/legs/{number}/answer").route(web::post().to(answer_leg)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(paths(legs, refer, answer_leg), components(schemas(LegOut, LegMessageOut, NewLeg, NewAnswer)))]
pub struct Api;

/// A leg of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct LegOut {
    /// `ABC-DEF-GHJ/1`.
    code: String,
    number: i64,
    unit: String,
    agency: String,
    kind: LegKind,
    /// Sent to another agency.
    external: bool,
    state: LegState,
    question: String,
    /// RFC 3339.
    sent_at: String,
    answered_at: Option<String>,
    answer: Option<String>,
    /// Why the unit is not competent.
    reason: Option<String>,
    /// The other body's own code for it.
    external_code: Option<String>,
    /// When its unit took it in charge, RFC 3339, and who did.
    accepted_at: Option<String>,
    accepted_by: Option<String>,
    /// Since when its unit waits for something it asked, RFC 3339, and of whom.
    asked_at: Option<String>,
    asks: Option<Asked>,
    works_planned_at: Option<String>,
    works_done_at: Option<String>,
    /// Name of the unit that a refusal suggests, as long as nobody followed it.
    suggests: Option<String>,
    /// Name of the referent it was given to.
    referent: Option<String>,
    /// Until when its unit may refuse it by itself, and when its answer is due, RFC 3339.
    refuse_until: Option<String>,
    due_at: Option<String>,
    reminders: i64,
    messages: Vec<LegMessageOut>,
}

/// What a unit wrote about a leg.
#[derive(Debug, Serialize, ToSchema)]
pub struct LegMessageOut {
    at: String,
    way: Way,
    signed: String,
    text: String,
}

/// A leg to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLeg {
    /// Slug of the unit.
    unit: String,
    kind: LegKind,
    question: String,
}

/// What a unit answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    text: String,
    /// The unit's own code for it.
    #[serde(default)]
    external_code: String,
    /// Who signs it.
    #[serde(default)]
    signed: String,
    /// Names this answer among the leg's: sent twice, it is stored once.
    #[serde(default)]
    key: String,
    /// A word on how things stand, not the answer.
    #[serde(default)]
    progress: bool,
    /// It goes to the citizen; only for competence, where the category allows it.
    #[serde(default)]
    to_citizen: bool,
    /// The unit wants to read what the citizen writes afterwards.
    #[serde(default)]
    keeps_informed: bool,
}

/// What a ticket became.
#[derive(Debug, Serialize, ToSchema)]
pub struct LegDone {
    leg: String,
    number: i64,
    leg_state: LegState,
    ticket_code: String,
    ticket_state: State,
    ticket_version: i64,
}

impl LegDone {
    /// From what a use case answers.
    pub(super) fn of(ticket: Ticket, leg: &Leg) -> Self {
        Self {
            leg: super::model::leg_code(&ticket.code, leg.number),
            number: leg.number,
            leg_state: leg.state,
            ticket_state: ticket.state,
            ticket_version: ticket.version,
            ticket_code: ticket.code,
        }
    }
}

fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn leg_out(view: LegView) -> LegOut {
    let leg = view.leg;
    LegOut {
        code: view.code,
        number: leg.number,
        unit: view.unit,
        agency: view.agency,
        kind: leg.kind,
        external: leg.external,
        state: leg.state,
        question: leg.question,
        sent_at: leg.sent_at.rfc3339(),
        answered_at: leg.answered_at.map(|at| at.rfc3339()),
        answer: optional(leg.answer),
        reason: optional(leg.reason),
        external_code: optional(leg.external_code),
        asks: Asked::from_text(&leg.asks),
        accepted_at: leg.accepted_at.map(|at| at.rfc3339()),
        accepted_by: optional(leg.accepted_by),
        asked_at: leg.asked_at.map(|at| at.rfc3339()),
        works_planned_at: leg.works_planned_at.map(|at| at.rfc3339()),
        works_done_at: leg.works_done_at.map(|at| at.rfc3339()),
        suggests: optional(view.suggests),
        referent: optional(view.referent),
        refuse_until: leg.refuse_until.map(|at| at.rfc3339()),
        due_at: leg.due_at.map(|at| at.rfc3339()),
        reminders: leg.reminders,
        messages: view
            .messages
            .into_iter()
            .map(|m| LegMessageOut {
                at: m.contact.happened_at.rfc3339(),
                way: m.way,
                signed: m.contact.from_name,
                text: m.contact.body,
            })
            .collect(),
    }
}

/// The legs of a ticket
#[utoipa::path(get, path = "/tickets/{code}/legs", tag = "network", params(("code" = String, Path)),
    responses((status = 200, body = [LegOut]), (status = 404, description = "No such ticket")))]
async fn legs(kernel: web::Data<Kernel>, caller: Caller, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let ticket = views::ticket_by_code(&mut conn, &code).await?;
    let language = Language::from_tag(&who.language).unwrap_or(Language::Italian);
    let legs = views::legs_of(&mut conn, ticket.id, language).await?;
    Ok(HttpResponse::Ok().json(legs.into_iter().map(leg_out).collect::<Vec<_>>()))
}

/// Refer a ticket to a unit
#[utoipa::path(post, path = "/tickets/{code}/legs", tag = "network",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header, description = "Version of the ticket")),
    request_body = NewLeg,
    responses((status = 201, body = LegDone), (status = 404, description = "No such ticket"),
        (status = 409, description = "The ticket is over, or the unit may not receive from its owner"),
        (status = 412, description = "The ticket was changed meanwhile"), (status = 422, description = "Unknown unit or no question")))]
async fn refer(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    body: Json<NewLeg>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let ticket = views::ticket_by_code(&mut conn, &code).await?;
    drop(conn);
    let new = body.value;
    let referral = Referral { unit: new.unit, kind: new.kind, question: new.question };
    let (ticket, leg) = refer_ticket(&kernel, who, &ticket.code, if_match(&req)?, referral).await?;
    Ok(HttpResponse::Created().json(LegDone::of(ticket, &leg)))
}

/// Answer a leg
#[utoipa::path(post, path = "/tickets/{code}/legs/{number}/answer", tag = "network",
    params(("code" = String, Path), ("number" = i64, Path)), request_body = NewAnswer,
    responses((status = 200, body = LegDone), (status = 404, description = "No such leg, or not one of the caller's"),
        (status = 409, description = "The leg was withdrawn"), (status = 422, description = "No text")))]
async fn answer_leg(
    kernel: web::Data<Kernel>,
    caller: Caller,
    path: web::Path<(String, i64)>,
    body: Json<NewAnswer>,
) -> Result<HttpResponse, Problem> {
    if !caller.0.role.may(Permission::WorkTickets) {
        caller.require(Permission::AnswerLegs)?;
    }
    let (code, number) = path.into_inner();
    let new = body.value;
    let written = Written {
        text: new.text,
        files: Vec::new(),
        external_code: new.external_code,
        signed: if new.signed.is_empty() { caller.0.name.clone() } else { new.signed },
        key: new.key,
        meaning: if new.progress { Meaning::Progress } else { Meaning::Answer },
        addressee: if new.to_citizen { Addressee::Citizen } else { Addressee::Office },
        keeps_informed: new.keeps_informed,
    };
    let done = answer::write(&kernel, &Door::account(&caller.0, &code, number), written).await?;
    Ok(HttpResponse::Ok().json(LegDone::of(done.ticket, &done.leg)))
}
