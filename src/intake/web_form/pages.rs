//! The form: shown, sent, and shown again with what is wrong.
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::check::{Answers, Filled};
use super::stamp::{Doubt, Stamp};
use super::store::{Area, SheetRef, TopicSheet};
use super::submit::{self, Submission};
use super::upload::Upload;
use super::{FormLimits, kept, sent, store};
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::kernel::config::Citizen;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Frame, frame};
use crate::tickets::tracking::forms::{FormError, KeptFile, messages, size_text};
use crate::tickets::{RequestKind, store as ticket_store};

/// Name under which the form's requests are kept.
const ACCOUNT: &str = "web";
/// The field that people do not see.
const TRAP: &str = "website";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/sportello/richiesta")
            .route(web::get().to(show))
            .route(web::head().to(show))
            .route(web::post().to(send)),
    )
    .service(web::resource("/sportello/richiesta/schede").route(web::get().to(topic)));
}

/// A kind of request as a card.
struct KindChoice {
    value: &'static str,
    label: String,
    hint: String,
}

#[derive(Template)]
#[template(path = "citizen/request.html")]
struct RequestPage {
    page: Page,
    filled: Filled,
    stamp: String,
    kinds: Vec<KindChoice>,
    areas: Vec<Area>,
    sheet: Option<SheetRef>,
    /// What the sheets of the chosen class ask for.
    topics: Vec<TopicSheet>,
    kept: Vec<KeptFile>,
    errors: Vec<FormError>,
    /// Why the form as a whole was not taken, and what to do; empty when it was not that.
    notice: String,
    files_hint: String,
    accept: String,
    max_bytes: usize,
    max_files: usize,
    trap: &'static str,
}

impl RequestPage {
    fn error(&self, field: &str) -> String {
        messages(&self.errors, field)
    }

    async fn of(kernel: &Kernel, page: Page, filled: Filled, stamp: &Stamp) -> Result<Self, Problem> {
        let mut conn = kernel.db.read().await?;
        let areas = store::areas(&mut conn, page.language).await?;
        let sheet =
            if filled.sheet.is_empty() { None } else { store::sheet(&mut conn, &filled.sheet, page.language).await? };
        let mut topics = store::topic_sheets(&mut conn, &filled.category, page.language).await?;
        if let Some(about) = &sheet {
            topics.retain(|t| t.code == about.code);
        }
        drop(conn);
        let limits = &kernel.config.citizen;
        Ok(Self {
            topics,
            stamp: stamp.seal(&kernel.secrets),
            kinds: kinds(&page),
            areas,
            sheet,
            filled,
            kept: Vec::new(),
            errors: Vec::new(),
            notice: String::new(),
            files_hint: files_hint(&page, limits),
            accept: limits.attachment_types.join(","),
            max_bytes: limits.attachment_bytes,
            max_files: limits.attachments,
            trap: TRAP,
            page,
        })
    }
}

fn kinds(page: &Page) -> Vec<KindChoice> {
    let choice = |kind: &RequestKind| KindChoice {
        value: kind.as_str(),
        label: page.t(&format!("request-kind-{}", kind.as_str())),
        hint: page.t(&format!("request-kind-{}-hint", kind.as_str())),
    };
    RequestKind::ALL.iter().map(choice).collect()
}

/// How many files, and how large.
fn files_hint(page: &Page, limits: &Citizen) -> String {
    let size = size_text(i64::try_from(limits.attachment_bytes).unwrap_or(i64::MAX), page.language);
    page.t2("request-files-hint", "count", limits.attachments, "size", size)
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
    Frame(page): Frame,
    query: web::Query<Prefill>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let filled = Filled { kind: query.kind, category: query.category, sheet: query.sheet, ..Filled::default() };
    let mut filled = filled;
    if filled.category.is_empty() && !filled.sheet.is_empty() {
        let mut conn = kernel.db.read().await?;
        let sheet = store::sheet(&mut conn, &filled.sheet, page.language).await?;
        filled.category = sheet.map(|s| s.category).unwrap_or_default();
    }
    let shown = RequestPage::of(&kernel, page.titled("request-title"), filled, &Stamp::fresh(&kernel)).await?;
    answer(StatusCode::OK, &shown)
}

/// What the sheets of a class ask for, while the form is filled in.
#[derive(Template)]
#[template(path = "citizen/topic.html")]
struct TopicPart {
    page: Page,
    topics: Vec<TopicSheet>,
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
    drop(conn);
    html_as(&mut HttpResponse::Ok(), &TopicPart { page, topics })
}

