//! Reads the feed for subscriptions.
use async_trait::async_trait;
use serde_json::{Value, json};

use super::model::{KINDS, Subscription, telling};
use super::store::{self, TicketRow};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{Event, Reader};
use crate::people;

/// Writes a delivery for each event that a subscription asks for.
pub struct Follower {
    kernel: Kernel,
}

impl Follower {
    /// On this kernel.
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone() }
    }

    async fn tell(&self, tx: &mut Tx, event: &Event, wanting: &[&Subscription]) -> Result<(), StoreError> {
        let data = event.data();
        let ticket = match event.ticket {
            Some(id) => store::ticket(tx, id).await?,
            None => None,
        };
        let Some(ticket) = ticket else { return Ok(()) };
        let unit = match data.get("unit").and_then(Value::as_i64) {
            Some(id) => store::unit_slug(tx, id).await?,
            None => None,
        };
        let units = [Some(ticket.owner.as_str()), unit.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let category = ticket.category.clone().unwrap_or_default();
        for subscription in wanting.iter().filter(|s| s.concerns(&category, &units)) {
            let mut told = telling(&data);
            if let Some(unit) = &unit {
                told.insert("unit".to_owned(), json!(unit));
            }
            let shown = shown(tx, subscription, event, &data, &ticket).await?;
            let body = json!({
                // Opaque, and the same at every attempt.
                "id": self.kernel.secrets.sign("event", &[&subscription.id.to_string(), &event.id.to_string()]),
                "event": event.kind,
                "at": event.at.rfc3339(),
                "ticket": { "code": codes::grouped(&ticket.code), "state": ticket.state, "channel": ticket.channel,
                    "category": ticket.category, "owner": ticket.owner },
                "data": told,
                "shown": shown,
            });
            let now = self.kernel.now();
            store::insert_delivery(tx, subscription.id, event.id, &event.kind, &body.to_string(), now).await?;
        }
        Ok(())
    }
}

/// Tells the system of a subscription that a rule calls it about a ticket; `name` is this call's own, and negative.
/// Answers `false` when there is no such subscription that works.
///
/// # Errors
/// When the database refuses.
pub async fn call(
    tx: &mut Tx,
    kernel: &Kernel,
    subscription: &str,
    (ticket, name): (i64, i64),
    rule: &str,
) -> Result<bool, StoreError> {
    let found = store::by_name(tx, subscription).await?.filter(|s| s.enabled);
    let (Some(subscription), Some(row)) = (found, store::ticket(tx, ticket).await?) else { return Ok(false) };
    let now = kernel.now();
    let event = Event {
        id: name,
        txid: 0,
        at: now,
        kind: CALLED.to_owned(),
        ticket: Some(ticket),
        actor: String::new(),
        raw: String::new(),
    };
    let body = json!({
        "id": kernel.secrets.sign("event", &[&subscription.id.to_string(), &name.to_string()]),
        "event": CALLED,
        "at": now.rfc3339(),
        "ticket": { "code": codes::grouped(&row.code), "state": row.state, "channel": row.channel,
            "category": row.category, "owner": row.owner },
        "data": { "rule": rule },
        "shown": shown(tx, &subscription, &event, &Value::Null, &row).await?,
    });
    store::insert_delivery(tx, subscription.id, name, CALLED, &body.to_string(), now).await?;
    Ok(true)
}

/// The kind of a call by a rule.
const CALLED: &str = "rule.called";

/// What of the ticket the administrator chose to tell.
async fn shown(
    tx: &mut Tx,
    subscription: &Subscription,
    event: &Event,
    data: &Value,
    ticket: &TicketRow,
) -> Result<Value, StoreError> {
    let mut shown = serde_json::Map::new();
    if subscription.shows("subject") {
        shown.insert("subject".to_owned(), json!(ticket.subject));
    }
    if subscription.shows("text")
        && let (Some(id), Some(contact)) = (event.ticket, data.get("contact").and_then(Value::as_i64))
        && let Some(text) = store::contact_text(tx, id, contact).await?
    {
        shown.insert("text".to_owned(), json!(text));
    }
    if subscription.shows("citizen")
        && let Some(person) = ticket.person_id
        && let Some(file) = people::file::read(tx, person).await?
    {
        let citizen =
            json!({ "name": file.display_name(), "email": file.first("email"), "phone": file.first("phone") });
        shown.insert("citizen".to_owned(), citizen);
    }
    Ok(Value::Object(shown))
}

#[async_trait]
impl Reader for Follower {
    fn name(&self) -> &'static str {
        "event subscriptions"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        if !events.iter().any(|event| KINDS.contains(&event.kind.as_str())) {
            return Ok(());
        }
        let subscriptions = store::all(tx).await?;
        for event in events {
            // What happened before somebody subscribed was never asked for.
            let wants = |s: &&Subscription| s.wants(&event.kind) && s.created_at <= event.at;
            let wanting: Vec<&Subscription> = subscriptions.iter().filter(wants).collect();
            if !wanting.is_empty() {
                self.tell(tx, event, &wanting).await?;
            }
        }
        Ok(())
    }
}
