//! How the outbox stands, for metrics, probes and the alarm on its page.
use std::time::Duration;

use jiff::SignedDuration;

use super::store::{self, Standing};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::time::Instant;

/// Age of the oldest waiting message from which people are told that nothing leaves.
const ALARM: SignedDuration = SignedDuration::from_mins(10);
const EVERY: Duration = Duration::from_secs(10);

impl Standing {
    /// How long the oldest message has waited.
    pub fn oldest_age(&self, now: Instant) -> SignedDuration {
        self.oldest.map_or(SignedDuration::ZERO, |at| now.since(at))
    }

    /// Whether messages wait so long that somebody must look.
    pub fn is_late(&self, now: Instant) -> bool {
        self.oldest_age(now) > ALARM
    }
}

/// How the outbox stands now.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(kernel: &Kernel) -> Result<Standing, StoreError> {
    let mut conn = kernel.db.read().await?;
    store::standing(&mut conn).await
}

/// Keeps the gauges up to date until the process stops.
pub async fn measure(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        match standing(&kernel).await {
            Ok(standing) => {
                kernel.metrics.outbox_pending.set(standing.pending);
                kernel.metrics.outbox_failed.set(standing.failed);
                let age = standing.oldest_age(kernel.now()).as_secs();
                kernel.metrics.oldest.with_label_values(&["outbox"]).set(age);
            }
            Err(e) => tracing::warn!("the outbox is not measured: {e}"),
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
