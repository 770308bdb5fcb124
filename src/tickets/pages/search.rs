//! The search page.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::names::Names;
use super::queues::Row;
use super::words;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::search::{Piece, TicketIndex, search};
use crate::{knowledge, people};

/// Mounts the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/cerca").route(web::get().to(show)));
}

/// Results on one page.
const RESULTS: usize = 25;

/// A ticket that was found.
struct Hit {
    row: Row,
    excerpt: Vec<Piece>,
}

/// A person whose identifier was typed.
struct PersonFound {
    href: String,
    name: String,
    initials: String,
    about: String,
}

/// A sheet somebody dictated.
struct SheetFound {
    href: String,
    code: String,
    number: i64,
    title: String,
    lang: &'static str,
}

#[derive(Template)]
#[template(path = "desk/search.html")]
struct SearchPage {
    page: Page,
    q: String,
    results: Vec<Hit>,
    persons: Vec<PersonFound>,
    /// The sheet whose number or code was typed.
    sheet: Option<SheetFound>,
    first: String,
    next: String,
    /// The name of the queue a take button goes back to: none.
    queue: &'static str,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    prima: Option<i64>,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let (page, asked) = (frame.0, asked.into_inner());
    let q = asked.q.trim().to_owned();
    let sheet = match asked.prima {
        None => knowledge::sheets::by_dictation(&kernel, &q).await?,
        Some(_) => None,
    };
    let sheet = sheet.as_ref().and_then(|s| {
        let text = s.text_in(page.language)?;
        Some(SheetFound {
            href: format!("/scrivania/schede/{}", s.code),
            code: s.code.clone(),
            number: s.number,
            title: text.title.clone(),
            lang: text.language.as_str(),
        })
    });
    let found = search(&kernel, &index, &q, RESULTS, asked.prima).await?;
    let mut conn = kernel.db.read().await?;
    let names = Names::read(&mut conn, page.language).await?;
    let mut persons = Vec::new();
    for id in found.persons.iter().filter(|_| asked.prima.is_none()) {
        let Some(file) = people::file::read(&mut conn, *id).await? else { continue };
        let name = file.display_name();
        let about = file.identifiers.iter().map(|i| i.raw.as_str()).collect::<Vec<_>>().join(" · ");
        persons.push(PersonFound {
            href: format!("/scrivania/persone/{id}"),
            initials: words::initials(&name),
            name,
            about,
        });
    }
    let mut results = Vec::with_capacity(found.found.len());
    for one in found.found {
        let extract =
            if one.excerpt.is_empty() { super::store::extract(&mut conn, one.row.id).await? } else { String::new() };
        results.push(Hit { row: Row::of(&page, &names, &one.row, extract), excerpt: one.excerpt });
    }
    drop(conn);
    let address = |before: i64| {
        let query =
            serde_urlencoded::to_string([("q", q.as_str()), ("prima", &before.to_string())]).unwrap_or_default();
        format!("/scrivania/cerca?{query}")
    };
    let first =
        serde_urlencoded::to_string([("q", &q)]).map(|query| format!("/scrivania/cerca?{query}")).unwrap_or_default();
    let title =
        if q.is_empty() { page.t("desk-search") } else { page.t1("desk-search-title", "q", format!("«{q}»")) };
    html(&SearchPage {
        results,
        persons,
        sheet,
        first: if asked.prima.is_some() { first } else { String::new() },
        next: found.next.map(address).unwrap_or_default(),
        queue: "",
        page: Page { title, ..page },
        q,
    })
}
