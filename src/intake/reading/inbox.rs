//! Where a receiver puts what it fetched: raw items and the place reached, in one transaction.
use async_trait::async_trait;
use bytes::Bytes;
use channels::{Batch, BoxError, ChannelKind, Cursor, Inbox, RawContent, RawItem};
use sha2::{Digest, Sha256};

use crate::intake::IntakeError;
use crate::intake::store::{self, NewRaw};
use crate::kernel::Kernel;
use crate::kernel::blobs::BlobError;
use crate::kernel::database::StoreError;
use crate::kernel::time::Instant;

/// The inbox of one account.
pub struct StoredInbox {
    pub kernel: Kernel,
    /// Channel of what arrives.
    pub channel: ChannelKind,
    /// Name of the account.
    pub account: String,
}

impl StoredInbox {
    /// Large bytes go to the blob store before the transaction that names them.
    async fn prepare(&self, item: RawItem, now: Instant) -> Result<(NewRaw, Option<String>), BlobError> {
        let (bytes, size, unreadable) = match item.content {
            RawContent::Whole(bytes) => {
                let size = bytes.len() as u64;
                (bytes, size, None)
            }
            RawContent::HeadersOnly { headers, size } => (headers, size, None),
            RawContent::Unreadable { reason } => (Bytes::new(), 0, Some(format!("unreadable: {reason}"))),
        };
        let (body, blob) = if bytes.len() <= store::INLINE_BYTES {
            (Some(bytes.to_vec()), None)
        } else {
            (None, Some(self.kernel.blobs.put(bytes).await?))
        };
        let raw = NewRaw {
            channel: self.channel.as_str().to_owned(),
            account: self.account.clone(),
            external_id: item.external_ref,
            received_at: item.received_at.map_or(now, Instant::from),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            body,
            blob,
            state: "stored",
        };
        Ok((raw, unreadable))
    }

    async fn keep(&self, items: Vec<RawItem>, cursor: Option<Cursor>) -> Result<(), IntakeError> {
        let now = self.kernel.now();
        let mut prepared = Vec::with_capacity(items.len());
        for item in items {
            prepared.push(self.prepare(item, now).await?);
        }
        let account = self.account.clone();
        let stored: Result<i64, StoreError> = self
            .kernel
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let mut fresh = 0;
                    for (raw, unreadable) in &prepared {
                        // What was seen before is known by its name, and already stored.
                        let Some(id) = store::insert_raw(tx, raw).await? else { continue };
                        fresh += 1;
                        if let Some(reason) = unreadable {
                            store::quarantine_raw(tx, id, reason).await?;
                        }
                    }
                    if let Some(cursor) = cursor {
                        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                        let (validity, position) = (number(cursor.validity), number(cursor.position));
                        store::save_mailbox_cursor(tx, &account, validity, position, now).await?;
                    }
                    Ok(fresh)
                })
            })
            .await;
        let fresh = stored?;
        if fresh > 0 {
            // Counted apart from the rows, so that rows that vanish later are noticed.
            self.kernel.tally.add(now.day(&self.kernel.config.zone()), handed_over(&self.account), fresh);
        }
        Ok(())
    }
}

/// The name under which what an account handed over is counted.
pub fn handed_over(account: &str) -> String {
    format!("handed {account}")
}

/// Stores what a provider pushed, durably, before it is told so.
///
/// # Errors
/// When the blob store or the database refuses: the provider is then to try again.
pub async fn store(
    kernel: &Kernel,
    channel: ChannelKind,
    account: &str,
    items: Vec<RawItem>,
) -> Result<(), IntakeError> {
    if items.is_empty() {
        return Ok(());
    }
    StoredInbox { kernel: kernel.clone(), channel, account: account.to_owned() }.keep(items, None).await
}

/// Keeps, in quarantine, a request that its sender proved to be theirs and that nobody can read. The same one sent
/// again is kept once.
///
/// # Errors
/// As [`store`].
pub async fn put_aside(
    kernel: &Kernel,
    channel: ChannelKind,
    account: &str,
    bytes: Bytes,
    reason: String,
) -> Result<(), IntakeError> {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    let content = RawContent::Whole(bytes);
    let item = RawItem { external_ref: format!("refused:{digest}"), received_at: None, content };
    let inbox = StoredInbox { kernel: kernel.clone(), channel, account: account.to_owned() };
    let (raw, _) = inbox.prepare(item, kernel.now()).await?;
    let stored: Result<(), StoreError> = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(id) = store::insert_raw(tx, &raw).await? {
                    store::quarantine_raw(tx, id, &reason).await?;
                }
                Ok(())
            })
        })
        .await;
    Ok(stored?)
}

#[async_trait]
impl Inbox for StoredInbox {
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
        let mut conn = self.kernel.db.read().await?;
        let saved = store::mailbox_cursor(&mut conn, &self.account).await?;
        Ok(saved.map(|(validity, uid)| Cursor {
            validity: u64::try_from(validity).unwrap_or(0),
            position: u64::try_from(uid).unwrap_or(0),
        }))
    }

    async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
        Ok(self.keep(batch.items, Some(batch.cursor)).await?)
    }
}
