//! `POST /api/v1/contacts`: the contract for integrators that hand contacts over.
use actix_web::{HttpResponse, post, web};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::incoming::RawSource;
use super::{Incoming, Intake, TakenIn, ThreadHints, files, store};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Json};
use crate::kernel::time::Instant;
use crate::people::{Evidence, Identifier};
use crate::tickets::{Channel, RequestKind};

/// Largest body: attachments are base64 inside it.
const BODY_BYTES: usize = 40 * 1024 * 1024;
/// Longest text of a contact, in bytes.
const TEXT_BYTES: usize = 1024 * 1024;

/// One contact handed over by another system.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewContact {
    pub channel: Channel,
    /// The sender's account, mailbox or line; with `external_id` it names the contact once and for all.
    pub account: Option<String>,
    /// The sender's own name for this contact.
    pub external_id: String,
    /// E-mail address or phone number of the citizen.
    pub from: String,
    pub to: Option<String>,
    pub subject: Option<String>,
    pub text: String,
    /// RFC 3339; now when absent.
    pub received_at: Option<String>,
    #[serde(default)]
    pub attachments: Vec<NewAttachment>,
}

/// A file of a contact.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAttachment {
    #[serde(alias = "filename")]
    pub name: String,
    /// `application/octet-stream` when absent.
    #[serde(alias = "content_type", default = "unknown_type")]
    pub media_type: String,
    /// The bytes in base64.
    #[serde(alias = "content_base64", alias = "data")]
    pub content: String,
}

fn unknown_type() -> String {
    "application/octet-stream".to_owned()
}

/// Where a contact went.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// Tracking code of the ticket, without separators.
    pub ticket_code: String,
    pub contact_id: i64,
    /// Whether this contact opened the ticket.
    pub new_ticket: bool,
}

/// Takes a contact in. Handing over the same `account` and `external_id` again answers 200 with the first
/// result and changes nothing.
#[utoipa::path(tag = "intake", request_body = NewContact, security(("bearer" = [])),
    responses((status = 201, body = Accepted), (status = 200, body = Accepted),
        (status = 400, description = "broken JSON"), (status = 401, description = "no token"),
        (status = 413, description = "body too large"), (status = 422, description = "unacceptable value")))]
#[post("/contacts")]
pub async fn post_contact(
    intake: web::Data<Intake>,
    caller: Caller,
    body: Json<NewContact, BODY_BYTES>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Intake)?;
    let Json { value: contact, raw } = body;
    let kernel = intake.kernel();
    check(&contact)?;
    let happened_at = match &contact.received_at {
        Some(text) => Instant::parse(text).map_err(|_| Problem::field("received_at", "not_rfc3339"))?,
        None => kernel.now(),
    };
    let mut stored = Vec::with_capacity(contact.attachments.len());
    for attachment in &contact.attachments {
        let bytes = data_encoding::BASE64
            .decode(attachment.content.as_bytes())
            .map_err(|_| Problem::field("attachments", "not_base64"))?;
        stored.push(
            files::store(kernel, &attachment.name, &attachment.media_type, Bytes::from(bytes), None, false).await?,
        );
    }
    let size = i64::try_from(raw.len()).unwrap_or(i64::MAX);
    let (body, blob) = if raw.len() <= store::INLINE_BYTES {
        (Some(raw.to_vec()), None)
    } else {
        (None, Some(kernel.blobs.put(raw).await?))
    };
    let identifier = Identifier::guess(&contact.from);
    let owner_unit_id = intake.unit(&kernel.config.desk.entry_unit).await?;
    let incoming = Incoming {
        channel: contact.channel,
        raw: RawSource::Fresh {
            account: contact.account.unwrap_or_else(|| "api".to_owned()),
            external_id: contact.external_id,
            body,
            blob,
            size,
        },
        evidence: Evidence::Vouched,
        notices: String::new(),
        paper: None,
        identifiers: vec![identifier],
        name: String::new(),
        from_address: contact.from,
        to_address: contact.to.unwrap_or_default(),
        subject: contact.subject.unwrap_or_default(),
        text: contact.text,
        quoted: String::new(),
        html: None,
        files: stored,
        automatic: None,
        message_id: None,
        dedupe_key: None,
        thread: ThreadHints::default(),
        kind: RequestKind::Information,
        answered: None,
        sheet: None,
        category_id: None,
        owner_unit_id,
        forwards: false,
        registered_by: None,
        language: kernel.config.desk.language.clone(),
        happened_at,
        actor: who.actor.clone(),
    };
    let taken = intake.take_in(incoming).await?;
    let (code, contact_id, new_ticket, seen) = match taken {
        TakenIn::Opened { code, contact_id } => (code, contact_id, true, false),
        TakenIn::Added { code, contact_id } => (code, contact_id, false, false),
        TakenIn::Seen { code, contact_id, opened } => (code, contact_id, opened, true),
        TakenIn::ForLeg { code, leg_id } => (code, leg_id, false, false),
    };
    let answer = Accepted { ticket_code: code, contact_id, new_ticket };
    Ok(if seen { HttpResponse::Ok().json(answer) } else { HttpResponse::Created().json(answer) })
}

fn check(contact: &NewContact) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    let mut require = |ok: bool, field: &str, code: &str| {
        if !ok {
            wrong.push((field.to_owned(), code.to_owned()));
        }
    };
    require(!contact.external_id.trim().is_empty(), "external_id", "missing");
    require(contact.external_id.len() <= 500, "external_id", "too_long");
    require(contact.account.as_ref().is_none_or(|a| !a.is_empty() && a.len() <= 200), "account", "too_long");
    require(!contact.from.trim().is_empty(), "from", "missing");
    require(contact.from.len() <= 320, "from", "too_long");
    require(!contact.text.trim().is_empty() || !contact.attachments.is_empty(), "text", "missing");
    require(contact.text.len() <= TEXT_BYTES, "text", "too_long");
    require(contact.attachments.len() <= 50, "attachments", "too_many");
    // PostgreSQL cannot store this character in a text.
    let nul = [&contact.external_id, &contact.from, &contact.text].into_iter().any(|t| t.contains('\0'))
        || [&contact.account, &contact.to, &contact.subject].into_iter().flatten().any(|t| t.contains('\0'));
    require(!nul, "text", "nul_character");
    if wrong.is_empty() { Ok(()) } else { Err(Problem::fields(wrong)) }
}

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    cfg.service(post_contact);
}

/// The documentation of these routes.
#[derive(Debug, utoipa::OpenApi)]
#[openapi(paths(post_contact), components(schemas(NewContact, NewAttachment, Accepted)))]
pub struct Api;
