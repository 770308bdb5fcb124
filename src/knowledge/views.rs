//! What the templates show of categories and sheets, in the reader's language.
use actix_web::HttpRequest;

use super::categories::CategoryTree;
use super::links;
use super::model::Sheet;
use super::search::{Piece, Suggestion};
use crate::kernel::language::Language;
use crate::kernel::page::Page;

/// A sheet in a list.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub href: String,
    pub code: String,
    pub title: String,
    pub summary: String,
    /// Language of title and summary.
    pub lang: &'static str,
    /// Name of its area.
    pub area: String,
    /// Whether only agents may read it.
    pub internal: bool,
    /// Where it answers what was searched for, with the words that do.
    pub passage: Vec<Piece>,
}

/// Sheets under a heading.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Heading; empty for a list that needs none.
    pub title: String,
    /// Where all sheets of the group are; empty when they are all here.
    pub more: String,
    pub items: Vec<Item>,
}

/// A link of a list of areas.
#[derive(Debug, Clone)]
pub(super) struct AreaLink {
    pub href: String,
    pub label: String,
    pub current: bool,
}

/// Whose pages links lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Public,
    Desk,
}

impl Side {
    pub fn root(self) -> &'static str {
        match self {
            Self::Public => links::PUBLIC,
            Self::Desk => links::DESK,
        }
    }

    fn sheet(self, code: &str) -> String {
        match self {
            Self::Public => links::sheet(code),
            Self::Desk => links::desk_sheet(code),
        }
    }
}

impl Item {
    pub fn of_sheet(sheet: &Sheet, tree: &CategoryTree, language: Language, side: Side) -> Option<Self> {
        Suggestion::of(sheet, tree, language, 0.0).map(|s| Self::of_suggestion(s, tree, language, side))
    }

    pub fn of_suggestion(found: Suggestion, tree: &CategoryTree, language: Language, side: Side) -> Self {
        let area = found.category.as_deref().and_then(|slug| tree.by_slug(slug)).and_then(|c| tree.area_of(c.id));
        Self {
            href: side.sheet(&found.code),
            code: found.code,
            title: found.title,
            summary: found.summary,
            lang: found.lang,
            area: area.map(|a| a.name_in(language).to_owned()).unwrap_or_default(),
            internal: found.internal,
            passage: found.passage,
        }
    }
}

pub(super) fn items(sheets: &[Sheet], tree: &CategoryTree, language: Language, side: Side) -> Vec<Item> {
    sheets.iter().filter_map(|s| Item::of_sheet(s, tree, language, side)).collect()
}

/// Sheets by area, in the order of the areas.
pub(super) fn by_area(sheets: &[Sheet], tree: &CategoryTree, language: Language, side: Side) -> Vec<Group> {
    let group = |area: &super::categories::Area| {
        let of_area = |s: &&Sheet| s.category.and_then(|id| tree.area_of(id)).is_some_and(|a| a.id == area.category.id);
        let items: Vec<Item> =
            sheets.iter().filter(of_area).filter_map(|s| Item::of_sheet(s, tree, language, side)).collect();
        let more = links::with_query(side.root(), &[("area", &area.category.slug)]);
        Group { title: area.category.name_in(language).to_owned(), more, items }
    };
    tree.areas.iter().map(group).filter(|g| !g.items.is_empty()).collect()
}

/// Links to the lists of the areas; `current` is the slug of the one shown.
pub(super) fn area_links(tree: &CategoryTree, language: Language, side: Side, current: &str) -> Vec<AreaLink> {
    let link = |area: &super::categories::Area| AreaLink {
        href: links::with_query(side.root(), &[("area", &area.category.slug)]),
        label: area.category.name_in(language).to_owned(),
        current: area.category.slug == current,
    };
    tree.areas.iter().map(link).collect()
}

/// What a list page was asked for.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub(super) struct Asked {
    /// Words to search for.
    #[serde(default)]
    pub q: String,
    /// Slug of an area or a topic.
    #[serde(default)]
    pub area: String,
    /// Code that ended the page before.
    #[serde(default)]
    pub after: String,
}

/// Whether htmx asks for a part of the page rather than for the page.
pub(super) fn wants_fragment(req: &HttpRequest) -> bool {
    let is = |name: &str| req.headers().get(name).is_some_and(|v| v == "true");
    is("hx-request") && !is("hx-history-restore-request") && !is("hx-boosted")
}

/// A line such as "12 schede".
pub(super) fn count(page: &Page, n: usize) -> String {
    page.t1("knowledge-count", "n", n)
}
