use serde_json::json;

use super::{QuarantineError, RIGHT};
use crate::intake::store;
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::Principal;

/// Takes an item off the list for good: a person saw it and nothing is to be done. Its bytes stay.
///
/// # Errors
/// When the caller may not, or the item is not in quarantine.
pub async fn dismiss(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), QuarantineError> {
    who.require(RIGHT)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::release_raw(tx, id, "discarded").await? {
                    return Err(QuarantineError::Gone);
                }
                let event = NewEvent { kind: "intake.dismissed", ticket: None, actor, data: json!({ "raw": id }) };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}
