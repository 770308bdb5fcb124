//! All sheets in use as they are in force.
use super::super::model::SheetDraft;
use super::super::{store, versions};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;

/// Sheets read at once.
const PIECE: i64 = 200;

/// The sheets in use, by row.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(kernel: &Kernel) -> Result<Vec<SheetDraft>, StoreError> {
    let mut conn = kernel.db.read().await?;
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let ids = store::ids_after(&mut conn, after, PIECE).await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        for sheet in store::sheets(&mut conn, &ids).await? {
            found.push(versions::store::content(&mut conn, &sheet).await?);
        }
    }
    found.sort_by(|a, b| a.code.as_str().cmp(b.code.as_str()));
    Ok(found)
}
