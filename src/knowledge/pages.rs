//! The public pages: lists, search as you type, the page of a sheet. They need no sign-in and no script, and
//! show nothing internal.
use actix_web::http::header::{HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::categories::CategoryTree;
use super::facts::Facts;
use super::gaps::Side as GapSide;
use super::index::KnowledgeIndex;
use super::links;
use super::markdown::{self, Heading};
use super::model::{Audience, Sheet, SheetCode};
use super::search::{self, Reader};
use super::sheets;
use super::store::{self, ListOf};
use super::views::{AreaLink, Asked, Group, Item, Side, area_links, by_area, count, items, wants_fragment};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Page};
use crate::kernel::problem::Problem;
use crate::kernel::request::Frame;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(links::PUBLIC, web::get().to(list))
        .route("/sportello/schede/cerca", web::get().to(find))
        .route("/sportello/schede/{code}", web::get().to(show));
}

/// Sheets on one page of a list.
const PAGE: i64 = 30;
/// Most results of a search.
const RESULTS: usize = 20;

#[derive(Template)]
#[template(path = "knowledge/list.html")]
struct ListPage {
    page: Page,
    heading: String,
    q: String,
    areas: Vec<AreaLink>,
    results: Results,
}

/// The part of the list that a search replaces.
#[derive(Template)]
#[template(path = "knowledge/results.html")]
struct Results {
    page: Page,
    /// What was searched for; empty in lists.
    q: String,
    groups: Vec<Group>,
    count: String,
    next: String,
}

#[derive(Template)]
#[template(path = "knowledge/sheet.html")]
struct SheetPage {
    page: Page,
    title: String,
    summary: String,
    question: String,
    /// Language of the text, which may differ from the page's.
    lang: &'static str,
    area: Option<AreaLink>,
    body: String,
    headings: Vec<Heading>,
    requirements: Vec<String>,
    fee: String,
    facts: Facts,
    number: i64,
    /// The same sheet in the other language; empty when there is none.
    other_language: String,
    request: String,
    checked_by: String,
}

async fn list(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let tree = index.categories(&kernel).await?;
    let page = frame.0;
    let results = browse(&kernel, &index, &tree, &page, &asked).await?;
    let here = tree.by_slug(&asked.area).map(|c| c.name_in(page.language).to_owned());
    full(page, &tree, here, &asked, results)
}

async fn find(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    frame: Frame,
    asked: web::Query<Asked>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tree = index.categories(&kernel).await?;
    let page = frame.0;
    let language = page.language;
    let fragment = wants_fragment(&req);
    let words = asked.q.trim();
    let results = if words.is_empty() {
        browse(&kernel, &index, &tree, &page, &Asked::default()).await?
    } else {
        let found = if fragment {
            search::typeahead(&kernel, &index, words, language, Reader::Citizen, RESULTS).await?
        } else {
            search::search(&kernel, &index, words, language, Reader::Citizen, RESULTS).await?
        };
        index.observed.searched(&kernel, GapSide::Portal, words, language, found.iter().map(|s| s.sheet_id), !fragment);
        let found: Vec<Item> =
            found.into_iter().map(|s| Item::of_suggestion(s, &tree, language, Side::Public)).collect();
        Results {
            q: words.to_owned(),
            count: count(&page, found.len()),
            groups: vec![Group { title: String::new(), more: String::new(), items: found }],
            next: String::new(),
            page: page.clone(),
        }
    };
    let mut answer = if fragment { page::html(&results)? } else { full(page, &tree, None, &asked, results)? };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("HX-Request"));
    Ok(answer)
}

/// The sheets of the area that was chosen, or some of each.
async fn browse(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    tree: &CategoryTree,
    page: &Page,
    asked: &Asked,
) -> Result<Results, Problem> {
    let language = page.language;
    let (groups, next) = if asked.area.is_empty() {
        (by_area(&index.overview(kernel).await?, tree, language, Side::Public), String::new())
    } else {
        let area = tree.by_slug(&asked.area).ok_or_else(Problem::not_found)?;
        let of =
            ListOf { area: Some(area.id), audience: Some(Audience::Public), after: asked.after.clone(), limit: PAGE };
        let listed = sheets::list(kernel, of).await?;
        let group = Group {
            title: String::new(),
            more: String::new(),
            items: items(&listed.sheets, tree, language, Side::Public),
        };
        (vec![group], next_page(Side::Public, &asked.area, &listed.next))
    };
    Ok(Results { page: page.clone(), q: String::new(), groups, count: String::new(), next })
}

/// The address of the next page of a list; empty on the last.
pub(super) fn next_page(side: Side, area: &str, after: &str) -> String {
    if after.is_empty() {
        return String::new();
    }
    links::with_query(side.root(), &[("area", area), ("after", after)])
}

fn full(
    mut page: Page,
    tree: &CategoryTree,
    here: Option<String>,
    asked: &Asked,
    results: Results,
) -> Result<HttpResponse, Problem> {
    let heading = here.unwrap_or_else(|| page.t("knowledge-title"));
    page.title.clone_from(&heading);
    let areas = area_links(tree, page.language, Side::Public, &asked.area);
    page::html(&ListPage { heading, q: asked.q.clone(), areas, results, page })
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    let sheet = sheets::public_by_code(&kernel, &code).await?.ok_or_else(Problem::not_found)?;
    index.observed.opened(&kernel, sheet.id, GapSide::Portal, None);
    let tree = index.categories(&kernel).await?;
    let checked_by = match sheet.unit {
        Some(unit) => {
            let mut conn = kernel.db.read().await?;
            store::unit_name(&mut conn, unit, frame.0.language).await?.unwrap_or_default()
        }
        None => String::new(),
    };
    page::html(&sheet_page(frame.0, &sheet, &tree, checked_by).ok_or_else(Problem::not_found)?)
}

fn sheet_page(mut page: Page, sheet: &Sheet, tree: &CategoryTree, unit: String) -> Option<SheetPage> {
    let text = sheet.text_in(page.language)?;
    page.title.clone_from(&text.title);
    let body = markdown::render(&text.public_text, "part-");
    let category = sheet.category.and_then(|id| tree.get(id));
    let area = category.and_then(|c| tree.area_of(c.id)).map(|area| AreaLink {
        href: links::with_query(links::PUBLIC, &[("area", &area.slug)]),
        label: area.name_in(page.language).to_owned(),
        current: false,
    });
    let day = page.date(&sheet.updated_at);
    let checked_by = if unit.is_empty() {
        page.t1("knowledge-checked", "day", day)
    } else {
        page.t2("knowledge-checked-by", "unit", unit, "day", day)
    };
    let translated = sheet.texts.iter().any(|t| t.language != page.language);
    Some(SheetPage {
        title: text.title.clone(),
        summary: text.summary.clone(),
        question: text.question.clone(),
        lang: text.language.as_str(),
        area,
        body: body.html,
        headings: body.headings,
        requirements: text.requirements.clone(),
        fee: text.fee.clone(),
        facts: Facts::of(&page, &sheet.details, &format!("{}/moduli/", links::sheet(&sheet.code))),
        number: sheet.number,
        other_language: if translated { page.other_lang_url.clone() } else { String::new() },
        request: links::request(category.map(|c| c.slug.as_str()).unwrap_or_default(), &sheet.code),
        checked_by,
        page,
    })
}
