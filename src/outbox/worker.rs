//! Sends what is due: leases rows, commits, speaks with the provider, settles each row in a transaction of its
//! own. Whoever dies in between loses the lease and the row is sent again: twice at worst, never not at all.
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::lane::{Attempt, Lane};
use super::store::{self, OutboxRow};
use super::{OutboxError, backoff, printing};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::live::Pace;

/// How long a row stays with a worker that gives no sign of life.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
const RENEW: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_secs(1);
/// Commits come in bursts; a short pause turns a burst into one look at the outbox.
const COALESCE: Duration = Duration::from_millis(10);
const DISTANCE: Duration = Duration::from_millis(100);
/// Attempts to write down what the provider answered.
const SETTLE_ATTEMPTS: u32 = 5;

/// Works one lane until the process stops.
pub async fn work(kernel: Kernel, lane: Arc<dyn Lane>) {
    let stop = kernel.stop.clone();
    work_until(kernel, lane, stop).await;
}

/// Works one lane until `stop` is cancelled.
pub async fn work_until(kernel: Kernel, lane: Arc<dyn Lane>, stop: CancellationToken) {
    let mut running = JoinSet::new();
    let mut pace = Pace::new(COALESCE, DISTANCE);
    let mut renewal = tokio::time::interval(RENEW);
    loop {
        let woken = kernel.wake.next();
        // All that ended meanwhile make room at once: a lease is a commit, whatever the number of rows.
        while let Some(ended) = running.try_join_next() {
            report(lane.name(), ended);
        }
        let free = lane.width().saturating_sub(running.len());
        match lease(&kernel, lane.name(), free).await {
            Ok(rows) => {
                for row in rows {
                    running.spawn(attempt(kernel.clone(), lane.clone(), row));
                }
            }
            Err(e) => tracing::warn!(outbox.lane = lane.name(), "the outbox cannot be read: {e}"),
        }
        let can_take_more = running.len() < lane.width();
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.join_next() => report(lane.name(), ended),
            _ = renewal.tick() => renew(&kernel, lane.name(), &running).await,
            () = woken, if can_take_more => pace.rest().await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
    // What the provider has in hand is worth waiting for: its answer saves a second sending.
    while running.join_next().await.is_some() {}
}

/// Sends all that is due on one lane now, and returns: for whoever moves the clock by hand.
///
/// # Errors
/// When the database refuses.
pub async fn send_due(kernel: &Kernel, lane: Arc<dyn Lane>) -> Result<(), StoreError> {
    loop {
        let rows = lease(kernel, lane.name(), lane.width()).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut running = JoinSet::new();
        for row in rows {
            running.spawn(attempt(kernel.clone(), lane.clone(), row));
        }
        while let Some(ended) = running.join_next().await {
            report(lane.name(), ended);
        }
    }
}

fn report(lane: &str, ended: Result<(), JoinError>) {
    if let Err(e) = ended {
        tracing::error!(outbox.lane = lane, "an attempt to send failed: {e}");
    }
}

async fn lease(kernel: &Kernel, lane: &str, free: usize) -> Result<Vec<OutboxRow>, StoreError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    // A look first: a write would wake all readers, this worker too, even when there is nothing to send.
    if free == 0 || !store::any_due(&mut conn, lane, now).await? {
        return Ok(Vec::new());
    }
    drop(conn);
    let holder = kernel.node.to_string();
    let limit = i64::try_from(free).unwrap_or(1);
    let lane = lane.to_owned();
    kernel
        .db
        .write(move |tx| Box::pin(async move { store::lease(tx, &lane, &holder, now, now.plus(LEASE), limit).await }))
        .await
}

async fn renew(kernel: &Kernel, lane: &str, running: &JoinSet<()>) {
    if running.is_empty() {
        return;
    }
    let (holder, until, name) = (kernel.node.to_string(), kernel.now().plus(LEASE), lane.to_owned());
    let renewed: Result<(), StoreError> =
        kernel.db.write(move |tx| Box::pin(async move { store::renew(tx, &name, &holder, until).await })).await;
    if let Err(e) = renewed {
        tracing::warn!(outbox.lane = lane, "leases of the outbox were not renewed: {e}");
    }
}

