//! By which channel a citizen is answered when nobody chooses: the one they used last, else one that reaches them.
use channels::ChannelKind;

use super::depart::Departure;
use super::model::{Channel, Ticket};
use super::reply::{Dispatch, Way, citizen_address};
use super::{TicketError, store};
use crate::kernel::database::Tx;
use crate::outbox::{self, SenderAccount};
use crate::people::{self, Identifier};

/// The way of a ticket's citizen with the channel it is; `None` when nothing is known that leads to them. `mails` says
/// whether the installation sends mail by a server of its own.
///
/// # Errors
/// When the database refuses.
pub async fn own_way(tx: &mut Tx, ticket: &Ticket, mails: bool) -> Result<Option<(Channel, Way)>, TicketError> {
    find(tx, ticket, mails, Asked::Answer).await
}

/// The way by which a ticket's citizen is told of something nobody asked: a text message goes only to who wants such
/// notices or wrote by text message. `only` names the one channel that may be used; `postal` is name and
/// address on paper, a line each, where they are known better than from earlier letters.
///
/// # Errors
/// When the database refuses.
pub async fn notice_way(
    tx: &mut Tx,
    ticket: &Ticket,
    mails: bool,
    only: Option<Channel>,
    postal: &str,
) -> Result<Option<(Channel, Way)>, TicketError> {
    find(tx, ticket, mails, Asked::Notice(only, postal)).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked<'a> {
    Answer,
    Notice(Option<Channel>, &'a str),
}

async fn find(
    tx: &mut Tx,
    ticket: &Ticket,
    mails: bool,
    asked: Asked<'_>,
) -> Result<Option<(Channel, Way)>, TicketError> {
    let senders = outbox::senders(tx).await?;
    let last = store::last_incoming(tx, ticket.id).await?;
    let channel = last.as_ref().and_then(|l| Channel::from_text(&l.channel)).unwrap_or(ticket.channel);
    let from = last.as_ref().map(|l| l.from_address.clone()).unwrap_or_default();
    let mut numbers: Vec<String> = Identifier::phone(&from).ok().into_iter().map(|n| n.value).collect();
    if let Some(person) = ticket.person_id {
        let known = people::store::identifiers(tx, person).await?;
        numbers.extend(known.into_iter().filter(|i| i.kind == "phone").map(|i| i.value));
    }
    let mut number = numbers.into_iter().find(|n| Identifier::phone(n).is_ok_and(|n| n.takes_texts()));
    if asked != Asked::Answer
        && channel != Channel::Sms
        && let Some(known) = &number
        && !outbox::wants_notices(tx, outbox::SMS, known).await?
    {
        number = None;
    }
    let mail = citizen_address(tx, ticket, last.as_ref()).await?;
    let postal = match (asked, ticket.person_id) {
        (Asked::Notice(_, postal), _) if !postal.is_empty() => Some(postal.to_owned()),
        (_, Some(person)) => store::last_postal(tx, person).await?,
        (_, None) => None,
    };

    let account = |kind| senders.iter().find(|s: &&SenderAccount| s.kind == kind).map(|s| s.name.clone());
    let dispatch = |kind: ChannelKind, to: Option<String>, postal: Option<String>| {
        let to = if kind == ChannelKind::Letter { String::new() } else { to? };
        let postal = if kind == ChannelKind::Letter { postal? } else { String::new() };
        Some(Dispatch { account: account(kind)?, to, postal })
    };
    // As they came, then by what costs them least.
    let order = match asked {
        Asked::Notice(Some(only), _) => vec![only],
        Asked::Answer | Asked::Notice(None, _) => vec![channel, Channel::Email, Channel::Sms, Channel::Letter],
    };
    for channel in order {
        let sent = match channel {
            // Without a server or an account of their own, mails wait in the outbox for one, as an agent's do.
            Channel::Email if mail.is_some() && (mails || account(ChannelKind::Email).is_none()) => {
                return Ok(Some((Channel::Email, Way::Email)));
            }
            Channel::Email => dispatch(ChannelKind::Email, mail.clone(), None),
            Channel::Pec => dispatch(ChannelKind::Pec, Some(from.clone()), None),
            Channel::Fax => dispatch(ChannelKind::Fax, Some(from.clone()), None),
            Channel::Sms => dispatch(ChannelKind::Sms, number.clone(), None),
            Channel::Letter => dispatch(ChannelKind::Letter, None, postal.clone()),
            Channel::Phone | Channel::Voicemail | Channel::Web | Channel::Counter => None,
        };
        let Some(dispatch) = sent else { continue };
        // An address that cannot be written to, or that asked for no messages, is no way; the next may be.
        match Departure::prepare(tx, &dispatch).await {
            Ok(_) => return Ok(Some((channel, Way::Account(dispatch)))),
            Err(TicketError::Invalid { .. }) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(None)
}
