//! What the templates show of categories and sheets, in the reader's language.
use std::collections::{BTreeSet, HashMap};

use actix_web::HttpRequest;

use super::categories::CategoryTree;
use super::diff::{self, FieldDiff, Tag};
use super::model::{Sheet, SheetText};
use super::search::{Piece, Suggestion};
use super::sections::Sections;
use super::site::Overview;
use super::versions::{DraftState, store};
use super::{editing, links, markdown};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Actor;
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
    /// The number to dictate.
    pub number: i64,
    /// Who may read it, in words.
    pub audience: String,
    /// Whether citizens may not read it.
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
            number: found.number,
            audience: language.text(&format!("knowledge-audience-{}", found.audience.as_str())),
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

/// Links to the citizens' lists of the areas that have public sheets.
pub(super) fn public_area_links(
    tree: &CategoryTree,
    overview: &Overview,
    language: Language,
    current: &str,
) -> Vec<AreaLink> {
    let links = area_links(tree, language, Side::Public, current);
    let in_use = tree.areas.iter().map(|a| overview.has(a.category.id));
    links.into_iter().zip(in_use).filter(|(link, has)| *has || link.current).map(|(link, _)| link).collect()
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

/// Links to the topics of the area that a list shows, itself or by one of its topics,
/// without those that have no public sheet.
pub(super) fn topic_links(
    tree: &CategoryTree,
    overview: &Overview,
    language: Language,
    current: &str,
) -> Vec<AreaLink> {
    let area = current.split('/').next().unwrap_or_default();
    let topics = tree.areas.iter().filter(|a| a.category.slug == area).flat_map(|a| &a.topics);
    let topics = topics.filter(|t| overview.has(t.id));
    let link = |topic: &super::model::Category| AreaLink {
        href: links::with_query(links::PUBLIC, &[("area", &topic.slug)]),
        label: topic.name_in(language).to_owned(),
        current: topic.slug == current,
    };
    topics.map(link).collect()
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

/// Names of people by the actor that events name.
pub(super) type Names = HashMap<String, String>;

/// The names of the people among actors.
pub(super) async fn names<'a>(
    conn: &mut Conn,
    actors: impl IntoIterator<Item = &'a String>,
) -> Result<Names, StoreError> {
    let actors: BTreeSet<String> = actors.into_iter().cloned().collect();
    store::names_of(conn, &actors).await
}

/// Who an event names, in the reader's language.
pub(super) fn person(page: &Page, names: &Names, actor: &str) -> String {
    match names.get(actor) {
        Some(name) => name.clone(),
        None => page.t(match Actor::from_text(actor) {
            Actor::Token(_) => "knowledge-by-program",
            Actor::User(_) => "knowledge-by-somebody",
            Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Rule(_) => "knowledge-by-system",
        }),
    }
}

/// The colour of a draft's state.
pub(super) const fn state_kind(state: DraftState) -> &'static str {
    match state {
        DraftState::Draft => "plain",
        DraftState::Submitted => "note",
        DraftState::Returned => "warn",
        DraftState::Scheduled => "good",
    }
}

/// What is wrong, one sentence a field.
pub(super) fn faults_text(page: &Page, faults: &[(String, String)]) -> Vec<String> {
    faults.iter().map(|(field, wrong)| editing::fault(page, field, wrong).message).collect()
}

/// A text as a draft or a version shows it.
pub(super) struct TextView {
    pub lang: &'static str,
    pub title: String,
    pub question: String,
    pub summary: String,
    pub body: String,
    pub reply: String,
    pub internal: String,
    pub spoken: String,
    pub fee: String,
    pub requirements: Vec<String>,
    pub keywords: String,
    pub sections: Vec<SectionView>,
}

/// A part of a text as a page shows it.
#[derive(Debug, Clone)]
pub(super) struct SectionView {
    /// One of [`SECTIONS`](super::sections::SECTIONS).
    pub name: &'static str,
    /// Sanitised HTML.
    pub html: String,
}

/// The parts that say something; ids of their headings begin with `prefix`.
pub(super) fn section_views(sections: &Sections, prefix: &str) -> Vec<SectionView> {
    let shown = sections.named().filter(|(_, text)| !text.trim().is_empty());
    shown
        .map(|(name, text)| SectionView { name, html: markdown::render(text, &format!("{prefix}{name}-")).html })
        .collect()
}

pub(super) fn text_views(texts: &[SheetText]) -> Vec<TextView> {
    let view = |text: &SheetText| TextView {
        lang: text.language.as_str(),
        title: text.title.clone(),
        question: text.question.clone(),
        summary: text.summary.clone(),
        body: markdown::render(&text.public_text, &format!("{}-", text.language.as_str())).html,
        reply: text.reply.trim().to_owned(),
        internal: markdown::render(&text.internal_text, &format!("{}-internal-", text.language.as_str())).html,
        spoken: text.phone_text.clone(),
        fee: text.fee.clone(),
        requirements: text.requirements.clone(),
        keywords: text.keywords.join(", "),
        sections: section_views(&text.sections, text.language.as_str()),
    };
    texts.iter().map(view).collect()
}

/// A changed field as a page shows it.
pub(super) struct DiffView {
    pub label: String,
    /// Language of the text; the page's for what is the same in every language.
    pub lang: &'static str,
    pub pieces: Vec<PieceView>,
}

/// A run of words of a changed field.
pub(super) struct PieceView {
    /// `same`, `added` or `removed`.
    pub tag: &'static str,
    pub text: String,
}

pub(super) fn diff_views(page: &Page, diffs: &[FieldDiff]) -> Vec<DiffView> {
    let piece = |piece: &diff::Piece| PieceView {
        tag: match piece.tag {
            Tag::Same => "same",
            Tag::Added => "added",
            Tag::Removed => "removed",
        },
        text: piece.text.clone(),
    };
    let view = |diff: &FieldDiff| {
        let field = page.t(&editing::label_of(diff.field));
        let label = match diff.lang {
            Some(lang) => format!("{field} ({})", page.t(&format!("knowledge-lang-{}", lang.as_str()))),
            None => field,
        };
        DiffView {
            label,
            lang: diff.lang.map_or(page.lang, Language::as_str),
            pieces: diff.pieces.iter().map(piece).collect(),
        }
    };
    diffs.iter().map(view).collect()
}
