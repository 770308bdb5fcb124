use super::store;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;
use serde_json::json;

/// Writes down that the owner of an address wants no more messages on a channel, or wants them again; answers
/// whether that changed anything. Whoever sends asks [`refuses`] first.
///
/// # Errors
/// When the database refuses.
pub async fn set_refusal(
    tx: &mut Tx,
    channel: &str,
    address: &str,
    refused: bool,
    raw: i64,
    now: Instant,
) -> Result<bool, StoreError> {
    let changed = if refused {
        store::insert_refusal(tx, channel, address, raw, now).await?
    } else {
        store::delete_refusal(tx, channel, address).await?
    };
    if changed {
        let kind = if refused { "consent.withdrawn" } else { "consent.given" };
        let data = json!({ "channel": channel, "raw": raw });
        events::append(tx, now, &[NewEvent { kind, ticket: None, actor: Actor::Citizen, data }]).await?;
    }
    Ok(changed)
}

/// Whether the owner of an address wants no messages on a channel.
///
/// # Errors
/// When the database cannot be read.
pub async fn refuses(conn: &mut Conn, channel: &str, address: &str) -> Result<bool, StoreError> {
    store::refusal(conn, channel, address).await
}
