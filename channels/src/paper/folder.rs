//! Files that a scanner or a fax server leaves in a folder, handed over once each and only when whole.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::PaperReader;
use super::files::{Seen, is_paper, list, move_away, settle, take};
use crate::{Batch, BoxError, ChannelKind, Held, Inbox, RawContent, RawItem, Receive, ReceiverState, ReceiverStatus};

/// Pause after the inbox did not answer.
const RETRY: Duration = Duration::from_secs(5);

/// What becomes of a file once it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum After {
    /// It moves to the folder `done` beside it.
    #[default]
    Move,
    /// It stays: the folder belongs to another program.
    Leave,
}

/// A watched folder.
#[derive(Debug, Clone)]
pub struct FolderConfig {
    /// The channel of what comes.
    pub kind: ChannelKind,
    /// The folder.
    pub folder: PathBuf,
    /// What becomes of files.
    pub after: After,
    /// A file that did not change for this long may be whole.
    pub settle: Duration,
    /// Larger files are not read; they are reported as unreadable.
    pub max_bytes: u64,
    /// File in which files that stay are noted; a loss only costs handing them over again.
    pub memory: PathBuf,
    /// What will read the files; only asked whether it can.
    pub reader: PaperReader,
}

/// Receives from a watched folder.
#[derive(Debug)]
pub struct FolderReceiver {
    config: FolderConfig,
    status: watch::Sender<ReceiverStatus>,
    seen: Arc<Mutex<Seen>>,
}

impl FolderReceiver {
    /// A receiver of this folder.
    #[must_use]
    pub fn new(config: FolderConfig) -> Self {
        Self { config, status: watch::Sender::new(ReceiverStatus::default()), seen: Arc::default() }
    }

    fn say(&self, change: impl FnOnce(&mut ReceiverStatus)) {
        self.status.send_modify(change);
    }

    /// Hands over every file that is whole. A file that gives trouble does not hold up the others.
    async fn pass(&self, inbox: &dyn Inbox) -> Result<(), BoxError> {
        self.say(|s| s.state = ReceiverState::Fetching);
        let (config, seen) = (self.config.clone(), Arc::clone(&self.seen));
        let waiting = tokio::task::spawn_blocking(move || list(&config, &seen)).await??;
        self.say(|s| s.lag = waiting.len() as u64);
        let cursor = inbox.cursor().await?.unwrap_or_default();
        let mut trouble = None;
        for file in waiting {
            let (config, seen, path) = (self.config.clone(), Arc::clone(&self.seen), file.stamp.path.clone());
            let found = match tokio::task::spawn_blocking(move || take(&config, &seen, file)).await? {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(problem) => {
                    trouble = Some(format!("{}: {problem}", path.display()));
                    continue;
                }
            };
            let reference = found.item.external_ref.clone();
            // What was not read has its only copy here.
            let stays = matches!(found.item.content, RawContent::Unreadable { .. });
            inbox.accept(Batch { cursor, items: vec![found.item] }).await?;
            let (config, seen) = (self.config.clone(), Arc::clone(&self.seen));
            let settled =
                tokio::task::spawn_blocking(move || settle(&config, &seen, found.stamp, reference, stays)).await?;
            if let Err(problem) = settled {
                trouble = Some(format!("{}: {problem}", path.display()));
            }
            self.say(|s| {
                s.received += 1;
                s.lag = s.lag.saturating_sub(1);
            });
        }
        let (config, seen) = (self.config.clone(), Arc::clone(&self.seen));
        tokio::task::spawn_blocking(move || move_away(&config, &seen)).await??;
        trouble.map_or(Ok(()), |trouble| Err(trouble.into()))
    }
}

#[async_trait]
impl Receive for FolderReceiver {
    fn kind(&self) -> ChannelKind {
        self.config.kind
    }

    fn status(&self) -> watch::Receiver<ReceiverStatus> {
        self.status.subscribe()
    }

    async fn run(&self, inbox: &dyn Inbox, stop: CancellationToken) {
        loop {
            let done = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                done = self.pass(inbox) => done,
            };
            let pause = match done {
                Ok(()) => {
                    self.say(|s| {
                        s.state = ReceiverState::Waiting;
                        s.last_success = Some(now());
                        s.last_error = None;
                    });
                    self.config.settle.clamp(Duration::from_millis(50), RETRY)
                }
                Err(problem) => {
                    self.say(|s| {
                        s.state = ReceiverState::Retrying;
                        s.last_error = Some(problem.to_string());
                    });
                    RETRY
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.say(|s| s.state = ReceiverState::Stopped);
    }

    async fn check(&self) -> Result<String, String> {
        let config = self.config.clone();
        let checked = tokio::task::spawn_blocking(move || {
            let folder = config.folder.display();
            let entries = std::fs::read_dir(&config.folder).map_err(|e| format!("{folder} cannot be read: {e}"))?;
            let count = entries.flatten().filter(|e| is_paper(&e.path())).count();
            if config.after == After::Move {
                tempfile::tempfile_in(&config.folder).map_err(|e| format!("{folder} cannot be written to: {e}"))?;
            }
            let reading = config.reader.check()?;
            Ok(format!("{folder} can be read and holds {count} files; {reading}"))
        });
        checked.await.map_err(|e| e.to_string())?
    }

    async fn held(&self, span: &Range<Timestamp>) -> Result<Option<Vec<Held>>, String> {
        let (config, span) = (self.config.clone(), span.clone());
        let found = tokio::task::spawn_blocking(move || super::held::held(&config, &span)).await;
        let found = found.map_err(|e| e.to_string())?;
        found.map(Some).map_err(|e| format!("{} cannot be read: {e}", self.config.folder.display()))
    }

    async fn again(&self, names: &[String]) -> Result<Vec<RawItem>, String> {
        let (config, names) = (self.config.clone(), names.to_vec());
        let found = tokio::task::spawn_blocking(move || super::held::again(&config, &names)).await;
        let found = found.map_err(|e| e.to_string())?;
        found.map_err(|e| format!("{} cannot be read: {e}", self.config.folder.display()))
    }
}

#[expect(clippy::disallowed_methods, reason = "the health of a live folder has no other clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
