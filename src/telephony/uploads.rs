//! Messages of answering machines that cannot push: their recordings are brought in files, on a page or through the
//! API, and become the same messages as those that machines send.
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use bytes::Bytes;
use channels::phone::event::Reached;
use channels::phone::voicemail::{MOST_BYTES, Message, Recordings};
use channels::phone::{CallEvent, Cause, EventKind};
use channels::{ChannelKind, RawContent, RawItem};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::file_name;
use super::model::normal;
use super::{PhoneError, Telephony, record, store};
use crate::intake::Intake;
use crate::intake::reading::{self, OpenAccount};
use crate::kernel::codes;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame, read_body};
use crate::kernel::time::Instant;
use crate::people::Identifier;
use crate::tickets;
use crate::tickets::pages::upload::{FILES, Submitted};

const HERE: &str = "/scrivania/segreteria";
/// The account of what is brought: no name that an administrator can give.
const ACCOUNT: &str = "desk:voicemail";
/// Messages shown, the newest first.
const SHOWN: i64 = 20;
/// What browsers offer to choose.
const ACCEPTED: &str = "audio/*,.wav,.mp3,.ogg,.oga,.opus,.m4a,.flac";

/// Mounts the page.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(upload)));
}

/// Lets this process read what is brought.
pub(super) fn open(intake: &Intake) {
    intake.accounts().open(ACCOUNT, OpenAccount { normaliser: Arc::new(Recordings), unit: None });
}

/// What is said of a recording beside its sound.
#[derive(Debug, Clone, Default)]
struct About {
    from: Option<String>,
    to: Option<String>,
    at: Option<Instant>,
}

/// What became of a recording that was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Brought {
    Taken(String),
    /// The same sound from the same number is here already.
    Known(String),
    /// `sound`, `size`
    Refused(&'static str),
}

async fn bring(telephony: &Telephony, sound: Bytes, about: About) -> Result<Brought, PhoneError> {
    if sound.len() > MOST_BYTES {
        return Ok(Brought::Refused("size"));
    }
    let kernel = telephony.kernel();
    let at = about.at.unwrap_or_else(|| kernel.now());
    let message = Message::brought(sound, about.from.as_deref(), about.to.as_deref(), at.timestamp());
    let Some(message) = message else { return Ok(Brought::Refused("sound")) };
    let call = message.facts.call.clone();
    let mut conn = kernel.db.read().await?;
    let known = store::call_by_name(&mut conn, &call).await?.is_some();
    drop(conn);
    if known {
        return Ok(Brought::Known(call));
    }
    let item = RawItem {
        external_ref: call.clone(),
        received_at: Some(at.timestamp()),
        content: RawContent::Whole(message.to_bytes()),
    };
    reading::store(kernel, ChannelKind::Voicemail, ACCOUNT, vec![item]).await?;
    let left = message.event();
    let seconds = message.seconds();
    let ended = CallEvent {
        at: left.at + SignedDuration::from_secs(seconds.unwrap_or(0).into()),
        id: "ended".to_owned(),
        kind: EventKind::Ended { cause: Cause::Completed, by: None, reached: Some(Reached::Voicemail), seconds },
        ..left.clone()
    };
    record::record(kernel, ACCOUNT, vec![left, ended], &[]).await?;
    Ok(Brought::Taken(call))
}

/// A message that was brought.
struct Row {
    number: String,
    at: String,
    when: String,
    code: String,
    href: String,
}

#[derive(Template)]
#[template(path = "telephony/uploads.html")]
struct UploadsPage {
    page: Page,
    done: String,
    /// What is wrong, a line each.
    faults: Vec<String>,
    from: String,
    to: String,
    at: String,
    rows: Vec<Row>,
    accepted: &'static str,
    max_bytes: usize,
    max_files: usize,
}

#[derive(Deserialize)]
struct Shown {
    /// How many were just taken.
    presi: Option<u32>,
}

#[derive(Debug, Default)]
struct Refused {
    taken: usize,
    faults: Vec<String>,
    fields: [String; 3],
}

async fn show(
    telephony: web::Data<Telephony>,
    caller: Caller,
    frame: Frame,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let taken = shown.presi.unwrap_or(0) as usize;
    render(&telephony, frame.0, Refused { taken, ..Refused::default() }).await
}

