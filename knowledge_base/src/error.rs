/// What can go wrong with an index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process, or another [`Index`](crate::Index) of this one, writes in the same folder.
    #[error("the index folder is in use by another writer")]
    InUse,
    /// The index was opened to be read alone.
    #[error("the index was opened to be read alone")]
    ReadOnly,
    /// The folder cannot be made, read or written.
    #[error("could not reach the index folder")]
    Folder(#[from] std::io::Error),
    /// The engine failed; the index may be opened again.
    #[error("the index engine failed")]
    Engine(#[source] tantivy::TantivyError),
}

impl From<tantivy::TantivyError> for Error {
    fn from(error: tantivy::TantivyError) -> Self {
        match error {
            tantivy::TantivyError::LockFailure(..) => Self::InUse,
            other => Self::Engine(other),
        }
    }
}

/// Result of an index operation.
pub type Result<T> = std::result::Result<T, Error>;
