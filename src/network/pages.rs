//! The page of a leg, for a referent: what is asked, what the request says, the form of the answer. It opens
//! by a token (here) or by an account (`referent.rs`); the two differ only in their [`Door`].
use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentDisposition, ContentType, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{Asked, Leg, LegAct, LegState};
use super::purposes::{self, Act, Grant};
use super::steps::{self, Choice, Draft, Step, UnitChoice};
use super::tokens::{self, Access};
use super::views::{self, ReferentView};
use super::{Door, LegError, RenewalLimits, answer, form, renew, seen, speak};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Frame, peer};
use crate::kernel::time::Instant;
use crate::organisation::Directory;
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

#[derive(Template)]
#[template(path = "network/leg.html")]
struct LegPage {
    page: Page,
    base: String,
    /// Where the list of the referent's legs is; empty on token pages.
    list: String,
    /// The referents of the unit to whom it can be given.
    colleagues: Vec<UnitChoice>,
    view: ReferentView,
    files: Vec<FileLink>,
    messages: Vec<MessageLine>,
    /// Message key of what was done just now; empty at first.
    done: String,
    /// Why the whole form was refused; empty at first.
    alert: String,
    errors: Vec<FieldError>,
    draft: Draft,
    /// The decision this screen is for; `None` where one is chosen.
    step: Option<Step>,
    /// What can be decided, one screen each.
    choices: Vec<Choice>,
    /// Whether the unit can take it in charge now.
    can_accept: bool,
    /// Until when the unit may refuse it by itself, or that it has to ask; empty when there is nothing to say.
    refusal: String,
    /// Units that a refusal may suggest.
    units: Vec<UnitChoice>,
    /// Whether the unit may answer the citizen by itself.
    may_answer_citizen: bool,
    /// Whether a question to the citizen goes through the front office, or is not possible at all.
    asks_citizen: bool,
    /// What the citizen wrote since.
    updates: Vec<MessageLine>,
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

    /// Whether this screen is for a decision.
    fn is_step(&self, name: &str) -> bool {
        self.step.is_some_and(|step| step.as_str() == name)
    }

    /// When the answer is due, as long as somebody waits for it.
    fn due(&self) -> Option<Instant> {
        self.leg().due_at.filter(|_| self.leg().state.is_open())
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
    html(&LegPage { done, ..filled })
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
    html_as(&mut HttpResponse::build(status), &LegPage { alert, errors, draft, ..filled })
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
    directory: &Directory,
    mut page: Page,
    door: &Door,
    leg: &Leg,
    until: Option<Instant>,
    step: Option<Step>,
) -> Result<LegPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let view = views::for_referent(&mut conn, leg, page.language).await?;
    let may_answer_citizen = speak::may_answer(&mut conn, &view.ticket, leg).await?;
    drop(conn);
    let now = kernel.now();
    let step = step.filter(|step| step.is_possible(leg, now));
    let colleagues = match step {
        Some(Step::Give) => steps::colleagues(kernel, leg).await?,
        Some(_) | None => Vec::new(),
    };
    let units = match step {
        Some(Step::NotOurs) => steps::other_units(&*directory.units(&kernel.db).await?, leg, &page, now),
        Some(_) | None => Vec::new(),
    };
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
        choices: Step::choices(&page, &base, leg, now),
        can_accept: leg.after(LegAct::Accept).is_some() && leg.kind.is_decisive(),
        refusal: steps::refusal_line(&page, leg, now),
        units,
        may_answer_citizen,
        asks_citizen: purposes::may(leg.kind.into(), Act::AskCitizen) != Grant::No,
        updates: view
            .updates
            .iter()
            .map(|update| MessageLine {
                who: page.t("leg-by-citizen"),
                way: page.t(&format!("channel-{}", update.contact.channel)),
                body: update.contact.body.clone(),
                at: update.contact.happened_at,
                files: update.files.iter().map(link).collect(),
            })
            .collect(),
        files: view.files.iter().map(link).collect(),
        messages: view
            .view
            .messages
            .iter()
            .map(|m| MessageLine {
                who: match (m.contact.direction.as_str(), m.contact.from_name.as_str()) {
                    ("out", _) => page.t("leg-by-office"),
                    (_, "") => view.view.unit.clone(),
                    (_, name) => name.to_owned(),
                },
                way: if m.contact.direction == "out" { String::new() } else { page.t(m.way.key()) },
                body: m.contact.body.clone(),
                at: m.contact.happened_at,
                files: m.files.iter().map(link).collect(),
            })
            .collect(),
        list: match door {
            Door::Token(_) => String::new(),
            Door::Referent { visitor, .. } => format!("/referenti/{}", visitor.token),
            Door::Account { .. } => "/referente".to_owned(),
        },
        colleagues,
        done: String::new(),
        alert: String::new(),
        errors: Vec::new(),
        draft: Draft {
            outcome: step.map(Step::first_outcome).unwrap_or_default().to_owned(),
            external_code: leg.external_code.clone(),
            of: Asked::Office.as_str().to_owned(),
            ..Draft::default()
        },
        step,
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
