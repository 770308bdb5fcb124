//! Tickets like one, in work and resolved, and what it is probably about, as a fragment that comes after the page.
use actix_web::{HttpResponse, web};
use askama::Template;

use super::names::Names;
use super::{code_in_path, words};
use crate::kernel::Kernel;
use crate::kernel::codes::grouped;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::knowledge::KnowledgeIndex;
use crate::tickets::duplicates::duplicates;
use crate::tickets::precedents::{Memory, assess};
use crate::tickets::store;

/// Mounts the fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/pratiche/{code}/simili").route(web::get().to(of_ticket)));
}

/// How many tickets and categories are shown.
const COUNT: usize = 4;
const GUESSES: usize = 3;
/// A guess that is less sure is not worth a press.
const SURE: f32 = 0.2;

struct Like {
    href: String,
    subject: String,
    grouped: String,
    when: String,
    category: String,
    /// Code of the sheet that closed it, and where it is; empty when none did.
    sheet: String,
    sheet_href: String,
}

/// A ticket in work that is probably about the same thing.
struct Alike {
    href: String,
    code: String,
    grouped: String,
    subject: String,
    about: String,
}

struct Probable {
    slug: String,
    name: String,
    percent: String,
}

#[derive(Template)]
#[template(path = "desk/similar.html")]
struct SimilarPart {
    page: Page,
    code: String,
    version: i64,
    duplicates: Vec<Alike>,
    similar: Vec<Like>,
    /// Categories to choose with one press, while the ticket is open and has none.
    categories: Vec<Probable>,
    /// The unit that is probably competent, with how sure that is; empty when nothing says so.
    unit: String,
    unit_percent: String,
}

fn percent(share: f32) -> String {
    format!("{:.0}", share * 100.0)
}

async fn of_ticket(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    memory: web::Data<Memory>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let code = code_in_path(&code)?;
    let page = frame.0;
    let mut conn = kernel.db.read().await?;
    let ticket = store::by_code(&mut conn, &code).await?.ok_or_else(Problem::not_found)?;
    let names = Names::read(&mut conn, page.language).await?;
    drop(conn);
    let found = assess(&kernel, &memory, &index, &ticket, COUNT).await?;
    let alike = match ticket.state.is_over() {
        true => Vec::new(),
        false => duplicates(&kernel, &memory, &ticket, COUNT).await?,
    };
    let alike = alike.into_iter().map(|one| {
        let mut about = vec![words::moment(&page, &one.ticket.opened_at)];
        about.extend(one.place.map(|place| page.t1("duplicate-place", "place", place)));
        about.extend(one.same_person.then(|| page.t("duplicate-person")));
        Alike {
            href: super::ticket_url(&one.ticket.code),
            grouped: grouped(&one.ticket.code),
            subject: one.ticket.subject.clone(),
            about: about.join(" · "),
            code: one.ticket.code,
        }
    });
    let alike: Vec<Alike> = alike.collect();
    let similar = found.similar.iter().map(|like| {
        let row = &like.row;
        let sheet = row.sheet.clone().unwrap_or_default();
        Like {
            href: super::ticket_url(&row.code),
            subject: row.subject.clone(),
            grouped: grouped(&row.code),
            when: page.date(&row.touched_at),
            category: row.category_id.map(|id| names.category(id)).unwrap_or_default(),
            sheet_href: if sheet.is_empty() { String::new() } else { super::sheets::sheet_url(&sheet, Some(&ticket)) },
            sheet,
        }
    });
    let open = ticket.category_id.is_none() && !ticket.state.is_over();
    let sure = found.categories.iter().filter(|guess| open && guess.confidence >= SURE).take(GUESSES);
    let categories = sure.map(|guess| {
        let slug = names.category_slug(Some(guess.label));
        Probable { slug, name: names.category(guess.label), percent: percent(guess.confidence) }
    });
    let unit = found.units.first().filter(|guess| open && guess.confidence >= SURE);
    let part = SimilarPart {
        duplicates: alike,
        similar: similar.collect(),
        categories: categories.collect(),
        unit: unit.map(|guess| names.unit(guess.label)).unwrap_or_default(),
        unit_percent: unit.map(|guess| percent(guess.confidence)).unwrap_or_default(),
        code: ticket.code.clone(),
        version: ticket.version,
        page,
    };
    html(&part)
}
