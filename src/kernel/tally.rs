//! Counts by local day that outlive the process: kept in memory where things happen, because a row that every
//! transaction changes would make them wait for each other, and written in the background.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Kernel;
use super::database::{Conn, StoreError, Tx};
use crate::on;

const EVERY: Duration = Duration::from_secs(10);

/// Counts not written yet; cheap to clone, one for the process.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    counts: Arc<Mutex<BTreeMap<(String, String), i64>>>,
}

impl Tally {
    /// Counts `n` more of a name on a local day.
    pub fn add(&self, day: String, name: String, n: i64) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry((day, name)).or_default() += n;
    }

    fn take(&self) -> BTreeMap<(String, String), i64> {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes what was counted so far.
///
/// # Errors
/// When the database refuses; nothing is lost then.
pub async fn write(kernel: &Kernel) -> Result<(), StoreError> {
    let counts = kernel.tally.take();
    if counts.is_empty() {
        return Ok(());
    }
    let kept = counts.clone();
    let written: Result<(), StoreError> = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for ((day, name), count) in &counts {
                    add(tx, day, name, *count).await?;
                }
                Ok(())
            })
        })
        .await;
    if written.is_err() {
        for ((day, name), count) in kept {
            kernel.tally.add(day, name, count);
        }
    }
    written
}

/// Counts `n` more of a name on a local day, in the transaction of what is counted.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, day: &str, name: &str, n: i64) -> Result<(), StoreError> {
    on!(tx, c => sqlx::query(
        "INSERT INTO tallies (day, name, count) VALUES ($1, $2, $3)
         ON CONFLICT (day, name) DO UPDATE SET count = tallies.count + excluded.count")
        .bind(day).bind(name).bind(n).execute(c).await.map(drop))?;
    Ok(())
}

/// What was counted of a name on a local day, as far as it is written.
///
/// # Errors
/// When the database cannot be read.
pub async fn counted(conn: &mut Conn, day: &str, name: &str) -> Result<i64, StoreError> {
    Ok(known(conn, day, name).await?.unwrap_or(0))
}

/// As [`counted`]; `None` when nothing ever was.
///
/// # Errors
/// When the database cannot be read.
pub async fn known(conn: &mut Conn, day: &str, name: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(conn, c => sqlx::query_scalar::<_, i64>("SELECT count FROM tallies WHERE day = $1 AND name = $2")
        .bind(day).bind(name).fetch_optional(c).await)?)
}

/// Writes now and then, and once more when the process stops.
pub async fn follow(kernel: Kernel) {
    loop {
        let stopping = kernel.stop.is_cancelled();
        if let Err(e) = write(&kernel).await {
            tracing::warn!("counts are not written for now: {e}");
        }
        if stopping {
            return;
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
