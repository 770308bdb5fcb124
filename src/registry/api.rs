//! JSON: the register of documents.
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::model::{Given, Registration, RegistrationRow, is_day};
use super::{Cancelling, RegistryError, cancel, export, register, store};
use crate::kernel::Kernel;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};

/// Registrations of one answer.
const PAGE: i64 = 200;

/// Mounts the endpoints, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/registrations").route(web::get().to(list)))
        .service(web::resource("/registrations/{id}").route(web::get().to(read)))
        .service(web::resource("/registrations/{id}/cancellation").route(web::post().to(annul)))
        .service(web::resource("/contacts/{id}/registration").route(web::post().to(create)));
}

/// The endpoints of this capability, for the API's description.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(list, read, annul, create),
    components(schemas(RegistrationOut, DocumentOut, CancellationOut, RegistrationIn, GivenIn, CancellationIn))
)]
pub struct Api;

/// A registration.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationOut {
    id: i64,
    contact_id: i64,
    /// `own`, or `external` when the number was given by the register of the body.
    origin: String,
    register: String,
    year: i64,
    /// At least seven digits.
    number: String,
    /// `YYYY-MM-DD`.
    day: String,
    registered_at: String,
    registered_by: String,
    /// `in` or `out`.
    direction: String,
    channel: String,
    sender: String,
    recipients: String,
    subject: String,
    received_number: String,
    received_day: String,
    /// SHA-256 of the document, hexadecimal.
    sha256: String,
    /// The document itself first.
    documents: Vec<DocumentOut>,
    cancellation: Option<CancellationOut>,
}

/// A file that was registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentOut {
    name: String,
    size: i64,
    sha256: String,
}

/// Why and when a registration was cancelled.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationOut {
    at: String,
    by: String,
    reason: String,
    act: String,
}

impl From<RegistrationRow> for RegistrationOut {
    fn from(row: RegistrationRow) -> Self {
        let document = |d: super::Document| DocumentOut { name: d.name, size: d.size, sha256: d.sha256 };
        Self {
            documents: row.files().into_iter().map(document).collect(),
            cancellation: row.cancelled_at.map(|at| CancellationOut {
                at: at.rfc3339(),
                by: row.cancelled_by.clone(),
                reason: row.cancel_reason.clone(),
                act: row.cancel_act.clone(),
            }),
            registered_at: row.registered_at.rfc3339(),
            id: row.id,
            contact_id: row.contact_id,
            origin: row.origin,
            register: row.register,
            year: row.year,
            number: row.number,
            day: row.day,
            registered_by: row.registered_by,
            direction: row.direction,
            channel: row.channel,
            sender: row.sender,
            recipients: row.recipients,
            subject: row.subject,
            received_number: row.received_number,
            received_day: row.received_day,
            sha256: row.sha256,
        }
    }
}

/// A number that the register of the body gave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenIn {
    /// Code of that register.
    register: String,
    number: String,
    /// `YYYY-MM-DD`.
    day: String,
}

/// What is to be registered. What is left out is taken from the contact.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationIn {
    sender: Option<String>,
    recipients: Option<String>,
    subject: Option<String>,
    /// Number that the received document bears.
    #[serde(default)]
    received_number: String,
    #[serde(default)]
    received_day: String,
    /// Without it the number is of Sportello's own register.
    given: Option<GivenIn>,
}

/// Why a registration is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationIn {
    reason: String,
    /// The act that orders it.
    act: String,
}

#[derive(Debug, Deserialize, IntoParams)]
struct Wanted {
    /// First day, `YYYY-MM-DD`; today when absent.
    from: Option<String>,
    /// Last day; the first when absent.
    to: Option<String>,
    /// Row id after which the list goes on.
    after: Option<i64>,
    /// `csv` for the whole period as a table.
    format: Option<String>,
    /// A number instead of days, with `year` if it is known.
    number: Option<String>,
    year: Option<i64>,
}

fn reader(caller: &Caller) -> Result<(), Problem> {
    caller.require(Permission::ReadTickets).map(drop)
}

