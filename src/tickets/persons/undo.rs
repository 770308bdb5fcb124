use serde_json::json;

use super::{PersonError, lock_two, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::people::merging::{self, store as people_store};

/// Parts a merged person again, with the identifiers, tickets and contacts that were theirs. What came after the
/// merge stays with the other.
///
/// # Errors
/// When the person is not merged, or the other was itself merged since.
pub async fn part(kernel: &Kernel, who: &Principal, person: i64) -> Result<(), PersonError> {
    who.require(Permission::WorkTickets)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let known = people_store::standing(tx, person).await?.ok_or(PersonError::NotMerged)?;
                let (_, gone) = lock_two(tx, person, known.into_id).await?;
                // Read again under the lock: somebody may have parted them in between.
                let merge = people_store::standing(tx, person)
                    .await?
                    .filter(|m| m.id == known.id)
                    .ok_or(PersonError::NotMerged)?;
                if gone.is_some() {
                    return Err(PersonError::Nested);
                }
                let tickets = store::return_all(tx, &merge).await?;
                merging::part(tx, &merge, now).await?;
                let data = json!({ "person": person, "into": merge.into_id, "merge": merge.id });
                let told: Vec<NewEvent> = std::iter::once(None)
                    .chain(tickets.into_iter().map(Some))
                    .map(|ticket| NewEvent {
                        kind: "person.parted",
                        ticket,
                        actor: who.actor.clone(),
                        data: data.clone(),
                    })
                    .collect();
                events::append(tx, now, &told).await?;
                Ok(())
            })
        })
        .await
}
