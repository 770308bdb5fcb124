//! The Atom feed (RFC 4287) of new and changed public sheets, one for each language.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::addresses::{base, in_language};
use super::fresh::{Freshness, answer};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::language::Language;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::model::Sheet;
use crate::knowledge::{links, store as sheet_store};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::FEED).route(web::get().to(show)).route(web::head().to(show)));
}

/// Entries of the feed.
const ENTRIES: i64 = 50;

/// The public sheets that changed last.
///
/// # Errors
/// When the database cannot be read.
pub(in crate::knowledge) async fn latest(kernel: &Kernel) -> Result<Vec<Sheet>, StoreError> {
    let mut conn = kernel.db.read().await?;
    let ids = store::changed_last(&mut conn, ENTRIES).await?;
    let mut sheets = sheet_store::sheets(&mut conn, &ids).await?;
    sheets.retain(Sheet::is_public);
    sheets.sort_by_key(|s| std::cmp::Reverse((s.updated_at, s.id)));
    Ok(sheets)
}

struct Entry {
    id: String,
    /// Language of the entry's text.
    lang: &'static str,
    title: String,
    updated: String,
    /// `new` or `changed`.
    term: &'static str,
    label: String,
    /// Slug and name of its area; empty without one.
    area: (String, String),
    summary: String,
}

#[derive(Template)]
#[template(path = "knowledge/feed.xml")]
struct Feed {
    lang: &'static str,
    title: String,
    subtitle: String,
    own: String,
    site: String,
    updated: String,
    author: String,
    entries: Vec<Entry>,
}

async fn show(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    language: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let language = Language::ALL.into_iter().find(|l| l.as_str() == *language).ok_or_else(Problem::not_found)?;
    let (sheets, tree) = (index.latest(&kernel).await?, index.categories(&kernel).await?);
    let base = base(&kernel);
    let feed = Feed {
        lang: language.as_str(),
        title: language.text_with("site-feed-title", &[("agency", kernel.agency_name())]),
        subtitle: language.text("site-feed-about"),
        own: format!("{base}{}", links::feed(language)),
        site: in_language(base, links::PUBLIC, &[], language),
        updated: sheets.first().map_or(Instant(0), |s| s.updated_at).rfc3339(),
        author: kernel.agency_name(),
        entries: sheets.iter().filter_map(|sheet| entry(base, sheet, &tree, language)).collect(),
    };
    answer(&req, None, Freshness::Listing, "application/atom+xml; charset=utf-8", &feed)
}

fn entry(base: &str, sheet: &Sheet, tree: &CategoryTree, language: Language) -> Option<Entry> {
    let text = sheet.text_in(language)?;
    let area = sheet.category.and_then(|id| tree.area_of(id));
    let term = if sheet.version == 1 { "new" } else { "changed" };
    Some(Entry {
        id: in_language(base, &links::sheet(&sheet.code), &[], language),
        lang: text.language.as_str(),
        title: text.title.clone(),
        updated: sheet.updated_at.rfc3339(),
        term,
        label: language.text(&format!("site-feed-{term}")),
        area: area.map(|a| (a.slug.clone(), a.name_in(language).to_owned())).unwrap_or_default(),
        summary: text.summary.clone(),
    })
}
