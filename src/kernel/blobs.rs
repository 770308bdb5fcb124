//! Attachments and large raw items: content-addressed objects in files or in an S3-compatible store.
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};

/// Why a blob could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("blob store: {0}")]
    Store(#[from] object_store::Error),
    #[error("blob store address: {0}")]
    Address(String),
}

/// The blob store; cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
}

/// SHA-256 of some bytes, in lower-case hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The name under which bytes are kept, in any store.
pub fn name_of(bytes: &[u8]) -> String {
    let hash = digest(bytes);
    format!("{}/{}/{hash}", &hash[..2], &hash[2..4])
}

impl Blobs {
    /// Files below a directory, synced to disk before a `put` returns.
    ///
    /// # Errors
    /// When the directory cannot be created.
    pub fn files(dir: &Path) -> Result<Self, BlobError> {
        std::fs::create_dir_all(dir).map_err(|e| BlobError::Address(format!("{}: {e}", dir.display())))?;
        let store = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), prefix: Key::default() })
    }

    /// Memory, for tests.
    pub fn memory() -> Self {
        Self { store: Arc::new(InMemory::new()), prefix: Key::default() }
    }

    /// A store by URL: `file:///path`, or `s3://bucket/prefix` with the usual `AWS_*` variables.
    ///
    /// # Errors
    /// When the URL is not understood.
    pub fn by_url(url: &str) -> Result<Self, BlobError> {
        let parsed = url::Url::parse(url).map_err(|e| BlobError::Address(format!("{url}: {e}")))?;
        let aws = std::env::vars()
            .filter(|(name, _)| name.starts_with("AWS_"))
            .map(|(name, value)| (name.to_lowercase(), value));
        let (store, prefix) = object_store::parse_url_opts(&parsed, aws)?;
        Ok(Self { store: Arc::from(store), prefix })
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.parts().chain(Key::from(name).parts()).collect()
    }

    /// Stores bytes durably and answers their key; the same bytes always have the same key.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn put(&self, bytes: Bytes) -> Result<String, BlobError> {
        let name = name_of(&bytes);
        let key = self.key(&name);
        // Content-addressed: what is there already is what we would write.
        if self.store.head(&key).await.is_err() {
            self.store.put(&key, bytes.into()).await?;
        }
        Ok(name)
    }

    /// Reads the bytes under a key.
    ///
    /// # Errors
    /// When there is no such blob, or the store cannot be reached.
    pub async fn get(&self, name: &str) -> Result<Bytes, BlobError> {
        Ok(self.store.get(&self.key(name)).await?.bytes().await?)
    }

    /// Deletes the bytes under a key; what is not there is no fault.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn delete(&self, name: &str) -> Result<(), BlobError> {
        match self.store.delete(&self.key(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes, reads and compares a few bytes: for `doctor` and `/readyz`.
    ///
    /// # Errors
    /// Says what the store refused.
    pub async fn check(&self) -> Result<(), BlobError> {
        let key = self.put(Bytes::from_static(b"sportello blob store check")).await?;
        self.get(&key).await.map(drop)
    }
}
