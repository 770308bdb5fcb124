//! The pages of the register: look up, read one, register, label, cancel, hand over a day's table.
use actix_web::{HttpResponse, web};
use askama::Template;
use channels::paper::{Stamp, stamp};
use serde::Deserialize;

use super::model::{Given, Registration, RegistrationRow, is_day, written};
use super::{Cancelling, Proposal, RegistryError, cancel, export, proposal, register, store};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame, local_path};

const HERE: &str = "/scrivania/protocollo";
/// Registrations of one page of a day.
const PAGE: i64 = 200;

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(web::resource("/scrivania/protocollo/registro.csv").route(web::get().to(table)))
        .service(web::resource("/scrivania/protocollo/{id}").route(web::get().to(one)))
        .service(web::resource("/scrivania/protocollo/{id}/etichetta.pdf").route(web::get().to(label)))
        .service(web::resource("/scrivania/protocollo/{id}/annulla").route(web::post().to(do_cancel)))
        .service(
            web::resource("/scrivania/contatti/{id}/protocolla")
                .route(web::get().to(form))
                .route(web::post().to(do_register)),
        );
}

struct Line {
    href: String,
    number: String,
    day: String,
    direction: String,
    from: String,
    to: String,
    subject: String,
    cancelled: bool,
}

#[derive(Template)]
#[template(path = "registry/register.html")]
struct RegisterPage {
    page: Page,
    number: String,
    year: String,
    day: String,
    csv_href: String,
    /// What the list shows.
    caption: String,
    lines: Vec<Line>,
    next: String,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    numero: String,
    #[serde(default)]
    anno: String,
    #[serde(default)]
    giorno: String,
    dopo: Option<i64>,
}

fn line(page: &Page, row: RegistrationRow) -> Line {
    Line {
        href: format!("{HERE}/{}", row.id),
        number: format!("{}/{}", row.number, row.year),
        day: row.written_day(),
        direction: page.t(&format!("registry-direction-{}", row.direction)),
        cancelled: !row.holds(),
        from: row.sender,
        to: row.recipients,
        subject: row.subject,
    }
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let page = page.titled("registry-title");
    let today = page.now.day(&page.zone);
    let day = if is_day(&wanted.giorno) { wanted.giorno.clone() } else { today.clone() };
    let digits: String = wanted.numero.split('/').next().unwrap_or_default().trim().trim_start_matches('0').to_owned();
    let year = wanted.numero.split_once('/').map_or(wanted.anno.trim(), |(_, year)| year.trim()).to_owned();
    let mut conn = kernel.db.read().await?;
    let (caption, rows, next) = if digits.is_empty() {
        let mut rows = store::of_days(&mut conn, &day, &day, wanted.dopo.unwrap_or(0), PAGE + 1).await?;
        let more = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        let next = rows.last().filter(|_| more).map(|last| format!("{HERE}?giorno={day}&dopo={}", last.id));
        (page.t1("registry-of-day", "day", written(&day)), rows, next.unwrap_or_default())
    } else {
        let rows = store::by_number(&mut conn, &format!("{digits:0>7}"), year.parse().unwrap_or(0)).await?;
        (page.t1("registry-with-number", "number", format!("{digits:0>7}")), rows, String::new())
    };
    let lines = rows.into_iter().map(|row| line(&page, row)).collect();
    let csv_href = format!("{HERE}/registro.csv?giorno={day}");
    html(&RegisterPage { number: wanted.numero.clone(), year, day, csv_href, caption, lines, next, page })
}

async fn table(kernel: web::Data<Kernel>, caller: Caller, wanted: web::Query<Wanted>) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    if !is_day(&wanted.giorno) {
        return Err(Problem::field("giorno", "not_a_date"));
    }
    let bytes = export::csv(&kernel, &wanted.giorno, &wanted.giorno).await?;
    let name = format!("registro-{}-{}.csv", kernel.config.registry.code, wanted.giorno);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(bytes))
}

#[derive(Template)]
#[template(path = "registry/one.html")]
struct OnePage {
    page: Page,
    row: RegistrationRow,
    number: String,
    day: String,
    direction: String,
    when: String,
    received: String,
    cancelled: String,
    /// Code of the ticket, stored and as shown.
    code: String,
    shown_code: String,
    may_cancel: bool,
    error: String,
}

