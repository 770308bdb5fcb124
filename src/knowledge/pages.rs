//! The public lists and the search as you type. They need no sign-in and no script, and show nothing internal.
use actix_web::http::header::{HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::categories::CategoryTree;
use super::feedback::Widget;
use super::feedback::places::Place;
use super::gaps::Side as GapSide;
use super::index::KnowledgeIndex;
use super::links;
use super::model::Audience;
use super::search::{self, Reader};
use super::sheets;
use super::site::{self, Addresses, Freshness, Overview};
use super::store::ListOf;
use super::views::{
    AreaLink, Asked, Group, Item, Side, by_area, count, items, public_area_links, topic_links, wants_fragment,
};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{self, Page};
use crate::kernel::problem::Problem;
use crate::kernel::request::Frame;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::PUBLIC).route(web::get().to(list)).route(web::head().to(list)))
        .route("/sportello/schede/cerca", web::get().to(find));
}

/// Sheets on one page of a list.
const PAGE: i64 = 30;
/// Most results of a search.
const RESULTS: usize = 20;
/// Sheets named while somebody types on the home page.
const BRIEF: usize = 5;

#[derive(Template)]
#[template(path = "knowledge/list.html")]
struct ListPage {
    page: Page,
    /// `None` for what was searched, which nobody keeps.
    addresses: Option<Addresses>,
    heading: String,
    q: String,
    areas: Vec<AreaLink>,
    /// The topics of the chosen area.
    topics: Vec<AreaLink>,
    results: Results,
    /// `None` for what was searched.
    rating: Option<Widget>,
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

async fn list(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    frame: Frame,
    asked: web::Query<Asked>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tree = index.categories(&kernel).await?;
    let page = frame.0;
    let results = browse(&kernel, &index, &tree, &page, &asked).await?;
    let here = tree.by_slug(&asked.area).map(|c| c.name_in(page.language).to_owned());
    let query = [("area", asked.area.as_str()), ("after", &asked.after)];
    let addresses = Addresses::of(&kernel, &page, links::PUBLIC, &query, &Language::ALL);
    let shown = full(page, Some(addresses), (&tree, &*index.overview(&kernel).await?), here, &asked, results);
    site::answer(&req, Some(&shown.page), Freshness::Page, "text/html; charset=utf-8", &shown)
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
    // Below the search of the home page, which has its own lists, there is room for a few.
    let brief = fragment && req.headers().get("HX-Target").is_some_and(|target| target == "found");
    let most = if brief { BRIEF } else { RESULTS };
    let words = asked.q.trim();
    let results = if words.is_empty() && brief {
        Results { page: page.clone(), q: String::new(), groups: Vec::new(), count: String::new(), next: String::new() }
    } else if words.is_empty() {
        browse(&kernel, &index, &tree, &page, &Asked::default()).await?
    } else {
        let found = if fragment {
            search::typeahead(&kernel, &index, words, language, Reader::Citizen, most).await?
        } else {
            search::search(&kernel, &index, words, language, Reader::Citizen, RESULTS).await?
        };
        if site::is_reading(&req) {
            let shown = found.iter().map(|s| s.sheet_id);
            index.observed.searched(&kernel, GapSide::Portal, words, language, shown, !fragment);
        }
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
    let mut answer = if fragment {
        page::html(&results)?
    } else {
        let overview = index.overview(&kernel).await?;
        page::html(&full(page, None, (&tree, &overview), None, &asked, results))?
    };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("HX-Request, HX-Target"));
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
        (by_area(&index.overview(kernel).await?.sheets, tree, language, Side::Public), String::new())
    } else {
        let area = tree.by_slug(&asked.area).ok_or_else(Problem::not_found)?;
        let of =
            ListOf { area: Some(area.id), audience: Some(Audience::Public), after: asked.after.clone(), limit: PAGE };
        let listed = sheets::list(kernel, of).await?;
        let mut items = items(&listed.sheets, tree, language, Side::Public);
        // The heading of the page says it already.
        items.iter_mut().for_each(|item| item.area.clear());
        let group = Group { title: String::new(), more: String::new(), items };
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
    addresses: Option<Addresses>,
    (tree, overview): (&CategoryTree, &Overview),
    here: Option<String>,
    asked: &Asked,
    results: Results,
) -> ListPage {
    let heading = here.unwrap_or_else(|| page.t("knowledge-title"));
    page.title.clone_from(&heading);
    let areas = public_area_links(tree, overview, page.language, &asked.area);
    let topics = topic_links(tree, overview, page.language, &asked.area);
    let rating = addresses.as_ref().map(|_| Widget::of_page(&page, &Place::services(&asked.area)));
    ListPage { addresses, heading, q: asked.q.clone(), areas, topics, results, rating, page }
}
