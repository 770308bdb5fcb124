//! What was read on the pages of a letter is kept page by page, so that people can put it right beside the picture.
use channels::Paper;

use super::reading::clean;
use super::store::{self, NewPage};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::time::Instant;
use crate::tickets::store::StoredFile;

/// Keeps the pages of a letter whose contact was just stored with this file.
///
/// # Errors
/// When the database refuses.
pub async fn keep(
    tx: &mut Tx,
    contact: i64,
    paper: &Paper,
    file: &StoredFile,
    received_at: Instant,
) -> Result<(), StoreError> {
    let barcodes = clean(paper.barcodes.join(" "));
    store::insert_letter(tx, contact, paper.confidence.map(i64::from), &barcodes, received_at).await?;
    let read = |place: usize| paper.read.get(place);
    let pages: Vec<NewPage> = (0..paper.pages.max(1))
        .map(|place| {
            // A character taken out would move what comes after it: such a text marks nothing.
            let read_text = read(place).and_then(|p| p.text.as_deref()).map(clean);
            let whole = read(place).and_then(|p| p.text.as_deref()) == read_text.as_deref();
            let doubtful = read(place).filter(|_| whole).map(|p| p.doubtful.as_slice()).unwrap_or_default();
            NewPage {
                letter_id: contact,
                position: i64::try_from(place).unwrap_or(i64::MAX),
                blob: file.blob.clone(),
                number: i64::try_from(place + 1).unwrap_or(i64::MAX),
                confidence: read(place).and_then(|p| p.confidence).map(i64::from),
                doubtful: serde_json::to_string(doubtful).unwrap_or_else(|_| "[]".to_owned()),
                text: read_text.clone().unwrap_or_default(),
                read_text,
            }
        })
        .collect();
    store::insert_letter_pages(tx, &pages).await
}
