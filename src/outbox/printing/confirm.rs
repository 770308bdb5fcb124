use super::store;
use crate::kernel::Kernel;
use crate::kernel::events;
use crate::kernel::permissions::Principal;
use crate::kernel::time::Instant;
use crate::outbox::OutboxError;
use crate::outbox::access::visible;
use crate::outbox::worker::event;

/// A letter that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Row id in the outbox.
    pub id: i64,
    /// Number of the registered letter; empty for an ordinary one.
    pub tracking: String,
}

/// A person says that letters were printed and posted: they count as sent from now.
///
/// # Errors
/// When one of them does not wait, or a number is none. Then none is confirmed.
pub async fn post(kernel: &Kernel, who: &Principal, letters: &[Posted]) -> Result<(), OutboxError> {
    let (now, who, letters) = (kernel.now(), who.clone(), letters.to_vec());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for letter in letters {
                    let number: String = letter.tracking.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
                    if number.len() > 40 || !number.chars().all(|c| c.is_ascii_alphanumeric()) {
                        return Err(OutboxError::Tracking);
                    }
                    let row = visible(tx, &who, letter.id).await?;
                    if !store::posted(tx, letter.id, who.user_id, &number, &number, now).await? {
                        return Err(OutboxError::NotWaiting);
                    }
                    events::append(tx, now, &[event(&row, "outbox.posted", who.actor.clone())]).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Notes that letters were taken to the printer.
///
/// # Errors
/// When one of them is not there or does not wait. Then none is noted.
pub async fn mark_printed(kernel: &Kernel, who: &Principal, ids: &[i64]) -> Result<(), OutboxError> {
    turn(kernel, who, ids, Some(kernel.now())).await
}

/// Letters whose pages were spoiled wait to be printed again.
///
/// # Errors
/// As [`mark_printed`].
pub async fn spoil(kernel: &Kernel, who: &Principal, ids: &[i64]) -> Result<(), OutboxError> {
    turn(kernel, who, ids, None).await
}

/// Moves letters that wait among those printed at an instant, or back.
async fn turn(kernel: &Kernel, who: &Principal, ids: &[i64], printed_at: Option<Instant>) -> Result<(), OutboxError> {
    let (who, ids) = (who.clone(), ids.to_vec());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for id in ids {
                    let row = visible(tx, &who, id).await?;
                    if row.state != "queued" {
                        return Err(OutboxError::NotWaiting);
                    }
                    store::set_printed(tx, id, printed_at).await?;
                }
                Ok(())
            })
        })
        .await
}
