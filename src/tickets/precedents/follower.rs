//! Learns the tickets when the process starts, and then those that the feed says were opened or resolved.
use std::collections::BTreeSet;
use std::time::Duration;

use super::{MOST, Memory, store};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Position};
use crate::tickets::model::State;

/// Wakes come by commits and notices; this poll is for those that get lost.
const POLL: Duration = Duration::from_millis(500);
const FAILED: Duration = Duration::from_secs(1);
/// Events and tickets read at once.
const BATCH: i64 = 500;
const PIECE: i64 = 200;

/// Keeps a memory up to date until the kernel stops.
pub async fn follow(kernel: Kernel, memory: Memory) {
    let mut position = None;
    let mut pace = events::pace();
    loop {
        let woken = kernel.wake.next();
        let pause = match step(&kernel, &memory, &mut position).await {
            Ok(0) => POLL,
            Ok(_) => Duration::ZERO,
            Err(e) => {
                tracing::warn!("tickets are not learnt: {e}");
                FAILED
            }
        };
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            () = woken, if pause == POLL => pace.rest().await,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Reads one batch; answers how many events it had.
async fn step(kernel: &Kernel, memory: &Memory, position: &mut Option<Position>) -> Result<usize, StoreError> {
    let at = match *position {
        Some(at) => at,
        None => {
            let at = fill(kernel, memory).await?;
            *position = Some(at);
            at
        }
    };
    let mut conn = kernel.db.read().await?;
    let events = events::after(&mut conn, at, BATCH).await?;
    let changed: BTreeSet<i64> =
        events.iter().filter(|e| e.kind.starts_with("ticket.")).filter_map(|e| e.ticket).collect();
    for id in changed {
        match store::text(&mut conn, id).await? {
            Some(row) => memory.learn(&row),
            None => memory.forget(id),
        }
    }
    if let Some(last) = events.last() {
        *position = Some(last.position());
    }
    Ok(events.len())
}

/// Learns the latest resolved tickets and those in work; answers the position the memory then stands at.
async fn fill(kernel: &Kernel, memory: &Memory) -> Result<Position, StoreError> {
    // The position comes first: what changes while the tickets are read is read again after it.
    let mut conn = kernel.db.read().await?;
    let position = events::end(&mut conn).await?;
    let mut after = store::before_last(&mut conn, i64::try_from(MOST).unwrap_or(i64::MAX)).await?;
    drop(conn);
    while !kernel.stop.is_cancelled() {
        let mut conn = kernel.db.read().await?;
        let rows = store::resolved_texts(&mut conn, after, PIECE).await?;
        drop(conn);
        let Some(last) = rows.last() else { break };
        after = last.id;
        learn(memory, rows).await;
    }
    for state in State::ALL.iter().filter(|state| !state.is_over()) {
        let mut after = 0;
        while !kernel.stop.is_cancelled() {
            let mut conn = kernel.db.read().await?;
            let rows = store::texts_in(&mut conn, state.as_str(), after, PIECE).await?;
            drop(conn);
            let Some(last) = rows.last() else { break };
            after = last.id;
            learn(memory, rows).await;
        }
    }
    Ok(position)
}

async fn learn(memory: &Memory, rows: Vec<store::TextRow>) {
    let memory = memory.clone();
    // A process that is stopping needs no memory.
    drop(tokio::task::spawn_blocking(move || rows.iter().for_each(|row| memory.learn(row))).await);
}
