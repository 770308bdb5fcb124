//! A contact that answers a leg: it is kept with the leg, where no citizen sees it.
use serde_json::json;

use super::incoming::RawSource;
use super::take_in::contact;
use super::{Incoming, IntakeError, store};
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;
use crate::tickets;
use crate::tickets::store::NewContact;

/// Hands what came in over to the leg it answers, in the transaction that takes it in.
///
/// # Errors
/// When the database refuses.
pub async fn hand_over(
    tx: &mut Tx,
    incoming: &Incoming,
    ticket_id: i64,
    leg_id: i64,
    raw_id: i64,
    now: Instant,
) -> Result<(), IntakeError> {
    let row = NewContact { leg_id: Some(leg_id), public: false, ..contact(incoming, ticket_id, None, raw_id, now) };
    let id = tickets::store::insert_contact(tx, &row)
        .await?
        .ok_or(IntakeError::Invalid { field: "external_id", wrong: "duplicate" })?;
    tickets::store::insert_attachments(tx, id, &incoming.files).await?;
    if matches!(incoming.raw, RawSource::Stored(_)) {
        store::raw_done(tx, raw_id, Some(id)).await?;
    }
    let data = json!({ "contact": id, "leg": leg_id });
    events::append(
        tx,
        now,
        &[NewEvent { kind: "contact.received", ticket: Some(ticket_id), actor: Actor::Leg(leg_id), data }],
    )
    .await?;
    Ok(())
}
