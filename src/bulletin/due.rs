//! What the clock brings: a bulletin begins or is over, and open desks are told.
use std::time::Duration;

use serde_json::json;

use super::BulletinError;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::events::{self, Actor, NewEvent};

/// An emergency that was announced for an hour shows up at most this late.
const EVERY: Duration = Duration::from_secs(10);

/// Tells which bulletins began and which are over, once each whatever the number of nodes; answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn run(kernel: &Kernel) -> Result<usize, BulletinError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let (begun, over) = store::untold(&mut conn, now).await?;
    drop(conn);
    if begun.is_empty() && over.is_empty() {
        return Ok(0);
    }
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut told = Vec::new();
                let event = |kind, id: i64| NewEvent {
                    kind,
                    ticket: None,
                    actor: Actor::System,
                    data: json!({ "bulletin": id }),
                };
                for id in begun {
                    if store::tell_begun(tx, id, now).await? {
                        told.push(event("bulletin.began", id));
                    }
                }
                for id in over {
                    if store::tell_over(tx, id, now).await? {
                        told.push(event("bulletin.ended", id));
                    }
                }
                events::append(tx, now, &told).await?;
                Ok(told.len())
            })
        })
        .await
}

/// Tells it, now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        if let Err(e) = run(&kernel).await {
            tracing::warn!("bulletins that began or ended were not told: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
