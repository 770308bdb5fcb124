//! The front office tells a unit what it asked: the leg goes on, and its term moves by the time for which it waited.
use serde_json::json;

use super::answer::{act, event_data};
use super::model::{Leg, LegAct};
use super::terms::Terms;
use super::{LegError, mail, rules, store};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::permissions::{Permission, Principal};
use crate::tickets::change::Change;
use crate::tickets::store::{self as ticket_store, NewContact};
use crate::tickets::{State, Ticket};

/// Tells a unit what it asked.
///
/// # Errors
/// An empty text, when the ticket was changed meanwhile, there is no such leg, or its unit asked nothing
/// ([`LegError::NotNow`], [`LegError::Over`]).
pub async fn inform(
    kernel: &Kernel,
    who: &Principal,
    code: &str,
    number: i64,
    expected: Option<i64>,
    text: &str,
) -> Result<(Ticket, Leg), LegError> {
    who.require(Permission::WorkTickets)?;
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    let (now, who, code, kernel) = (kernel.now(), who.clone(), code.to_owned(), kernel.clone());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let change = Change::begin(tx, &code, expected, who.actor.clone(), now).await?;
            let leg = store::leg_by_number(tx, change.ticket.id, number).await?.ok_or(LegError::NotFound)?;
            let contact = NewContact {
                ticket_id: change.ticket.id,
                direction: "out",
                channel: "web",
                author_id: who.user_id,
                leg_id: Some(leg.id),
                from_name: who.name.clone(),
                body: text.clone(),
                happened_at: now,
                created_at: now,
                ..NewContact::default()
            };
            let contact = ticket_store::insert_contact(tx, &contact).await?;
            // It has no key that another could have.
            let contact = contact.ok_or(StoreError::Inconsistent { table: "contacts", column: "dedupe_key" })?;
            go_on(tx, &kernel, change, leg, contact, &text).await
        })
    })
    .await
}

/// The leg goes on with what its unit now knows, inside a larger change; its unit gets a mail with the text.
///
/// # Errors
/// When the unit asked nothing.
pub(super) async fn go_on(
    tx: &mut Tx,
    kernel: &Kernel,
    mut change: Change,
    mut leg: Leg,
    contact: i64,
    text: &str,
) -> Result<(Ticket, Leg), LegError> {
    let now = change.now();
    let asked = leg.asked_at;
    act(&mut change, &mut leg, LegAct::Inform)?;
    if let Some(due) = leg.due_at {
        let terms = Terms::new(kernel, rules::read(tx).await?);
        let due = asked.map_or(due, |asked| terms.moved(due, asked, now));
        leg.due_at = Some(due);
        leg.remind_at = terms.remind_at(due, leg.reminders);
    }
    store::update_leg(tx, &leg).await?;
    if leg.is_awaited() && matches!(change.ticket.state, State::New | State::Open) {
        change.become_state(State::Referred)?;
    }
    let mut data = event_data(&leg, Some(contact), false, &change);
    data["due"] = json!(leg.due_at);
    let ticket = change.save(tx, "leg.informed", data).await?;
    mail::tell_more(tx, kernel, &ticket, &leg, contact, text, now).await?;
    Ok((ticket, leg))
}
