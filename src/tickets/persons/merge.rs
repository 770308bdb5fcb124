use serde_json::json;

use super::{PersonError, lock_two, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::people::merging::{self, store as people_store};

/// Merges a person into another: identifiers, tickets and contacts of both are in one file. No ticket's version
/// moves: nobody's answer is refused because two persons turned out to be one.
///
/// # Errors
/// When either does not exist or was merged meanwhile, or they are one.
pub async fn merge(kernel: &Kernel, who: &Principal, person: i64, into: i64) -> Result<(), PersonError> {
    who.require(Permission::WorkTickets)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let into = people_store::live(tx, into).await?.ok_or(PersonError::NotFound)?;
                if person == into {
                    return Err(PersonError::Same);
                }
                let (ended, gone) = lock_two(tx, person, into).await?;
                if let Some(into) = ended.or(gone) {
                    return Err(PersonError::Merged { into });
                }
                let merge = merging::merge(tx, person, into, &who.actor, now).await?;
                let tickets = store::tickets_of(tx, person).await?;
                people_store::remember(tx, merge, "ticket", &tickets).await?;
                store::move_all(tx, person, into, merge).await?;
                let data = json!({ "person": person, "into": into, "merge": merge });
                let told: Vec<NewEvent> = std::iter::once(None)
                    .chain(tickets.into_iter().map(Some))
                    .map(|ticket| NewEvent {
                        kind: "person.merged",
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
