//! How rules stand, for metrics and the alarm beside their page.
use std::time::Duration;

use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;

const EVERY: Duration = Duration::from_secs(15);

/// Keeps the gauges up to date until the process stops.
pub async fn measure(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        if let Err(e) = look(&kernel).await {
            tracing::warn!("rules are not measured: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn look(kernel: &Kernel) -> Result<(), StoreError> {
    let (failed, waiting, paused) = store::counts(&mut kernel.db.read().await?).await?;
    for (what, count) in [("failed", failed), ("waiting", waiting), ("paused", paused)] {
        kernel.metrics.automation_standing.with_label_values(&[what]).set(count);
    }
    Ok(())
}
