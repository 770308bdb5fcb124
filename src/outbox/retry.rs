use super::access::visible;
use super::worker::event;
use super::{OutboxError, store};
use crate::kernel::Kernel;
use crate::kernel::events;
use crate::kernel::permissions::Principal;

/// Sends a message that failed or waits at once, with all its attempts before it again.
///
/// # Errors
/// When the caller does not see its ticket, or a worker has the message in hand.
pub async fn retry(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), OutboxError> {
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = visible(tx, &who, id).await?;
                if !store::make_due(tx, id, now).await? {
                    return Err(OutboxError::NotWaiting);
                }
                Ok(events::append(tx, now, &[event(&row, "outbox.retried", who.actor)]).await?)
            })
        })
        .await
}
