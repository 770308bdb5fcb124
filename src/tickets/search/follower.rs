//! Reads the event feed after the position the index was committed at, and writes the tickets it names anew.
//! Each node has its own follower, because each has its own index.
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tantivy::merge_policy::NoMergePolicy;
use tantivy::{IndexWriter, TantivyDocument, Term};

use super::index::{Open, TicketIndex, beginnings, by_size};
use super::{SearchError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, Position};

/// Wakes come by commits and notices; this poll is for those that get lost.
const POLL: Duration = Duration::from_millis(500);
/// Commits are at least this far apart: each makes a segment that must be merged later.
const BETWEEN: Duration = Duration::from_millis(500);
/// The same while there is much to read.
const BETWEEN_BEHIND: Duration = Duration::from_secs(3);
/// Events read at once.
const BATCH: i64 = 2_000;
/// Tickets read at once when the index is filled, and how many share a commit then.
const PIECE: i64 = 300;
const FILL_COMMIT: usize = 30_000;
/// Events without a ticket to write after which the position is saved all the same.
const SAVE_EVERY: usize = 5_000;
/// Texts of one ticket that are indexed, in bytes.
const TEXT_BYTES: usize = 60_000;

/// Keeps an index up to date until the kernel stops.
pub async fn follow(kernel: Kernel, index: Arc<TicketIndex>) {
    let mut follower = Follower { kernel: kernel.clone(), index, work: None, committed: None };
    loop {
        let woken = kernel.wake.next();
        let pause = match follower.step().await {
            Ok(0) => POLL,
            Ok(_) => Duration::ZERO,
            Err(e) => {
                tracing::warn!("the ticket index is not up to date: {e}");
                follower.work = None;
                if let SearchError::Index(_) = e
                    && let Err(e) = follower.index.discard()
                {
                    tracing::error!("the ticket index cannot be made anew: {e}");
                }
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = woken, if pause == POLL => {}
            () = tokio::time::sleep(pause) => {}
        }
        if let Some(since) = follower.committed.map(|at| at.elapsed()).filter(|since| *since < BETWEEN) {
            tokio::select! {
                () = kernel.stop.cancelled() => return,
                () = tokio::time::sleep(BETWEEN - since) => {}
            }
        }
    }
}

struct Follower {
    kernel: Kernel,
    index: Arc<TicketIndex>,
    work: Option<Work>,
    /// When the last commit was.
    committed: Option<Instant>,
}

/// An open index, its writer, and how far it has read.
struct Work {
    open: Arc<Open>,
    writer: IndexWriter<TantivyDocument>,
    position: Position,
    /// Events read since the position was last saved.
    unsaved: usize,
    /// Tickets written since the last commit.
    waiting: usize,
    /// The newest ticket that the index may hold: what is newer needs no removing.
    newest: i64,
}

impl Follower {
    /// Reads one batch; answers how many events it had.
    async fn step(&mut self) -> Result<usize, SearchError> {
        let mut work = match self.work.take() {
            Some(work) => work,
            None => self.begin().await?,
        };
        let mut conn = self.kernel.db.read().await?;
        let events = events::after(&mut conn, work.position, BATCH).await?;
        drop(conn);
        let changed: BTreeSet<i64> = events.iter().filter(|e| changes_text(&e.kind)).filter_map(|e| e.ticket).collect();
        for (first, last) in runs(&changed) {
            (first..=last.min(work.newest)).for_each(|id| work.remove(id));
            work.newest = work.newest.max(last);
            for document in documents(&self.kernel, &work.open, first, last).await? {
                work.writer.add_document(document)?;
            }
        }
        if let Some(last) = events.last() {
            work.position = last.position();
        }
        work.unsaved += events.len();
        work.waiting += changed.len();
        // While there is more to read the commit waits: few large segments are made faster than many small ones.
        let behind = i64::try_from(events.len()).is_ok_and(|n| n == BATCH);
        let long_ago = self.committed.is_none_or(|at| at.elapsed() > BETWEEN_BEHIND);
        let due = work.waiting > 0 && (!behind || long_ago || work.waiting >= FILL_COMMIT);
        if due || (work.waiting == 0 && work.unsaved >= SAVE_EVERY) {
            work = work.commit().await?;
            self.committed = Some(Instant::now());
        }
        self.work = Some(work);
        Ok(events.len())
    }

    /// Opens the index for writing and finds where it stands; one that is new, or stands where this feed
    /// never was, is filled first.
    async fn begin(&self) -> Result<Work, SearchError> {
        let mut open = self.index.open()?;
        let mut tries = 0;
        let writer = loop {
            match open.writer() {
                Ok(writer) => break writer,
                // A process that just stopped may hold the folder for a moment.
                Err(tantivy::TantivyError::LockFailure(..)) if tries < 10 => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                Err(tantivy::TantivyError::LockFailure(..)) => {
                    tracing::warn!(
                        "another process uses the ticket index of this data directory; this one keeps its own in memory"
                    );
                    open = self.index.borrow_memory()?;
                }
                Err(e) => return Err(e.into()),
            }
        };
        let saved = open.index.load_metas()?.payload.as_deref().and_then(from_text);
        if let Some(position) = saved {
            let mut conn = self.kernel.db.read().await?;
            if position == Position::default() || store::has_event(&mut conn, position).await? {
                let newest = open.newest()?;
                return Ok(Work { open, writer, position, unsaved: 0, waiting: 0, newest });
            }
        }
        let position = Position::default();
        let work = self.fill(Work { open, writer, position, unsaved: 0, waiting: 0, newest: 0 }).await?;
        let count = work.open.reader.searcher().num_docs();
        tracing::info!(index.documents = count, "made the ticket index anew with {count} tickets");
        Ok(work)
    }

    async fn fill(&self, mut work: Work) -> Result<Work, SearchError> {
        // The position comes first: what changes while the tickets are read is read again after it.
        let mut conn = self.kernel.db.read().await?;
        let position = events::end(&mut conn).await?;
        drop(conn);
        work.writer.delete_all_documents()?;
        // What is written now is joined once, at the end.
        work.writer.set_merge_policy(Box::new(NoMergePolicy));
        let (mut before, mut waiting) = (i64::MAX, 0);
        // The newest first: they are asked for most, and documents then come in their order.
        loop {
            let mut conn = self.kernel.db.read().await?;
            let ids = store::ids_before(&mut conn, before, PIECE).await?;
            drop(conn);
            let (Some(&last), Some(&first)) = (ids.first(), ids.last()) else { break };
            if self.kernel.stop.is_cancelled() {
                return Err(SearchError::Interrupted);
            }
            work.newest = work.newest.max(last);
            for document in documents(&self.kernel, &work.open, first, last).await?.into_iter().rev() {
                work.writer.add_document(document)?;
                waiting += 1;
            }
            before = first;
            if waiting >= FILL_COMMIT {
                // Without a position: an index that was only half filled is filled again.
                waiting = 0;
                work = work.commit_at(None).await?;
            }
        }
        work.position = position;
        work.commit().await?.merged().await
    }
}

impl Work {
    fn remove(&mut self, id: i64) {
        self.writer.delete_term(Term::from_field_i64(self.open.fields.id, id));
    }

    async fn commit(mut self) -> Result<Self, SearchError> {
        self.unsaved = 0;
        self.waiting = 0;
        let position = to_text(self.position);
        self.commit_at(Some(position)).await
    }

    /// Joins all that was written into one segment; nothing else joins meanwhile.
    async fn merged(mut self) -> Result<Self, SearchError> {
        let segments = self.open.index.searchable_segment_ids()?;
        if segments.len() > 1 {
            self.writer.merge(&segments).await?;
            self.open.reader.reload()?;
        }
        self.writer.set_merge_policy(by_size());
        Ok(self)
    }

    async fn commit_at(mut self, position: Option<String>) -> Result<Self, SearchError> {
        let done = tokio::task::spawn_blocking(move || {
            let mut prepared = self.writer.prepare_commit()?;
            if let Some(position) = &position {
                prepared.set_payload(position);
            }
            prepared.commit()?;
            self.open.reader.reload()?;
            Ok::<_, tantivy::TantivyError>(self)
        });
        Ok(done.await.map_err(|_| SearchError::Interrupted)??)
    }
}

/// Whether events of a kind may change what is searched; assignments and states do not.
fn changes_text(kind: &str) -> bool {
    !matches!(
        kind,
        "ticket.taken" | "ticket.assigned" | "ticket.put_back" | "ticket.waiting" | "ticket.resumed" | "ticket.closed"
    )
}

/// Row ids as runs of consecutive ones: under load new tickets come in a row, and a run is read at once.
fn runs(ids: &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for &id in ids {
        match runs.last_mut() {
            Some((first, last)) if *last + 1 == id && id - *first < PIECE => *last = id,
            _ => runs.push((id, id)),
        }
    }
    runs
}

/// The documents of the tickets between two row ids (both included), in their order.
async fn documents(kernel: &Kernel, open: &Open, first: i64, last: i64) -> Result<Vec<TantivyDocument>, SearchError> {
    let mut conn = kernel.db.read().await?;
    let heads = store::heads(&mut conn, first, last).await?;
    let texts = store::texts(&mut conn, first, last).await?;
    let mut names = store::contact_names(&mut conn, first, last).await?;
    names.extend(store::leg_names(&mut conn, first, last).await?);
    let merged = store::merged_subjects(&mut conn, first, last).await?;
    drop(conn);
    let fields = open.fields;
    let mut texts = texts.into_iter().peekable();
    let mut documents = Vec::with_capacity(heads.len());
    for head in heads {
        let mut document = TantivyDocument::new();
        document.add_i64(fields.id, head.id);
        let (mut people, mut body) = (BTreeSet::from([head.person.unwrap_or_default()]), String::new());
        for (_, subject) in merged.iter().filter(|(ticket, _)| *ticket == head.id) {
            body.push('\n');
            body.push_str(subject);
        }
        while let Some(text) = texts.next_if(|t| t.ticket_id <= head.id) {
            people.extend([text.from_name, text.from_address]);
            for part in [text.subject, text.body] {
                // The ticket's own subject is a field by itself.
                let new = !part.is_empty() && part != head.subject && !body.ends_with(&part);
                if new && body.len() + part.len() < TEXT_BYTES {
                    body.push('\n');
                    body.push_str(&part);
                }
            }
        }
        let people = people.into_iter().collect::<Vec<_>>().join(" ");
        document.add_text(fields.text, format!("{} {body}", head.subject));
        document.add_text(fields.words, format!("{} {people} {body}", head.subject));
        beginnings(&people).into_iter().for_each(|start| document.add_text(fields.beginnings, start));
        document.add_text(fields.body, body.trim_start());
        for (_, name) in names.iter().filter(|(ticket, _)| *ticket == head.id) {
            document.add_text(fields.names, name.trim().to_lowercase());
        }
        documents.push(document);
    }
    Ok(documents)
}

fn to_text(position: Position) -> String {
    format!("{}:{}", position.txid, position.id)
}

fn from_text(text: &str) -> Option<Position> {
    let (txid, id) = text.split_once(':')?;
    Some(Position { txid: txid.parse().ok()?, id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_ids_are_read_at_once_in_pieces() {
        let ids = BTreeSet::from([1, 2, 3, 7, 9, 10]);
        assert_eq!(runs(&ids), [(1, 3), (7, 7), (9, 10)]);
        let many: BTreeSet<i64> = (1..=PIECE + 5).collect();
        assert_eq!(runs(&many), [(1, PIECE), (PIECE + 1, PIECE + 5)]);
        assert!(runs(&BTreeSet::new()).is_empty());
    }
}
