//! Group commit for SQLite. One task owns the only writing connection. Work that arrives while a commit is
//! being synced waits in the channel and then shares the next transaction, each piece in its own savepoint:
//! a failure rolls back its own piece only, and nobody is answered before the commit is durable.
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};

use super::{Conn, ConnKind, StoreError, Tx, WriteFuture};
use crate::kernel::live::Wake;
use crate::on;

/// How many pieces of work one transaction takes at most, and for how long it goes on taking them. The
/// bounds keep one caller's wait short when thousands queue.
const GROUP_SIZE: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(25);

/// What is told to each caller once the fate of its group is known.
type Settle = Box<dyn FnOnce(Result<(), String>) + Send>;

/// A piece of work with its result type erased: runs, says whether to keep, and how to answer.
type Job = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (Keep, Settle)> + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Yes,
    No,
}

enum Message {
    Job(Job),
    Close(oneshot::Sender<()>),
}

/// Counts of the SQLite writer since start.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriterStats {
    /// Pieces of work run.
    pub jobs: u64,
    /// Transactions committed for them.
    pub commits: u64,
}

#[derive(Clone)]
pub(super) struct Writer {
    sender: mpsc::Sender<Message>,
    pool: SqlitePool,
    jobs: Arc<AtomicU64>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    pub fn start(pool: SqlitePool, wake: Wake) -> Self {
        let (sender, receiver) = mpsc::channel(1024);
        let writer = Self { sender, pool, jobs: Arc::default(), commits: Arc::default() };
        let task = Task {
            receiver,
            pool: writer.pool.clone(),
            wake,
            jobs: writer.jobs.clone(),
            commits: writer.commits.clone(),
        };
        tokio::spawn(task.run());
        writer
    }

    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    pub fn stats(&self) -> WriterStats {
        WriterStats { jobs: self.jobs.load(Ordering::Relaxed), commits: self.commits.load(Ordering::Relaxed) }
    }

    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> WriteFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel::<Result<T, E>>();
        let job: Job = Box::new(move |tx| {
            Box::pin(async move {
                let result = match AssertUnwindSafe(work(tx)).catch_unwind().await {
                    Ok(result) => result,
                    Err(_) => Err(StoreError::Interrupted.into()),
                };
                let keep = if result.is_ok() { Keep::Yes } else { Keep::No };
                let settle: Settle = Box::new(move |committed| {
                    let result = match committed {
                        Ok(()) => result,
                        Err(why) => result.and(Err(StoreError::Commit(why).into())),
                    };
                    // The caller may have gone away; the work stands all the same.
                    drop(answer.send(result));
                });
                (keep, settle)
            })
        });
        if self.sender.send(Message::Job(job)).await.is_err() {
            return Err(StoreError::Interrupted.into());
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::Interrupted.into()))
    }

    /// Waits for everything already queued, then closes the connection (which checkpoints the log).
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.sender.send(Message::Close(done)).await.is_ok() {
            drop(closed.await);
        }
        self.pool.close().await;
    }
}

struct Task {
    receiver: mpsc::Receiver<Message>,
    pool: SqlitePool,
    wake: Wake,
    jobs: Arc<AtomicU64>,
    commits: Arc<AtomicU64>,
}

impl Task {
    async fn run(mut self) {
        while let Some(message) = self.receiver.recv().await {
            let first = match message {
                Message::Job(job) => job,
                Message::Close(done) => {
                    self.receiver.close();
                    let _gone = done.send(());
                    return;
                }
            };
            if let Some(done) = self.group(first).await {
                self.receiver.close();
                let _gone = done.send(());
                return;
            }
        }
    }

    /// Runs one transaction that starts with `first`; answers the request to close if it met one.
    async fn group(&mut self, first: Job) -> Option<oneshot::Sender<()>> {
        let mut tx = match self.begin().await {
            Ok(tx) => tx,
            Err(e) => {
                tracing::error!("cannot begin a write transaction: {e}");
                // Dropping the job drops its answer channel: the caller sees an interrupted write.
                return None;
            }
        };
        let started = Instant::now();
        let mut settles: Vec<Settle> = Vec::new();
        let mut close = None;
        let mut next = Some(first);
        let mut broken: Option<String> = None;
        while let Some(job) = next.take() {
            let (keep, settle) = job(&mut tx).await;
            settles.push(settle);
            if keep == Keep::No
                && let Err(e) = command(&mut tx, "ROLLBACK TO piece").await
            {
                broken = Some(e.to_string());
                break;
            }
            if settles.len() < GROUP_SIZE && started.elapsed() < GROUP_TIME {
                match self.receiver.try_recv() {
                    Ok(Message::Job(job)) => {
                        // One round trip ends a piece and begins the next; the last is ended by COMMIT.
                        if let Err(e) = command(&mut tx, "RELEASE piece; SAVEPOINT piece").await {
                            broken = Some(e.to_string());
                            break;
                        }
                        next = Some(job);
                    }
                    Ok(Message::Close(done)) => close = Some(done),
                    Err(_) => {}
                }
            }
        }
        self.jobs.fetch_add(settles.len() as u64, Ordering::Relaxed);
        let outcome = match broken {
            Some(why) => {
                drop(command(&mut tx, "ROLLBACK").await);
                Err(why)
            }
            None => command(&mut tx, "COMMIT").await.map_err(|e| e.to_string()),
        };
        if let Err(why) = &outcome {
            tracing::error!("a group of {} writes was not committed: {why}", settles.len());
            drop(command(&mut tx, "ROLLBACK").await);
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        drop(tx);
        for settle in settles {
            settle(outcome.clone());
        }
        self.wake.committed();
        close
    }

    async fn begin(&self) -> Result<Tx, StoreError> {
        let mut tx = Tx { conn: Conn { kind: ConnKind::Sqlite(self.pool.acquire().await?) } };
        command(&mut tx, "BEGIN IMMEDIATE; SAVEPOINT piece").await?;
        Ok(tx)
    }
}

async fn command(tx: &mut Tx, sql: &'static str) -> Result<(), sqlx::Error> {
    on!(tx, c => sqlx::raw_sql(sql).execute(c).await.map(drop))
}
