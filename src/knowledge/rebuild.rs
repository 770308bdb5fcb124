//! Making the search index anew from the database, by command.
use std::sync::Arc;

use serde_json::json;

use super::follower::{self, REBUILD};
use super::index::{FOLDER, IndexError, open};
use crate::kernel::Kernel;
use crate::kernel::events::{self, Actor, NewEvent};

/// What [`rebuild`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuilt {
    /// The index of this data directory was made anew with so many texts; other nodes do theirs.
    Here { documents: u64 },
    /// A running process holds the index of this data directory: it was asked to make it anew, as all others.
    Asked,
}

/// Makes the index anew on every node: running ones are asked through the event feed, and the one of this
/// data directory is made here when no process holds it.
///
/// # Errors
/// When the database cannot be written or the index folder cannot be.
pub async fn rebuild(kernel: &Kernel) -> Result<Rebuilt, IndexError> {
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let event = NewEvent { kind: REBUILD, ticket: None, actor: Actor::System, data: json!({}) };
                events::append(tx, now, &[event]).await
            })
        })
        .await?;
    match open(&kernel.config.path(FOLDER)).await {
        Ok(index) => {
            let index = Arc::new(index);
            follower::fill(kernel, &index).await?;
            Ok(Rebuilt::Here { documents: index.len() })
        }
        Err(IndexError::Index(knowledge_base::Error::InUse)) => Ok(Rebuilt::Asked),
        Err(e) => Err(e),
    }
}
