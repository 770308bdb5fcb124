//! What a proven requester adds to a request: text and files, or the address where answers should go. Either
//! becomes a contact of the ticket and follows the rules of every other one: it wakes a ticket that waits,
//! reopens one closed not long ago, and continues an older one in a new ticket.
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::check::TEXT_CHARACTERS;
use super::submit::{self, Submission, Writer};
use super::upload::Upload;
use super::{FormLimits, kept, sent};
use crate::intake::{Intake, TakenIn};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::events::Actor;
use crate::kernel::page::see_other;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Form, frame};
use crate::outbox::{self, ConsentSource, NewConsent};
use crate::people::store::IdentifierRow;
use crate::people::{self, Identifier, IdentifierKind};
use crate::tickets::Ticket;
use crate::tickets::tracking::forms::FormError;
use crate::tickets::tracking::proof::{self, Proof};
use crate::tickets::tracking::{self, Addition, TrackingLimits, refused_addition, unproven_addition};

/// Name under which additions are kept.
const ACCOUNT: &str = "web-track";

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/sportello/pratica/{code}/messaggi", web::post().to(add))
        .route("/sportello/pratica/{code}/email", web::post().to(choose_email))
        .route("/sportello/pratica/{code}/avvisi", web::post().to(choose_notices));
}

/// The requester of a ticket, as the database knows them.
struct Requester {
    ticket: Ticket,
    identifiers: Vec<Identifier>,
    name: String,
    /// The address they wrote from last.
    from: String,
}

impl Requester {
    async fn read(kernel: &Kernel, code: &str) -> Result<Self, Problem> {
        let mut conn = kernel.db.read().await?;
        let ticket = tracking::store::followed(&mut conn, code).await?.ok_or_else(Problem::not_found)?;
        let last = tracking::store::last_writer(&mut conn, &ticket).await?;
        let file = match ticket.person_id {
            Some(person) => people::file::read(&mut conn, person).await?,
            None => None,
        };
        let rows = file.iter().flat_map(|f| &f.identifiers);
        let identifiers: Vec<Identifier> = rows.filter_map(known_identifier).collect();
        let (last_name, last_address) = last.unwrap_or_default();
        let from = Some(last_address).filter(|a| !a.is_empty());
        Ok(Self {
            from: from.or_else(|| identifiers.first().map(|i| i.value.clone())).unwrap_or_default(),
            // A name without an identifier would be taken for somebody new.
            name: if identifiers.is_empty() { String::new() } else { last_name },
            identifiers,
            ticket,
        })
    }
}

/// An identifier as intake looks it up.
fn known_identifier(row: &IdentifierRow) -> Option<Identifier> {
    let kind = IdentifierKind::from_text(&row.kind)?;
    Some(Identifier { kind, value: row.value.clone(), raw: row.raw.clone() })
}

