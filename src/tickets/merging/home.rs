//! Whose a contact is on the citizen's side: that of the ticket it lies in, or of one merged into it.
use super::store;
use crate::kernel::database::{Conn, StoreError};
use crate::tickets::Ticket;

/// The `via` of a contact that came in on `ticket` by naming `named` (the ticket itself, or one merged into
/// it), from `person`. Somebody else's words are never put among those of the ticket's own citizen when there
/// is a merged ticket of theirs.
///
/// # Errors
/// When the database cannot be read.
pub async fn for_incoming(
    conn: &mut Conn,
    ticket: &Ticket,
    named: i64,
    person: Option<i64>,
) -> Result<Option<i64>, StoreError> {
    if named != ticket.id {
        let theirs = person.is_some() && person == ticket.person_id;
        let named_person = super::super::store::by_id(conn, named).await?.and_then(|t| t.person_id);
        return Ok(if theirs && named_person != person { None } else { Some(named) });
    }
    if person.is_none() || person == ticket.person_id {
        return Ok(None);
    }
    let merged = store::tombstones(conn, ticket.id).await?;
    Ok(merged.iter().find(|t| t.person_id == person).map(|t| t.id))
}

/// The `via` of a contact of `person` moved by hand to a ticket of `citizen`: with that citizen when it is
/// theirs or nobody's; otherwise it stays with the ticket it was with, for nobody else to read.
pub fn after_move(person: Option<i64>, citizen: Option<i64>, home: i64) -> Option<i64> {
    if person.is_none() || person == citizen { None } else { Some(home) }
}

#[cfg(test)]
mod tests {
    use super::after_move;

    #[test]
    fn a_moved_message_is_shown_to_its_own_citizen_only() {
        assert_eq!(after_move(Some(1), Some(1), 7), None);
        assert_eq!(after_move(None, Some(1), 7), None);
        assert_eq!(after_move(Some(2), Some(1), 7), Some(7));
        assert_eq!(after_move(Some(2), None, 7), Some(7), "nobody knows whose the other ticket is");
    }
}