async fn render(telephony: &Telephony, page: Page, refused: Refused) -> Result<HttpResponse, Problem> {
    let page = page.titled("uploads-title");
    let mut conn = telephony.kernel().db.read().await?;
    let mut rows = Vec::new();
    for call in store::calls_of_account(&mut conn, ACCOUNT, SHOWN).await? {
        let ticket = match call.ticket_id {
            Some(id) => tickets::store::by_id(&mut conn, id).await?.map(|t| t.code),
            None => None,
        };
        rows.push(Row {
            number: normal(call.citizen()).unwrap_or_else(|| page.t("phone-withheld")),
            at: call.started_at.rfc3339(),
            when: page.datetime(&call.started_at),
            code: ticket.as_deref().map(codes::grouped).unwrap_or_default(),
            href: ticket.map(|code| format!("/scrivania/pratiche/{code}")).unwrap_or_default(),
        });
    }
    drop(conn);
    let status = if refused.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let [from, to, at] = refused.fields;
    let shown = UploadsPage {
        done: if refused.taken > 0 { page.t1("uploads-taken", "n", refused.taken) } else { String::new() },
        faults: refused.faults,
        from,
        to,
        at,
        rows,
        accepted: ACCEPTED,
        max_bytes: MOST_BYTES,
        max_files: FILES,
        page,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

/// A number as somebody types it; empty is withheld.
fn number(text: &str) -> Result<Option<String>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => Identifier::phone(text).map(|i| Some(i.value)).map_err(|_| ()),
    }
}

async fn upload(
    req: HttpRequest,
    telephony: web::Data<Telephony>,
    caller: Caller,
    frame: Frame,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (kernel, page) = (telephony.kernel(), &frame.0);
    let form = Submitted::read(&req, payload, kernel).await?;
    let mut refused = Refused { fields: ["from", "to", "at"].map(|f| form.value(f).to_owned()), ..Refused::default() };
    let zone = kernel.config.zone();
    let (from, to) = (number(form.value("from")), number(form.value("to")));
    let at = file_name::local(form.value("at"), &zone);
    if from.is_err() || to.is_err() {
        refused.faults.push(page.t("uploads-wrong-number"));
    }
    if (at.is_none() && !form.value("at").is_empty()) || at.is_some_and(|at| at > kernel.now()) {
        refused.faults.push(page.t("uploads-wrong-at"));
    }
    if form.files.is_empty() {
        refused.faults.push(page.t("uploads-wrong-files"));
    }
    if let (Ok(from), Ok(to), true) = (from, to, refused.faults.is_empty()) {
        for file in &form.files {
            let told = file_name::read(&file.name, &zone);
            let about = About {
                from: told.number.and_then(|n| number(&n).ok().flatten()).or_else(|| from.clone()),
                to: to.clone(),
                at: told.at.filter(|at| *at <= kernel.now()).or(at),
            };
            let sound = kernel.blobs.get(&file.blob).await?;
            let name = [("name", file.name.clone())];
            match bring(&telephony, sound, about).await? {
                Brought::Taken(_) => refused.taken += 1,
                Brought::Known(_) => refused.faults.push(page.language.text_with("uploads-known", &name)),
                Brought::Refused(why) => {
                    refused.faults.push(page.language.text_with(&format!("uploads-wrong-{why}"), &name));
                }
            }
        }
    }
    if refused.faults.is_empty() {
        return Ok(see_other(&format!("{HERE}?presi={}", refused.taken)));
    }
    render(&telephony, frame.0, refused).await
}

/// What is known of a message that is brought.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct BroughtIn {
    /// Number of the caller; missing when it is withheld.
    from: Option<String>,
    /// Number that was called.
    to: Option<String>,
    /// When it was left (RFC 3339); missing: now.
    at: Option<String>,
}

/// A message that was brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct BroughtOut {
    /// Name of the call that it became; its ticket follows in a moment.
    call: String,
    /// Whether the same message was here before.
    known: bool,
}

/// Brings a message of an answering machine: the sound as the body
#[utoipa::path(post, path = "/voicemails", tag = "telephony", params(BroughtIn),
    request_body(content = Vec<u8>, content_type = "audio/wav"),
    responses((status = 201, body = BroughtOut), (status = 200, description = "It was here before", body = BroughtOut),
        (status = 413, description = "Larger than 16 MB"),
        (status = 422, description = "Not a sound, or a value is not acceptable")), security(("bearer" = [])))]
pub(super) async fn post(
    req: HttpRequest,
    telephony: web::Data<Telephony>,
    caller: Caller,
    told: web::Query<BroughtIn>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    caller.require_either(Permission::WorkTickets, Permission::Intake)?;
    let told = told.into_inner();
    let numbered = |field: &'static str, text: Option<String>| {
        number(&text.unwrap_or_default()).map_err(|()| Problem::field(field, "number"))
    };
    let (from, to) = (numbered("from", told.from)?, numbered("to", told.to)?);
    let at = told.at.map(|at| Instant::parse(&at).ok().filter(|at| *at <= telephony.kernel().now()));
    if at == Some(None) {
        return Err(Problem::field("at", "time"));
    }
    let sound = read_body(&req, payload.into_inner(), MOST_BYTES).await?;
    Ok(match bring(&telephony, sound, About { from, to, at: at.flatten() }).await? {
        Brought::Taken(call) => HttpResponse::Created().json(BroughtOut { call, known: false }),
        Brought::Known(call) => HttpResponse::Ok().json(BroughtOut { call, known: true }),
        Brought::Refused(why) => return Err(Problem::field("body", why)),
    })
}
