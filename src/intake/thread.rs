//! Which ticket a contact belongs to. A token or a Message-ID of ours first; a foreign Message-ID or a code
//! in the subject only for a participant; else a new ticket, perhaps with "may belong to" (I13, C9-C11).
use super::{Incoming, IntakeError, store};
use crate::kernel::database::Tx;
use crate::network;
use crate::tickets::merging::{self, lock_live};
use crate::tickets::{self, Ticket};

/// Where a contact goes.
#[derive(Debug, Clone)]
pub enum Thread {
    /// To this ticket; `named` is what led to it, itself or one that was merged into it.
    Ticket { ticket: Box<Ticket>, named: i64 },
    /// To a referral leg of it.
    Leg { ticket: Box<Ticket>, leg_id: i64 },
    /// Nowhere yet; these tickets may be meant.
    None { may_belong_to: Vec<i64> },
}

/// Finds the thread of a contact whose sender is `person`.
///
/// # Errors
/// When the database refuses.
pub async fn find(tx: &mut Tx, incoming: &Incoming, person: Option<i64>) -> Result<Thread, IntakeError> {
    let hints = &incoming.thread;
    if let Some((code, leg)) = &hints.proven
        && let Some(ticket) = tickets::store::by_code(tx, code).await?
    {
        return Ok(match leg {
            None => {
                let named = moved_on(tx, &hints.message_ids, ticket.id).await?.unwrap_or(ticket.id);
                match lock_live(tx, named).await? {
                    Some(ticket) => Thread::Ticket { ticket: Box::new(ticket), named },
                    None => Thread::None { may_belong_to: Vec::new() },
                }
            }
            Some(number) => match store::leg_by_number(tx, ticket.id, *number).await? {
                Some(leg_id) => Thread::Leg { ticket: Box::new(ticket), leg_id },
                None => Thread::None { may_belong_to: vec![ticket.id] },
            },
        });
    }
    let mut may_belong_to = Vec::new();
    for id in hints.message_ids.iter().chain(&hints.conversation) {
        for known in store::by_message_id(tx, id).await? {
            if let Some(leg_id) = known.leg_id {
                if let Some(ticket) = tickets::store::by_id(tx, known.ticket_id).await? {
                    return Ok(Thread::Leg { ticket: Box::new(ticket), leg_id });
                }
                continue;
            }
            // Our own mail goes to one recipient each: who answers it has it. A foreign id may be known to
            // many, so it threads only those who already take part.
            let named = known.ticket_id;
            let live = tickets::store::by_id(tx, named).await?.and_then(|t| t.merged_into_id).unwrap_or(named);
            if known.ours || store::takes_part(tx, live, person, &incoming.from_address).await? {
                if let Some(ticket) = lock_live(tx, named).await? {
                    return Ok(Thread::Ticket { ticket: Box::new(ticket), named });
                }
            } else {
                may_belong_to.push(live);
            }
        }
    }
    for code in &hints.subject_codes {
        let Some(ticket) = tickets::store::by_code(tx, code).await? else { continue };
        let number = hints.subject_leg.filter(|_| hints.subject_codes.len() == 1);
        if let Some(leg_id) = network::ways::codes::leg_from(tx, ticket.id, number, &incoming.from_address).await? {
            return Ok(Thread::Leg { ticket: Box::new(ticket), leg_id });
        }
        let (named, live) = (ticket.id, ticket.merged_into_id.unwrap_or(ticket.id));
        if store::takes_part(tx, live, person, &incoming.from_address).await? {
            if let Some(ticket) = lock_live(tx, named).await? {
                return Ok(Thread::Ticket { ticket: Box::new(ticket), named });
            }
        } else {
            may_belong_to.push(live);
        }
    }
    may_belong_to.dedup();
    Ok(Thread::None { may_belong_to })
}

/// The ticket of the message that is answered, when somebody moved that message away from the ticket its reply
/// address still names. Who answers a message of ours had it from us.
async fn moved_on(tx: &mut Tx, answered: &[String], named: i64) -> Result<Option<i64>, IntakeError> {
    for id in answered {
        for known in store::by_message_id(tx, id).await? {
            let Some(contact) = known.contact_id.filter(|_| known.ours && known.leg_id.is_none()) else { continue };
            if known.ticket_id != named && merging::store::moved_from(tx, contact, named).await? {
                return Ok(Some(known.ticket_id));
            }
        }
    }
    Ok(None)
}
