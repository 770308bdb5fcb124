//! "Not of our competence": the unit gives a leg back with its reason.
use super::answer::{event_data, lock, page_contact, settle, wake};
use super::door::{Door, Entered};
use super::model::LegState;
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::tickets::Ticket;
use crate::tickets::store as ticket_store;

/// Why, and who says so.
#[derive(Debug, Clone)]
pub struct NotOurs {
    pub reason: String,
    /// May be empty.
    pub signed: String,
}

/// Returns a leg.
///
/// # Errors
/// [`LegError::NotFound`] for a wrong or expired link and for legs that the caller may not see,
/// [`LegError::Withdrawn`], [`LegError::Over`], or no reason.
pub async fn return_leg(kernel: &Kernel, door: &Door, why: NotOurs) -> Result<Ticket, LegError> {
    let reason = why.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    let (now, door) = (kernel.now(), door.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Entered { leg, author, actor } = door.enter(tx, now).await?;
                let (mut change, mut leg) = lock(tx, leg.id, actor, now).await?;
                match leg.state {
                    LegState::Sent => {}
                    LegState::Withdrawn => return Err(LegError::Withdrawn),
                    state @ (LegState::Answered | LegState::Returned) => return Err(LegError::Over { state }),
                }
                let contact = page_contact(&leg, author, change.actor(), &why.signed, &reason, "", now);
                let contact = ticket_store::insert_contact(tx, &contact).await?;
                settle(&mut change, &leg)?;
                let late = wake(&mut change)?;
                leg.state = LegState::Returned;
                leg.answered_at = Some(now);
                leg.reason = reason;
                store::update_leg(tx, &leg).await?;
                let data = event_data(&leg, contact, late, &change);
                Ok(change.save(tx, "leg.returned", data).await?)
            })
        })
        .await
}
