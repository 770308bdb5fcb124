//! Files that come with a contact: stored whole before the transaction that names them.
use bytes::Bytes;

use super::store::StoredFile;
use crate::kernel::Kernel;
use crate::kernel::blobs::BlobError;
use crate::kernel::page::Page;

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
    let name = safe_name(name);
    Ok(StoredFile { name, media_type: media_type.to_owned(), size, blob, content_id, inline, note: String::new() })
}

/// What a reader should know of a file that is not just a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It carries a signature around its content, which is listed too. The signature was not verified.
    Signed,
    /// It was taken out of the signed file of this name.
    TakenFrom(String),
    /// It is a container that could not be opened: it is here as it came.
    Unreadable,
}

impl Note {
    /// As it is stored.
    pub fn to_text(&self) -> String {
        match self {
            Self::Signed => "signed".to_owned(),
            Self::TakenFrom(name) => format!("taken_from:{name}"),
            Self::Unreadable => "unreadable".to_owned(),
        }
    }

    /// Reads what is stored; `None` for a file that is just a file.
    pub fn from_text(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("taken_from", name)) => Some(Self::TakenFrom(name.to_owned())),
            None if text == "signed" => Some(Self::Signed),
            None if text == "unreadable" => Some(Self::Unreadable),
            _ => None,
        }
    }

    /// In the reader's words; empty for a file that is just a file.
    pub fn words(page: &Page, stored: &str) -> String {
        match Self::from_text(stored) {
            Some(Self::Signed) => page.t("file-signed"),
            Some(Self::TakenFrom(name)) => page.t1("file-taken-from", "name", name),
            Some(Self::Unreadable) => page.t("file-unreadable"),
            None => String::new(),
        }
    }
}

/// A file name safe to show and to save: no path, no control characters, at most 120 characters.
pub fn safe_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).take(120).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "allegato".to_owned() } else { clean }
}
