//! One database, two engines. SQL is written once with `$n` parameters and runs on either engine through
//! [`on!`]; what differs between the engines is in this folder and nowhere else.
//!
//! Reads take a [`Conn`] from [`Db::read`]. Writes are closures given to [`Db::write`]: on PostgreSQL each is
//! one transaction, on SQLite the closures that arrive together share one transaction as savepoints (group
//! commit, `writer.rs`). Either way the caller is answered only after a durable commit.
mod error;
mod kept;
mod migrate;
mod rows;
mod writer;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, PgConnection, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use tokio::runtime::Handle;

pub use error::StoreError;
pub use rows::{Rows, Value};
pub use writer::WriterStats;

use super::live::Wake;

/// The future that a write closure returns.
pub type WriteFuture<'t, T, E> = BoxFuture<'t, Result<T, E>>;

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    wake: Wake,
}

#[derive(Clone)]
enum Engine {
    Sqlite {
        read: SqlitePool,
        writer: writer::Writer,
    },
    /// A connection lives on the runtime that opened it. Request workers have one each and end first, so
    /// connections are opened, and writes run, on the runtime of who opened the database.
    Postgres {
        pool: PgPool,
        runtime: Handle,
        kept: kept::Kept,
    },
}

/// Which engine runs behind a [`Db`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    Sqlite,
    Postgres,
}

/// One connection, for reading; writes get theirs inside a [`Tx`].
pub struct Conn {
    pub(crate) kind: ConnKind,
}

/// The engine behind a connection; matched only by [`on!`].
pub(crate) enum ConnKind {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PgHandle),
}

/// A pooled PostgreSQL connection, or one inside a transaction.
pub(crate) enum PgHandle {
    Pooled(PoolConnection<Postgres>),
    InTransaction(Transaction<'static, Postgres>),
}

impl Deref for PgHandle {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        match self {
            Self::Pooled(c) => c,
            Self::InTransaction(t) => t,
        }
    }
}

impl DerefMut for PgHandle {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match self {
            Self::Pooled(c) => c,
            Self::InTransaction(t) => t,
        }
    }
}

/// A write transaction. It dereferences to [`Conn`], so every reading function works inside it.
pub struct Tx {
    conn: Conn,
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Conn {
    /// The engine this connection speaks to.
    pub fn engine(&self) -> EngineKind {
        match self.kind {
            ConnKind::Sqlite(_) => EngineKind::Sqlite,
            ConnKind::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Picks the text for this engine where one text cannot serve both (row locks, mostly).
    pub fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.engine() {
            EngineKind::Sqlite => sqlite,
            EngineKind::Postgres => postgres,
        }
    }
}

/// Runs one expression on whichever engine `$conn` speaks to; `$c` is the raw connection in each arm.
///
/// Both arms see the same text, and the compiler checks the types of each.
#[macro_export]
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match &mut $conn.kind {
            $crate::kernel::database::ConnKind::Sqlite(c) => {
                let $c = &mut **c;
                $body
            }
            $crate::kernel::database::ConnKind::Postgres(c) => {
                let $c = &mut **c;
                $body
            }
        }
    };
}

/// Cuts rows into pieces of 32, 16, 8 … 1: a statement over many rows then has six texts, which stay prepared,
/// and not one for each number of rows.
pub fn pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = [32, 16, 8, 4, 2, 1].into_iter().find(|n| *n <= rest.len())?;
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(piece)
    })
}

