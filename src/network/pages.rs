//! The page of a leg, for a referent, and its form. It opens by a token (here), by a link (`referent_page.rs`) or by an
//! account (`referent.rs`); they differ only in their [`Door`].
use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentDisposition, ContentType, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::leg_page::{FieldError, leg_page, megabytes};
use super::model::Leg;
use super::steps::{self, Draft, Step};
use super::tokens::{self, Access};
use super::{Door, LegError, RenewalLimits, answer, form, renew, seen, views};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Frame, peer};
use crate::kernel::time::Instant;
use crate::organisation::Directory;

/// Mounts the pages of tokens.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/invio/{token}").route(web::get().to(show)).route(web::post().to(submit)))
        .service(web::resource("/invio/{token}/rinnova").route(web::post().to(ask_new_link)))
        .service(web::resource("/invio/{token}/allegati/{id}").route(web::get().to(file)));
}

/// The leg behind a door and, for a token, until when it opens.
async fn open(kernel: &Kernel, door: &Door) -> Result<Opened, Problem> {
    let mut conn = kernel.db.read().await?;
    Ok(match door {
        Door::Token(token) => match tokens::access(&mut conn, token, kernel.now()).await? {
            Access::Open { leg, expires_at } => Opened::Leg(leg, Some(expires_at)),
            Access::Withdrawn => Opened::Withdrawn,
            Access::Expired => Opened::Expired,
            Access::Unknown => Opened::Nothing,
        },
        Door::Referent { visitor, code, number } => {
            let leg = answer::visible_to(&mut conn, visitor, code, *number).await?;
            Opened::Leg(Box::new(leg), Some(visitor.expires_at))
        }
        Door::Account { who, code, number } => {
            Opened::Leg(Box::new(answer::visible_leg(&mut conn, who, code, *number).await?), None)
        }
    })
}

enum Opened {
    Leg(Box<Leg>, Option<Instant>),
    Withdrawn,
    Expired,
    Nothing,
}

/// A page that says one thing and nothing of what exists.
#[derive(Template)]
#[template(path = "network/closed.html")]
pub(super) struct ClosedPage {
    pub(super) page: Page,
    pub(super) text: String,
    /// Where a new link is asked for; empty when it cannot be.
    pub(super) renew: String,
}

/// What was done, in the address after a form.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    pub(super) done: Option<String>,
    /// The decision to be made.
    pub(super) passo: Option<String>,
}

/// The page of a leg.
pub(super) async fn show_leg(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    door: &Door,
    asked: &Done,
) -> Result<HttpResponse, Problem> {
    let (leg, until) = match open(kernel, door).await? {
        Opened::Leg(leg, until) => (leg, until),
        closed => return closed_page(page, &closed, door),
    };
    if let Some(actor) = door.unit_itself(&leg) {
        seen::note(kernel, &leg, actor).await?;
    }
    let done = match asked.done.as_deref() {
        Some(what) if steps::DONE.contains(&what) => format!("leg-done-{what}"),
        Some(_) | None => String::new(),
    };
    let step = asked.passo.as_deref().and_then(Step::from_text);
    let filled = leg_page(kernel, directory, page, door, &leg, until, step).await?;
    html(&filled.told(done))
}

