//! Pages on which a citizen follows a request: enter the code, see the state, prove, read.
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::conversation::{Bubble, bubble};
use super::forms::{FormError, KeptFile, messages, size_text};
use super::model::{self, Step};
use super::proof::Proof;
use super::{TrackingLimits, proof, store};
use crate::kernel::Kernel;
use crate::kernel::codes::{self, InvalidCode, TrackingCode};
use crate::kernel::database::Conn;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Form, Frame, frame};
use crate::kernel::time::Instant;
use crate::outbox;
use crate::people;
use crate::tickets::{State, Ticket, receive, resolve};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/sportello/pratica").route(web::get().to(enter)).route(web::head().to(enter)))
        .service(web::resource("/sportello/pratica/{code}").route(web::get().to(show)).route(web::post().to(prove)));
}

/// The page that asks for a code.
#[derive(Template)]
#[template(path = "citizen/track.html")]
struct EnterPage {
    page: Page,
    code: String,
    errors: Vec<FormError>,
}

impl EnterPage {
    fn error(&self) -> String {
        messages(&self.errors, "codice")
    }
}

/// What a refused addition shows again.
#[derive(Debug, Clone, Default)]
pub struct Addition {
    pub text: String,
    /// Random name of the form; the same one sent twice is one contact.
    pub nonce: String,
    pub email: String,
    pub errors: Vec<FormError>,
    pub kept: Vec<KeptFile>,
}

/// What a proven requester sees besides the state.
struct Proven {
    subject: String,
    kind: String,
    contacts: Vec<Bubble>,
    /// Whether answers have no mail address to go to yet.
    asks_email: bool,
    /// End of the number to which notices may go; empty when we have none.
    number: String,
    /// Whether they go there.
    notices: bool,
    addition: Addition,
    files_hint: String,
    accept: String,
    max_bytes: usize,
    max_files: usize,
}

impl Proven {
    fn error(&self, field: &str) -> String {
        messages(&self.addition.errors, field)
    }
}

/// The page of one request.
#[derive(Template)]
#[template(path = "citizen/ticket.html")]
struct TrackPage {
    page: Page,
    code: String,
    grouped: String,
    state: String,
    meaning: String,
    /// Day of the promised answer; empty once over.
    expected: String,
    steps: Vec<Step>,
    /// That it goes on together with another request; empty otherwise.
    together: String,
    /// Codes of other requests that came from this one, plain and grouped, for who proved.
    split: Vec<(String, String)>,
    /// What writing again does to a request that is over; empty for others.
    reopening: String,
    done: String,
    fact_error: String,
    /// An addition that waits for the second fact.
    pending: Option<Addition>,
    proven: Option<Proven>,
}

#[derive(Deserialize)]
struct Entered {
    codice: Option<String>,
}

async fn enter(Frame(page): Frame, query: web::Query<Entered>) -> Result<HttpResponse, Problem> {
    let page = page.titled("track-title");
    let Some(typed) = query.into_inner().codice.filter(|c| !c.trim().is_empty()) else {
        return answer(StatusCode::OK, &EnterPage { page, code: String::new(), errors: Vec::new() });
    };
    match TrackingCode::parse(&typed) {
        Ok(code) => Ok(see_other(&proof::path(code.as_str()))),
        Err(e) => mistyped(page, typed, e),
    }
}

/// A typing error, told from the code alone.
fn mistyped(page: Page, typed: String, error: InvalidCode) -> Result<HttpResponse, Problem> {
    let key = match error {
        InvalidCode::Length => "track-code-length",
        InvalidCode::Symbol => "track-code-symbol",
        InvalidCode::Check => "track-code-check",
    };
    let message = page.t(key);
    let errors = vec![FormError { field: "codice".into(), message }];
    answer(StatusCode::UNPROCESSABLE_ENTITY, &EnterPage { page, code: typed, errors })
}

/// Nothing to show: the same page for a code that does not exist and for too many attempts. The status may
/// differ, because the limit is checked before the code.
fn nothing(page: Page, code: &str, status: StatusCode) -> Result<HttpResponse, Problem> {
    let errors = vec![FormError { field: "codice".into(), message: page.t("track-nothing") }];
    answer(status, &EnterPage { page, code: codes::grouped(code), errors })
}

#[derive(Deserialize)]
struct Shown {
    /// Key of a mailed link.
    k: Option<String>,
    /// What was just done, to confirm it.
    fatto: Option<String>,
}

