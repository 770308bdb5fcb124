//! Opening a ticket on behalf of somebody who telephones, comes to the counter or writes a letter.
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Incoming, Intake, RawSource, ThreadHints};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::suggest::Message;
use crate::people::{self, Evidence, Identifier};
use crate::tickets::pages::names::{AreaChoice, Names};
use crate::tickets::pages::upload::{self, Submitted};
use crate::tickets::pages::{sheets, words};
use crate::tickets::{Channel, RequestKind, model};

/// Mounts the page, its fragments and its form.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/nuova").route(web::get().to(show)).route(web::post().to(open)))
        .service(web::resource("/scrivania/pratiche/nuova/utente").route(web::get().to(recognise)))
        .service(web::resource("/scrivania/pratiche/nuova/schede").route(web::get().to(suggest)));
}

/// Channels by which an agent takes a request in somebody's name.
const CHANNELS: [Channel; 3] = [Channel::Phone, Channel::Counter, Channel::Letter];
/// Longest text, in characters.
const TEXT: usize = 50_000;

/// What the form has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Written {
    channel: String,
    name: String,
    phone: String,
    email: String,
    fiscal_code: String,
    subject: String,
    text: String,
    kind: String,
    category: String,
    /// Names this form, so that sending it twice opens one ticket.
    once: String,
}

/// A field at fault, with what is wrong in words.
struct Fault {
    field: &'static str,
    message: String,
}

/// Somebody the desk knows already.
struct Known {
    id: i64,
    name: String,
    initials: String,
    about: String,
    count: String,
}

#[derive(Template)]
#[template(path = "desk/new_ticket.html")]
struct NewTicketPage {
    page: Page,
    written: Written,
    channels: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    areas: Vec<AreaChoice>,
    known: Vec<Known>,
    errors: Vec<Fault>,
    max_bytes: usize,
    max_files: usize,
}

impl NewTicketPage {
    fn error(&self, field: &str) -> String {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "desk/known.html")]
struct KnownPart {
    page: Page,
    known: Vec<Known>,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    written: web::Query<Written>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    render(&kernel, frame.0, written.into_inner(), Vec::new(), StatusCode::OK).await
}

