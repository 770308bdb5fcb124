//! A competent unit speaks with the citizen itself, where the category allows it: through the same outbox as every other
//! answer, and on the ticket for everyone to read (D4, 000-27).
use super::model::{Leg, LegKind};
use super::rules::DirectWords;
use super::{LegError, store};
use crate::kernel::database::{Conn, Tx};
use crate::organisation;
use crate::tickets::change::Change;
use crate::tickets::reply::{self, Letterhead, Reply, Then, Writer};
use crate::tickets::store::StoredFile;
use crate::tickets::ways::own_way;
use crate::tickets::{Ticket, TicketError};

/// What is said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) files: Vec<StoredFile>,
    /// Who signs it; empty for the unit.
    pub(super) signed: String,
    pub(super) author: Option<i64>,
    pub(super) then: Then,
}

/// What a unit that is competent for a ticket may say to its citizen.
///
/// # Errors
/// When the database cannot be read.
pub async fn direct_words(conn: &mut Conn, ticket: &Ticket) -> Result<DirectWords, LegError> {
    match ticket.category_id {
        Some(category) => Ok(store::direct_words(conn, category).await?),
        None => Ok(DirectWords::default()),
    }
}

/// Whether a unit may answer the citizen of this ticket by itself: its leg is for competence and open or answered, the
/// category allows it, and something leads to the citizen.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn may_answer(conn: &mut Conn, ticket: &Ticket, leg: &Leg) -> Result<bool, LegError> {
    Ok(leg.kind == LegKind::Competence
        && leg.state.is_open()
        && !ticket.state.is_over()
        && direct_words(conn, ticket).await?.answers)
}

/// Says something to the citizen of a locked ticket, by the way they used.
///
/// # Errors
/// [`LegError::NoWayToCitizen`] when nothing leads to them.
pub(super) async fn speak(
    tx: &mut Tx,
    head: &Letterhead,
    mails: bool,
    change: Change,
    leg: &Leg,
    said: Said,
) -> Result<Ticket, LegError> {
    let unit = organisation::store::unit(tx, leg.unit_id).await?.map(|u| u.name).unwrap_or_default();
    let name = if said.signed.trim().is_empty() { unit } else { said.signed.trim().to_owned() };
    let Some((_, way)) = own_way(tx, &change.ticket, mails).await? else { return Err(LegError::NoWayToCitizen) };
    let text = format!("{}\n\n{name}", said.text.trim());
    let writer = Writer { user_id: said.author, name, actor: change.actor().clone(), takes: None };
    let answer = Reply { text, sheet: None, files: said.files, way, then: said.then };
    match reply::reply_locked(tx, head, change, &writer, answer).await {
        Err(TicketError::NoAddress) => Err(LegError::NoWayToCitizen),
        other => Ok(other?),
    }
}
