//! A unit opened the page of a leg: the front office is told when it was first seen.
use serde_json::json;

use super::model::Leg;
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, Actor, NewEvent};

/// Notes that a leg was seen, the first time. The ticket itself is unchanged, so that nobody's version becomes
/// stale.
///
/// # Errors
/// When the database refuses.
pub async fn note(kernel: &Kernel, leg: &Leg, actor: Actor) -> Result<(), LegError> {
    if leg.seen_at.is_some() || !leg.state.is_open() {
        return Ok(());
    }
    let now = kernel.now();
    let data = json!({ "leg": leg.id, "number": leg.number, "unit": leg.unit_id });
    let (leg, ticket) = (leg.id, leg.ticket_id);
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if store::mark_seen(tx, leg, now).await? {
                    let event = NewEvent { kind: "leg.seen", ticket: Some(ticket), actor, data };
                    events::append(tx, now, &[event]).await?;
                }
                Ok(())
            })
        })
        .await
}