async fn show(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    limits: web::Data<TrackingLimits>,
    Frame(page): Frame,
    path: web::Path<String>,
    query: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    let page = page.titled("track-title");
    let typed = path.into_inner();
    let code = match TrackingCode::parse(&typed) {
        Ok(code) if code.as_str() == typed => typed,
        Ok(code) => {
            let query = req.query_string();
            let mark = if query.is_empty() { "" } else { "?" };
            return Ok(see_other(&format!("{}{mark}{query}", proof::path(code.as_str()))));
        }
        Err(e) => return mistyped(page, typed, e),
    };
    if query.k.as_deref().is_some_and(|key| proof::key_opens(&kernel, &code, key)) {
        // The key leaves the address bar, and with it the history and what the citizen may copy.
        let mut response = see_other(&proof::path(&code));
        response.add_cookie(&proof::cookie(&kernel, &code)).map_err(unusable_cookie)?;
        return Ok(response);
    }
    let proven = proof::given(&kernel, &req, &code);
    if !proven && !limits.look_up(&kernel, &req) {
        return nothing(page, &code, StatusCode::TOO_MANY_REQUESTS);
    }
    let mut conn = kernel.db.read().await?;
    let Some(ticket) = store::followed(&mut conn, &code).await? else {
        return nothing(page, &code, StatusCode::NOT_FOUND);
    };
    let done = match query.fatto.as_deref() {
        Some("messaggio") if proven => page.t("track-added"),
        Some("avvisi") if proven => page.t("track-sms-started"),
        Some("senza-avvisi") if proven => page.t("track-sms-stopped"),
        Some("email") if proven => page.t("track-email-set"),
        _ => String::new(),
    };
    let addition = Addition { nonce: codes::random_token(), ..Addition::default() };
    let addition = proven.then_some(addition);
    let shown = TrackPage::of(&kernel, &mut conn, page, &ticket, addition).await?;
    answer(StatusCode::OK, &TrackPage { done, ..shown })
}

#[derive(Deserialize)]
struct Fact {
    #[serde(default)]
    recapito: String,
}

async fn prove(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    limits: web::Data<TrackingLimits>,
    path: web::Path<String>,
    Form(fact): Form<Fact>,
) -> Result<HttpResponse, Problem> {
    let page = frame(&req).titled("track-title");
    let typed = path.into_inner();
    let code = match TrackingCode::parse(&typed) {
        Ok(code) => code.as_str().to_owned(),
        Err(e) => return mistyped(page, typed, e),
    };
    let proved = proof::prove(&kernel, &limits, &req, &code, &fact.recapito).await?;
    if proved == Proof::Fits {
        let mut response = see_other(&proof::path(&code));
        response.add_cookie(&proof::cookie(&kernel, &code)).map_err(unusable_cookie)?;
        return Ok(response);
    }
    locked(&kernel, page, &code, None, proved).await
}

/// The page of a request that asks for the second fact, and says what is wrong with the one that was given.
async fn locked(
    kernel: &Kernel,
    page: Page,
    code: &str,
    pending: Option<Addition>,
    proved: Proof,
) -> Result<HttpResponse, Problem> {
    let (status, key) = match proved {
        Proof::Nothing => return nothing(page, code, StatusCode::NOT_FOUND),
        Proof::TooManyLookups => return nothing(page, code, StatusCode::TOO_MANY_REQUESTS),
        Proof::TooMany => (StatusCode::TOO_MANY_REQUESTS, "track-fact-too-many"),
        Proof::Missing | Proof::Fits if pending.is_some() => (StatusCode::FORBIDDEN, "track-fact-again"),
        Proof::Missing | Proof::Fits => (StatusCode::UNPROCESSABLE_ENTITY, "track-fact-missing"),
        Proof::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, "track-fact-wrong"),
    };
    let mut conn = kernel.db.read().await?;
    let ticket = store::followed(&mut conn, code).await?.ok_or_else(Problem::not_found)?;
    let fact_error = page.t(key);
    let shown = TrackPage::of(kernel, &mut conn, page, &ticket, None).await?;
    answer(status, &TrackPage { fact_error, pending, ..shown })
}

/// The page that asks for the second fact before it takes an addition, which it holds meanwhile.
///
/// # Errors
/// When the database cannot be read.
pub async fn unproven_addition(
    kernel: &Kernel,
    page: Page,
    code: &str,
    addition: Addition,
    proved: Proof,
) -> Result<HttpResponse, Problem> {
    locked(kernel, page.titled("track-title"), code, Some(addition), proved).await
}

/// The page of a request whose addition was refused, with what was typed.
///
/// # Errors
/// 404 when the code leads nowhere; otherwise when the database cannot be read.
pub async fn refused_addition(
    kernel: &Kernel,
    page: Page,
    code: &str,
    addition: Addition,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let ticket = store::followed(&mut conn, code).await?.ok_or_else(Problem::not_found)?;
    let page = page.titled("track-title");
    let shown = TrackPage::of(kernel, &mut conn, page, &ticket, Some(addition)).await?;
    answer(status, &shown)
}

fn unusable_cookie(e: actix_web::error::HttpError) -> Problem {
    Problem::new(Kind::Internal, "internal", e.to_string())
}

