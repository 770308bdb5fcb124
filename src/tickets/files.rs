//! Files that come with a contact: stored whole before the transaction that names them.
use bytes::Bytes;

use super::store::StoredFile;
use crate::kernel::Kernel;
use crate::kernel::blobs::BlobError;

/// Stores a file in the blob store.
///
/// # Errors
/// When the store refuses.
pub async fn store(
    kernel: &Kernel,
    name: &str,
    media_type: &str,
    bytes: Bytes,
    content_id: Option<String>,
    inline: bool,
) -> Result<StoredFile, BlobError> {
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let blob = kernel.blobs.put(bytes).await?;
    Ok(StoredFile { name: safe_name(name), media_type: media_type.to_owned(), size, blob, content_id, inline })
}

/// A file name safe to show and to save: no path, no control characters, at most 120 characters.
pub fn safe_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).take(120).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "allegato".to_owned() } else { clean }
}