/// Registrations of some days, or with a number
#[utoipa::path(get, path = "/registrations", tag = "registry", params(Wanted), security(("bearer" = [])),
    responses((status = 200, body = [RegistrationOut], description = "JSON, or CSV with `format=csv`"),
        (status = 422, description = "not a day")))]
async fn list(kernel: web::Data<Kernel>, caller: Caller, wanted: web::Query<Wanted>) -> Result<HttpResponse, Problem> {
    reader(&caller)?;
    let wanted = wanted.into_inner();
    if let Some(number) = wanted.number {
        let mut conn = kernel.db.read().await?;
        let number = format!("{:0>7}", number.trim().trim_start_matches('0'));
        let rows = store::by_number(&mut conn, &number, wanted.year.unwrap_or(0)).await?;
        return Ok(HttpResponse::Ok().json(rows.into_iter().map(RegistrationOut::from).collect::<Vec<_>>()));
    }
    let from = wanted.from.unwrap_or_else(|| kernel.now().day(&kernel.config.zone()));
    let to = wanted.to.unwrap_or_else(|| from.clone());
    for (field, day) in [("from", &from), ("to", &to)] {
        if !is_day(day) {
            return Err(Problem::field(field, "not_a_date"));
        }
    }
    if wanted.format.as_deref() == Some("csv") {
        let table = export::csv(&kernel, &from, &to).await?;
        return Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(table));
    }
    let mut conn = kernel.db.read().await?;
    let rows = store::of_days(&mut conn, &from, &to, wanted.after.unwrap_or(0), PAGE).await?;
    Ok(HttpResponse::Ok().json(rows.into_iter().map(RegistrationOut::from).collect::<Vec<_>>()))
}

/// One registration, cancelled or not
#[utoipa::path(get, path = "/registrations/{id}", tag = "registry", security(("bearer" = [])),
    params(("id" = i64, Path)), responses((status = 200, body = RegistrationOut), (status = 404)))]
async fn read(kernel: web::Data<Kernel>, caller: Caller, id: web::Path<i64>) -> Result<HttpResponse, Problem> {
    reader(&caller)?;
    let mut conn = kernel.db.read().await?;
    let row = store::by_id(&mut conn, *id).await?.ok_or(RegistryError::NotFound)?;
    Ok(HttpResponse::Ok().json(RegistrationOut::from(row)))
}

/// Registers a contact
#[utoipa::path(post, path = "/contacts/{id}/registration", tag = "registry", request_body = RegistrationIn,
    security(("bearer" = [])), params(("id" = i64, Path, description = "row id of the contact")),
    responses((status = 201, body = RegistrationOut), (status = 404),
        (status = 409, description = "registered already, or the number is taken"),
        (status = 422, description = "unacceptable value")))]
async fn create(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<RegistrationIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets).or_else(|_| caller.require(Permission::Intake))?;
    let body = body.value;
    let known = super::proposal(&kernel, *id).await?.filled;
    let asked = Registration {
        sender: body.sender.unwrap_or(known.sender),
        recipients: body.recipients.unwrap_or(known.recipients),
        subject: body.subject.unwrap_or(known.subject),
        received_number: body.received_number,
        received_day: body.received_day,
        given: body.given.map(|g| Given { register: g.register, number: g.number, day: g.day }),
    };
    let row = register(&kernel, who, *id, asked).await?;
    Ok(HttpResponse::Created().json(RegistrationOut::from(row)))
}

/// Marks a registration as cancelled; it stays readable
#[utoipa::path(post, path = "/registrations/{id}/cancellation", tag = "registry", request_body = CancellationIn,
    security(("bearer" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = RegistrationOut), (status = 404), (status = 409, description = "cancelled already"),
        (status = 422, description = "reason or act is missing")))]
async fn annul(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<CancellationIn>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::TakeOver)?;
    let how = Cancelling { reason: body.value.reason, act: body.value.act };
    let row = cancel(&kernel, who, *id, how).await?;
    Ok(HttpResponse::Ok().json(RegistrationOut::from(row)))
}
