//! `POST /api/v1/public/requests`: the form for programs.
use std::collections::BTreeMap;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::check::{NAME_CHARACTERS, TEXT_CHARACTERS};
use super::class::Class;
use super::form::Hand;
use super::store::SheetRef;
use super::submit::{self, Submission, Writer};
use super::{FormLimits, store};
use crate::classification::fields::Answers;
use crate::classification::store::Answered;
use crate::classification::view;
use crate::intake::{Intake, TakenIn};
use crate::kernel::Kernel;
use crate::kernel::blobs::digest;
use crate::kernel::codes;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Json, Signed, frame};
use crate::knowledge::model::SheetCode;
use crate::people::Identifier;
use crate::tickets::{RequestKind, store as ticket_store};

/// Name under which these requests are kept.
const ACCOUNT: &str = "public-api";
/// Longest body, in bytes.
const BODY_BYTES: usize = 256 * 1024;

/// The public form, for the OpenAPI document.
#[derive(OpenApi)]
#[openapi(paths(post_public_request), components(schemas(NewRequest, Created)))]
pub struct Api;

/// A request of a citizen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// `information`, `report`, `complaint` or `application`.
    kind: String,
    /// Slug of a category; that of the sheet when left out.
    category: Option<String>,
    /// Code of the sheet from which it is written: its route, and its version, stay with the request.
    sheet: Option<String>,
    text: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// The privacy notice was shown and accepted; nothing is taken in otherwise.
    #[serde(default)]
    privacy_accepted: bool,
    /// The sender wants to be told by text message that there is an answer.
    #[serde(default)]
    sms_notices: bool,
    /// Answers to what the category asks, by name of the field: texts, numbers, true or false, lists of texts.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, serde_json::Value>,
}

/// The request was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Created {
    /// Tracking code, without separators.
    code: String,
}

/// Takes a request in and answers its tracking code. Sent again with the same `Idempotency-Key` and body, it
/// answers the same code; without e-mail and phone it is anonymous, and only its state can be followed.
#[utoipa::path(tag = "public", request_body = NewRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "names the request; at most 255 characters")),
    responses((status = 201, body = Created), (status = 400, description = "broken JSON"),
        (status = 413, description = "body too large"), (status = 422, description = "unacceptable value"),
        (status = 429, description = "too many requests: see `Retry-After`")))]
