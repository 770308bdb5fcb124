//! What a visitor sees before choosing: areas with their most used sheets, and what changed last.
use std::collections::{HashMap, HashSet};

use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::page::Page;
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::model::Sheet;
use crate::knowledge::views::{Item, Side};
use crate::knowledge::{links, store as sheet_store};

/// Sheets of each area that are kept at hand.
const OF_AN_AREA: i64 = 6;
/// Closed tickets that say which sheets are used: weeks of a busy centre, and bounded for a huge one.
const CLOSINGS: i64 = 20_000;

/// The most used public sheets of each area.
#[derive(Debug, Default)]
pub(in crate::knowledge) struct Overview {
    /// In each area the most used first.
    pub sheets: Vec<Sheet>,
    /// Public sheets of each area, by the area's row id.
    pub totals: HashMap<i64, i64>,
    /// Row ids of the categories that public sheets hang on.
    categories: HashSet<i64>,
}

impl Overview {
    /// Whether an area or a topic has public sheets.
    pub fn has(&self, category: i64) -> bool {
        self.totals.contains_key(&category) || self.categories.contains(&category)
    }
}

/// Reads the overview.
///
/// # Errors
/// When the database cannot be read.
pub(in crate::knowledge) async fn overview(kernel: &Kernel) -> Result<Overview, StoreError> {
    let mut conn = kernel.db.read().await?;
    let ranked = store::most_used_of_each_area(&mut conn, OF_AN_AREA, CLOSINGS).await?;
    let ids: Vec<i64> = ranked.iter().map(|r| r.id).collect();
    let mut sheets = sheet_store::sheets(&mut conn, &ids).await?;
    let categories = store::public_categories(&mut conn).await?.into_iter().collect();
    // What was withdrawn between the two looks is left out.
    sheets.retain(Sheet::is_public);
    let places: HashMap<i64, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    sheets.sort_by_key(|s| places.get(&s.id));
    Ok(Overview { sheets, categories, totals: ranked.iter().map(|r| (r.area, r.total)).collect() })
}

/// A sheet that a list of the home page names.
#[derive(Debug, Clone)]
pub struct TopicSheet {
    pub href: String,
    pub title: String,
    /// Language of the title.
    pub lang: &'static str,
}

/// An area of the classification with its most used sheets.
#[derive(Debug, Clone)]
pub struct Topic {
    pub href: String,
    pub name: String,
    /// `12 schede`
    pub count: String,
    pub sheets: Vec<TopicSheet>,
}

/// The areas that have public sheets, in their order, each with at most `each` sheets.
///
/// # Errors
/// When the database cannot be read.
pub async fn topics(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    page: &Page,
    each: usize,
) -> Result<Vec<Topic>, StoreError> {
    let (tree, overview) = (index.categories(kernel).await?, index.overview(kernel).await?);
    let topic = |area: &crate::knowledge::categories::Area| {
        let of_area = |s: &&Sheet| s.category.and_then(|id| tree.area_of(id)).is_some_and(|a| a.id == area.category.id);
        let sheets: Vec<_> =
            overview.sheets.iter().filter(of_area).filter_map(|s| topic_sheet(s, page)).take(each).collect();
        let total = overview.totals.get(&area.category.id).copied().unwrap_or_default();
        (!sheets.is_empty()).then(|| Topic {
            href: links::with_query(links::PUBLIC, &[("area", &area.category.slug)]),
            name: area.category.name_in(page.language).to_owned(),
            count: page.t1("knowledge-count", "n", total),
            sheets,
        })
    };
    Ok(tree.areas.iter().filter_map(topic).collect())
}

fn topic_sheet(sheet: &Sheet, page: &Page) -> Option<TopicSheet> {
    let text = sheet.text_in(page.language)?;
    Some(TopicSheet { href: links::sheet(&sheet.code), title: text.title.clone(), lang: text.language.as_str() })
}

/// A sheet that changed lately.
#[derive(Debug, Clone)]
pub struct Changed {
    pub href: String,
    pub title: String,
    pub lang: &'static str,
    /// `3 novembre 2026`
    pub day: String,
    /// For `<time datetime>`.
    pub at: String,
}

/// The public sheets that changed last, at most `most`.
///
/// # Errors
/// When the database cannot be read.
pub async fn changed(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    page: &Page,
    most: usize,
) -> Result<Vec<Changed>, StoreError> {
    let latest = index.latest(kernel).await?;
    let view = |sheet: &Sheet| {
        let TopicSheet { href, title, lang } = topic_sheet(sheet, page)?;
        let (day, at) = (page.date(&sheet.updated_at), page.machine_time(&sheet.updated_at));
        Some(Changed { href, title, lang, day, at })
    };
    Ok(latest.iter().filter_map(view).take(most).collect())
}

/// Other much used sheets of the area of a sheet, at most five.
pub(super) fn neighbours(sheet: &Sheet, overview: &Overview, tree: &CategoryTree, page: &Page) -> Vec<Item> {
    let area = |s: &Sheet| s.category.and_then(|id| tree.area_of(id)).map(|a| a.id);
    let Some(here) = area(sheet) else { return Vec::new() };
    let others = overview.sheets.iter().filter(|s| s.id != sheet.id && area(s) == Some(here));
    others.filter_map(|s| Item::of_sheet(s, tree, page.language, Side::Public)).take(5).collect()
}