async fn one_page(kernel: &Kernel, page: Page, id: i64, error: String) -> Result<OnePage, Problem> {
    let mut conn = kernel.db.read().await?;
    let row = store::by_id(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let code = store::contact(&mut conn, row.contact_id).await?.map(|c| c.code).unwrap_or_default();
    let number = format!("{}/{}", row.number, row.year);
    let mut page = page;
    page.title = page.t1("registry-one", "number", &number);
    let received = match (row.received_number.as_str(), row.received_day.as_str()) {
        ("", "") => String::new(),
        (number, "") => number.to_owned(),
        ("", day) => written(day),
        (number, day) => page.t2("registry-number-of-day", "number", number, "day", written(day)),
    };
    Ok(OnePage {
        day: row.written_day(),
        direction: page.t(&format!("registry-direction-{}", row.direction)),
        when: page.datetime(&row.registered_at),
        cancelled: row.cancelled_at.map(|at| page.datetime(&at)).unwrap_or_default(),
        shown_code: codes::grouped(&code),
        may_cancel: row.holds() && page.may(Permission::TakeOver),
        number,
        received,
        code,
        row,
        page,
        error,
    })
}

async fn one(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    html(&one_page(&kernel, page, *id, String::new()).await?)
}

async fn label(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let row = store::by_id(&mut conn, *id).await?.ok_or_else(Problem::not_found)?;
    drop(conn);
    let mut lines = vec![
        page.t2("registry-number-of-day", "number", format!("{}/{}", row.number, row.year), "day", row.written_day()),
        page.t1("registry-register-line", "register", &row.register),
        page.t(&format!("registry-direction-{}", row.direction)),
    ];
    if !row.holds() {
        lines.insert(1, page.t("registry-cancelled"));
    }
    let code = format!("{} {}/{} {}", row.register, row.number, row.year, row.day);
    let made = Stamp {
        agency: page.agency_name.clone(),
        lines,
        code,
        title: page.t1("registry-one", "number", format!("{}/{}", row.number, row.year)),
        language: page.lang.to_owned(),
    };
    Ok(HttpResponse::Ok().content_type("application/pdf").body(stamp(&made)))
}

#[derive(Deserialize)]
struct CancelForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    act: String,
}

async fn do_cancel(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    Form(form): Form<CancelForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::TakeOver)?;
    match cancel(&kernel, who, *id, Cancelling { reason: form.reason, act: form.act }).await {
        Ok(_) => Ok(see_other(&format!("{HERE}/{}", *id))),
        Err(RegistryError::Invalid { .. }) => {
            let error = page.t("registry-cancel-missing");
            html_as(&mut HttpResponse::UnprocessableEntity(), &one_page(&kernel, page, *id, error).await?)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "registry/form.html")]
struct FormPage {
    page: Page,
    about: Proposal,
    shown_code: String,
    /// Whether our own register gives numbers.
    own: bool,
    origin: String,
    given: Given,
    back: String,
    error: String,
    /// Name of the field at fault.
    field: String,
}

#[derive(Deserialize)]
struct FormQuery {
    /// Where to go afterwards.
    #[serde(default)]
    torna: String,
}

#[derive(Debug, Deserialize)]
struct Written {
    #[serde(default)]
    sender: String,
    #[serde(default)]
    recipients: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    received_number: String,
    #[serde(default)]
    received_day: String,
    /// `own` or `external`.
    #[serde(default)]
    origin: String,
    #[serde(default)]
    register: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    torna: String,
}

async fn form(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    query: web::Query<FormQuery>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let about = proposal(&kernel, *id).await?;
    if let Some(current) = &about.current {
        return Ok(see_other(&format!("{HERE}/{}", current.id)));
    }
    let own = kernel.config.registry.own;
    let given = Given { register: String::new(), number: String::new(), day: page.now.day(&page.zone) };
    let page = page.titled("registry-form-title");
    let back = local_path(&query.torna).unwrap_or_default().to_owned();
    let origin = if own { "own" } else { "external" }.to_owned();
    let shown_code = codes::grouped(&about.code);
    html(&FormPage { page, about, shown_code, own, origin, given, back, error: String::new(), field: String::new() })
}

async fn do_register(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    Form(written): Form<Written>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let given = Given { register: written.register, number: written.number, day: written.day };
    let asked = Registration {
        sender: written.sender,
        recipients: written.recipients,
        subject: written.subject,
        received_number: written.received_number,
        received_day: written.received_day,
        given: (written.origin == "external").then(|| given.clone()),
    };
    let back = local_path(&written.torna).unwrap_or_default().to_owned();
    let refused = match register(&kernel, who, *id, asked.clone()).await {
        Ok(row) if back.is_empty() => return Ok(see_other(&format!("{HERE}/{}", row.id))),
        Ok(_) => return Ok(see_other(&back)),
        Err(e @ (RegistryError::Invalid { .. } | RegistryError::NumberTaken)) => e,
        Err(RegistryError::Registered { id, .. }) => return Ok(see_other(&format!("{HERE}/{id}"))),
        Err(e) => return Err(e.into()),
    };
    let (field, error) = match &refused {
        RegistryError::Invalid { field, wrong } => {
            (*field, page.t(&format!("registry-wrong-{}", wrong.replace('_', "-"))))
        }
        other => ("number", page.t(&format!("problem-{}", other.code().replace('_', "-")))),
    };
    let mut about = proposal(&kernel, *id).await?;
    about.filled = Registration { given: None, ..asked };
    let page = page.titled("registry-form-title");
    let shown_code = codes::grouped(&about.code);
    let own = kernel.config.registry.own;
    let origin = if written.origin == "external" { "external" } else { "own" }.to_owned();
    let view = FormPage { page, about, shown_code, own, origin, given, back, error, field: field.to_owned() };
    html_as(&mut HttpResponse::UnprocessableEntity(), &view)
}