#[post("/public/requests")]
async fn post_public_request(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    intake: web::Data<Intake>,
    limits: web::Data<FormLimits>,
    body: Json<NewRequest, BODY_BYTES>,
) -> Result<HttpResponse, Problem> {
    let key = idempotency_key(&req)?;
    let Json { value: new, raw } = body;
    let mut wrong = Vec::new();
    let mut refuse = |field: &str, code: &str| wrong.push((field.to_owned(), code.to_owned()));
    let given = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let (text, name, email, phone, category) =
        (new.text.trim(), given(&new.name), given(&new.email), given(&new.phone), given(&new.category));
    let kind = RequestKind::from_text(&new.kind);
    if kind.is_none() {
        refuse("kind", "unknown");
    }
    let mut category_id = None;
    let page = frame(&req);
    let sheet = match SheetCode::parse(new.sheet.as_deref().unwrap_or_default()) {
        Some(code) => store::sheet(&mut kernel.db.read().await?, code.as_str(), page.language).await?,
        None => None,
    };
    if sheet.is_none() && !given(&new.sheet).is_empty() {
        refuse("sheet", "unknown");
    }
    let category = if category.is_empty() { sheet.as_ref().map(|s| s.category.clone()) } else { Some(category) };
    let category = category.unwrap_or_default();
    if !category.is_empty() {
        let mut conn = kernel.db.read().await?;
        category_id =
            if category.contains('\0') { None } else { ticket_store::category_by_slug(&mut conn, &category).await? };
        if category_id.is_none() {
            refuse("category", "unknown");
        }
    }
    let asked = Class::of(&kernel, if category_id.is_some() { &category } else { "" }).await?;
    let given = view::of_json(&new.fields)?;
    let answers = asked.answers(&given, &[]).unwrap_or_else(|faults| {
        faults.iter().for_each(|(name, fault)| refuse(&format!("fields.{name}"), fault.as_str()));
        Answers::new()
    });
    if let Some(unknown) = given.keys().find(|name| !asked.effective.fields.iter().any(|field| field.name == **name)) {
        refuse(&format!("fields.{unknown}"), "unknown");
    }
    if category_id.is_some() && asked.is_closed_to_citizens() {
        refuse("category", "not_for_citizens");
    } else if asked.closed_until(kind, &page, Hand::Own).is_some() {
        refuse("category", "not_yet_enabled");
    }
    if text.is_empty() {
        refuse("text", "missing");
    } else if text.chars().count() > TEXT_CHARACTERS {
        refuse("text", "too_long");
    } else if text.contains('\0') {
        refuse("text", "nul_character");
    }
    if name.chars().count() > NAME_CHARACTERS {
        refuse("name", "too_long");
    } else if name.contains('\0') {
        refuse("name", "nul_character");
    }
    let mut identifiers = Vec::new();
    if !email.is_empty() {
        Identifier::email(&email).map_or_else(|_| refuse("email", "invalid"), |i| identifiers.push(i));
    }
    if !phone.is_empty() {
        Identifier::phone(&phone).map_or_else(|_| refuse("phone", "invalid"), |i| identifiers.push(i));
    }
    if !new.privacy_accepted {
        refuse("privacy_accepted", "not_accepted");
    }
    let Some(kind) = kind.filter(|_| wrong.is_empty()) else { return Err(Problem::fields(wrong)) };
    // Programs with a token answer for themselves; the limit is for everybody else.
    let known = req.extensions().get::<Signed>().is_some();
    if !known && !limits.send(&kernel, &req) {
        return Ok(too_many(&limits));
    }
    let external_id = key.clone().unwrap_or_else(codes::random_token);
    let submission = Submission {
        account: ACCOUNT,
        external_id: external_id.clone(),
        raw: raw.clone(),
        kind,
        category_id,
        answered: category_id.filter(|_| !answers.is_empty()).map(|category| Answered {
            category,
            fields: asked.effective.fields.clone(),
            answers,
        }),
        sheet: sheet.as_ref().map(SheetRef::used),
        subject: sheet.map(|sheet| sheet.title).unwrap_or_default(),
        text: text.to_owned(),
        name,
        from_address: identifiers.first().map(|i: &Identifier| i.raw.clone()).unwrap_or_default(),
        identifiers,
        files: Vec::new(),
        language: page.language,
        proven: None,
        automatic: None,
        writer: Writer::Citizen,
        sms_notices: new.sms_notices,
    };
    let taken = submit::submit(&intake, submission).await?;
    if matches!(taken, TakenIn::Seen { .. }) && !same_body(&kernel, &external_id, &raw).await? {
        return Err(Problem::new(
            Kind::Invalid,
            "idempotency_key_reused",
            "this Idempotency-Key came with another request before",
        ));
    }
    Ok(HttpResponse::Created().json(Created { code: taken.code().to_owned() }))
}

/// Whether the request taken in under this name had the same bytes. Whoever reuses a stranger's key must not
/// learn the stranger's code.
async fn same_body(kernel: &Kernel, external_id: &str, raw: &[u8]) -> Result<bool, Problem> {
    let mut conn = kernel.db.read().await?;
    let before = store::raw_request(&mut conn, ACCOUNT, external_id).await?;
    Ok(match before {
        Some((Some(body), _)) => body == raw,
        Some((None, Some(blob))) => blob.ends_with(&digest(raw)),
        Some((None, None)) | None => false,
    })
}

fn idempotency_key(req: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = req.headers().get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > 255 {
        return Err(Problem::field("Idempotency-Key", "invalid"));
    }
    Ok(Some(key.to_owned()))
}

fn too_many(limits: &FormLimits) -> HttpResponse {
    let wait = limits.wait_seconds();
    let mut refused = Problem::new(Kind::TooMany, "too_many", "too many requests from this address").error_response();
    refused.headers_mut().insert(header::RETRY_AFTER, wait.into());
    for (name, value) in [
        ("ratelimit-policy", format!("\"requests\";q={};w=3600", limits.per_hour)),
        ("ratelimit", format!("\"requests\";r=0;t={wait}")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            refused.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    refused
}

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(post_public_request);
}
