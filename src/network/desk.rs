//! The desk's side: choosing the unit, sending a leg, taking one back.
use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::ask::approve;
use super::follow::follow;
use super::inform::inform;
use super::leg_page::{FieldError, error_of};
use super::model::LegKind;
use super::refer::{Referral, refer};
use super::withdraw::withdraw;
use super::{LegError, views, ways};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame};
use crate::kernel::time::Instant;
use crate::knowledge::forward;
use crate::organisation::directory::unit_name;
use crate::organisation::{Directory, Unit, Units};
use crate::tickets::{self, Ticket, TicketError};

/// Mounts the pages of the desk.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/invii/nuovo").route(web::get().to(show)))
        .service(web::resource("/scrivania/pratiche/{code}/invii").route(web::post().to(send)))
        .service(web::resource("/scrivania/pratiche/{code}/invii/{number}/ritira").route(web::post().to(take_back)))
        .service(web::resource("/scrivania/pratiche/{code}/invii/{number}/segui").route(web::post().to(do_follow)))
        .service(web::resource("/scrivania/pratiche/{code}/invii/{number}/rispondi").route(web::post().to(do_inform)))
        .service(web::resource("/scrivania/pratiche/{code}/invii/{number}/approva").route(web::post().to(do_approve)));
}

struct Choice {
    slug: String,
    label: String,
}

struct KindChoice {
    value: &'static str,
    label: String,
    hint: String,
}

struct Group {
    label: String,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "network/refer.html")]
struct ReferPage {
    page: Page,
    code: String,
    shown_code: String,
    subject: String,
    version: i64,
    q: String,
    groups: Vec<Group>,
    kinds: Vec<KindChoice>,
    draft: ReferForm,
    alert: String,
    errors: Vec<FieldError>,
}

impl ReferPage {
    fn error(&self, field: &str) -> String {
        error_of(&self.errors, field)
    }
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct ReferForm {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    question: String,
    version: Option<i64>,
}

async fn show(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    search: web::Query<Search>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let ticket = views::ticket_by_code(&mut conn, &code).await?;
    drop(conn);
    let form = ReferForm {
        kind: LegKind::Competence.as_str().to_owned(),
        version: Some(ticket.version),
        ..ReferForm::default()
    };
    html(&refer_page(&kernel, &directory, frame.0, &ticket, search.into_inner().q, form).await?)
}

async fn send(
    kernel: web::Data<Kernel>,
    directory: web::Data<Directory>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    form: Form<ReferForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let Form(form) = form;
    let mut conn = kernel.db.read().await?;
    let ticket = views::ticket_by_code(&mut conn, &code).await?;
    drop(conn);
    let result = match LegKind::from_text(&form.kind) {
        None => Err(LegError::Invalid { field: "kind", wrong: "unknown" }),
        Some(kind) => {
            let referral = Referral { unit: form.unit.clone(), kind, question: form.question.clone() };
            refer(&kernel, who, &ticket.code, form.version, referral).await
        }
    };
    let refused = match result {
        Ok((ticket, _)) => return Ok(see_other(&format!("/scrivania/pratiche/{}", ticket.code))),
        Err(e) => e,
    };
    let page = frame.0;
    let (alert, errors) = match &refused {
        LegError::Invalid { field, wrong } => {
            (String::new(), vec![FieldError { field, message: page.t(&format!("refer-{field}-{wrong}")) }])
        }
        LegError::Scope => (String::new(), vec![FieldError { field: "unit", message: page.t("problem-leg-scope") }]),
        LegError::Unreachable => {
            (String::new(), vec![FieldError { field: "unit", message: page.t("problem-unit-unreachable") }])
        }
        LegError::Way { wrong } => {
            (String::new(), vec![FieldError { field: "unit", message: page.t(&ways::unreachable(wrong)) }])
        }
        LegError::Ticket(TicketError::Stale { changed_by, .. }) => {
            (page.t1("refer-stale", "name", changed_by), Vec::new())
        }
        LegError::Ticket(TicketError::Over | TicketError::State { .. }) => (page.t("refer-over"), Vec::new()),
        _ => return Err(refused.into()),
    };
    let status = refused.kind().status();
    // What was written is kept; sent again, it is a change of the version shown now.
    let form = ReferForm { version: Some(ticket.version), ..form };
    let filled = refer_page(&kernel, &directory, page, &ticket, String::new(), form).await?;
    html_as(&mut HttpResponse::build(status), &ReferPage { alert, errors, ..filled })
}

/// What the buttons of a leg send.
#[derive(Deserialize)]
struct LegForm {
    version: Option<i64>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    text: String,
}

type Button = (web::Data<Kernel>, Caller, web::Path<(String, i64)>, Form<LegForm>);

/// Who pressed a button, the code as it is stored and where to go afterwards.
async fn pressed<'c>(
    kernel: &Kernel,
    caller: &'c Caller,
    code: &str,
) -> Result<(&'c Principal, String, HttpResponse), Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let code = views::ticket_by_code(&mut conn, code).await?.code;
    let back = see_other(&format!("/scrivania/pratiche/{code}"));
    Ok((who, code, back))
}

