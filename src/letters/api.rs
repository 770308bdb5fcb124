//! JSON: scanned letters.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::arrange::{Arrangement, PlacedPage, arrange};
use super::correct::{Correction, WrittenBy, correct};
use super::model::{LetterState, Worklist};
use super::store::{self, LetterRow};
use super::{LetterError, Placement, Standing, place, set_state, view};
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::people::Identifier;

/// Letters of one answer.
const PAGE: i64 = 100;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/letters").route(web::get().to(list)))
        .service(web::resource("/letters/{id}").route(web::get().to(read)).route(web::patch().to(put_right)))
        .service(web::resource("/letters/{id}/placement").route(web::post().to(do_place)))
        .service(web::resource("/letters/{id}/state").route(web::post().to(do_state)))
        .service(web::resource("/letters/{id}/arrangement").route(web::post().to(do_arrange)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list, read, put_right, do_place, do_state, do_arrange),
    components(schemas(
        LetterOut,
        PageOut,
        ChangeOut,
        LetterFull,
        CorrectionIn,
        SenderIn,
        TextIn,
        PlacementIn,
        StateIn,
        ArrangementIn,
        PlacedIn,
        Arranged,
        LetterState
    ))
)]
pub struct Api;

/// A letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterOut {
    /// Row id of its contact.
    id: i64,
    /// `new`, `worked`, `not_ours`, `joined`.
    state: String,
    version: i64,
    ticket_code: String,
    subject: String,
    /// The day it bears, or empty.
    dated: String,
    sender: String,
    /// Postal address, a line each.
    address: String,
    person_id: Option<i64>,
    /// How sure the program was of the text, in percent; `null` when it read none.
    confidence: Option<i64>,
    received_at: String,
    pages: i64,
    /// Row id of the registration that holds.
    registration_id: Option<i64>,
    /// Why it is not for us.
    reason: String,
    /// The letter its pages went to.
    joined_to: Option<i64>,
    /// Bar codes found on it, such as numbers of registered letters.
    barcodes: Vec<String>,
}

impl From<LetterRow> for LetterOut {
    fn from(l: LetterRow) -> Self {
        Self {
            id: l.id,
            state: l.state,
            version: l.version,
            ticket_code: l.code,
            subject: l.subject,
            dated: l.dated,
            sender: l.sender_name,
            address: l.sender_address,
            person_id: l.person_id,
            confidence: l.confidence,
            received_at: l.received_at.rfc3339(),
            pages: l.pages,
            registration_id: l.registration_id,
            reason: l.reason,
            joined_to: l.joined_to,
            barcodes: l.barcodes.split_whitespace().map(str::to_owned).collect(),
        }
    }
}

/// A page of a letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageOut {
    id: i64,
    confidence: Option<i64>,
    /// As the program read it; `null` when it read nothing.
    read_text: Option<String>,
    /// Where doubtful words are in it, in bytes.
    doubtful: Vec<(usize, usize)>,
    /// As people left it.
    text: String,
}

/// A change of a letter.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeOut {
    at: String,
    who: String,
    field: String,
    before: String,
    after: String,
}

/// A letter with its pages and its history.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterFull {
    letter: LetterOut,
    text: String,
    pages: Vec<PageOut>,
    changes: Vec<ChangeOut>,
}

#[derive(Debug, Deserialize, IntoParams)]
struct Wanted {
    /// `new`, `doubtful`, `unregistered`, `all`.
    #[serde(default)]
    #[param(inline)]
    list: Worklist,
    /// Row id before which the list goes on.
    before: Option<i64>,
}

/// Who wrote a letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderIn {
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    fiscal_code: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    /// Somebody known already.
    person_id: Option<i64>,
}

/// The text of a page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextIn {
    page: i64,
    text: String,
}

/// What is put right; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionIn {
    /// The version it was made on.
    version: Option<i64>,
    subject: Option<String>,
    /// `YYYY-MM-DD`, or empty.
    dated: Option<String>,
    sender: Option<SenderIn>,
    #[serde(default)]
    texts: Vec<TextIn>,
    /// Whether the letter is done with that.
    #[serde(default)]
    checked: bool,
}

/// Where a letter belongs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementIn {
    version: Option<i64>,
    /// Code of the ticket; without it a ticket of its own.
    ticket: Option<String>,
}

/// How a letter is to stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateIn {
    version: Option<i64>,
    /// `new`, `worked` or `not_ours`.
    state: LetterState,
    /// Needed for `not_ours`.
    #[serde(default)]
    reason: String,
}

/// A page in its new place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacedIn {
    page: i64,
    /// Quarter turns to the right.
    #[serde(default)]
    turns: u8,
    /// Whether another letter begins with it.
    #[serde(default)]
    begins: bool,
}

/// All pages of a letter in their new order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrangementIn {
    version: Option<i64>,
    pages: Vec<PlacedIn>,
    /// The letter whose pages are to follow.
    join: Option<i64>,
}

/// The letters that an arrangement made, the arranged one first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Arranged {
    letters: Vec<i64>,
}

/// Letters to be worked, the newest first
#[utoipa::path(get, path = "/letters", tag = "letters", params(Wanted), security(("bearer" = [])),
    responses((status = 200, body = [LetterOut])))]
