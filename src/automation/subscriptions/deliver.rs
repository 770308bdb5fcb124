//! Delivers: leases what is due, commits, calls, settles each delivery in a transaction of its own.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use channels::Secret;
use channels::calls::{Answered, CallError};
use channels::webhook::{self, Told};
use jiff::SignedDuration;
use rand::RngExt;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::model::Subscription;
use super::store::{self, Delivery, Settled};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::references;
use crate::network::ways::Calls;

/// Longer than one call takes.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
const POLL: Duration = Duration::from_secs(1);
/// Deliveries at the same time, and of one subscription.
const WIDTH: usize = 16;
const OF_ONE: usize = 4;
const FIRST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(2);
/// Attempts after which one delivery is given up.
const ATTEMPTS: i64 = 40;
/// How long a system may take nothing before it is left alone until somebody looks.
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);

/// Delivers until the process stops.
pub async fn deliver(kernel: Kernel) {
    let calls = match Calls::new() {
        Ok(calls) => calls,
        Err(why) => return tracing::error!("no other system can be told of events: {why}"),
    };
    let mut running = JoinSet::new();
    let mut lanes: HashMap<i64, Arc<Semaphore>> = HashMap::new();
    while !kernel.stop.is_cancelled() {
        let woken = kernel.wake.next();
        while running.try_join_next().is_some() {}
        match lease(&kernel, WIDTH.saturating_sub(running.len())).await {
            Ok(rows) => {
                for row in rows {
                    let lane = lanes.entry(row.subscription_id).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE)));
                    running.spawn(attempt(kernel.clone(), calls.clone(), lane.clone(), row));
                }
            }
            Err(e) => tracing::warn!("deliveries of events cannot be read: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            Some(_) = running.join_next() => {}
            () = woken => tokio::time::sleep(Duration::from_millis(50)).await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
    while running.join_next().await.is_some() {}
}

async fn lease(kernel: &Kernel, free: usize) -> Result<Vec<Delivery>, StoreError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    if free == 0 || !store::any_due(&mut conn, now).await? {
        return Ok(Vec::new());
    }
    drop(conn);
    let (holder, limit) = (kernel.node.to_string(), i64::try_from(free).unwrap_or(1));
    kernel
        .db
        .write(move |tx| Box::pin(async move { store::lease(tx, &holder, now, now.plus(LEASE), limit).await }))
        .await
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

async fn attempt(kernel: Kernel, calls: Calls, lane: Arc<Semaphore>, row: Delivery) {
    // It waits for its turn, so that a slow system holds no more calls than its own. A lease that ends meanwhile lets
    // the row go to another; what both deliver has one name.
    let Ok(_turn) = lane.acquire().await else { return };
    let called = call(&kernel, &calls, &row).await;
    if let Err(e) = settle(&kernel, row, called).await {
        tracing::warn!("the outcome of a delivery was not saved: {e}");
    }
}

async fn call(kernel: &Kernel, calls: &Calls, row: &Delivery) -> Result<Answered, String> {
    let mut conn = kernel.db.read().await.map_err(|e| e.to_string())?;
    let subscription: Subscription = store::by_id(&mut conn, row.subscription_id)
        .await
        .map_err(|e| e.to_string())?
        .ok_or_else(|| "the subscription is gone".to_owned())?;
    drop(conn);
    let caller = calls.caller(kernel).await?;
    let secret = Secret::new(references::fetch(&kernel.config, &subscription.secret)?.reveal());
    let url = Url::parse(&subscription.url).map_err(|e| e.to_string())?;
    let id = serde_json::from_str::<Named>(&row.payload).map_err(|e| e.to_string())?.id;
    let now = kernel.now().timestamp();
    let told = Told { url, id: &id, event: &row.kind, body: &row.payload, secret: &secret, now };
    webhook::tell(caller, told).await.map_err(|e: CallError| e.to_string())
}

async fn settle(kernel: &Kernel, row: Delivery, called: Result<Answered, String>) -> Result<(), StoreError> {
    let (now, holder) = (kernel.now(), kernel.node.to_string());
    let (state, status, words, millis) = match &called {
        Ok(answer) if answer.is_good() => ("sent", answer.status, answer.words(), answer.millis),
        Ok(answer) if answer.is_passing() && row.attempts < ATTEMPTS => {
            ("pending", answer.status, answer.words(), answer.millis)
        }
        Ok(answer) => ("failed", answer.status, answer.words(), answer.millis),
        Err(words) if row.attempts < ATTEMPTS => ("pending", 0, words.clone(), 0),
        Err(words) => ("failed", 0, words.clone(), 0),
    };
    let run_at = now.plus(pause(row.attempts));
    let settled = Settled { state, status: i64::from(status), words, millis, run_at, now };
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::settle(tx, &row, &holder, &settled).await? {
                    return Ok(());
                }
                if settled.state == "sent" {
                    return store::taken(tx, row.subscription_id).await;
                }
                let since = now.plus(-PATIENCE);
                if store::not_taken(tx, row.subscription_id, &settled.words, now, since).await? {
                    let data = json!({ "subscription": row.subscription_id });
                    let event = NewEvent { kind: "subscription.suspended", ticket: None, actor: Actor::System, data };
                    events::append(tx, now, &[event]).await?;
                    tracing::warn!(
                        subscription.id = row.subscription_id,
                        "a subscription takes nothing and is suspended"
                    );
                }
                Ok(())
            })
        })
        .await
}

/// How long to wait after the attempt of this number: doubled each time, with a fifth of jitter either way.
fn pause(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    let pause = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let permille = rand::rng().random_range(800..1200);
    SignedDuration::from_millis(i64::try_from(pause.as_millis() * permille / 1000).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Instant;

    #[test]
    fn pauses_double_up_to_two_hours() {
        assert!(pause(1) <= SignedDuration::from_secs(72) && pause(1) >= SignedDuration::from_secs(48));
        let fourth = pause(4).as_mins();
        assert!((6..=9).contains(&fourth), "{fourth}");
        assert!(pause(30) <= SignedDuration::from_mins(144));
        assert!(Instant(0).plus(pause(30)) > Instant(0));
    }
}