async fn render(
    kernel: &Kernel,
    page: Page,
    mut written: Written,
    errors: Vec<Fault>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    if written.channel.is_empty() {
        written.channel = Channel::Phone.as_str().to_owned();
    }
    if written.kind.is_empty() {
        written.kind = RequestKind::Information.as_str().to_owned();
    }
    if written.once.is_empty() {
        written.once = codes::random_token();
    }
    let known = known(kernel, &page, &written).await?;
    let mut conn = kernel.db.read().await?;
    let names = Names::read(&mut conn, page.language).await?;
    let shown = NewTicketPage {
        channels: CHANNELS.map(|c| (c.as_str().to_owned(), words::channel(&page, c.as_str()))).to_vec(),
        kinds: RequestKind::ALL.iter().map(|k| (k.as_str().to_owned(), words::kind(&page, k.as_str()))).collect(),
        areas: names.areas(None),
        known,
        errors,
        max_bytes: upload::FILE_BYTES,
        max_files: upload::FILES,
        page: page.titled("desk-new-title"),
        written,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

/// The identifiers that were written, and which of them cannot be read.
fn identifiers(written: &Written) -> (Vec<Identifier>, Vec<(&'static str, &'static str)>) {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    let mut take = |field, text: &str, read: fn(&str) -> Result<Identifier, people::InvalidIdentifier>, key| {
        if !text.trim().is_empty() {
            match read(text) {
                Ok(identifier) => found.push(identifier),
                Err(_) => wrong.push((field, key)),
            }
        }
    };
    take("phone", &written.phone, Identifier::phone, "desk-new-phone-wrong");
    take("email", &written.email, Identifier::email, "desk-new-email-wrong");
    take("fiscal_code", &written.fiscal_code, Identifier::fiscal_code, "desk-new-fiscal-code-wrong");
    (found, wrong)
}

async fn known(kernel: &Kernel, page: &Page, written: &Written) -> Result<Vec<Known>, Problem> {
    let mut conn = kernel.db.read().await?;
    let mut ids: Vec<i64> = Vec::new();
    for identifier in identifiers(written).0 {
        let owners = people::store::owners(&mut conn, &[&identifier]).await?;
        ids.extend(owners.into_values().find(|id| !ids.contains(id)));
    }
    let mut known = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(file) = people::file::read(&mut conn, id).await? else { continue };
        let count = crate::tickets::pages::tickets_of_person(&mut conn, id).await?;
        let name = file.display_name();
        known.push(Known {
            id,
            initials: words::initials(&name),
            name,
            about: file.identifiers.iter().map(|i| i.raw.as_str()).collect::<Vec<_>>().join(" · "),
            count: page.t1("desk-new-known", "n", count),
        });
    }
    Ok(known)
}

/// Says, while the identifiers are being typed, whom the desk knows by them.
async fn recognise(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    written: web::Query<Written>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let known = known(&kernel, &frame.0, &written).await?;
    html(&KnownPart { page: frame.0, known })
}

/// Proposes sheets while the request is being typed.
async fn suggest(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    written: web::Query<Written>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let message = Message { subject: &written.subject, text: &written.text };
    let language = frame.0.language;
    let category = Some(written.category.as_str()).filter(|c| !c.is_empty());
    sheets::render(&kernel, &index, frame.0, message, language, category, None).await
}

async fn open(
    req: HttpRequest,
    intake: web::Data<Intake>,
    caller: Caller,
    frame: Frame,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let kernel = intake.kernel();
    let form = Submitted::read(&req, payload, kernel).await?;
    let text = |name: &str| form.value(name).to_owned();
    let written = Written {
        channel: text("channel"),
        name: text("name"),
        phone: text("phone"),
        email: text("email"),
        fiscal_code: text("fiscal_code"),
        subject: text("subject"),
        text: text("text"),
        kind: text("kind"),
        category: text("category"),
        once: text("once"),
    };
    let page = frame.0;
    let (identifiers, wrong) = identifiers(&written);
    let mut errors: Vec<Fault> = wrong.into_iter().map(|(field, key)| Fault { field, message: page.t(key) }).collect();
    if written.text.is_empty() {
        errors.push(Fault { field: "text", message: page.t("desk-new-text-missing") });
    } else if written.text.chars().count() > TEXT {
        errors.push(Fault { field: "text", message: page.t1("desk-new-text-long", "n", TEXT) });
    }
    let channel = Channel::from_text(&written.channel).filter(|c| CHANNELS.contains(c));
    let kind = RequestKind::from_text(&written.kind);
    let (Some(channel), Some(kind), true) = (channel, kind, errors.is_empty()) else {
        return render(kernel, page, written, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let incoming = incoming(&intake, who, &page, &written, channel, kind, identifiers, form.files).await?;
    let taken = intake.take_in(incoming).await?;
    Ok(see_other(&format!("/scrivania/pratiche/{}?fatto=opened", taken.code())))
}

#[expect(clippy::too_many_arguments, reason = "the parts of one form, read and checked")]
async fn incoming(
    intake: &Intake,
    who: &Principal,
    page: &Page,
    written: &Written,
    channel: Channel,
    kind: RequestKind,
    identifiers: Vec<Identifier>,
    files: Vec<crate::tickets::store::StoredFile>,
) -> Result<Incoming, Problem> {
    let kernel = intake.kernel();
    let entry = intake.unit(&kernel.config.desk.entry_unit).await?;
    let mut conn = kernel.db.read().await?;
    let category_id = match written.category.as_str() {
        "" => None,
        slug => crate::tickets::store::category_by_slug(&mut conn, slug).await?,
    };
    drop(conn);
    // Counters own what they take in; who belongs to several units, or to none, works for the entry point.
    let owner_unit_id = who.units.iter().copied().find(|u| *u == entry).or(who.units.first().copied()).unwrap_or(entry);
    let raw = serde_json::json!({
        "channel": channel, "name": written.name, "phone": written.phone, "email": written.email,
        "fiscal_code": written.fiscal_code, "subject": written.subject, "text": written.text,
    });
    let body = raw.to_string().into_bytes();
    let now = kernel.now();
    let subject = model::tidy_subject(&written.subject);
    Ok(Incoming {
        channel,
        raw: RawSource::Fresh {
            account: "desk".to_owned(),
            external_id: if written.once.is_empty() { codes::random_token() } else { written.once.clone() },
            size: i64::try_from(body.len()).unwrap_or(i64::MAX),
            body: Some(body),
            blob: None,
        },
        from_address: identifiers.first().map(|i| i.raw.clone()).unwrap_or_default(),
        evidence: Evidence::Vouched,
        notices: String::new(),
        paper: None,
        identifiers,
        name: written.name.clone(),
        to_address: String::new(),
        subject,
        text: written.text.clone(),
        quoted: String::new(),
        html: None,
        files,
        automatic: None,
        message_id: None,
        dedupe_key: None,
        thread: ThreadHints::default(),
        kind,
        answered: None,
        sheet: None,
        category_id,
        owner_unit_id,
        forwards: false,
        registered_by: who.user_id,
        language: page.language.as_str().to_owned(),
        happened_at: now,
        actor: who.actor.clone(),
    })
}