fn answer(status: StatusCode, shown: &impl Template) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    html_as(&mut response, shown)
}

impl TrackPage {
    /// Reads what the page shows; the conversation only when `addition` says that the reader has proved.
    async fn of(
        kernel: &Kernel,
        conn: &mut Conn,
        mut page: Page,
        ticket: &Ticket,
        addition: Option<Addition>,
    ) -> Result<Self, Problem> {
        let over = ticket.state.is_over();
        // A form that was refused is answered at its own address; the page belongs to the request's.
        page.path = proof::path(&ticket.code);
        page.other_lang_url = format!("{}?lang={}", page.path, page.t("other-language-code"));
        page.title = page.t1("track-ticket-title", "code", codes::grouped(&ticket.code));
        let one_with = store::one_with(conn, ticket).await?;
        let together = match (&one_with, ticket.merged_into_id) {
            (Some(live), _) if addition.is_some() => page.t1("track-merged-own", "code", codes::grouped(&live.code)),
            (_, Some(_)) => page.t("track-merged-other"),
            (_, None) => String::new(),
        };
        let split = if addition.is_some() { store::split_into(conn, ticket).await? } else { Vec::new() };
        let split = split.into_iter().map(|code| (code.clone(), codes::grouped(&code))).collect();
        let answered_at = store::answered_at(conn, ticket).await?;
        let proven = match addition {
            Some(addition) => Some(Proven::of(kernel, conn, &page, ticket, addition).await?),
            None => None,
        };
        Ok(Self {
            state: model::state_text(page.language, ticket.state),
            meaning: model::state_meaning(page.language, ticket.state),
            expected: if over { String::new() } else { page.date(&ticket.expected_at) },
            steps: model::steps(&page, ticket, answered_at, closes_at(kernel, ticket)),
            together,
            split,
            reopening: reopening(kernel, &page, ticket),
            code: ticket.code.clone(),
            grouped: codes::grouped(&ticket.code),
            done: String::new(),
            fact_error: String::new(),
            pending: None,
            proven,
            page,
        })
    }
}

/// When a resolved request closes by itself.
fn closes_at(kernel: &Kernel, ticket: &Ticket) -> Option<Instant> {
    let resolved = ticket.resolved_at.filter(|_| ticket.state == State::Resolved)?;
    Some(resolve::closes_at(&kernel.config.desk, resolved))
}

/// What writing again does to a request that is over.
fn reopening(kernel: &Kernel, page: &Page, ticket: &Ticket) -> String {
    if !ticket.state.is_over() {
        return String::new();
    }
    if let Some(closes) = closes_at(kernel, ticket) {
        return page.t1("track-objects", "date", page.date(&closes));
    }
    match receive::reopens_until(&kernel.config.desk, ticket).filter(|until| kernel.now() <= *until) {
        Some(until) => page.t1("track-reopens", "date", page.date(&until)),
        None => page.t("track-continues"),
    }
}

/// The first number among what proves who asked: notices by text message go there.
pub fn notice_number(facts: &[String]) -> Option<String> {
    facts.iter().find_map(|fact| people::Identifier::phone(fact).ok()).map(|i| i.value)
}

impl Proven {
    async fn of(
        kernel: &Kernel,
        conn: &mut Conn,
        page: &Page,
        ticket: &Ticket,
        addition: Addition,
    ) -> Result<Self, Problem> {
        let contacts = store::contacts(conn, ticket).await?;
        let files = store::files(conn, ticket).await?;
        let has_email = match ticket.person_id {
            Some(person) => people::store::identifiers(conn, person).await?.iter().any(|i| i.kind == "email"),
            None => false,
        };
        let facts = store::facts(conn, ticket).await?;
        let came_by_mail = facts.iter().any(|f| f.contains('@'));
        let number = notice_number(&facts);
        let notices = match &number {
            Some(number) => outbox::wants_notices(conn, outbox::SMS, number).await?,
            None => false,
        };
        let limits = &kernel.config.citizen;
        let size = size_text(i64::try_from(limits.attachment_bytes).unwrap_or(i64::MAX), page.language);
        Ok(Self {
            subject: ticket.subject.clone(),
            kind: page.t(&format!("request-kind-{}", ticket.kind.as_str())),
            contacts: contacts.iter().map(|c| bubble(kernel, page, ticket, c, &files)).collect::<Result<_, _>>()?,
            asks_email: !has_email && !came_by_mail && !matches!(ticket.state, State::Resolved | State::Closed),
            number: number.map(|n| n.chars().skip(n.chars().count().saturating_sub(3)).collect()).unwrap_or_default(),
            notices,
            addition,
            files_hint: page.t2("request-files-hint", "count", limits.attachments, "size", size),
            accept: limits.attachment_types.join(","),
            max_bytes: limits.attachment_bytes,
            max_files: limits.attachments,
        })
    }
}