async fn attempt(kernel: Kernel, lane: Arc<dyn Lane>, row: OutboxRow) {
    let outcome = lane.send(&row).await;
    kernel.metrics.outbox.with_label_values(&[lane.name(), outcome.result()]).inc();
    let id = row.id;
    match &outcome {
        Attempt::Sent { .. } => tracing::info!(outbox.id = id, "message {id} of the outbox left"),
        Attempt::Queued { .. } => tracing::info!(outbox.id = id, "message {id} of the outbox waits to be printed"),
        Attempt::Later { .. } | Attempt::Never { .. } => {
            // The provider's words may hold the address; they are in the row, not in the log.
            tracing::warn!(
                outbox.id = id,
                outbox.result = outcome.result(),
                "message {id} of the outbox did not leave"
            );
        }
    }
    for round in 0..SETTLE_ATTEMPTS {
        match settle(&kernel, row.clone(), outcome.clone()).await {
            Ok(()) => return,
            Err(OutboxError::NotFound) => {
                tracing::warn!(outbox.id = id, "message {id} of the outbox was taken over by another worker");
                return;
            }
            Err(e) => tracing::warn!(outbox.id = id, "the outcome of message {id} was not saved: {e}"),
        }
        tokio::time::sleep(Duration::from_secs(1 << round)).await;
    }
}

/// Writes an outcome down, if the row is still in the hands of this attempt.
async fn settle(kernel: &Kernel, row: OutboxRow, outcome: Attempt) -> Result<(), OutboxError> {
    let (now, holder) = (kernel.now(), kernel.node.to_string());
    let again = match &outcome {
        Attempt::Later { answered, .. } => backoff::next(&row, *answered, now),
        Attempt::Sent { .. } | Attempt::Queued { .. } | Attempt::Never { .. } => None,
    };
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut known_as = None;
                let mut pages = None;
                let (state, note, words) = match outcome {
                    Attempt::Sent { note, provider_id } => {
                        known_as = provider_id;
                        ("sent", note, String::new())
                    }
                    Attempt::Queued { note, provider_id, blob, sheets, handed_over } => {
                        known_as = provider_id;
                        pages = Some((blob, sheets, handed_over.then_some(now)));
                        ("queued", note, String::new())
                    }
                    Attempt::Later { words, .. } if again.is_some() => ("pending", String::new(), words),
                    Attempt::Later { words, .. } | Attempt::Never { words } => ("failed", String::new(), words),
                };
                let settled = store::Settled {
                    state,
                    provider_id: known_as.as_deref(),
                    note: &note,
                    words: &words,
                    run_at: again.unwrap_or(row.run_at),
                    now,
                };
                if !store::settle(tx, &row, &holder, &settled).await? {
                    return Err(OutboxError::NotFound);
                }
                if let Some((blob, sheets, printed)) = pages {
                    printing::store::insert(tx, row.id, &blob, sheets, printed, now).await?;
                }
                match state {
                    "queued" => tell(tx, &row, "outbox.queued", now).await?,
                    "sent" => tell(tx, &row, "outbox.sent", now).await?,
                    "failed" => tell(tx, &row, "outbox.failed", now).await?,
                    _ => {}
                }
                Ok(())
            })
        })
        .await
}

async fn tell(
    tx: &mut Tx,
    row: &OutboxRow,
    kind: &'static str,
    now: crate::kernel::time::Instant,
) -> Result<(), StoreError> {
    events::append(tx, now, &[event(row, kind, Actor::System)]).await
}

/// The event of a change of a row; its readers find words and addresses in the row.
pub(super) fn event(row: &OutboxRow, kind: &'static str, actor: Actor) -> NewEvent {
    let data = json!({ "outbox": row.id, "purpose": row.purpose, "contact": row.contact_id, "leg": row.leg_id });
    NewEvent { kind, ticket: row.ticket_id, actor, data }
}
