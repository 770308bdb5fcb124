//! Finding sheets by words that a person types.
use knowledge_base::{Answer, Query, Reading};
use serde::Serialize;

pub use knowledge_base::Audience as Reader;

use super::categories::CategoryTree;
use super::index::{IndexError, KnowledgeIndex, lang};
use super::model::{Audience, Sheet};
pub use super::passages::Piece;
use super::passages::passage;
use super::versions::store as version_store;
use super::{sheets, store};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal, Role};

/// As whom somebody searches, so that nothing leads to a sheet by what they may not read of it. Whoever works tickets
/// and referents of the own agency find everything, referents of other agencies what is for partners.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn reader_of(kernel: &Kernel, who: &Principal) -> Result<Reader, StoreError> {
    let own = of_own_agency(kernel, who).await?;
    Ok(match who.role {
        _ if reads_internal(who, own) => Reader::Agent,
        Role::Referent => Reader::Partner,
        _ => Reader::Citizen,
    })
}

/// Whether a referent belongs to the agency that runs this installation; others need no look.
pub(super) async fn of_own_agency(kernel: &Kernel, who: &Principal) -> Result<bool, StoreError> {
    if who.role.may(Permission::WorkTickets) {
        return Ok(true);
    }
    let mut conn = kernel.db.read().await?;
    version_store::is_of_own_agency(&mut conn, &who.units).await
}

/// Whether somebody reads internal texts: whoever works tickets, and referents of the own agency.
pub(super) fn reads_internal(who: &Principal, own_agency: bool) -> bool {
    who.role.may(Permission::WorkTickets) || (who.role == Role::Referent && own_agency)
}

/// A sheet that answers what was asked.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    #[serde(skip)]
    pub sheet_id: i64,
    /// Code of the sheet, such as `ANA-01`.
    pub code: String,
    /// Its number, to be dictated.
    pub number: i64,
    pub title: String,
    pub summary: String,
    /// Slug of its category, `area` or `area/topic`.
    pub category: Option<String>,
    /// Above 0, about 1 when the best passage of the text is wholly covered.
    pub score: f32,
    /// Language of title and summary, `it` or `en`.
    pub lang: &'static str,
    /// Whether citizens may not read it.
    pub internal: bool,
    /// Where its text answers, with the words that do; empty when title and keywords alone do.
    pub passage: Vec<Piece>,
    #[serde(skip)]
    pub audience: Audience,
}

impl Suggestion {
    pub(super) fn of(sheet: &Sheet, tree: &CategoryTree, language: Language, score: f32) -> Option<Self> {
        let text = sheet.text_in(language)?;
        Some(Self {
            sheet_id: sheet.id,
            code: sheet.code.clone(),
            number: sheet.number,
            title: text.title.clone(),
            summary: text.summary.clone(),
            category: sheet.category.and_then(|id| tree.get(id)).map(|c| c.slug.clone()),
            score,
            lang: text.language.as_str(),
            internal: !sheet.is_public(),
            passage: Vec::new(),
            audience: sheet.audience,
        })
    }
}

/// Sheets for whole words, the best first, titles in `language` where they have it. A sheet's code finds it.
///
/// # Errors
/// When the index or the database cannot be read.
pub async fn search(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    text: &str,
    language: Language,
    reader: Reader,
    limit: usize,
) -> Result<Vec<Suggestion>, IndexError> {
    let query = Query::new(text, reader).limit(limit);
    let hits = worth_showing(index.answers(query, Reading::Words).await?);
    with_coded(kernel, index, text, hits, language, reader, limit).await
}

/// Sheets while a person types: the last word may be half of one.
///
/// # Errors
/// When the index or the database cannot be read.
pub async fn typeahead(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    text: &str,
    language: Language,
    reader: Reader,
    limit: usize,
) -> Result<Vec<Suggestion>, IndexError> {
    let query = Query::new(text, reader).limit(limit);
    let hits = worth_showing(index.answers(query, Reading::HalfTyped).await?);
    with_coded(kernel, index, text, hits, language, reader, limit).await
}

/// The part of the best score below which a sheet shares no more than a few letters with the words.
const FAINT: f32 = 0.1;

fn worth_showing(mut hits: Vec<Answer>) -> Vec<Answer> {
    let best = hits.first().map_or(0.0, |h| h.hit.score);
    hits.retain(|h| h.hit.score >= best * FAINT);
    hits
}

/// What was typed may be the code or the number of a sheet; that one comes first.
async fn with_coded(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    text: &str,
    hits: Vec<Answer>,
    language: Language,
    reader: Reader,
    limit: usize,
) -> Result<Vec<Suggestion>, IndexError> {
    let mut found = describe(kernel, index, &hits, language, reader).await?;
    if let Some(sheet) = sheets::by_dictation(kernel, text).await?
        && may_read(reader, &sheet)
    {
        found.retain(|s| s.sheet_id != sheet.id);
        let tree = index.categories(kernel).await?;
        found.splice(0..0, Suggestion::of(&sheet, &tree, language, 1.0));
        found.truncate(limit);
    }
    Ok(found)
}

/// The sheets behind hits, in their order. The database decides who may read what: the index may be a moment
/// behind it.
pub(super) async fn describe(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    hits: &[Answer],
    language: Language,
    reader: Reader,
) -> Result<Vec<Suggestion>, IndexError> {
    let tree = index.categories(kernel).await?;
    let ids: Vec<i64> = hits.iter().map(|h| h.hit.id).collect();
    let mut conn = kernel.db.read().await?;
    let sheets = store::sheets(&mut conn, &ids).await?;
    drop(conn);
    let of_hit = |answer: &Answer| {
        let sheet = sheets.iter().find(|s| s.id == answer.hit.id && may_read(reader, s))?;
        let found = Suggestion::of(sheet, &tree, language, answer.hit.score)?;
        // Words of one language answer nothing in the text of another.
        let text = sheet.text_in(language).filter(|text| lang(text.language) == answer.hit.lang);
        Some(Suggestion { passage: text.map_or_else(Vec::new, |text| passage(answer, text, reader)), ..found })
    };
    Ok(hits.iter().filter_map(of_hit).collect())
}

pub(super) fn may_read(reader: Reader, sheet: &Sheet) -> bool {
    match reader {
        Reader::Agent => sheet.is_in_use(),
        Reader::Partner => sheet.is_in_use() && sheet.audience != Audience::Internal,
        Reader::Citizen => sheet.is_public(),
    }
}
