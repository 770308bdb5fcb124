//! The form: shown, sent, and shown again with what is wrong.
use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::check::Filled;
use super::class::Class;
use super::form::{Fields, Hand, Received, TRAP};
use super::stamp::{Doubt, Stamp};
use super::store::{self, TopicSheet};
use super::submit::{self, Writer};
use super::upload::Upload;
use super::{FormLimits, sent};
use crate::classification::view::Input;
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Frame, frame};
use crate::knowledge::KnowledgeIndex;

/// Name under which the form's requests are kept.
const ACCOUNT: &str = "web";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/sportello/richiesta")
            .route(web::get().to(show))
            .route(web::head().to(show))
            .route(web::post().to(send)),
    )
    .service(web::resource("/sportello/richiesta/schede").route(web::get().to(topic)));
}

#[derive(Template)]
#[template(path = "citizen/request.html")]
struct RequestPage {
    page: Page,
    fields: Fields,
    /// Why the form as a whole was not taken, and what to do; empty when it was not that.
    notice: String,
}

fn answer(status: StatusCode, shown: &RequestPage) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    html_as(&mut response, shown)
}

/// What the address may fill in.
#[derive(Deserialize)]
struct Prefill {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    sheet: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    Frame(page): Frame,
    query: web::Query<Prefill>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let filled = Filled { kind: query.kind, category: query.category, sheet: query.sheet, ..Filled::default() };
    let page = page.titled("request-title");
    let mut fields = Fields::of((&kernel, &index), &page, filled, &Stamp::fresh(&kernel), Hand::Own).await?;
    fields.classify_by_sheet(&kernel).await?;
    answer(StatusCode::OK, &RequestPage { page, fields, notice: String::new() })
}

/// What the sheets of a class ask for, while the form is filled in.
#[derive(Template)]
#[template(path = "citizen/topic.html")]
struct TopicPart {
    page: Page,
    topics: Vec<TopicSheet>,
    asked: Vec<Input>,
    not_ours: String,
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    category: String,
}

async fn topic(
    kernel: web::Data<Kernel>,
    Frame(page): Frame,
    chosen: web::Query<Chosen>,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let topics = store::topic_sheets(&mut conn, &chosen.category, page.language).await?;
    let class = Class::read(&mut conn, &chosen.category).await?;
    drop(conn);
    let (asked, not_ours) = (class.inputs(&BTreeMap::new(), &[], page.language), class.not_ours(page.language));
    html_as(&mut HttpResponse::Ok(), &TopicPart { page, topics, asked, not_ours })
}

async fn send(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    intake: web::Data<Intake>,
    limits: web::Data<FormLimits>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    if !limits.upload(&kernel, &req) {
        return Err(Problem::new(Kind::TooMany, "forms_too_many", "too many forms from this address"));
    }
    let page = frame(&req).titled("request-title");
    let upload = Upload::read(&kernel, &req, payload).await?;
    let received = Received::read(&kernel, &page, &upload, Hand::Own).await?;
    if !upload.field("show").is_empty() {
        // Without script a button asks what the chosen class needs, or what answers the text; nothing is sent yet.
        let stamp = received.stamp.clone().unwrap_or_else(|| Stamp::fresh(&kernel));
        let kept = received.kept(&kernel, &page, &stamp);
        let fields =
            Fields::of((&kernel, &index), &page, received.filled, &stamp, Hand::Own).await?.again(Vec::new(), kept);
        return answer(StatusCode::OK, &RequestPage { page, fields, notice: String::new() });
    }
    let held = hold(&kernel, &req, &limits, &upload, received.stamp.as_ref(), received.errors.is_empty());
    let answers = match (held, received.answers(&page)) {
        (None, Some(answers)) => answers,
        (held, _) => {
            let status = match held {
                Some(Held::TooMany) => StatusCode::TOO_MANY_REQUESTS,
                _ if received.too_large => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            // A stamp that is good, or too young, is kept: the form stays the same form.
            let again = match (received.stamp.clone(), held) {
                (Some(stamp), Some(Held::TooMany | Held::Suspicious | Held::TooFast) | None) => stamp,
                _ => Stamp::fresh(&kernel),
            };
            let kept = received.kept(&kernel, &page, &again);
            let notice = held.map(|h| page.t(h.message())).unwrap_or_default();
            let fields = Fields::of((&kernel, &index), &page, received.filled, &again, Hand::Own).await?;
            let fields = fields.again(received.errors, kept);
            let mut response = answer(status, &RequestPage { page, fields, notice })?;
            if status == StatusCode::TOO_MANY_REQUESTS {
                response.headers_mut().insert(header::RETRY_AFTER, limits.wait_seconds().into());
            }
            return Ok(response);
        }
    };
    let submission = received.submission(ACCOUNT, answers, &page, Writer::Citizen);
    let taken = submit::submit(&intake, submission).await?;
    Ok(see_other(&sent::address(&kernel, taken.code())))
}

/// Why a form that is filled in well is not taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    TooFast,
    TooOld,
    Suspicious,
    TooMany,
}

impl Held {
    const fn message(self) -> &'static str {
        match self {
            Self::TooFast => "request-held-fast",
            Self::TooOld => "request-held-old",
            Self::Suspicious => "request-held-suspicious",
            Self::TooMany => "request-held-many",
        }
    }
}

/// Looks for what people do not do. Only a form without errors counts towards the limit of its address.
fn hold(
    kernel: &Kernel,
    req: &HttpRequest,
    limits: &FormLimits,
    upload: &Upload,
    stamp: Option<&Stamp>,
    complete: bool,
) -> Option<Held> {
    let held = match stamp.map(|s| s.check(kernel.now(), kernel.config.citizen.form_seconds)) {
        None | Some(Err(Doubt::TooOld)) => Some(Held::TooOld),
        Some(Err(Doubt::TooFast)) => Some(Held::TooFast),
        Some(Ok(())) if !upload.field(TRAP).is_empty() => Some(Held::Suspicious),
        Some(Ok(())) if complete && !limits.send(kernel, req) => Some(Held::TooMany),
        Some(Ok(())) => None,
    };
    if let Some(held) = held {
        tracing::info!(form.held = ?held, "held a form back and showed it again");
    }
    held
}
