//! The page of a leg, for a referent: what is asked, what the request says, the form of the answer. It opens
//! by a token (here) or by an account (`referent.rs`); the two differ only in their [`Door`].
use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentDisposition, ContentType, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::answer::{Meaning, Written};
use super::model::{Leg, LegState};
use super::return_leg::NotOurs;
use super::tokens::{self, Access};
use super::views::{self, ReferentView};
use super::{Door, LegError, RenewalLimits, answer, form, renew, return_leg, seen};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Frame, peer};
use crate::kernel::time::Instant;
use crate::tickets::files::Note;
use crate::tickets::store::AttachmentRow;

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

/// A field and what is wrong with it, in the reader's language.
#[derive(Debug, Clone)]
pub(super) struct FieldError {
    pub(super) field: &'static str,
    pub(super) message: String,
}

/// What is said of one field; empty when nothing is wrong.
pub(super) fn error_of(errors: &[FieldError], field: &str) -> String {
    errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
}

/// A file as pages list it.
#[derive(Debug, Clone)]
struct FileLink {
    href: String,
    name: String,
    size: String,
    /// What to know of it; empty for most.
    note: String,
}

/// What a unit wrote, as the page's history shows it.
#[derive(Debug, Clone)]
struct MessageLine {
    who: String,
    way: String,
    body: String,
    at: Instant,
    files: Vec<FileLink>,
}

/// What was written in the form, to show it again.
#[derive(Debug, Clone, Default)]
struct Draft {
    outcome: String,
    text: String,
    external_code: String,
    signed: String,
}

#[derive(Template)]
#[template(path = "network/leg.html")]
struct LegPage {
    page: Page,
    base: String,
    /// Where the list of the referent's legs is; empty on token pages.
    list: &'static str,
    view: ReferentView,
    files: Vec<FileLink>,
    messages: Vec<MessageLine>,
    /// Message key of what was done just now; empty at first.
    done: String,
    /// Why the whole form was refused; empty at first.
    alert: String,
    errors: Vec<FieldError>,
    draft: Draft,
    key: String,
    until: Option<Instant>,
    accept: String,
    max_bytes: usize,
    max_megabytes: usize,
    max_files: usize,
}

impl LegPage {
    fn error(&self, field: &str) -> String {
        error_of(&self.errors, field)
    }

    fn leg(&self) -> &Leg {
        &self.view.view.leg
    }

    /// A sentence about the leg's kind.
    fn lead(&self) -> String {
        self.page.t(&format!("leg-lead-{}", self.leg().kind.as_str()))
    }

    /// A sentence about the leg's state.
    fn now(&self) -> String {
        self.page.t(&format!("leg-now-{}", self.leg().state.as_str()))
    }

    fn is_returned(&self) -> bool {
        self.leg().state == LegState::Returned
    }

    fn is_sent(&self) -> bool {
        self.leg().state == LegState::Sent
    }
}

/// Paragraphs of a text, each a list of lines.
pub(super) fn paragraphs(text: &str) -> Vec<Vec<String>> {
    text.split("\n\n")
        .map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|lines| lines.iter().any(|line| !line.trim().is_empty()))
        .collect()
}

/// A page that says one thing and nothing of what exists.
#[derive(Template)]
#[template(path = "network/closed.html")]
struct ClosedPage {
    page: Page,
    text: String,
    /// Where a new link is asked for; empty when it cannot be.
    renew: String,
}

/// What was done, in the address after a form.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    pub(super) done: Option<String>,
}

/// The page of a leg.
pub(super) async fn show_leg(
    kernel: &Kernel,
    page: Page,
    door: &Door,
    done: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let (leg, until) = match open(kernel, door).await? {
        Opened::Leg(leg, until) => (leg, until),
        closed => return closed_page(page, &closed, door),
    };
    if let Some(actor) = door.unit_itself(&leg) {
        seen::note(kernel, &leg, actor).await?;
    }
    let done = match done {
        Some(what @ ("answer" | "progress" | "returned")) => format!("leg-done-{what}"),
        Some(_) | None => String::new(),
    };
    let filled = leg_page(kernel, page, door, &leg, until).await?;
    html(&LegPage { done, ..filled })
}