impl Db {
    /// Opens the SQLite file at `path` (created if missing): WAL, `synchronous=FULL`, one writer.
    ///
    /// # Errors
    /// When the file cannot be opened or created.
    pub async fn open_sqlite(path: &Path, wake: Wake) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(400)
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-8000");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
        // WAL readers never block the writer; `query_only` makes a mistaken write fail at once.
        let read = SqlitePoolOptions::new()
            .max_connections(6)
            .min_connections(1)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        let writer = writer::Writer::start(write, wake.clone());
        Ok(Self { engine: Engine::Sqlite { read, writer }, wake })
    }

    /// Connects to PostgreSQL by URL (`postgres://…`).
    ///
    /// # Errors
    /// When the URL is malformed or the server cannot be reached.
    pub async fn open_postgres(url: &str, max_connections: u32, wake: Wake) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse()?;
        let options = options.application_name("sportello").statement_cache_capacity(400);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(Duration::from_secs(10))
            // Whether a connection lives is worth a round trip only when it has not been used for a moment.
            .test_before_acquire(false)
            .before_acquire(|conn, idle| {
                Box::pin(async move {
                    if idle.idle_for > Duration::from_secs(1) {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self { engine: Engine::Postgres { pool, runtime: Handle::current(), kept: kept::Kept::default() }, wake })
    }

    /// The engine behind this handle.
    pub fn engine(&self) -> EngineKind {
        match self.engine {
            Engine::Sqlite { .. } => EngineKind::Sqlite,
            Engine::Postgres { .. } => EngineKind::Postgres,
        }
    }

    /// The PostgreSQL pool, for what only PostgreSQL has (LISTEN); `None` on SQLite.
    pub(crate) fn postgres(&self) -> Option<&PgPool> {
        match &self.engine {
            Engine::Postgres { pool, .. } => Some(pool),
            Engine::Sqlite { .. } => None,
        }
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// When no connection can be had within 10 seconds.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        let kind = match &self.engine {
            Engine::Sqlite { read, .. } => ConnKind::Sqlite(read.acquire().await?),
            Engine::Postgres { pool, runtime, .. } => {
                let conn = match pool.try_acquire() {
                    Some(conn) => conn,
                    None => {
                        let pool = pool.clone();
                        let acquired = runtime.spawn(async move { pool.acquire().await }).await;
                        acquired.map_err(|_| StoreError::Interrupted)??
                    }
                };
                ConnKind::Postgres(PgHandle::Pooled(conn))
            }
        };
        Ok(Conn { kind })
    }

    /// Runs `work` in one write transaction and answers after its durable commit; an `Err` rolls back.
    ///
    /// The closure must not wait for the network, nor for another `write`: on SQLite all writers share one
    /// connection. It keeps running when the caller goes away, so a dropped request never commits half.
    ///
    /// # Errors
    /// What `work` returns, or the [`StoreError`] of the commit.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> WriteFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.transaction("BEGIN", Some(self.wake.clone()), work).await
    }

    /// As [`Db::write`], for what can be derived again from rows that are durable, with the place up to which it was
    /// derived: a power cut may undo the last of it as a whole, and nobody is woken. On PostgreSQL it then waits
    /// for no disk, nor lets others wait for one.
    ///
    /// # Errors
    /// What `work` returns, or the [`StoreError`] of the commit.
    pub async fn write_derived<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> WriteFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.transaction("BEGIN; SET LOCAL synchronous_commit = off", None, work).await
    }

    /// Runs `work` in a transaction; how it begins, and who is woken, is for PostgreSQL.
    async fn transaction<T, E, F>(&self, begin: &'static str, wake: Option<Wake>, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> WriteFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite { writer, .. } => writer.run(work).await,
            Engine::Postgres { pool, runtime, .. } => {
                let pool = pool.clone();
                let written = runtime.spawn(async move {
                    let begun = pool.begin_with(begin).await.map_err(StoreError::from)?;
                    let mut tx = Tx { conn: Conn { kind: ConnKind::Postgres(PgHandle::InTransaction(begun)) } };
                    // Dropping the transaction on an early return rolls it back.
                    let done = work(&mut tx).await?;
                    if let ConnKind::Postgres(PgHandle::InTransaction(open)) = tx.conn.kind {
                        open.commit().await.map_err(StoreError::from)?;
                    }
                    if let Some(wake) = wake {
                        wake.committed();
                    }
                    Ok(done)
                });
                written.await.unwrap_or_else(|_| Err(StoreError::Interrupted.into()))
            }
        }
    }

    /// Reads what `work` asks for and stores the rows that follow from it, all or none, and answers after their
    /// durable commit. It costs one statement where [`Db::write`] costs several: nothing holds others off between
    /// the reading and the storing, so rows must be such that unique constraints refuse them when they no longer
    /// follow; the caller then uses [`Db::write`].
    ///
    /// # Errors
    /// What `work` returns, or the [`StoreError`] of the storing; nothing was stored then.
    pub async fn store<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Conn) -> WriteFuture<'t, (T, Vec<Rows>), E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite { writer, .. } => {
                writer
                    .run(move |tx| {
                        Box::pin(async move {
                            let (answer, rows) = work(&mut tx.conn).await?;
                            rows::store(&mut tx.conn, &rows).await?;
                            Ok(answer)
                        })
                    })
                    .await
            }
            Engine::Postgres { pool, runtime, kept } => {
                let (pool, kept, wake) = (pool.clone(), kept.clone(), self.wake.clone());
                let stored = runtime.spawn(async move {
                    let mut conn = kept.take(&pool).await?;
                    let (answer, rows) = work(&mut conn).await?;
                    rows::store(&mut conn, &rows).await?;
                    kept.give(conn, &pool);
                    wake.committed();
                    Ok(answer)
                });
                stored.await.unwrap_or_else(|_| Err(StoreError::Interrupted.into()))
            }
        }
    }

    /// Settings of the database, as it should have them, without which a power cut may lose what was
    /// committed; none when all is well.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub async fn unsafe_settings(&self) -> Result<Vec<&'static str>, StoreError> {
        let Engine::Postgres { pool, .. } = &self.engine else { return Ok(Vec::new()) };
        let wanted = [
            ("SHOW fsync", "fsync = on"),
            ("SHOW full_page_writes", "full_page_writes = on"),
            ("SHOW synchronous_commit", "synchronous_commit = on"),
        ];
        let mut wrong = Vec::new();
        for (question, setting) in wanted {
            let value: String = sqlx::query_scalar(question).fetch_one(pool).await?;
            if value == "off" {
                wrong.push(setting);
            }
        }
        Ok(wrong)
    }

    /// How the SQLite writer grouped its work so far; zeros on PostgreSQL.
    pub fn writer_stats(&self) -> WriterStats {
        match &self.engine {
            Engine::Sqlite { writer, .. } => writer.stats(),
            Engine::Postgres { .. } => WriterStats::default(),
        }
    }

    /// Waits until everything accepted is committed, then closes all connections.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { read, writer } => {
                writer.close().await;
                read.close().await;
            }
            Engine::Postgres { pool, kept, .. } => {
                let closing = pool.close();
                kept.clear();
                closing.await;
            }
        }
    }
}
