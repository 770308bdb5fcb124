//! A fresh database of either engine, and a way past the program's own access to it.
use std::path::Path;

use peers::Postgres;
use sportello::kernel::config::{Config, Secret};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

/// Which engine a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A connection of the test itself, beside the program's.
#[derive(Clone)]
pub enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Points a configuration at a new empty database.
pub async fn fresh(engine: Engine, config: &mut Config) {
    if engine == Engine::Postgres {
        // Starting the server takes a second, and blocks.
        let url = tokio::task::spawn_blocking(|| Postgres::start().fresh_database()).await.unwrap();
        config.database.url = Some(Secret::new(url));
        config.database.connections = 6;
    }
}

impl Raw {
    /// Connects beside a running program.
    pub async fn open(config: &Config) -> Self {
        match &config.database.url {
            Some(url) => Self::Postgres(
                sqlx::postgres::PgPoolOptions::new().max_connections(2).connect(url.reveal()).await.unwrap(),
            ),
            None => Self::Sqlite(open_sqlite(&config.path("sportello.db")).await),
        }
    }

    /// Runs statements.
    pub async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => drop(sqlx::raw_sql(sql).execute(pool).await.unwrap()),
            Self::Postgres(pool) => drop(sqlx::raw_sql(sql).execute(pool).await.unwrap()),
        }
    }

    /// The first column, whole numbers.
    pub async fn numbers(&self, sql: &str) -> Vec<i64> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        }
    }

    /// The first column, texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        }
    }

    /// How a query would be answered when what sorts is avoided, a line a step: few rows are sorted sooner than sought.
    pub async fn plan(&self, sql: &str) -> String {
        let lines: Vec<String> = match self {
            Self::Sqlite(pool) => {
                let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(pool).await.unwrap();
                rows.into_iter().map(|(_, _, _, step)| step).collect()
            }
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await.unwrap();
                for setting in ["enable_seqscan", "enable_sort", "enable_bitmapscan"] {
                    let set = AssertSqlSafe(format!("SET LOCAL {setting} = off"));
                    sqlx::query(set).execute(&mut *tx).await.unwrap();
                }
                sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN {sql}"))).fetch_all(&mut *tx).await.unwrap()
            }
        };
        lines.join("\n")
    }

    /// The pool, on PostgreSQL.
    pub fn postgres(&self) -> &PgPool {
        match self {
            Self::Postgres(pool) => pool,
            Self::Sqlite(_) => panic!("this test runs on SQLite"),
        }
    }

    /// Gives its connections back.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(std::time::Duration::from_secs(60));
    sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}
