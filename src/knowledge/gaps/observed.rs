//! What happens to sheets while people look: proposed, opened, searched for in vain. Kept in memory where it happens,
//! because nobody who looks should wait for a commit, and written in the background a moment later. A process that is
//! killed loses the last seconds of it, and no ticket.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;

use super::answers::answers;
use super::{store, words};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;
use crate::knowledge::{KnowledgeIndex, store as sheet_store};
use crate::tickets::{Channel, Ticket};

/// How often it is written.
const EVERY: Duration = Duration::from_secs(2);
/// A search that nobody went on typing for so long is what was meant.
const SETTLED: SignedDuration = SignedDuration::from_secs(4);
/// Sheets of a search that are looked at.
const FIRST: usize = 5;
/// Entries of each kind that wait at most; what comes on top is not counted.
const MOST: usize = 20_000;

stored_enum! {
    /// Where somebody looked for a sheet.
    Side {
        /// A citizen, on the public pages.
        Portal = "portal",
        /// An agent who searches.
        Desk = "desk",
        /// The subject of a request of the web form.
        Form = "form",
        /// The subject of any other message.
        Message = "message",
    }
}

/// A search that may still be half of one.
#[derive(Debug, Clone)]
struct Search {
    side: Side,
    /// As typed, lower case.
    typed: String,
    language: Language,
    /// In normal form; `None` when nothing in it is to be kept.
    words: Option<String>,
    at: Instant,
    /// The first sheets that were shown; whether they answer is looked at when it is written.
    found: Vec<i64>,
    /// Whether it was sent as a whole.
    finished: bool,
}

/// What waits to be written.
#[derive(Debug, Clone, Default)]
struct Waiting {
    /// Ticket and sheet; when first proposed.
    shown: BTreeMap<(i64, i64), Instant>,
    /// Ticket and sheet; when first opened.
    opened: BTreeMap<(i64, i64), Instant>,
    /// Tickets for which nothing was found to propose.
    nothing: BTreeMap<i64, (Instant, Side, Option<String>)>,
    /// Local day, sheet and side; how often shown and opened.
    views: BTreeMap<(String, i64, Side), (i64, i64)>,
    searches: Vec<Search>,
}

/// What was observed and is not written yet; cheap to clone, one a process.
#[derive(Debug, Clone, Default)]
pub struct Observed(Arc<Mutex<Waiting>>);

impl Observed {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sheets were proposed to an agent for a ticket; none is something too.
    pub fn proposed(&self, kernel: &Kernel, ticket: &Ticket, sheets: impl IntoIterator<Item = i64>) {
        let now = kernel.now();
        let mut waiting = self.lock();
        let mut any = false;
        for sheet in sheets {
            any = true;
            if waiting.shown.len() < MOST {
                waiting.shown.entry((ticket.id, sheet)).or_insert(now);
            }
        }
        if !any && waiting.nothing.len() < MOST {
            let side = if ticket.channel == Channel::Web { Side::Form } else { Side::Message };
            let language = Language::from_tag(&ticket.language).unwrap_or(Language::Italian);
            let words = words::normal(&ticket.subject, language);
            waiting.nothing.entry(ticket.id).or_insert((now, side, words));
        }
    }

    /// Somebody opened a sheet, perhaps while they worked on a ticket.
    pub fn opened(&self, kernel: &Kernel, sheet: i64, side: Side, ticket: Option<i64>) {
        let (now, day) = (kernel.now(), kernel.now().day(&kernel.config.zone()));
        let mut waiting = self.lock();
        if let Some(ticket) = ticket
            && waiting.opened.len() < MOST
        {
            waiting.opened.entry((ticket, sheet)).or_insert(now);
        }
        if waiting.views.len() < MOST {
            waiting.views.entry((day, sheet, side)).or_default().1 += 1;
        }
    }

    /// Somebody searched and was shown these sheets. What is typed letter by letter counts once, when it is whole:
    /// `finished` says that it was sent.
    pub fn searched(
        &self,
        kernel: &Kernel,
        side: Side,
        typed: &str,
        language: Language,
        found: impl IntoIterator<Item = i64>,
        finished: bool,
    ) {
        let (now, words) = (kernel.now(), words::normal(typed, language));
        let (typed, found) = (typed.trim().to_lowercase(), found.into_iter().take(FIRST).collect());
        let search = Search { side, typed, language, words, at: now, found, finished };
        let mut waiting = self.lock();
        // Whoever types further, or takes letters back, looks for one thing.
        let same = |other: &Search| {
            let begins = search.typed.starts_with(&other.typed) || other.typed.starts_with(&search.typed);
            other.side == side && !other.finished && begins && now.since(other.at) < SETTLED
        };
        if let Some(before) = waiting.searches.iter_mut().rev().find(|other| same(other)) {
            *before = search;
        } else if waiting.searches.len() < MOST {
            waiting.searches.push(search);
        }
    }

