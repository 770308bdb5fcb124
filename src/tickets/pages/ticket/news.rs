//! What changed since a page was made, told while it is open.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::aside::legs_of;
use super::notice::changes_since;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::pages::conversation::{self, Bubble};
use crate::tickets::pages::legs::Leg;
use crate::tickets::pages::names::Names;
use crate::tickets::pages::{code_in_path, ticket_url};
use crate::tickets::{merging, view};

/// Mounts the fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/novita").route(web::get().to(news)));
}

#[derive(Template)]
#[template(path = "desk/news.html")]
struct NewsPart {
    page: Page,
    code: String,
    /// What changed since the page was made, empty when nothing did.
    changes: Vec<String>,
    bubbles: Vec<Bubble>,
    earlier: String,
    latest: String,
    legs: Vec<Leg>,
    /// The version of the forms in the part.
    version: i64,
    over: bool,
    swapped: bool,
}

#[derive(Deserialize)]
struct Seen {
    versione: i64,
    prima: Option<i64>,
}

/// What changed since a page was made, and the conversation as it is now. The composer and the version that
/// forms carry stay as they are, so that nobody answers without having seen the change.
async fn news(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    seen: web::Query<Seen>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (page, code) = (frame.0, code_in_path(&code)?);
    let mut conn = kernel.db.read().await?;
    let view = view::read(&mut conn, &code, seen.prima).await?;
    let mut names = Names::read(&mut conn, page.language).await?;
    let authors: Vec<i64> = view.contacts.iter().filter_map(|c| c.contact.author_id).collect();
    names.add_users(&mut conn, authors).await?;
    let joined = merging::store::tombstones(&mut conn, view.ticket.id).await?;
    let legs = legs_of(&mut conn, &page, view.ticket.id, &joined).await?;
    drop(conn);
    let changes = if view.ticket.version > seen.versione {
        changes_since(&kernel, &page, &code, seen.versione).await?
    } else {
        Vec::new()
    };
    html(&NewsPart {
        bubbles: conversation::bubbles(&page, &names, &view),
        earlier: view.earlier.map(|id| format!("{}?prima={id}", ticket_url(&code))).unwrap_or_default(),
        latest: seen.prima.map(|_| ticket_url(&code)).unwrap_or_default(),
        legs,
        version: seen.versione,
        over: view.ticket.state.is_over(),
        swapped: true,
        code,
        changes,
        page,
    })
}
