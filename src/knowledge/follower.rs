//! Reads the event feed after the position the index was committed at, and brings the sheets it names up to
//! date in the index. Each node has its own follower, because each has its own index.
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use knowledge_base::{Document, Index};

use super::index::{IndexError, KnowledgeIndex, documents, on_index};
use super::lessons::{self, Lessons, Pending};
use super::{categories, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, Position};

/// Asks every node to make its index anew.
pub(super) const REBUILD: &str = "knowledge.rebuild";

/// Wakes come by commits and notices; this poll is for those that get lost, and keeps a change findable
/// within a second even then.
const POLL: Duration = Duration::from_millis(500);
/// Events read at once.
const BATCH: i64 = 500;
/// Events without a sheet after which the position is saved all the same, so that a restart reads few again.
const SAVE_EVERY: usize = 5_000;
/// Pause after a failure.
const FAILED: Duration = Duration::from_secs(1);
/// Sheets read at once when the index is filled.
const PIECE: i64 = 500;

/// Opens the node's index, fills it when it is new, and keeps it up to date until the kernel stops.
pub async fn follow(kernel: Kernel, service: Arc<KnowledgeIndex>) {
    let pending = Pending::default();
    let mut follower = Follower { kernel: kernel.clone(), service, open: None, unsaved: 0, pending };
    let mut pace = events::pace();
    loop {
        let woken = kernel.wake.next();
        let pause = match follower.step().await {
            Ok(0) => POLL,
            Ok(_) => Duration::ZERO,
            Err(e) => {
                tracing::warn!("the knowledge index is not up to date: {e}");
                if let IndexError::Index(_) = e {
                    follower.open = None;
                    // What the next index has of lessons is not known.
                    follower.pending = Pending::default();
                }
                FAILED
            }
        };
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = woken, if pause == POLL => pace.rest().await,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

struct Follower {
    kernel: Kernel,
    service: Arc<KnowledgeIndex>,
    /// The index and where it stands; `None` at first and after it failed.
    open: Option<(Arc<Index>, Position)>,
    /// Events read since the position was last saved.
    unsaved: usize,
    /// What is to be learnt from closings.
    pending: Pending,
}

impl Follower {
    /// Reads one batch; answers how many events it had.
    async fn step(&mut self) -> Result<usize, IndexError> {
        let (index, position) = match &self.open {
            Some((index, position)) => (index.clone(), *position),
            None => {
                let index = self.service.open(&self.kernel).await?;
                (index.clone(), self.resume(&index).await?)
            }
        };
        self.open = Some((index.clone(), position));
        let mut conn = self.kernel.db.read().await?;
        let events = events::after(&mut conn, position, BATCH).await?;
        drop(conn);
        let Some(last) = events.last() else {
            if self.pending.is_due() {
                self.write(&index, position, BTreeSet::new()).await?;
            }
            return Ok(0);
        };
        let mut changed = BTreeSet::new();
        let mut unlearnt = BTreeSet::new();
        let mut rebuild = false;
        for event in &events {
            match event.kind.as_str() {
                "sheet.saved" | "sheet.retired" => changed.extend(event.data()["sheet"].as_i64()),
                "category.changed" => self.service.forget(),
                REBUILD => rebuild = true,
                lessons::UNLEARNT => unlearnt.extend(event.data()["sheet"].as_i64()),
                _ => {
                    unlearnt.extend(lessons::taken_back(event));
                    self.pending.note(event);
                }
            }
        }
        let mut next = last.position();
        self.unsaved += events.len();
        if rebuild {
            next = fill(&self.kernel, &index).await?.max(next);
            self.service.forget();
            self.pending = Pending::default();
            self.unsaved = 0;
        } else if !changed.is_empty() || !unlearnt.is_empty() || self.unsaved >= SAVE_EVERY || self.pending.is_due() {
            if !changed.is_empty() {
                self.service.forget();
            }
            changed.append(&mut unlearnt);
            self.write(&index, next, changed).await?;
        }
        self.open = Some((index, next));
        Ok(events.len())
    }

    /// Writes changed sheets, and those that learnt something new, with the position the index then stands at. Whatever
    /// is pending goes with it, so that no closing before that position is forgotten when the process ends.
    async fn write(&mut self, index: &Arc<Index>, at: Position, changed: BTreeSet<i64>) -> Result<(), IndexError> {
        let learnt = self.pending.take();
        let written = self.write_in_turn(index, at, changed, &learnt).await;
        if written.is_err() {
            self.pending.put_back(learnt);
        }
        written
    }

    /// Changed sheets first: nobody who changed one waits until the tickets of others are read. The index stands where it
    /// stood until those have learnt too.
    async fn write_in_turn(
        &mut self,
        index: &Arc<Index>,
        at: Position,
        changed: BTreeSet<i64>,
        learnt: &[i64],
    ) -> Result<(), IndexError> {
        match index.position().filter(|_| !changed.is_empty()) {
            Some(stood) if learnt.iter().any(|id| !changed.contains(id)) => {
                self.write_sheets(index, stood, &changed, &[]).await?;
                let others: Vec<i64> = learnt.iter().filter(|id| !changed.contains(id)).copied().collect();
                self.write_sheets(index, to_text(at), &BTreeSet::new(), &others).await?;
            }
            _ => self.write_sheets(index, to_text(at), &changed, learnt).await?,
        }
        Ok(())
    }

    async fn write_sheets(
        &mut self,
        index: &Arc<Index>,
        at: String,
        changed: &BTreeSet<i64>,
        learnt: &[i64],
    ) -> Result<(), IndexError> {
        let mut ids: Vec<i64> = changed.iter().chain(learnt).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut documents = read(&self.kernel, &ids, index).await?;
        ids.retain(|id| {
            let words: Vec<String> =
                documents.iter().filter(|document| document.id == *id).flat_map(|d| d.asked.clone()).collect();
            self.pending.teaches(*id, &words) || changed.contains(id)
        });
        documents.retain(|document| ids.binary_search(&document.id).is_ok());
        if !ids.is_empty() || self.unsaved >= SAVE_EVERY {
            let moved = index.position().as_deref() != Some(at.as_str());
            on_index(index.clone(), move |index| {
                index.delete(&ids)?;
                index.upsert(&documents)?;
                index.commit(&at)
            })
            .await?;
            if moved {
                self.unsaved = 0;
            }
        }
        Ok(())
    }

    /// Where an index stands; one that stands where this feed never was is filled first.
    async fn resume(&self, index: &Arc<Index>) -> Result<Position, IndexError> {
        if let Some(position) = index.position().as_deref().and_then(from_text) {
            let mut conn = self.kernel.db.read().await?;
            if position == Position::default() || store::has_event(&mut conn, position).await? {
                return Ok(position);
            }
        }
        fill(&self.kernel, index).await
    }
}

/// Puts all sheets in use into an index in place of what it had; answers the position it then stands at.
pub(super) async fn fill(kernel: &Kernel, index: &Arc<Index>) -> Result<Position, IndexError> {
    // The position comes first: what changes while the sheets are read is read again after it.
    let mut conn = kernel.db.read().await?;
    let position = events::end(&mut conn).await?;
    drop(conn);
    on_index(index.clone(), Index::clear).await?;
    let mut after = 0;
    loop {
        let mut conn = kernel.db.read().await?;
        let ids = store::ids_after(&mut conn, after, PIECE).await?;
        drop(conn);
        let Some(last) = ids.last() else { break };
        after = *last;
        let documents = read(kernel, &ids, index).await?;
        on_index(index.clone(), move |index| index.upsert(&documents)).await?;
    }
    commit(index, position).await?;
    // What sheets learn depends on the words of all.
    after = 0;
    loop {
        let mut conn = kernel.db.read().await?;
        let ids = lessons::sheets_after(&mut conn, after, PIECE).await?;
        drop(conn);
        let Some(last) = ids.last() else { break };
        after = *last;
        let documents = read(kernel, &ids, index).await?;
        on_index(index.clone(), move |index| index.upsert(&documents)).await?;
    }
    if after > 0 {
        commit(index, position).await?;
    }
    on_index(index.clone(), Index::join).await?;
    Ok(position)
}

async fn commit(index: &Arc<Index>, position: Position) -> Result<(), IndexError> {
    let text = to_text(position);
    on_index(index.clone(), move |index| index.commit(&text)).await
}

/// The documents of the sheets that are in use, with the words that they learnt.
async fn read(kernel: &Kernel, ids: &[i64], index: &Arc<Index>) -> Result<Vec<Document>, IndexError> {
    let tree = categories::tree(kernel).await?;
    let mut conn = kernel.db.read().await?;
    let sheets = store::sheets(&mut conn, ids).await?;
    let lessons = Lessons::of(&mut conn, ids).await?;
    Ok(sheets.iter().filter(|s| s.is_in_use()).flat_map(|s| documents(s, &tree, &lessons, index)).collect())
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
    fn a_position_reads_back() {
        let position = Position { txid: 7_000_000_000, id: 12 };
        assert_eq!(from_text(&to_text(position)), Some(position));
        assert_eq!(from_text("damaged"), None);
    }
}
