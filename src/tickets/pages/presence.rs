//! Who else is on a ticket's page: the beats of browsers, the part that shows colleagues, and freeing a ticket
//! from the one who holds it.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::names::Names;
use super::{code_in_path, ticket_url, words};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::tickets::hold::{self, HoldRule};
use crate::tickets::presence::{Beat, Doing, Presence};
use crate::tickets::{TicketError, store};

/// Mounts the part and what it posts to.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/scrivania/pratiche/{code}/presenze").route(web::get().to(show)).route(web::post().to(beat)),
    )
    .service(web::resource("/scrivania/pratiche/{code}/libera").route(web::post().to(free)));
}

/// Characters of a page's name at most.
const NAME: usize = 40;

#[derive(Template)]
#[template(path = "desk/presence.html")]
struct PresencePart {
    page: Page,
    code: String,
    /// "Giulia sta guardando", those who write first.
    lines: Vec<Line>,
    /// Who holds the ticket, empty when nobody does.
    held: String,
    may_free: bool,
}

struct Line {
    writing: bool,
    text: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    presence: web::Data<Presence>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (page, code) = (frame.0, code_in_path(&code)?);
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let ticket = store::by_code(&mut conn, &code).await?.ok_or(TicketError::NotFound)?;
    let holder = HoldRule::of(&kernel.config.desk).holder(&mut conn, ticket.id, now).await?;
    let mut colleagues = presence.around(ticket.id, who.user_id, now);
    colleagues.sort_by_key(|c| !c.writing);
    let mut names = Names::read(&mut conn, page.language).await?;
    names.add_users(&mut conn, colleagues.iter().map(|c| c.user).collect::<Vec<_>>()).await?;
    drop(conn);
    let line = |writing: bool, user: i64| {
        let key = if writing { "desk-presence-writing" } else { "desk-presence-looking" };
        Line { writing, text: page.t1(key, "who", names.user(user)) }
    };
    let held = holder.as_ref().map(|holder| {
        let mine = Some(holder.user_id) == who.user_id;
        let key = if mine { "desk-held-by-you" } else { "desk-held-by" };
        page.t2(key, "who", &holder.name, "time", words::clock(&page, &holder.since))
    });
    html(&PresencePart {
        lines: colleagues.iter().map(|c| line(c.writing, c.user)).collect(),
        held: held.unwrap_or_default(),
        may_free: holder.is_some_and(|holder| hold::may_free(who, &holder)),
        code,
        page,
    })
}

#[derive(Deserialize)]
struct BeatForm {
    /// A word that the page made up for itself.
    page: String,
    doing: Doing,
}

async fn beat(
    kernel: web::Data<Kernel>,
    presence: web::Data<Presence>,
    caller: Caller,
    code: web::Path<String>,
    form: Form<BeatForm>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(BeatForm { page, doing }), code) = (form, code_in_path(&code)?);
    let Some(user) = who.user_id else { return Err(Problem::not_found()) };
    if page.is_empty() || page.chars().count() > NAME {
        return Err(Problem::field("page", "out_of_range"));
    }
    let mut conn = kernel.db.read().await?;
    let ticket = store::by_code(&mut conn, &code).await?.ok_or(TicketError::NotFound)?.id;
    drop(conn);
    presence.tell(&kernel, Beat { ticket, user, page, doing });
    Ok(HttpResponse::NoContent().finish())
}

/// No fields beside the token, which is checked on the way in.
#[derive(Deserialize)]
struct Nothing {}

async fn free(
    kernel: web::Data<Kernel>,
    presence: web::Data<Presence>,
    caller: Caller,
    code: web::Path<String>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let ticket = hold::free(&kernel, who, &code).await?;
    presence.nudge(&kernel, ticket);
    Ok(see_other(&format!("{}?fatto=freed", ticket_url(&code))))
}
