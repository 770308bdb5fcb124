//! «Passaggi proposti»: what one's units are asked to take over, and what they wait for.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::store::{self, Listed, Of};
use super::{accept, refuse, withdraw};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::{Badge, Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::tickets::TicketError;
use crate::tickets::pages::names::Names;

const HERE: &str = "/scrivania/passaggi";
const MOST: i64 = 200;

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)))
        .service(web::resource(format!("{HERE}/conteggio")).route(web::get().to(count)))
        .service(web::resource(format!("{HERE}/{{id:\\d+}}/accetta")).route(web::post().to(do_accept)))
        .service(web::resource(format!("{HERE}/{{id:\\d+}}/rifiuta")).route(web::post().to(do_refuse)))
        .service(web::resource(format!("{HERE}/{{id:\\d+}}/ritira")).route(web::post().to(do_withdraw)));
}

struct Line {
    id: i64,
    href: String,
    code: String,
    subject: String,
    from: String,
    to: String,
    who: String,
    reason: String,
    due: String,
    due_at: String,
}

fn line(page: &Page, names: &Names, row: Listed) -> Line {
    Line {
        id: row.id,
        href: format!("/scrivania/pratiche/{}", row.code),
        code: codes::grouped(&row.code),
        subject: row.subject,
        from: names.unit(row.from_unit_id),
        to: names.unit(row.to_unit_id),
        who: row.proposed_by,
        reason: row.reason,
        due: page.datetime(&row.due_at),
        due_at: row.due_at.rfc3339(),
    }
}

#[derive(Template)]
#[template(path = "desk/proposals.html")]
struct ProposalsPage {
    page: Page,
    asked: Vec<Line>,
    own: Vec<Line>,
    done: String,
    /// Why a form was refused; empty otherwise.
    alert: String,
}

/// Words in the address after a form.
const DONE: [&str; 5] = ["accepted", "refused", "withdrawn", "gone", "reason"];

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    done: web::Query<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let names = Names::read(&mut conn, page.language).await?;
    let asked = store::open(&mut conn, Of::To(&who.units), page.now, MOST).await?;
    let own = store::open(&mut conn, Of::From(&who.units), page.now, MOST).await?;
    drop(conn);
    let word = done.get("fatto").and_then(|word| DONE.into_iter().find(|known| known == word));
    let said = word.map(|word| page.t(&format!("proposal-done-{word}"))).unwrap_or_default();
    let (done, alert) = match word {
        Some("gone" | "reason") => (String::new(), said),
        Some(_) | None => (said, String::new()),
    };
    html(&ProposalsPage {
        asked: asked.into_iter().map(|row| line(&page, &names, row)).collect(),
        own: own.into_iter().map(|row| line(&page, &names, row)).collect(),
        done,
        alert,
        page: page.titled("proposals-title"),
    })
}

async fn count(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut conn = kernel.db.read().await?;
    let waiting = store::open(&mut conn, Of::To(&who.units), kernel.now(), MOST).await?.len();
    html(&Badge { count: i64::try_from(waiting).unwrap_or(MOST), late: false })
}

/// Back to the list; what is gone meanwhile, or lacks a reason, is told there.
fn back<T>(done: &str, result: Result<T, TicketError>) -> Result<HttpResponse, Problem> {
    let word = match result {
        Ok(_) => done,
        Err(TicketError::NotFound | TicketError::Over | TicketError::Merged { .. }) => "gone",
        Err(TicketError::Invalid { field: "reason", .. }) => "reason",
        Err(error) => return Err(error.into()),
    };
    Ok(see_other(&format!("{HERE}?fatto={word}")))
}

async fn do_accept(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    back("accepted", accept(&kernel, &caller.0, *id).await)
}

#[derive(Deserialize)]
struct Why {
    #[serde(default)]
    reason: String,
}

async fn do_refuse(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    Form(why): Form<Why>,
) -> Result<HttpResponse, Problem> {
    back("refused", refuse(&kernel, &caller.0, *id, &why.reason).await)
}

async fn do_withdraw(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    back("withdrawn", withdraw(&kernel, &caller.0, *id).await)
}
