//! What was dealt with before: resolved tickets like a new one, with the sheet that closed them, and what they,
//! the sheets and the keywords of categories say a ticket is about and who is competent. Beside them the texts of tickets in work, among which
//! [`super::duplicates`] looks for those that are about the same thing.
//!
//! Each node learns the texts from the database and the feed, in memory. What they were about is
//! read from the database when it is asked, so a classification that was corrected counts at once.
mod follower;
mod keywords;
mod store;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use knowledge_base::Lang;
use knowledge_base::precedents::{Guess, Precedents, Similar, guess};

use super::model::Ticket;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::language::Language;
use crate::knowledge::index::IndexError;
use crate::knowledge::search::Reader;
use crate::knowledge::suggest::{self, Message};
use crate::knowledge::{KnowledgeIndex, forward};

pub use follower::follow;
pub use store::{PrecedentRow, first_text};

/// Tickets that are remembered, the latest.
const MOST: usize = 20_000;
/// Tickets that say what a new one is about.
const VOTERS: usize = 20;
/// Tickets less like it than this are not shown.
const LIKE: f32 = 0.1;
/// Sheets that say it too, and how much the best of them counts beside a ticket with the same words.
const SHEETS: usize = 3;
const SHEET: f32 = 0.3;
/// How much a category counts of which a keyword was written, and how many keywords count.
const KEYWORD: f32 = 0.3;
const KEYWORDS: usize = 3;

/// The memory of this node; one a process.
#[derive(Clone)]
pub struct Memory {
    resolved: Arc<RwLock<Precedents>>,
    in_work: Arc<RwLock<Precedents>>,
}

impl Default for Memory {
    fn default() -> Self {
        let empty = || Arc::new(RwLock::new(Precedents::new(MOST)));
        Self { resolved: empty(), in_work: empty() }
    }
}

/// A resolved ticket like another.
#[derive(Debug, Clone)]
pub struct Precedent {
    pub row: PrecedentRow,
    /// From 0 to 1.
    pub likeness: f32,
}

/// What is known of a ticket from others.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// Resolved tickets like it, the most like it first.
    pub similar: Vec<Precedent>,
    /// Row ids of categories, the most probable first.
    pub categories: Vec<Guess<i64>>,
    /// Row ids of competent units, the most probable first.
    pub units: Vec<Guess<i64>>,
}

impl Memory {
    /// How many resolved tickets are remembered.
    pub fn len(&self) -> usize {
        self.resolved.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no resolved ticket is remembered yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tickets in work are remembered.
    pub fn in_work(&self) -> usize {
        self.in_work.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn learn(&self, row: &store::TextRow) {
        let text = format!("{}\n{}", row.subject, row.body);
        let (into, out_of) = if row.over { (&self.resolved, &self.in_work) } else { (&self.in_work, &self.resolved) };
        into.write().unwrap_or_else(PoisonError::into_inner).learn(row.id, &text, lang(&row.language));
        out_of.write().unwrap_or_else(PoisonError::into_inner).forget(row.id);
    }

    fn forget(&self, id: i64) {
        for memory in [&self.resolved, &self.in_work] {
            memory.write().unwrap_or_else(PoisonError::into_inner).forget(id);
        }
    }

    async fn similar(&self, text: String, lang: Lang) -> Vec<Similar> {
        like(&self.resolved, text, lang, VOTERS + 1).await
    }

    /// Tickets in work whose first text is like one, the most like it first; `language` is a tag.
    pub(super) async fn similar_in_work(&self, text: String, language: &str, limit: usize) -> Vec<Similar> {
        like(&self.in_work, text, lang(language), limit).await
    }
}

async fn like(memory: &Arc<RwLock<Precedents>>, text: String, lang: Lang, limit: usize) -> Vec<Similar> {
    let memory = memory.clone();
    let found = tokio::task::spawn_blocking(move || {
        memory.read().unwrap_or_else(PoisonError::into_inner).similar(&text, lang, limit)
    });
    found.await.unwrap_or_default()
}

fn lang(language: &str) -> Lang {
    Lang::from_code(language).unwrap_or(Lang::It)
}

/// What resolved tickets and sheets say of a ticket, with at most `limit` of the tickets.
///
/// # Errors
/// When the index or the database cannot be read.
pub async fn assess(
    kernel: &Kernel,
    memory: &Memory,
    index: &KnowledgeIndex,
    ticket: &Ticket,
    limit: usize,
) -> Result<Assessment, IndexError> {
    let mut conn = kernel.db.read().await?;
    let body = store::first_text(&mut conn, ticket.id).await?;
    drop(conn);
    let mut like = memory.similar(format!("{}\n{body}", ticket.subject), lang(&ticket.language)).await;
    like.retain(|similar| similar.id != ticket.id);
    like.truncate(VOTERS);
    let rows = rows(kernel, &like).await?;
    let language = Language::from_tag(&ticket.language).unwrap_or(Language::Italian);
    let message = Message { subject: &ticket.subject, text: &body };
    let sheets = suggest::suggest(kernel, index, message, language, Reader::Agent, SHEETS, None).await?;
    let tree = index.categories(kernel).await?;
    let best = sheets.first().map_or(1.0, |sheet| sheet.score).max(1.0);
    let of_sheets = sheets.iter().filter_map(|sheet| {
        let category = tree.by_slug(sheet.category.as_deref()?)?;
        Some((sheet.sheet_id, category.id, SHEET * sheet.score / best))
    });
    let of_sheets: Vec<(i64, i64, f32)> = of_sheets.collect();
    let found: Vec<Precedent> = like
        .iter()
        .filter_map(|similar| Some(Precedent { row: rows.get(&similar.id)?.clone(), likeness: similar.likeness }))
        .collect();
    // A category that was retired since is no answer.
    let of_tickets = found.iter().filter_map(|p| Some((tree.get(p.row.category_id?)?.id, p.likeness)));
    let mut conn = kernel.db.read().await?;
    let text = keywords::words(&format!("{}\n{body}", ticket.subject));
    let mut of_words: Vec<(Option<i64>, i64, f32)> =
        of_sheets.into_iter().map(|(sheet, category, like)| (Some(sheet), category, like)).collect();
    for (category, all) in store::keywords(&mut conn).await? {
        let found = keywords::mentioned(&text, &all).min(KEYWORDS);
        of_words.extend(std::iter::repeat_n((None, category, KEYWORD), found));
    }
    let categories = guess(of_tickets.chain(of_words.iter().map(|(_, category, like)| (*category, *like))));
    let mut units: Vec<(i64, f32)> = found.iter().map(|p| (p.row.unit_id, p.likeness)).collect();
    for (sheet, category, like) in of_words {
        // Where requests go that are written from the sheet.
        units.extend(forward::competent_unit(&mut conn, category, sheet).await?.map(|unit| (unit, like)));
    }
    drop(conn);
    let units = guess(units);
    let similar = found.into_iter().filter(|p| p.likeness >= LIKE).take(limit).collect();
    Ok(Assessment { similar, categories, units })
}

async fn rows(kernel: &Kernel, like: &[Similar]) -> Result<HashMap<i64, PrecedentRow>, StoreError> {
    let mut conn = kernel.db.read().await?;
    let mut rows = HashMap::new();
    for similar in like {
        if let Some(row) = store::precedent(&mut conn, similar.id).await? {
            rows.insert(similar.id, row);
        }
    }
    Ok(rows)
}