async fn take_back((kernel, caller, path, form): Button) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    let (who, code, back) = pressed(&kernel, &caller, &code).await?;
    withdraw(&kernel, who, &code, number, form.0.version, &form.0.reason).await?;
    Ok(back)
}

async fn do_follow((kernel, caller, path, form): Button) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    let (who, code, back) = pressed(&kernel, &caller, &code).await?;
    follow(&kernel, who, &code, number, form.0.version).await?;
    Ok(back)
}

async fn do_inform((kernel, caller, path, form): Button) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    let (who, code, back) = pressed(&kernel, &caller, &code).await?;
    inform(&kernel, who, &code, number, form.0.version, &form.0.text).await?;
    Ok(back)
}

async fn do_approve((kernel, caller, path, form): Button) -> Result<HttpResponse, Problem> {
    let (code, number) = path.into_inner();
    let (who, code, back) = pressed(&kernel, &caller, &code).await?;
    approve(&kernel, who, &code, number, form.0.version, &form.0.text).await?;
    Ok(back)
}

async fn refer_page(
    kernel: &Kernel,
    directory: &Directory,
    page: Page,
    ticket: &Ticket,
    q: String,
    form: ReferForm,
) -> Result<ReferPage, Problem> {
    let units = directory.units(&kernel.db).await?;
    let mut conn = kernel.db.read().await?;
    let suggested = match ticket.category_id {
        Some(category) => {
            let sheet = tickets::store::requested_sheet(&mut conn, ticket.id).await?;
            forward::competent_unit(&mut conn, category, sheet.map(|sheet| sheet.id)).await?
        }
        None => None,
    };
    let ways = ways::labels(&mut conn, &units, &page, kernel.now()).await?;
    drop(conn);
    let groups = groups(&units, &ways, ticket, suggested, &q, &page, kernel.now());
    Ok(ReferPage {
        code: ticket.code.clone(),
        shown_code: codes::grouped(&ticket.code),
        subject: ticket.subject.clone(),
        version: form.version.unwrap_or(ticket.version),
        q,
        groups,
        kinds: LegKind::ALL
            .iter()
            .map(|kind| KindChoice {
                value: kind.as_str(),
                label: page.t(&format!("leg-kind-{}", kind.as_str())),
                hint: page.t(&format!("refer-kind-{}-hint", kind.as_str())),
            })
            .collect(),
        draft: form,
        page: page.titled("refer-title"),
        alert: String::new(),
        errors: Vec::new(),
    })
}

/// The units that may receive this ticket: the competent one first, then ours, then the other agencies'.
fn groups(
    units: &Units,
    ways: &HashMap<i64, String>,
    ticket: &Ticket,
    suggested: Option<i64>,
    q: &str,
    page: &Page,
    now: Instant,
) -> Vec<Group> {
    let owner = units.unit(ticket.owner_unit_id);
    let may = |unit: &&Unit| owner.is_none_or(|owner| owner.id != unit.id && unit.may_receive_from(owner));
    let choice = |unit: &Unit| {
        let way = ways.get(&unit.id).map(|way| format!(" ({way})")).unwrap_or_default();
        Choice { slug: unit.slug.clone(), label: format!("{}{way}", label(units, unit, page.language)) }
    };
    let mut proposed = Vec::new();
    let mut ours = Vec::new();
    let mut others = Vec::new();
    for unit in units.search(q, now).into_iter().filter(may) {
        if Some(unit.id) == suggested {
            proposed.push(choice(unit));
        } else if units.is_external(unit) {
            others.push(choice(unit));
        } else {
            ours.push(choice(unit));
        }
    }
    [("refer-units-suggested", proposed), ("refer-units-own", ours), ("refer-units-other", others)]
        .into_iter()
        .filter(|(_, choices)| !choices.is_empty())
        .map(|(key, choices)| Group { label: page.t(key), choices })
        .collect()
}

pub(super) fn label(units: &Units, unit: &Unit, language: Language) -> String {
    match units.agency_of(unit).filter(|_| units.is_external(unit)) {
        Some(agency) => format!("{} – {}", agency.name, unit_name(unit, language)),
        None => unit_name(unit, language).to_owned(),
    }
}
