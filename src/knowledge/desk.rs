//! The agents' pages: all sheets, also internal ones, with their internal text and the reply to send.
use actix_web::http::header::{HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::index::KnowledgeIndex;
use super::model::{Audience, SheetCode};
use super::pages::next_page;
use super::search::{self, Reader};
use super::store::{self, ListOf};
use super::views::{AreaLink, Asked, Item, Side, area_links, count, items, wants_fragment};
use super::{links, markdown, sheets};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::DESK, web::get().to(list));
}

/// The page of one sheet, after the addresses of the forms, which look like codes.
pub(super) fn sheet_route(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/schede/{code}", web::get().to(show));
}

const PAGE: i64 = 50;
const RESULTS: usize = 30;

#[derive(Template)]
#[template(path = "knowledge/desk.html")]
struct DeskPage {
    page: Page,
    q: String,
    area: String,
    areas: Vec<AreaLink>,
    results: DeskResults,
    may_edit: bool,
}

#[derive(Template)]
#[template(path = "knowledge/desk_results.html")]
struct DeskResults {
    page: Page,
    q: String,
    items: Vec<Item>,
    count: String,
    next: String,
}

#[derive(Template)]
#[template(path = "knowledge/desk_sheet.html")]
struct DeskSheet {
    page: Page,
    code: String,
    title: String,
    question: String,
    summary: String,
    /// Language of the text, which may differ from the page's.
    lang: &'static str,
    internal: bool,
    maturity: String,
    category: String,
    checked_by: String,
    version: i64,
    reply: String,
    public_body: String,
    internal_body: String,
    requirements: Vec<String>,
    /// The same sheet in the other language; empty when there is none.
    other_language: String,
    public: String,
    edit: String,
    may_edit: bool,
}

async fn list(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let principal = caller.require(Permission::WorkTickets)?;
    let tree = index.categories(&kernel).await?;
    let page = frame.0.titled("nav-sheets");
    let language = page.language;
    let fragment = wants_fragment(&req);
    let words = asked.q.trim();
    let (found, next) = if words.is_empty() {
        let area = if asked.area.is_empty() {
            None
        } else {
            Some(tree.by_slug(&asked.area).ok_or_else(Problem::not_found)?.id)
        };
        let of = ListOf { area, audience: None, after: asked.after.clone(), limit: PAGE };
        let listed = sheets::list(&kernel, of).await?;
        (items(&listed.sheets, &tree, language, Side::Desk), next_page(Side::Desk, &asked.area, &listed.next))
    } else {
        let found = if fragment {
            search::typeahead(&kernel, &index, words, language, Reader::Agent, RESULTS).await?
        } else {
            search::search(&kernel, &index, words, language, Reader::Agent, RESULTS).await?
        };
        let found = found.into_iter().map(|s| Item::of_suggestion(s, &tree, language, Side::Desk)).collect();
        (found, String::new())
    };
    let results =
        DeskResults { q: words.to_owned(), count: count(&page, found.len()), items: found, next, page: page.clone() };
    let mut answer = if fragment {
        page::html(&results)?
    } else {
        page::html(&DeskPage {
            q: asked.q.clone(),
            area: asked.area.clone(),
            areas: area_links(&tree, language, Side::Desk, &asked.area),
            results,
            may_edit: principal.role.may(Permission::EditKnowledge),
            page,
        })?
    };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("HX-Request"));
    Ok(answer)
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let principal = caller.require(Permission::WorkTickets)?;
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    let sheet = sheets::by_code(&kernel, &code).await?.ok_or_else(Problem::not_found)?;
    let tree = index.categories(&kernel).await?;
    let mut page = frame.0;
    let text = sheet.text_in(page.language).ok_or_else(Problem::not_found)?;
    page.title = format!("{} {}", sheet.code, text.title);
    let unit = match sheet.unit {
        Some(unit) => {
            let mut conn = kernel.db.read().await?;
            store::unit_name(&mut conn, unit, page.language).await?
        }
        None => None,
    };
    let day = page.date(&sheet.updated_at);
    let checked_by = match unit {
        Some(unit) => page.t2("knowledge-checked-by", "unit", unit, "day", day),
        None => page.t1("knowledge-checked", "day", day),
    };
    let category = sheet.category.and_then(|id| tree.get(id)).map(|c| c.name_in(page.language).to_owned());
    let translated = sheet.texts.iter().any(|t| t.language != page.language);
    page::html(&DeskSheet {
        title: text.title.clone(),
        question: text.question.clone(),
        summary: text.summary.clone(),
        lang: text.language.as_str(),
        internal: sheet.audience == Audience::Internal,
        maturity: page.t(&format!("knowledge-maturity-{}", sheet.maturity.as_str())),
        category: category.unwrap_or_default(),
        checked_by,
        version: sheet.version,
        reply: text.reply.trim().to_owned(),
        public_body: markdown::render(&text.public_text, "public-").html,
        internal_body: markdown::render(&text.internal_text, "internal-").html,
        requirements: text.requirements.clone(),
        other_language: if translated { page.other_lang_url.clone() } else { String::new() },
        public: links::sheet(&sheet.code),
        edit: format!("{}/modifica", links::desk_sheet(&sheet.code)),
        may_edit: principal.role.may(Permission::EditKnowledge),
        code: sheet.code.clone(),
        page,
    })
}
