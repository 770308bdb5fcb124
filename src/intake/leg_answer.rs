//! A contact that answers a leg goes to the network, which keeps it with the leg.
use super::open::contact;
use super::{Incoming, IntakeError, store};
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::network::LegError;
use crate::network::answer::{LegMessage, Meaning, receive_answer};
use crate::tickets;

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
    let message = LegMessage {
        contact: contact(incoming, ticket_id, None, raw_id, now),
        files: incoming.files.clone(),
        external_code: incoming.thread.protocol.clone().unwrap_or_default(),
        meaning: Meaning::Answer,
    };
    let received = receive_answer(tx, leg_id, message, Actor::Leg(leg_id), now).await.map_err(refused)?;
    if let (Some(id), Some(contact)) = (&incoming.message_id, received.contact) {
        tickets::store::remember_message_id(tx, id, ticket_id, Some(contact), Some(leg_id)).await?;
    }
    for &raw in incoming.raw.stored() {
        store::raw_done(tx, raw, received.contact).await?;
    }
    Ok(())
}

/// What a refusal of the network means to intake.
pub(super) fn refused(error: LegError) -> IntakeError {
    match error {
        LegError::Ticket(e) => e.into(),
        LegError::Store(e) => e.into(),
        LegError::Blobs(e) => e.into(),
        LegError::NotFound
        | LegError::Withdrawn
        | LegError::Over { .. }
        | LegError::Scope
        | LegError::Unreachable
        | LegError::Way { .. }
        | LegError::Invalid { .. }
        | LegError::NotNow { .. }
        | LegError::RefuseLate { .. }
        | LegError::NotItsPart
        | LegError::NoWayToCitizen
        | LegError::Organisation(_)
        | LegError::Forbidden(_) => IntakeError::Invalid { field: "leg", wrong: "refused" },
    }
}
