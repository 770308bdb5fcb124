use serde_json::json;

use super::PersonError;
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::people::claims::{self, Settled};
use crate::people::merging::store as people_store;

/// Confirms a claimed identifier: from now on it is the person's as any other.
///
/// # Errors
/// [`PersonError::Taken`] when it is another person's; the two may be merged instead. [`PersonError::NotFound`]
/// when it does not wait.
pub async fn confirm(kernel: &Kernel, who: &Principal, person: i64, claim: i64) -> Result<(), PersonError> {
    settle(kernel, who, person, claim, Wanted::Confirm).await
}

/// Rejects a claimed identifier.
///
/// # Errors
/// [`PersonError::NotFound`] when it does not wait.
pub async fn reject(kernel: &Kernel, who: &Principal, person: i64, claim: i64) -> Result<(), PersonError> {
    settle(kernel, who, person, claim, Wanted::Reject).await
}

#[derive(Clone, Copy)]
enum Wanted {
    Confirm,
    Reject,
}

async fn settle(kernel: &Kernel, who: &Principal, person: i64, claim: i64, wanted: Wanted) -> Result<(), PersonError> {
    who.require(Permission::WorkTickets)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(into) = people_store::lock(tx, person).await?.ok_or(PersonError::NotFound)? {
                    return Err(PersonError::Merged { into });
                }
                let settled = match wanted {
                    Wanted::Confirm => claims::confirm(tx, person, claim, &who.actor, now).await?,
                    Wanted::Reject => claims::reject(tx, person, claim, &who.actor, now).await?,
                };
                let kind = match settled {
                    Settled::Confirmed => "identifier.confirmed",
                    Settled::Rejected => "identifier.rejected",
                    Settled::Taken { by } => return Err(PersonError::Taken { by }),
                    Settled::Gone => return Err(PersonError::NotFound),
                };
                let data = json!({ "person": person, "claim": claim });
                events::append(tx, now, &[NewEvent { kind, ticket: None, actor: who.actor.clone(), data }]).await?;
                Ok(())
            })
        })
        .await
}
