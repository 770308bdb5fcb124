//! Pictures of pages, drawn when they are looked at.
use channels::paper::{Programs, picture};

use super::LetterError;
use super::store::PageRow;
use crate::kernel::Kernel;

/// The programs that look at pages, with their files in this node's scratch folder.
pub(super) fn programs(kernel: &Kernel) -> Programs {
    Programs::with_scratch(&kernel.config.path("scratch").join("letters"))
}

/// A page as a JPEG, its longest side of so many pixels.
///
/// # Errors
/// When the program that draws it is missing or fails.
pub async fn draw(kernel: &Kernel, page: &PageRow, longest: u32) -> Result<Vec<u8>, LetterError> {
    let pdf = kernel.blobs.get(&page.blob).await?;
    let (programs, number) = (programs(kernel), usize::try_from(page.number).unwrap_or(1));
    let drawn = tokio::task::spawn_blocking(move || picture(&pdf, number, longest, &programs)).await;
    Ok(drawn.map_err(|_| crate::kernel::database::StoreError::Interrupted)??)
}
