use super::access::visible;
use super::worker::event;
use super::{OutboxError, store};
use crate::kernel::Kernel;
use crate::kernel::events;
use crate::kernel::permissions::Principal;

/// Gives up a message that failed or waits: a person decided that it need not arrive.
///
/// # Errors
/// When the caller does not see its ticket, or a worker has the message in hand.
pub async fn cancel(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), OutboxError> {
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = visible(tx, &who, id).await?;
                if !store::cancel(tx, id, now).await? {
                    return Err(OutboxError::NotWaiting);
                }
                Ok(events::append(tx, now, &[event(&row, "outbox.cancelled", who.actor)]).await?)
            })
        })
        .await
}