    /// Takes what is to be written; searches that may go on are left, unless all are wanted.
    fn take(&self, now: Instant, all: bool) -> Waiting {
        let mut waiting = self.lock();
        let mut taken = std::mem::take(&mut *waiting);
        let settled = |s: &Search| all || s.finished || now.since(s.at) >= SETTLED;
        let (ready, typing): (Vec<_>, Vec<_>) = taken.searches.into_iter().partition(settled);
        taken.searches = ready;
        waiting.searches = typing;
        taken
    }

    /// Puts back what could not be written.
    fn put_back(&self, taken: Waiting) {
        let mut waiting = self.lock();
        waiting.shown.extend(taken.shown);
        waiting.opened.extend(taken.opened);
        waiting.nothing.extend(taken.nothing);
        for (key, (shown, opened)) in taken.views {
            let sums = waiting.views.entry(key).or_default();
            sums.0 += shown;
            sums.1 += opened;
        }
        waiting.searches.extend(taken.searches);
    }
}

/// Writes what was observed; with `all` also searches that somebody may still be typing.
///
/// # Errors
/// When the database refuses; nothing is lost then.
pub async fn write(kernel: &Kernel, index: &KnowledgeIndex, all: bool) -> Result<(), StoreError> {
    let observed = &index.observed;
    let mut taken = observed.take(kernel.now(), all);
    let (zone, kept) = (kernel.config.zone(), taken.clone());
    if let Err(e) = judge(kernel, &mut taken.searches).await {
        observed.put_back(kept);
        return Err(e);
    }
    let mut views = taken.views;
    let mut misses: BTreeMap<(String, Side, String), i64> = BTreeMap::new();
    for search in taken.searches {
        let day = search.at.day(&zone);
        match search.words {
            Some(words) if search.found.is_empty() => *misses.entry((day, search.side, words)).or_default() += 1,
            _ => {
                for sheet in search.found {
                    views.entry((day.clone(), sheet, search.side)).or_default().0 += 1;
                }
            }
        }
    }
    let (shown, opened, nothing) = (taken.shown, taken.opened, taken.nothing);
    if shown.is_empty() && opened.is_empty() && nothing.is_empty() && views.is_empty() && misses.is_empty() {
        return Ok(());
    }
    let written: Result<(), StoreError> = kernel
        .db
        .write_derived(move |tx| {
            Box::pin(async move {
                for ((ticket, sheet), at) in shown {
                    if store::touch(tx, ticket, sheet, at, None).await? {
                        views.entry((at.day(&zone), sheet, Side::Desk)).or_default().0 += 1;
                    }
                }
                for ((ticket, sheet), at) in opened {
                    store::touch(tx, ticket, sheet, at, Some(at)).await?;
                }
                for (ticket, (at, side, words)) in nothing {
                    // Once a ticket, however often its page is opened.
                    if store::touch(tx, ticket, 0, at, None).await?
                        && let Some(words) = words
                    {
                        *misses.entry((at.day(&zone), side, words)).or_default() += 1;
                    }
                }
                for ((day, sheet, side), counts) in &views {
                    store::add_views(tx, day, *sheet, *side, *counts).await?;
                }
                for ((day, side, words), n) in &misses {
                    store::add_misses(tx, day, *side, words, *n).await?;
                }
                Ok(())
            })
        })
        .await;
    if written.is_err() {
        observed.put_back(kept);
    }
    written
}

/// Leaves of what searches showed the sheets that answer.
async fn judge(kernel: &Kernel, searches: &mut [Search]) -> Result<(), StoreError> {
    let mut ids: Vec<i64> = searches.iter().flat_map(|s| s.found.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let mut conn = kernel.db.read().await?;
    let sheets = sheet_store::sheets(&mut conn, &ids).await?;
    drop(conn);
    for search in searches {
        let answer = |id: &i64| {
            let sheet = sheets.iter().find(|s| s.id == *id);
            sheet.is_some_and(|s| answers(&search.typed, search.language, s, search.side == Side::Desk))
        };
        // A code or a number finds its sheet and no other.
        let by_code = search.words.is_none();
        search.found.retain(|id| by_code || answer(id));
    }
    Ok(())
}

/// Writes now and then, and once more when the process stops.
pub async fn follow(kernel: Kernel, index: Arc<KnowledgeIndex>) {
    loop {
        let stopping = kernel.stop.is_cancelled();
        if let Err(e) = write(&kernel, &index, stopping).await {
            tracing::warn!("what became of sheets is not written for now: {e}");
        }
        if stopping {
            return;
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