async fn send(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    intake: web::Data<Intake>,
    limits: web::Data<FormLimits>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    if !limits.upload(&kernel, &req) {
        return Err(Problem::new(Kind::TooMany, "forms_too_many", "too many forms from this address"));
    }
    let page = frame(&req).titled("request-title");
    let upload = Upload::read(&kernel, &req, payload).await?;
    let filled = Filled::of(&upload);
    let stamp = Stamp::read(&kernel.secrets, upload.field("stamp"));
    let form_id = stamp.as_ref().map(|s| s.id.clone()).unwrap_or_default();

    let mut files: Vec<_> =
        upload.all("kept").filter_map(|value| kept::open(&kernel.secrets, &form_id, value)).collect();
    files.extend(upload.files.iter().cloned());
    if !upload.field("show").is_empty() {
        // Without script a button asks what the chosen class needs; nothing is sent yet.
        let stamp = stamp.unwrap_or_else(|| Stamp::fresh(&kernel));
        let kept = files.iter().map(|f| kept::seal(&kernel.secrets, &stamp.id, f, page.language)).collect();
        let shown = RequestPage::of(&kernel, page, filled, &stamp).await?;
        return answer(StatusCode::OK, &RequestPage { kept, ..shown });
    }
    let mut errors = match filled.understand(page.language) {
        Ok(_) => Vec::new(),
        Err(errors) => errors,
    };
    let config = &kernel.config.citizen;
    let mut too_large = false;
    for (name, fault) in &upload.faults {
        too_large |= *fault == super::files::Fault::TooLarge;
        errors.push(FormError { field: "files", message: fault.message(name, config, page.language) });
    }
    if files.len() > config.attachments {
        files.truncate(config.attachments);
        errors.push(FormError {
            field: "files",
            message: page.t1("request-files-too-many", "count", config.attachments),
        });
    }
    let mut conn = kernel.db.read().await?;
    let category_id = match filled.category.as_str() {
        "" => None,
        slug => ticket_store::category_by_slug(&mut conn, slug).await?,
    };
    if category_id.is_none() && !filled.category.is_empty() {
        errors.push(FormError { field: "category", message: page.t("request-error-category") });
    }
    let subject = match filled.sheet.as_str() {
        "" => String::new(),
        code => store::sheet(&mut conn, code, page.language).await?.map(|s| s.title).unwrap_or_default(),
    };
    drop(conn);

    let held = hold(&kernel, &req, &limits, &upload, stamp.as_ref(), errors.is_empty());
    let answers = match (held, filled.understand(page.language)) {
        (None, Ok(answers)) if errors.is_empty() => answers,
        (held, _) => {
            let status = match held {
                Some(Held::TooMany) => StatusCode::TOO_MANY_REQUESTS,
                _ if too_large => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            // A stamp that is good, or too young, is kept: the form stays the same form.
            let again = match (stamp, held) {
                (Some(stamp), Some(Held::TooMany | Held::Suspicious | Held::TooFast) | None) => stamp,
                _ => Stamp::fresh(&kernel),
            };
            let kept = files.iter().map(|f| kept::seal(&kernel.secrets, &again.id, f, page.language)).collect();
            let notice = held.map(|h| page.t(h.message())).unwrap_or_default();
            let shown = RequestPage::of(&kernel, page, filled, &again).await?;
            let mut response = answer(status, &RequestPage { kept, errors, notice, ..shown })?;
            if status == StatusCode::TOO_MANY_REQUESTS {
                response.headers_mut().insert(header::RETRY_AFTER, limits.wait_seconds().into());
            }
            return Ok(response);
        }
    };
    let taken =
        submit::submit(&intake, submission(&form_id, filled, answers, category_id, subject, files, &page)).await?;
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

fn submission(
    form_id: &str,
    filled: Filled,
    answers: Answers,
    category_id: Option<i64>,
    subject: String,
    files: Vec<ticket_store::StoredFile>,
    page: &Page,
) -> Submission {
    let parts =
        [&filled.kind, &filled.category, &filled.text, &filled.name, &filled.email, &filled.phone].map(String::as_str);
    let listed: Vec<_> = files.iter().map(|f| json!({ "name": f.name, "blob": f.blob })).collect();
    let raw = json!({
        "kind": filled.kind,
        "category": filled.category,
        "sheet": filled.sheet,
        "text": filled.text,
        "name": filled.name,
        "email": filled.email,
        "phone": filled.phone,
        "privacy_accepted": true,
        "language": page.lang,
        "attachments": listed,
    });
    Submission {
        account: ACCOUNT,
        external_id: submit::external_id(form_id, &parts, &files),
        raw: Bytes::from(raw.to_string()),
        kind: answers.kind,
        category_id,
        subject,
        from_address: answers.identifiers.first().map(|i| i.raw.clone()).unwrap_or_default(),
        identifiers: answers.identifiers,
        text: filled.text,
        name: filled.name,
        files,
        language: page.language,
        proven: None,
        automatic: None,
    }
}