/// Takes the form of a leg's page.
pub(super) async fn submit_leg(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    door: &Door,
    sent: form::Submitted,
) -> Result<HttpResponse, Problem> {
    let (leg, until) = match open(kernel, door).await? {
        Opened::Leg(leg, until) => (leg, until),
        closed => return closed_page(page, &closed, door),
    };
    let draft = Draft::of(&sent);
    let result = match sent.files_error {
        Some(wrong) => Err(LegError::Invalid { field: "files", wrong }),
        None => steps::perform(kernel, door, &draft, sent).await,
    };
    let refused = match result {
        Ok(done) => return Ok(see_other(&format!("{}?done={done}", door.base()))),
        Err(e) => e,
    };
    let (alert, errors) = match &refused {
        LegError::Invalid { field, wrong } => {
            let message = match *field {
                "files" => page.t2(
                    &format!("leg-files-{}", wrong.replace('_', "-")),
                    "megabytes",
                    megabytes(kernel),
                    "files",
                    kernel.config.citizen.attachments,
                ),
                "referent" => page.t("leg-give-unknown"),
                "suggests" => page.t("leg-suggests-unknown"),
                "planned" => page.t(&format!("leg-planned-{wrong}")),
                _ => page.t("leg-text-missing"),
            };
            (String::new(), vec![FieldError { field, message }])
        }
        LegError::Over { .. } => (page.t("problem-leg-over"), Vec::new()),
        LegError::NotNow { .. } => (page.t("problem-leg-not-now"), Vec::new()),
        LegError::RefuseLate { .. } => (page.t("problem-leg-refuse-late"), Vec::new()),
        LegError::NotItsPart => (page.t("problem-leg-not-its-part"), Vec::new()),
        LegError::NoWayToCitizen => (page.t("problem-no-way-to-citizen"), Vec::new()),
        // Withdrawn, or the link ended while the form was filled in.
        LegError::Withdrawn => return closed_page(page, &Opened::Withdrawn, door),
        LegError::NotFound => return closed_page(page, &Opened::Expired, door),
        _ => return Err(refused.into()),
    };
    let status = refused.kind().status();
    let filled = leg_page(kernel, directory, page, door, &leg, until, draft.step()).await?;
    html_as(&mut HttpResponse::build(status), &filled.refused(alert, errors, draft))
}

/// A file of a leg's page, as a download.
pub(super) async fn leg_file(kernel: &Kernel, page: Page, door: &Door, id: i64) -> Result<HttpResponse, Problem> {
    let leg = match open(kernel, door).await? {
        Opened::Leg(leg, _) => leg,
        closed => return closed_page(page, &closed, door),
    };
    let mut conn = kernel.db.read().await?;
    let file = views::file_for_referent(&mut conn, &leg, id).await?;
    drop(conn);
    let bytes = kernel.blobs.get(&file.blob).await?;
    Ok(HttpResponse::Ok()
        .content_type(file.media_type)
        .insert_header(ContentDisposition::attachment(file.name))
        .insert_header((HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")))
        .body(bytes))
}

/// What a door that opens nothing shows. An unknown token and one that never was are the same page.
fn closed_page(page: Page, closed: &Opened, door: &Door) -> Result<HttpResponse, Problem> {
    let (key, status, renew) = match closed {
        Opened::Expired => ("expired", StatusCode::GONE, format!("{}/rinnova", door.base())),
        Opened::Withdrawn => ("withdrawn", StatusCode::GONE, String::new()),
        Opened::Nothing | Opened::Leg(..) => ("unknown", StatusCode::NOT_FOUND, String::new()),
    };
    let page = page.titled(&format!("leg-{key}-title"));
    let text = page.t(&format!("leg-{key}-text"));
    html_as(HttpResponse::build(status).content_type(ContentType::html()), &ClosedPage { page, text, renew })
}

async fn show(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    frame: Frame,
    token: web::Path<String>,
    asked: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    show_leg(&kernel, &directory, frame.0, &Door::Token(token.into_inner()), &asked).await
}

async fn submit(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    frame: Frame,
    token: web::Path<String>,
    payload: Multipart,
) -> Result<HttpResponse, Problem> {
    let sent = form::read(&kernel, payload).await?;
    submit_leg(&kernel, &directory, frame.0, &Door::Token(token.into_inner()), sent).await
}

async fn file(
    kernel: web::Data<Kernel>,
    frame: Frame,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Problem> {
    let (token, id) = path.into_inner();
    leg_file(&kernel, frame.0, &Door::Token(token), id).await
}

async fn ask_new_link(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    limits: web::Data<RenewalLimits>,
    frame: Frame,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    renew::renew(&kernel, &limits, &token, &peer(&req)).await?;
    let page = frame.0.titled("leg-renewed-title");
    let text = page.t("leg-renewed-text");
    html(&ClosedPage { page, text, renew: String::new() })
}
