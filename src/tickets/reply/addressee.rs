//! Who is answered: as whom they know the ticket, where an answer reaches them, and who is told of it.
use crate::kernel::database::Tx;
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::outbox::wording::Part;
use crate::outbox::{self, Purpose};
use crate::people;
use crate::tickets::store::ContactRow;
use crate::tickets::{Ticket, TicketError, store};

/// The ticket as whoever is answered knows it: one of two citizens whose tickets were merged must learn neither
/// the other's code nor what the other asked.
pub(in crate::tickets) async fn known_to(
    tx: &mut Tx,
    ticket: &Ticket,
    last: Option<&ContactRow>,
) -> Result<Ticket, TicketError> {
    let theirs = match last.and_then(|l| l.via_id) {
        Some(id) => store::by_id(tx, id).await?,
        None => None,
    };
    let one_citizen = |t: &Ticket| t.person_id.is_some() && t.person_id == ticket.person_id;
    Ok(theirs.filter(|t| !one_citizen(t)).unwrap_or_else(|| ticket.clone()))
}

/// Where an answer by mail goes: the address of the last message, else the person's first.
pub(in crate::tickets) async fn citizen_address(
    tx: &mut Tx,
    ticket: &Ticket,
    last: Option<&ContactRow>,
) -> Result<Option<String>, TicketError> {
    if let Some(last) = last
        && let Ok(address) = people::Identifier::email(&last.from_address)
    {
        return Ok(Some(address.raw));
    }
    let Some(person) = ticket.person_id else { return Ok(None) };
    let identifiers = people::store::identifiers(tx, person).await?;
    Ok(identifiers.into_iter().find(|i| i.kind == "email").map(|i| i.value))
}

/// Tells somebody who wants it, by text message, that there is an answer.
pub(super) async fn tell(
    tx: &mut Tx,
    known: &Ticket,
    ticket: &Ticket,
    language: Language,
    values: &[(&'static str, String)],
    now: Instant,
) -> Result<(), TicketError> {
    let Some(person) = known.person_id else { return Ok(()) };
    let value = |name: &str| values.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    for phone in people::store::identifiers(tx, person).await?.iter().filter(|i| i.kind == "phone") {
        let notice = outbox::Notice {
            ticket_id: ticket.id,
            code: value("code"),
            link: value("link"),
            number: &phone.value,
            language,
            purpose: Purpose::Notice,
            part: Part::Notice,
            values,
        };
        if outbox::notify_by_sms(tx, &notice, now).await? {
            break;
        }
    }
    Ok(())
}

/// The name of a ticket's person; empty when it is not known.
pub(super) async fn person_name(tx: &mut Tx, ticket: &Ticket) -> Result<String, TicketError> {
    let Some(id) = ticket.person_id else { return Ok(String::new()) };
    Ok(people::store::person(tx, id).await?.map(|p| p.name).unwrap_or_default())
}
