use bytes::Bytes;

use super::{QuarantineError, RIGHT};
use crate::intake::store::{self, RawRow};
use crate::kernel::Kernel;
use crate::kernel::permissions::Principal;

/// An item with its bytes exactly as they came.
///
/// # Errors
/// When the caller may not, there is no such item, or the blob store does not give it.
pub async fn download(kernel: &Kernel, who: &Principal, id: i64) -> Result<(RawRow, Bytes), QuarantineError> {
    who.require(RIGHT)?;
    let mut conn = kernel.db.read().await?;
    let mut raw = store::raw(&mut conn, id).await?.ok_or(QuarantineError::NotFound)?;
    drop(conn);
    let bytes = match (raw.body.take(), &raw.blob) {
        (Some(body), _) => Bytes::from(body),
        (None, Some(blob)) => kernel.blobs.get(blob).await?,
        (None, None) => Bytes::new(),
    };
    Ok((raw, bytes))
}
