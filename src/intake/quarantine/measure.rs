//! How intake stands, for metrics.
use std::time::Duration;

use crate::intake::reading::ReceivingStatus;
use crate::intake::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;

const EVERY: Duration = Duration::from_secs(10);

/// Keeps the gauges of quarantine, of what waits to be read and of the mailboxes up to date until the process
/// stops.
pub async fn measure(kernel: Kernel, mail: ReceivingStatus) {
    while !kernel.stop.is_cancelled() {
        mail.measure(&kernel.metrics);
        if let Err(e) = look(&kernel).await {
            tracing::warn!("intake is not measured: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn look(kernel: &Kernel) -> Result<(), StoreError> {
    let mut conn = kernel.db.read().await?;
    let (quarantined, oldest) = store::raw_standing(&mut conn).await?;
    kernel.metrics.quarantined.set(quarantined);
    let age = oldest.map_or(0, |at| kernel.now().since(at).as_secs());
    kernel.metrics.oldest.with_label_values(&["intake"]).set(age);
    Ok(())
}
