//! Which ticket a contact belongs to. A token or a Message-ID of ours first; a foreign Message-ID or a code
//! in the subject only for a participant; else a new ticket, perhaps with "may belong to" (I13, C9-C11).
use super::{Incoming, IntakeError, store};
use crate::kernel::database::Tx;
use crate::tickets::{self, Ticket};

/// Where a contact goes.
#[derive(Debug, Clone)]
pub enum Thread {
    /// To this ticket.
    Ticket(Box<Ticket>),
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
        && let Some(ticket) = tickets::store::lock_by_code(tx, code).await?
    {
        return Ok(match leg {
            None => Thread::Ticket(Box::new(ticket)),
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
                if let Some(ticket) = tickets::store::lock_by_id(tx, known.ticket_id).await? {
                    return Ok(Thread::Leg { ticket: Box::new(ticket), leg_id });
                }
                continue;
            }
            // Our own mail goes to one recipient each: who answers it has it. A foreign id may be known to
            // many, so it threads only those who already take part.
            if known.ours || store::takes_part(tx, known.ticket_id, person, &incoming.from_address).await? {
                if let Some(ticket) = tickets::store::lock_by_id(tx, known.ticket_id).await? {
                    return Ok(Thread::Ticket(Box::new(ticket)));
                }
            } else {
                may_belong_to.push(known.ticket_id);
            }
        }
    }
    for code in &hints.subject_codes {
        let Some(ticket) = tickets::store::by_code(tx, code).await? else { continue };
        if store::takes_part(tx, ticket.id, person, &incoming.from_address).await? {
            if let Some(ticket) = tickets::store::lock_by_id(tx, ticket.id).await? {
                return Ok(Thread::Ticket(Box::new(ticket)));
            }
        } else {
            may_belong_to.push(ticket.id);
        }
    }
    may_belong_to.dedup();
    Ok(Thread::None { may_belong_to })
}
