//! Answers and notes from the composer. A refused form comes back with its text and files.
use actix_web::{HttpRequest, HttpResponse, web};

use super::ticket::{self, Composer, Showing};
use super::upload::Submitted;
use super::{code_in_path, ticket_url};
use crate::kernel::Kernel;
use crate::kernel::page::see_other;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::close::Closing;
use crate::tickets::reply::{Dispatch, Reply, Then, Way};
use crate::tickets::{Channel, Outcome, TicketError, note, reply};

/// Mounts the form's target.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/risposta").route(web::post().to(send)));
}

async fn send(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let version = form.version()?;
    let sent = match form.value("kind") {
        "note" => note::note(&kernel, who, &code, form.value("note"), form.files.clone()).await.map(|_| "note"),
        _ => answer(&kernel, who, &code, version, &form).await,
    };
    let error = match sent {
        Ok(done) => return Ok(see_other(&format!("{}?fatto={done}", ticket_url(&code)))),
        Err(error) => error,
    };
    let page = frame.0;
    let (notice, status) = ticket::refusal(&kernel, &page, &code, version, error).await?;
    let composer = Composer {
        kind: form.value("kind").to_owned(),
        reply: form.get("text").unwrap_or_default().to_owned(),
        note: form.get("note").unwrap_or_default().to_owned(),
        sheet: form.value("sheet").to_owned(),
        way: form.value("way").to_owned(),
        to: address_written(&form),
        then: form.value("then").to_owned(),
        outcome: form.value("outcome").to_owned(),
        files: form.files,
    };
    ticket::render(
        &kernel,
        who,
        page,
        &code,
        Showing { before: None, notice: Some(notice), composer: Some(composer), status, wrong: None },
    )
    .await
}

async fn answer(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    version: Option<i64>,
    form: &Submitted,
) -> Result<&'static str, TicketError> {
    let sheet = Some(form.value("sheet").to_uppercase()).filter(|s| !s.is_empty());
    let way = match form.value("way") {
        "phone" => Way::Spoken(Channel::Phone),
        "counter" => Way::Spoken(Channel::Counter),
        other => match other.strip_prefix("account:") {
            Some(account) => Way::Account(Dispatch {
                account: account.to_owned(),
                to: form.value(&format!("to.{account}")).to_owned(),
                postal: form.get(&format!("postal.{account}")).unwrap_or_default().to_owned(),
            }),
            None => Way::Email,
        },
    };
    let then = match form.value("then") {
        "wait" => Then::Wait,
        end @ ("resolve" | "close") => {
            let outcome = match form.value("outcome") {
                "" => Outcome::Answered,
                text => Outcome::from_text(text).ok_or(TicketError::Invalid { field: "outcome", wrong: "unknown" })?,
            };
            // The field stands there whenever it is asked: left empty it says that no sheet answered.
            let how = Closing { outcome, sheet: form.get("sheet").map(|_| sheet.clone().unwrap_or_default()) };
            if end == "close" { Then::Close(how) } else { Then::Resolve(how) }
        }
        _ => Then::Stay,
    };
    let done = match (&then, &way) {
        (Then::Close(_), _) => "closed",
        (Then::Resolve(_), _) => "resolved",
        (Then::Stay | Then::Wait, Way::Email | Way::Account(_)) => "reply",
        (Then::Stay | Then::Wait, Way::Spoken(_)) => "spoken",
    };
    let text = form.value("text").to_owned();
    let answer = Reply { text, sheet, files: form.files.clone(), way, then };
    reply::reply(kernel, who, code, version, answer).await?;
    Ok(done)
}

/// The address or postal address that was written for the chosen account; empty for other ways.
fn address_written(form: &Submitted) -> String {
    let Some(account) = form.value("way").strip_prefix("account:") else { return String::new() };
    let written = ["to", "postal"].map(|field| form.get(&format!("{field}.{account}")).unwrap_or_default());
    written.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}