async fn add(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    intake: web::Data<Intake>,
    limits: web::Data<FormLimits>,
    tracking: web::Data<TrackingLimits>,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let code = path.into_inner();
    if !limits.upload(&kernel, &req) {
        return Err(Problem::new(Kind::TooMany, "forms_too_many", "too many forms from this address"));
    }
    let page = frame(&req);
    let upload = Upload::read(&kernel, &req, payload).await?;
    let config = &kernel.config.citizen;
    let text = upload.field("text").trim().to_owned();
    let nonce = Some(upload.field("stamp")).filter(|n| !n.is_empty() && n.len() <= 64);
    let nonce = nonce.map_or_else(codes::random_token, str::to_owned);
    let form_id = format!("{code}-{nonce}");
    let mut files: Vec<_> = upload.all("kept").filter_map(|v| kept::open(&kernel.secrets, &form_id, v)).collect();
    files.extend(upload.files.iter().cloned());

    let mut cookie = None;
    if !proof::given(&kernel, &req, &code) {
        // The proof ended while they wrote, or never was: the same form asks for it, and nothing is typed twice.
        let proved = proof::prove(&kernel, &tracking, &req, &code, upload.field("recapito")).await?;
        if proved != Proof::Fits {
            let kept = files.iter().map(|f| kept::seal(&kernel.secrets, &form_id, f, page.language)).collect();
            let addition = Addition { text, nonce, kept, ..Addition::default() };
            return unproven_addition(&kernel, page, &code, addition, proved).await;
        }
        cookie = Some(proof::cookie(&kernel, &code));
    }
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, message| errors.push(FormError { field: field.into(), message });
    if text.is_empty() && files.is_empty() && upload.faults.is_empty() {
        wrong("text", page.t("track-add-empty"));
    }
    if text.chars().count() > TEXT_CHARACTERS {
        wrong("text", page.t("request-error-text-long"));
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    for (name, fault) in &upload.faults {
        if *fault == super::files::Fault::TooLarge {
            status = StatusCode::PAYLOAD_TOO_LARGE;
        }
        wrong("files", fault.message(name, config, page.language));
    }
    if files.len() > config.attachments {
        files.truncate(config.attachments);
        wrong("files", page.t1("request-files-too-many", "count", config.attachments));
    }
    if errors.is_empty() && !limits.send(&kernel, &req) {
        status = StatusCode::TOO_MANY_REQUESTS;
        errors.push(FormError { field: "text".into(), message: page.t("request-held-many") });
    }
    if !errors.is_empty() {
        let kept = files.iter().map(|f| kept::seal(&kernel.secrets, &form_id, f, page.language)).collect();
        let addition = Addition { text, nonce, email: String::new(), errors, kept };
        let refused = refused_addition(&kernel, page, &code, addition, status).await?;
        return remembering(refused, cookie);
    }
    let requester = Requester::read(&kernel, &code).await?;
    let listed: Vec<_> = files.iter().map(|f| json!({ "name": f.name, "blob": f.blob })).collect();
    let raw = json!({ "ticket": code, "text": text, "attachments": listed });
    let submission = Submission {
        external_id: submit::external_id(&form_id, &[&text], &files),
        raw: Bytes::from(raw.to_string()),
        text,
        files,
        ..of(requester, &page)
    };
    let to = match submit::submit(&intake, submission).await? {
        TakenIn::Opened { code, .. } | TakenIn::Seen { code, opened: true, .. } => sent::address(&kernel, &code),
        // Under the code they know: the ticket it was added to may be another, and another citizen's.
        _ => format!("{}?fatto=messaggio", proof::path(&code)),
    };
    remembering(see_other(&to), cookie)
}

/// The answer, with the proof that was just given.
fn remembering(mut answer: HttpResponse, cookie: Option<Cookie<'static>>) -> Result<HttpResponse, Problem> {
    if let Some(cookie) = cookie {
        answer.add_cookie(&cookie).map_err(|e| Problem::new(Kind::Internal, "internal", e.to_string()))?;
    }
    Ok(answer)
}

/// A submission of the requester of a ticket, still without content.
fn of(requester: Requester, page: &crate::kernel::page::Page) -> Submission {
    Submission {
        account: ACCOUNT,
        external_id: String::new(),
        raw: Bytes::new(),
        kind: requester.ticket.kind,
        category_id: requester.ticket.category_id,
        answered: None,
        sheet: None,
        subject: requester.ticket.subject,
        text: String::new(),
        name: requester.name,
        identifiers: requester.identifiers,
        from_address: requester.from,
        files: Vec::new(),
        language: page.language,
        proven: Some(requester.ticket.code),
        automatic: None,
        writer: Writer::Citizen,
        sms_notices: false,
    }
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    email: String,
}

/// Answers go to this address from now on. The agent sees the choice in the conversation; it wakes nobody.
async fn choose_email(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    intake: web::Data<Intake>,
    limits: web::Data<FormLimits>,
    path: web::Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<HttpResponse, Problem> {
    let code = path.into_inner();
    if !proof::given(&kernel, &req, &code) {
        return Ok(see_other(&proof::path(&code)));
    }
    let page = frame(&req);
    let requester = Requester::read(&kernel, &code).await?;
    let refused = match Identifier::email(&chosen.email) {
        Err(_) => Err((StatusCode::UNPROCESSABLE_ENTITY, "request-error-email")),
        Ok(_) if requester.ticket.state.is_over() => Err((StatusCode::CONFLICT, "track-email-over")),
        Ok(_) if !limits.send(&kernel, &req) => Err((StatusCode::TOO_MANY_REQUESTS, "request-held-many")),
        Ok(email) => Ok(email),
    };
    let email = match refused {
        Ok(email) => email,
        Err((status, key)) => {
            let errors = vec![FormError { field: "email".into(), message: page.t(key) }];
            let addition =
                Addition { nonce: codes::random_token(), email: chosen.email, errors, ..Addition::default() };
            return refused_addition(&kernel, page, &code, addition, status).await;
        }
    };
    let text = page.t1("track-email-contact", "email", &email.raw);
    let mut submission = of(requester, &page);
    submission.external_id = submit::external_id(&code, &["email", &email.value], &[]);
    submission.raw = Bytes::from(json!({ "ticket": code, "email": email.raw }).to_string());
    submission.text = text;
    submission.from_address.clone_from(&email.raw);
    submission.identifiers.push(email);
    submission.automatic = Some("address-choice".to_owned());
    submit::submit(&intake, submission).await?;
    Ok(see_other(&format!("{}?fatto=email", proof::path(&code))))
}

#[derive(Deserialize)]
struct Notices {
    /// `si` or `no`.
    #[serde(default)]
    avvisi: String,
}

/// Notices by text message go to the requester's number from now on, or no more.
async fn choose_notices(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    path: web::Path<String>,
    Form(chosen): Form<Notices>,
) -> Result<HttpResponse, Problem> {
    let code = path.into_inner();
    if !proof::given(&kernel, &req, &code) {
        return Ok(see_other(&proof::path(&code)));
    }
    let mut conn = kernel.db.read().await?;
    let ticket = tracking::store::followed(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    let number = tracking::notice_number(&tracking::store::facts(&mut conn, &ticket).await?);
    drop(conn);
    let number = number.ok_or_else(Problem::not_found)?;
    let (given, now) = (chosen.avvisi == "si", kernel.now());
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let source = ConsentSource::Tracking;
            let actor = Actor::Citizen;
            let new = NewConsent { channel: outbox::SMS, address: &number, given, source, raw: None, actor };
            outbox::record_consent(tx, &new, now).await
        })
    });
    write.await?;
    Ok(see_other(&format!("{}?fatto={}", proof::path(&code), if given { "avvisi" } else { "senza-avvisi" })))
}
