//! Subscribing another system, changing that, and telling something once more.
use serde_json::json;

use super::model::{Subscription, tidy};
use super::{SubscriptionError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::network::ways;

/// Stores a subscription: a new one with id 0, else a change made on its version, which also ends a suspension.
///
/// # Errors
/// [`SubscriptionError::Invalid`] naming the field at fault, [`SubscriptionError::Stale`], or when it is gone.
pub(super) async fn save(
    kernel: &Kernel,
    who: &Principal,
    new: Subscription,
) -> Result<Subscription, SubscriptionError> {
    who.require(Permission::Administer)?;
    let new = tidy(new)?;
    if !ways::may_call(kernel, &new.url).await {
        return Err(SubscriptionError::Invalid { field: "url", wrong: "private" });
    }
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = if new.id == 0 {
                    let taken = SubscriptionError::Invalid { field: "name", wrong: "taken" };
                    store::insert(tx, &new, now).await?.ok_or(taken)?
                } else {
                    store::by_id(tx, new.id).await?.ok_or(SubscriptionError::NotFound)?;
                    if !store::update(tx, &new).await? {
                        return Err(SubscriptionError::Stale);
                    }
                    new.id
                };
                let data =
                    json!({ "subscription": id, "kinds": new.kinds, "shows": new.shows, "enabled": new.enabled });
                let event = NewEvent { kind: "subscription.changed", ticket: None, actor: who.actor, data };
                events::append(tx, now, &[event]).await?;
                store::by_id(tx, id).await?.ok_or(SubscriptionError::NotFound)
            })
        })
        .await
}

/// Tells something once more, under the same name.
///
/// # Errors
/// When there is no such delivery, or it is being told just now.
pub(super) async fn replay(kernel: &Kernel, who: &Principal, delivery: i64) -> Result<(), SubscriptionError> {
    who.require(Permission::Administer)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::again(tx, delivery, now).await? {
                    return Err(SubscriptionError::NotFound);
                }
                let data = json!({ "delivery": delivery });
                let event = NewEvent { kind: "subscription.replayed", ticket: None, actor: who.actor, data };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}