async fn list(kernel: web::Data<Kernel>, caller: Caller, wanted: web::Query<Wanted>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let rows = store::list(&mut conn, wanted.list, wanted.before.unwrap_or(i64::MAX), PAGE).await?;
    Ok(HttpResponse::Ok().json(rows.into_iter().map(LetterOut::from).collect::<Vec<_>>()))
}

/// A letter with its pages and who changed what
#[utoipa::path(get, path = "/letters/{id}", tag = "letters", params(("id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = LetterFull), (status = 404)))]
async fn read(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::ReadTickets)?;
    let mut conn = kernel.db.read().await?;
    let shown = view::read(&mut conn, *id).await?;
    let page = |p: store::PageRow| PageOut {
        id: p.id,
        confidence: p.confidence,
        doubtful: p.doubtful(),
        read_text: p.read_text,
        text: p.text,
    };
    let change = |c: store::ChangeRow| ChangeOut {
        at: c.at.rfc3339(),
        who: c.who,
        field: c.field,
        before: c.before,
        after: c.after,
    };
    Ok(HttpResponse::Ok().json(LetterFull {
        text: shown.letter.body.clone(),
        letter: shown.letter.into(),
        pages: shown.pages.into_iter().map(page).collect(),
        changes: shown.changes.into_iter().map(change).collect(),
    }))
}

/// Puts a letter right: texts, subject, day, sender
#[utoipa::path(patch, path = "/letters/{id}", tag = "letters", params(("id" = i64, Path)),
    request_body = CorrectionIn, security(("bearer" = [])),
    responses((status = 200, body = LetterOut), (status = 404), (status = 409, description = "joined to another"),
        (status = 412, description = "changed meanwhile"), (status = 422, description = "unacceptable value")))]
async fn put_right(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<CorrectionIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let asked = body.value;
    let sender = match asked.sender {
        Some(sender) => Some(written_by(sender)?),
        None => None,
    };
    let correction = Correction {
        version: asked.version,
        subject: asked.subject,
        dated: asked.dated,
        sender,
        texts: asked.texts.into_iter().map(|t| (t.page, t.text)).collect(),
        checked: asked.checked,
    };
    Ok(HttpResponse::Ok().json(LetterOut::from(correct(&kernel, who, *id, correction).await?)))
}

fn written_by(sender: SenderIn) -> Result<WrittenBy, LetterError> {
    let wrong = |field| LetterError::Invalid { field, wrong: "identifier" };
    let mut identifiers = Vec::new();
    if !sender.fiscal_code.is_empty() {
        identifiers.push(Identifier::fiscal_code(&sender.fiscal_code).map_err(|_| wrong("fiscal_code"))?);
    }
    if !sender.email.is_empty() {
        identifiers.push(Identifier::email(&sender.email).map_err(|_| wrong("email"))?);
    }
    if !sender.phone.is_empty() {
        identifiers.push(Identifier::phone(&sender.phone).map_err(|_| wrong("phone"))?);
    }
    Ok(WrittenBy { name: sender.name, address: sender.address, identifiers, person: sender.person_id })
}

/// Puts a letter on the ticket it belongs to, or on one of its own
#[utoipa::path(post, path = "/letters/{id}/placement", tag = "letters", params(("id" = i64, Path)),
    request_body = PlacementIn, security(("bearer" = [])),
    responses((status = 200, body = LetterOut), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn do_place(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<PlacementIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let placement = body.value.ticket.map_or(Placement::Own, Placement::Ticket);
    let row = place(&kernel, who, *id, body.value.version, placement).await?;
    Ok(HttpResponse::Ok().json(LetterOut::from(row)))
}

/// Says that a letter is checked, is not for us, or is to be looked at again
#[utoipa::path(post, path = "/letters/{id}/state", tag = "letters", params(("id" = i64, Path)),
    request_body = StateIn, security(("bearer" = [])),
    responses((status = 200, body = LetterOut), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn do_state(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<StateIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let standing = match body.value.state {
        LetterState::New => Standing::New,
        LetterState::Worked => Standing::Worked,
        LetterState::NotOurs => Standing::NotOurs { reason: body.value.reason },
        LetterState::Joined => return Err(LetterError::Invalid { field: "state", wrong: "unknown" }.into()),
    };
    let row = set_state(&kernel, who, *id, body.value.version, standing).await?;
    Ok(HttpResponse::Ok().json(LetterOut::from(row)))
}

/// Turns, orders, divides or joins the pages of a letter
#[utoipa::path(post, path = "/letters/{id}/arrangement", tag = "letters", params(("id" = i64, Path)),
    request_body = ArrangementIn, security(("bearer" = [])),
    responses((status = 200, body = Arranged), (status = 404), (status = 409, description = "registered or joined"),
        (status = 412), (status = 422), (status = 503, description = "the programs are missing")))]
async fn do_arrange(
    intake: web::Data<Intake>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<ArrangementIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let placed = |p: PlacedIn| PlacedPage { page: p.page, turns: p.turns % 4, begins: p.begins };
    let asked = Arrangement {
        version: body.value.version,
        pages: body.value.pages.into_iter().map(placed).collect(),
        join: body.value.join,
    };
    Ok(HttpResponse::Ok().json(Arranged { letters: arrange(&intake, who, *id, asked).await? }))
}
