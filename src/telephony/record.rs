//! What is told of calls is stored before anybody is told that it arrived; the row of a call is all its events
//! say, in whatever order they came.
use std::collections::BTreeMap;

use channels::phone::{CallEvent, CallLog};
use jiff::SignedDuration;
use serde_json::json;

use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;

/// How long the contact of a call that is over waits for events that were overtaken.
const GRACE: SignedDuration = SignedDuration::from_secs(2);

/// Stores events that an account told; what was told before changes nothing.
///
/// # Errors
/// When the database refuses: the teller must then tell again.
pub async fn record(kernel: &Kernel, account: &str, told: Vec<CallEvent>, raw: &[u8]) -> Result<(), StoreError> {
    let mut calls: BTreeMap<String, Vec<CallEvent>> = BTreeMap::new();
    for event in told {
        calls.entry(event.call.clone()).or_default().push(event);
    }
    let (now, account) = (kernel.now(), account.to_owned());
    let wrap = SignedDuration::from_secs(kernel.config.phone.wrap_seconds.into());
    // The engines keep no NUL in texts.
    let raw = String::from_utf8_lossy(raw).replace('\0', "");
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                // In one order everywhere: two transactions must not wait for each other.
                for (call, told) in calls {
                    one(tx, &call, told, Teller { account: &account, raw: &raw, wrap }, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Who told of a call and in which words, and how long agents finish what a call left to do.
#[derive(Clone, Copy)]
struct Teller<'a> {
    account: &'a str,
    raw: &'a str,
    wrap: SignedDuration,
}

async fn one(
    tx: &mut Tx,
    call: &str,
    told: Vec<CallEvent>,
    teller: Teller<'_>,
    now: Instant,
) -> Result<(), StoreError> {
    let Teller { account, raw, wrap } = teller;
    let mut row = store::lock_call(tx, call, account, now).await?;
    let mut log: CallLog = store::events(tx, call).await?.into();
    let mut news = false;
    for event in told {
        if log.add(event.clone()) {
            store::save_event(tx, &event, account, raw, now).await?;
            news = true;
        }
    }
    let Some(call) = log.call().filter(|_| news) else { return Ok(()) };
    let (was_over, agent) = (row.is_over(), row.agent.clone());
    let changed = row.tell(&call);
    row.heard_at = now;
    if row.is_over() && changed {
        row.settle_at = Some(now.plus(GRACE));
    }
    store::save_call(tx, &row).await?;
    // A telephone that stopped ringing or talking is idle from now on.
    if !agent.is_empty() && agent != row.agent {
        store::agent_idle(tx, &agent, None, now).await?;
    }
    if row.is_over() && !was_over {
        // Only who talked has something to write down.
        let until = (row.answered_at.is_some() && !wrap.is_zero()).then(|| now.plus(wrap));
        store::agent_idle(tx, &row.agent, until, now).await?;
        if until.is_some() {
            for user in store::users_of(tx, &[&row.agent]).await? {
                store::insert_state(tx, user, "wrap", "", now).await?;
            }
        }
    }
    if changed {
        let users = store::users_of(tx, &[&agent, &row.agent]).await?;
        announce(tx, row.id, &row.stage, &users, now).await?;
    }
    Ok(())
}

/// Says in the feed that a call changed, and whose telephones it concerns.
pub async fn announce(tx: &mut Tx, call: i64, stage: &str, users: &[i64], now: Instant) -> Result<(), StoreError> {
    let data = json!({ "call": call, "stage": stage, "users": users });
    events::append(tx, now, &[NewEvent { kind: "call.changed", ticket: None, actor: Actor::System, data }]).await?;
    Ok(())
}
