//! The citizen's form filled in by an agent together with somebody who stands at the counter or is on the telephone:
//! the same fields, rules and receipt. The agent reads the privacy notice out and notes the consent.
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::check::Filled;
use super::form::{Fields, Hand, Received};
use super::stamp::Stamp;
use super::submit::{self, Writer};
use super::upload::Upload;
use crate::intake::Intake;
use crate::intake::counter::counter_of;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::knowledge::KnowledgeIndex;
use crate::tickets::Channel;

/// Name under which these requests are kept.
const ACCOUNT: &str = "web-assisted";
const HERE: &str = "/scrivania/sportello/modulo";
/// Where somebody can be who is helped.
const CHANNELS: [Channel; 2] = [Channel::Counter, Channel::Phone];

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(send)));
}

#[derive(Template)]
#[template(path = "intake/assisted.html")]
struct AssistedPage {
    page: Page,
    fields: Fields,
    channel: String,
    channels: Vec<(String, String)>,
}

async fn render(status: StatusCode, page: Page, fields: Fields, channel: Channel) -> Result<HttpResponse, Problem> {
    let channels =
        CHANNELS.iter().map(|c| (c.as_str().to_owned(), page.t(&format!("assisted-channel-{}", c.as_str())))).collect();
    let shown = AssistedPage { fields, channel: channel.as_str().to_owned(), channels, page };
    html_as(HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")), &shown)
}

/// The channel by name; at the counter when it is none of these.
fn channel(text: &str) -> Channel {
    Channel::from_text(text).filter(|c| CHANNELS.contains(c)).unwrap_or(Channel::Counter)
}

/// What the address may fill in: what the desk knows of the caller or visitor already.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Prefill {
    channel: String,
    kind: String,
    category: String,
    sheet: String,
    name: String,
    email: String,
    phone: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    Frame(page): Frame,
    query: web::Query<Prefill>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let query = query.into_inner();
    let filled = Filled {
        kind: query.kind,
        category: query.category,
        sheet: query.sheet,
        name: query.name,
        email: query.email,
        phone: query.phone,
        ..Filled::default()
    };
    let page = page.titled("assisted-title");
    let mut fields = Fields::of((&kernel, &index), &page, filled, &Stamp::fresh(&kernel), Hand::Assisted).await?;
    fields.classify_by_sheet(&kernel).await?;
    render(StatusCode::OK, page, fields, channel(&query.channel)).await
}

async fn send(
    req: HttpRequest,
    intake: web::Data<Intake>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    Frame(page): Frame,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (kernel, page) = (intake.kernel(), page.titled("assisted-title"));
    let upload = Upload::read(kernel, &req, payload).await?;
    let channel = channel(upload.field("channel"));
    let received = Received::read(kernel, &page, &upload, Hand::Assisted).await?;
    let Some(answers) = received.answers(&page) else {
        let status = if received.too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
        let again = received.stamp.clone().unwrap_or_else(|| Stamp::fresh(kernel));
        let kept = received.kept(kernel, &page, &again);
        let fields = Fields::of((kernel, &index), &page, received.filled, &again, Hand::Assisted).await?;
        return render(status, page, fields.again(received.errors, kept), channel).await;
    };
    let unit = counter_of(&intake, who).await?.id;
    let writer = Writer::Agent { channel, user: who.user_id, actor: who.actor.clone(), unit };
    let taken = submit::submit(&intake, received.submission(ACCOUNT, answers, &page, writer)).await?;
    Ok(see_other(&format!("/scrivania/sportello/ricevuta/{}", taken.code())))
}
