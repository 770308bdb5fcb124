//! Whether the owner of an address wants to be told of things by a channel. Notices go only where consent was given;
//! answers go wherever the citizen is answered, unless the owner of the address sent STOP.
use serde_json::json;

use super::store::{self, ConsentRow};
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;

/// Channel of consents to text messages.
pub const SMS: &str = "sms";

/// Where a consent came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentSource {
    /// A word such as STOP or START, from the address itself.
    Word,
    /// Typed into the public form: anybody may have.
    Form,
    /// Said to an agent who filled the form in.
    Assisted,
    /// Chosen on the tracking page by who proved to be the requester.
    Tracking,
    /// Said to an agent.
    Desk,
}

impl ConsentSource {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Form => "form",
            Self::Assisted => "assisted",
            Self::Tracking => "tracking",
            Self::Desk => "desk",
        }
    }
}

/// What somebody said of an address.
#[derive(Debug, Clone)]
pub struct NewConsent<'a> {
    pub channel: &'a str,
    /// In normal form.
    pub address: &'a str,
    pub given: bool,
    pub source: ConsentSource,
    /// The message that said it.
    pub raw: Option<i64>,
    pub actor: Actor,
}

/// Writes a consent down; answers whether it changed anything. What anybody may have typed into a form does not
/// undo what the owner of the address withdrew.
///
/// # Errors
/// When the database refuses.
pub async fn record_consent(tx: &mut Tx, new: &NewConsent<'_>, now: Instant) -> Result<bool, StoreError> {
    let state = if new.given { "given" } else { "withdrawn" };
    let before = store::latest_consent(tx, new.channel, new.address).await?;
    let same = before.as_ref().is_some_and(|row| {
        // STOP says more than a withdrawal at the desk: it holds answers too.
        row.state == state && (new.given || new.source != ConsentSource::Word || row.is_stop())
    });
    let withheld = new.source == ConsentSource::Form && before.as_ref().is_some_and(|row| row.state == "withdrawn");
    if same || withheld {
        return Ok(false);
    }
    let user = match new.actor {
        Actor::User(id) => Some(id),
        Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Token(_) | Actor::Rule(_) => None,
    };
    store::insert_consent(tx, new, state, user, now).await?;
    let kind = if new.given { "consent.given" } else { "consent.withdrawn" };
    let data = json!({ "channel": new.channel, "raw": new.raw, "source": new.source.as_str() });
    events::append(tx, now, &[NewEvent { kind, ticket: None, actor: new.actor.clone(), data }]).await?;
    Ok(true)
}

/// Whether the owner of an address asked for nothing more on a channel: not even an answer may leave.
///
/// # Errors
/// When the database cannot be read.
pub async fn refuses(conn: &mut Conn, channel: &str, address: &str) -> Result<bool, StoreError> {
    Ok(store::latest_consent(conn, channel, address).await?.is_some_and(|row| row.is_stop()))
}

/// Whether the owner of an address wants notices on a channel.
///
/// # Errors
/// When the database cannot be read.
pub async fn wants_notices(conn: &mut Conn, channel: &str, address: &str) -> Result<bool, StoreError> {
    Ok(store::latest_consent(conn, channel, address).await?.is_some_and(|row| row.state == "given"))
}

/// What was said of an address, newest first: the first holds.
///
/// # Errors
/// When the database cannot be read.
pub async fn consents(conn: &mut Conn, channel: &str, address: &str) -> Result<Vec<ConsentRow>, StoreError> {
    store::consents_of(conn, channel, address).await
}
