//! Choosing the way of a unit or of an agency, and sending again what went along it.
use std::collections::BTreeMap;

use channels::ChannelKind;
use serde_json::json;

use super::WayError;
use super::model::{Way, WayKind, Whose, tidy};
use super::settings::may_call;
use super::store::{self, NewWay};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::outbox;

/// A way as it shall be.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) whose: Whose,
    pub(super) kind: WayKind,
    pub(super) settings: BTreeMap<String, String>,
    /// The version it was made on; 0 for the first.
    pub(super) version: i64,
}

/// Stores a way.
///
/// # Errors
/// [`WayError::Invalid`] naming the field at fault, [`WayError::Stale`].
pub(super) async fn save(kernel: &Kernel, who: &Principal, wish: Wish) -> Result<Way, WayError> {
    who.require(Permission::Administer)?;
    let settings = tidy(wish.kind, &wish.settings)?;
    // Says at once what would otherwise be said by the first leg.
    if let Some(url) = settings.get("url")
        && !may_call(kernel, url).await
    {
        return Err(WayError::Invalid { field: "url", wrong: "private" });
    }
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(account) = settings.get("account") {
                    let kind = if wish.kind == WayKind::Pec { ChannelKind::Pec } else { ChannelKind::Letter };
                    let known = outbox::senders(tx).await?.into_iter().any(|s| s.kind == kind && s.name == *account);
                    if !known {
                        return Err(WayError::Invalid { field: "account", wrong: "unknown" });
                    }
                }
                let text = json!(settings).to_string();
                let new = NewWay { whose: wish.whose, kind: wish.kind, settings: text, now };
                if !store::save(tx, &new, wish.version).await? {
                    return Err(WayError::Stale);
                }
                let way = store::of(tx, wish.whose).await?.ok_or(WayError::NotFound)?;
                let data = json!({ "way": way.id, "kind": way.kind, "unit": way.unit_id, "agency": way.agency_id });
                let event = NewEvent { kind: "way.changed", ticket: None, actor: who.actor, data };
                events::append(tx, now, &[event]).await?;
                Ok(way)
            })
        })
        .await
}

/// Tells a system once more what it was told, under the same name, so that it takes it only if it had not.
///
/// # Errors
/// [`WayError::NotFound`] for what was no call of a way.
pub(super) async fn replay(kernel: &Kernel, who: &Principal, row: i64) -> Result<(), WayError> {
    who.require(Permission::Administer)?;
    let (now, who) = (kernel.now(), who.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = outbox::store::by_id(tx, row).await?.filter(|row| row.lane.starts_with("way:"));
                let row = row.ok_or(WayError::NotFound)?;
                let again = outbox::store::insert_again(tx, &row, &row.recipient, now).await?;
                let data = json!({ "outbox": row.id, "as": again, "leg": row.leg_id });
                let event = NewEvent { kind: "way.replayed", ticket: row.ticket_id, actor: who.actor, data };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}
