/// What went wrong below SQL. Capabilities wrap it; it always maps to an internal or unavailable problem.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Sql(#[source] sqlx::Error),
    #[error("database migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The group this write was part of could not be committed.
    #[error("commit failed: {0}")]
    Commit(String),
    /// The work panicked or the database is shutting down; nothing was written.
    #[error("the write was interrupted before its commit")]
    Interrupted,
    /// A stored value that this program could not have written.
    #[error("inconsistent data in {table}.{column}")]
    Inconsistent { table: &'static str, column: &'static str },
}

impl From<sqlx::Error> for StoreError {
    fn from(e: sqlx::Error) -> Self {
        Self::Sql(e)
    }
}

impl StoreError {
    /// Whether a unique constraint refused the row (the engines agree on the kind, not on the name).
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(e)) if e.is_unique_violation())
    }

    /// Whether the database cannot be reached now: worth a retry, and a 503 rather than a 500.
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Sql(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_))
                | Self::Interrupted
        )
    }
}
