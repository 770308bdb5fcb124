//! What is said to a unit about a leg leaves along its way, in the transaction that decided it.
use super::choose::Departure;
use super::content::{self, Order};
use super::model::WayKind;
use super::store;
use super::words::{self, Words};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::time::Instant;
use crate::network::model::{Leg, leg_code};
use crate::network::{LegError, mail, store as network_store};
use crate::outbox::{self, AccountPayload, MailAddresses, NewCall, NewMessage, Purpose};
use crate::tickets::Ticket;
use crate::tickets::store as ticket_store;

/// What is said.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// The leg itself.
    Leg,
    /// A fresh link to its page.
    Link,
    /// It was taken back.
    Withdrawn,
    /// The citizen wrote again, or the front office answered the unit's question; the contact's row id names the message.
    Update { contact: i64, text: &'a str },
}

impl Said<'_> {
    const fn purpose(self) -> Purpose {
        match self {
            Self::Leg => Purpose::Leg,
            Self::Link => Purpose::LegLink,
            Self::Withdrawn => Purpose::LegWithdrawn,
            Self::Update { .. } => Purpose::LegUpdate,
        }
    }

    /// Names it among all that is said of a leg.
    fn name(self, number: i64) -> String {
        match self {
            Self::Leg => format!("leg{number}"),
            Self::Link => format!("leg{number}-link"),
            Self::Withdrawn => format!("leg{number}-withdrawn"),
            Self::Update { contact, .. } => format!("leg{number}-update{contact}"),
        }
    }
}

/// Lets it leave.
///
/// # Errors
/// When the database refuses.
pub async fn carry(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    departure: &Departure,
    said: Said<'_>,
    now: Instant,
) -> Result<(), LegError> {
    if matches!(said, Said::Leg) {
        store::insert_dispatch(tx, leg.id, departure.way.as_ref().map(|way| way.id), departure.kind).await?;
    }
    match departure.kind {
        // Its referents find it on their page, and what is said later on the leg's own.
        WayKind::Default | WayKind::Portal => Ok(()),
        WayKind::Email => by_mail(tx, kernel, ticket, leg, departure.shown.clone(), said, now).await,
        WayKind::Pec | WayKind::Print => by_account(tx, kernel, ticket, leg, departure, said, now).await,
        WayKind::Webhook | WayKind::Open311 => by_call(tx, kernel, ticket, leg, departure, said, now).await,
    }
}

async fn by_mail(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    recipient: String,
    said: Said<'_>,
    now: Instant,
) -> Result<(), LegError> {
    match said {
        Said::Leg => mail::send(tx, kernel, ticket, leg, recipient, Purpose::Leg, now).await,
        Said::Link => mail::send(tx, kernel, ticket, leg, recipient, Purpose::LegLink, now).await,
        Said::Withdrawn => mail::tell_withdrawn(tx, kernel, ticket, leg, recipient, now).await,
        Said::Update { contact, text } => {
            mail::tell_update(tx, kernel, ticket, leg, recipient, (contact, text), now).await
        }
    }
}

async fn by_account(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    departure: &Departure,
    said: Said<'_>,
    now: Instant,
) -> Result<(), LegError> {
    let Words { code, subject, text, link, files } = match said {
        Said::Leg => words::of_leg(tx, kernel, ticket, leg, departure.kind, now).await?,
        Said::Link => words::link(tx, kernel, ticket, leg, now).await?,
        Said::Withdrawn => words::withdrawn(kernel, ticket, leg),
        Said::Update { text, .. } => words::update(kernel, ticket, leg, text),
    };
    let addresses = MailAddresses::new(kernel);
    let first = addresses.message_id(&ticket.code, &Said::Leg.name(leg.number));
    let name = match said {
        // One for each link that was asked for.
        Said::Link => format!("{}{}", said.name(leg.number), network_store::count_tokens(tx, leg.id).await?),
        Said::Leg | Said::Withdrawn | Said::Update { .. } => said.name(leg.number),
    };
    let message_id = addresses.message_id(&ticket.code, &name);
    let in_reply_to = (!matches!(said, Said::Leg)).then_some(first);
    let certified = departure.kind == WayKind::Pec;
    if certified {
        ticket_store::remember_message_id(tx, &message_id, ticket.id, None, Some(leg.id)).await?;
    }
    let postal = departure.setting("postal");
    let (name, address) = postal.split_once('\n').unwrap_or((&postal, ""));
    let message = NewMessage {
        account: departure.setting("account"),
        purpose: said.purpose(),
        ticket_id: Some(ticket.id),
        contact_id: None,
        leg_id: Some(leg.id),
        recipient: departure.shown.clone(),
        message_id: certified.then_some(message_id),
        payload: AccountPayload {
            recipient_name: name.trim().to_owned(),
            recipient_address: address.trim().to_owned(),
            subject,
            text,
            attachments: files,
            code,
            link,
            language: words::language(kernel).as_str().to_owned(),
            references: in_reply_to.iter().cloned().collect(),
            in_reply_to,
            automatic: false,
        },
    };
    outbox::enqueue_message(tx, &message, now).await?;
    Ok(())
}

async fn by_call(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    departure: &Departure,
    said: Said<'_>,
    now: Instant,
) -> Result<(), LegError> {
    let Some(way) = &departure.way else { return Err(LegError::Way { wrong: "url" }) };
    let code = leg_code(&ticket.code, leg.number);
    let (id, event, update) = match said {
        // Their system answers with a key of its own.
        Said::Link => return Ok(()),
        Said::Leg => (format!("{code}:sent"), "leg.sent", None),
        Said::Withdrawn => (format!("{code}:withdrawn"), "leg.withdrawn", None),
        Said::Update { contact, text } => {
            (format!("{code}:update:{}", store::place_of(tx, ticket.id, contact).await?), "leg.update", Some(text))
        }
    };
    let order = Order {
        id,
        event: event.to_owned(),
        at: now.rfc3339(),
        leg: content::leg_body(tx, kernel, ticket, leg, matches!(said, Said::Leg), now).await?,
        update: update.map(str::to_owned),
    };
    let payload = serde_json::to_string(&order)
        .map_err(|_| crate::kernel::database::StoreError::Inconsistent { table: "outbox", column: "payload" })?;
    let call = NewCall {
        lane: way.lane(),
        purpose: said.purpose(),
        ticket_id: ticket.id,
        leg_id: leg.id,
        recipient: departure.shown.clone(),
        payload,
    };
    outbox::enqueue_call(tx, &call, now).await?;
    Ok(())
}
