//! Files that come with a contact: stored whole before the transaction that names them.
use bytes::Bytes;
use channels::ChannelKind;
use channels::paper::{self, Programs};

use super::TicketError;
use super::store::StoredFile;
use crate::kernel::Kernel;
use crate::kernel::blobs::BlobError;
use crate::kernel::page::Page;
use crate::outbox;

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

/// Refuses files that a channel account could not carry, before an answer is on its way: what goes by fax or letter
/// becomes pages, and must be a PDF or a picture.
///
/// # Errors
/// [`TicketError::Invalid`] naming `files`, or when they cannot be read.
pub async fn fit(kernel: &Kernel, account: &str, files: &[StoredFile]) -> Result<(), TicketError> {
    if files.is_empty() {
        return Ok(());
    }
    let mut conn = kernel.db.read().await?;
    let kind = outbox::senders(&mut conn).await?.into_iter().find(|s| s.name == account).map(|s| s.kind);
    drop(conn);
    if !matches!(kind, Some(ChannelKind::Fax | ChannelKind::Letter)) {
        return Ok(());
    }
    for file in files {
        let bytes = kernel.blobs.get(&file.blob).await?;
        // Pictures are unpacked: not on a thread that serves requests.
        let page = tokio::task::spawn_blocking(move || match paper::media_type(&bytes) {
            None => Err("not_paper"),
            // What a scanner wrote is for its own programs, where the account sends.
            Some("application/pdf" | "image/tiff") => Ok(()),
            Some(_) => paper::to_pdf(&bytes, &Programs::default()).map(drop).map_err(|_| "unreadable"),
        });
        let fits = page.await.unwrap_or(Err("unreadable"));
        fits.map_err(|wrong| TicketError::Invalid { field: "files", wrong })?;
    }
    Ok(())
}

/// A file name safe to show and to save: no path, no control characters, at most 120 characters.
pub fn safe_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).take(120).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "allegato".to_owned() } else { clean }
}