/// Takes the form of a leg's page.
pub(super) async fn submit_leg(
    kernel: &Kernel,
    page: Page,
    door: &Door,
    sent: form::Submitted,
) -> Result<HttpResponse, Problem> {
    let (leg, until) = match open(kernel, door).await? {
        Opened::Leg(leg, until) => (leg, until),
        closed => return closed_page(page, &closed, door),
    };
    let draft = Draft {
        outcome: sent.field("outcome").to_owned(),
        text: sent.field("text").to_owned(),
        external_code: sent.field("external_code").to_owned(),
        signed: sent.field("signed").to_owned(),
    };
    let result = match sent.files_error {
        Some(wrong) => Err(LegError::Invalid { field: "files", wrong }),
        None => write(kernel, door, &draft, sent).await,
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
                _ => page.t("leg-text-missing"),
            };
            (String::new(), vec![FieldError { field, message }])
        }
        LegError::Over { .. } => (page.t("problem-leg-over"), Vec::new()),
        // Withdrawn, or the link ended while the form was filled in.
        LegError::Withdrawn => return closed_page(page, &Opened::Withdrawn, door),
        LegError::NotFound => return closed_page(page, &Opened::Expired, door),
        _ => return Err(refused.into()),
    };
    let status = refused.kind().status();
    let filled = leg_page(kernel, page, door, &leg, until).await?;
    html_as(&mut HttpResponse::build(status), &LegPage { alert, errors, draft, ..filled })
}

/// Runs the use case that the form chose; answers the word for what was done.
async fn write(kernel: &Kernel, door: &Door, draft: &Draft, sent: form::Submitted) -> Result<&'static str, LegError> {
    if draft.text.trim().is_empty() {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    if draft.outcome == "not_ours" {
        let why = NotOurs { reason: draft.text.clone(), signed: draft.signed.clone() };
        return_leg::return_leg(kernel, door, why).await?;
        return Ok("returned");
    }
    let (meaning, done) = match draft.outcome.as_str() {
        "progress" => (Meaning::Progress, "progress"),
        _ => (Meaning::Answer, "answer"),
    };
    let written = Written {
        text: draft.text.clone(),
        external_code: draft.external_code.clone(),
        signed: draft.signed.clone(),
        key: sent.field("key").chars().take(64).collect(),
        files: form::keep(kernel, sent.files).await?,
        meaning,
    };
    answer::write(kernel, door, written).await?;
    Ok(done)
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

async fn leg_page(
    kernel: &Kernel,
    mut page: Page,
    door: &Door,
    leg: &Leg,
    until: Option<Instant>,
) -> Result<LegPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let view = views::for_referent(&mut conn, leg, page.language).await?;
    drop(conn);
    page.title = page.t1("leg-title", "code", &view.view.code);
    let base = door.base();
    let link = |f: &AttachmentRow| FileLink {
        href: format!("{base}/allegati/{}", f.id),
        name: f.name.clone(),
        note: Note::words(&page, &f.note),
        size: page.t1("leg-file-size", "kilobytes", f.size.saturating_add(1023) / 1024),
    };
    let limits = &kernel.config.citizen;
    Ok(LegPage {
        files: view.files.iter().map(link).collect(),
        messages: view
            .view
            .messages
            .iter()
            .map(|m| MessageLine {
                who: if m.contact.from_name.is_empty() { view.view.unit.clone() } else { m.contact.from_name.clone() },
                way: page.t(m.way.key()),
                body: m.contact.body.clone(),
                at: m.contact.happened_at,
                files: m.files.iter().map(link).collect(),
            })
            .collect(),
        list: match door {
            Door::Token(_) => "",
            Door::Account { .. } => "/referente",
        },
        done: String::new(),
        alert: String::new(),
        errors: Vec::new(),
        draft: Draft { outcome: "answer".to_owned(), external_code: leg.external_code.clone(), ..Draft::default() },
        key: codes::random_token(),
        until,
        accept: limits.attachment_types.join(","),
        max_bytes: limits.attachment_bytes,
        max_megabytes: megabytes(kernel),
        max_files: limits.attachments,
        base,
        view,
        page,
    })
}

fn megabytes(kernel: &Kernel) -> usize {
    kernel.config.citizen.attachment_bytes / (1024 * 1024)
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
    frame: Frame,
    token: web::Path<String>,
    done: web::Query<Done>,
) -> Result<HttpResponse, Problem> {
    show_leg(&kernel, frame.0, &Door::Token(token.into_inner()), done.done.as_deref()).await
}

async fn submit(
    kernel: web::Data<Kernel>,
    frame: Frame,
    token: web::Path<String>,
    payload: Multipart,
) -> Result<HttpResponse, Problem> {
    let sent = form::read(&kernel, payload).await?;
    submit_leg(&kernel, frame.0, &Door::Token(token.into_inner()), sent).await
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
