//! Finding tickets: by any identifier in any format, through exact look-ups, and by words of their texts,
//! through an index that each node keeps for itself and brings up to date from the event feed.
//!
//! [`search`] asks the database and the index one after the other, never both in one query, and walks the
//! results by key from the newest ticket to the oldest, so that a page costs the same wherever it is (C1, C2).
mod exact;
mod excerpt;
mod follower;
mod index;
mod query;
mod store;

use std::collections::BTreeMap;

use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::problem::{Kind, Refusal};
use crate::tickets::queues::QueueRow;

pub use excerpt::Piece;
pub use follower::follow;
pub use index::TicketIndex;

/// Most results on one page.
pub const LIMIT: usize = 100;

/// A ticket that was found.
#[derive(Debug, Clone)]
pub struct Found {
    pub row: QueueRow,
    /// Where the text says it, in pieces; empty when an identifier found it.
    pub excerpt: Vec<Piece>,
}

/// One page of results.
#[derive(Debug, Clone, Default)]
pub struct SearchPage {
    pub found: Vec<Found>,
    /// What the next page begins before; `None` on the last one.
    pub next: Option<i64>,
    /// Persons whose identifier was typed, by row id.
    pub persons: Vec<i64>,
}

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("ticket index: {0}")]
    Index(#[from] tantivy::TantivyError),
    #[error("ticket index: {0}")]
    Folder(#[from] std::io::Error),
    /// The process is stopping.
    #[error("the search was interrupted")]
    Interrupted,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for SearchError {
    fn kind(&self) -> Kind {
        match self {
            Self::Index(_) | Self::Folder(_) => Kind::Internal,
            Self::Interrupted => Kind::Unavailable,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Index(_) | Self::Folder(_) => "internal",
            Self::Interrupted => "stopping",
            Self::Store(e) => e.code(),
        }
    }
}

/// One page of the tickets that `q` means, newest first; `before` is the `next` of the page before. What a
/// code names comes first. Codes and identifiers find what was committed a moment ago, texts what the index
/// of this node has read, at most about a second less.
///
/// # Errors
/// When the database or the index cannot be read.
pub async fn search(
    kernel: &Kernel,
    index: &TicketIndex,
    q: &str,
    limit: usize,
    before: Option<i64>,
) -> Result<SearchPage, SearchError> {
    let (q, limit) = (q.trim(), limit.clamp(1, LIMIT));
    if q.is_empty() {
        return Ok(SearchPage::default());
    }
    let mut conn = kernel.db.read().await?;
    let coded = exact::by_code(&mut conn, q).await?;
    let persons = exact::persons(&mut conn, q).await?;
    let start = before.unwrap_or(i64::MAX);
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut ids: BTreeMap<i64, Vec<Piece>> = BTreeMap::new();
    for person in &persons {
        ids.extend(store::tickets_of(&mut conn, *person, start, most).await?.into_iter().map(|id| (id, Vec::new())));
    }
    drop(conn);
    for (id, excerpt) in index.find(q, start, limit + 1 + coded.len()).await? {
        ids.entry(id).or_insert(excerpt);
    }
    ids.retain(|id, _| !coded.contains(id));
    let mut newest: Vec<(i64, Vec<Piece>)> = ids.into_iter().rev().collect();
    let next = if newest.len() > limit { newest.get(limit - 1).map(|(id, _)| *id) } else { None };
    newest.truncate(limit);
    let first = if before.is_none() { coded } else { Vec::new() };
    let mut conn = kernel.db.read().await?;
    let mut found = Vec::with_capacity(newest.len() + first.len());
    for (id, excerpt) in first.into_iter().map(|id| (id, Vec::new())).chain(newest) {
        // A row of the index may be of a ticket that a restored database no longer has.
        if let Some(row) = store::row(&mut conn, id).await? {
            found.push(Found { row, excerpt });
        }
    }
    Ok(SearchPage { found, next, persons })
}
