//! One account is received from by one node at a time: the one that holds its lease. When that node dies the
//! lease runs out and another goes on from the place saved.
use std::sync::Arc;
use std::time::Duration;

use channels::{ChannelKind, Receive};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::inbox::StoredInbox;
use super::status::ReceivingStatus;
use crate::kernel::{Kernel, leases};

const LEASE: SignedDuration = SignedDuration::from_secs(60);
const RENEW: Duration = Duration::from_secs(15);
/// How often a node that does not receive looks whether it should.
const LOOK: Duration = Duration::from_secs(5);

/// Receives from an account, whenever this node holds its lease, until `stop` is cancelled.
pub async fn receive(
    kernel: Kernel,
    kind: ChannelKind,
    account: String,
    receiver: Arc<dyn Receive>,
    status: ReceivingStatus,
    stop: CancellationToken,
) {
    let name = format!("mailbox {account}");
    let inbox = StoredInbox { kernel: kernel.clone(), channel: kind, account: account.clone() };
    status.left(&account);
    while !stop.is_cancelled() {
        if held(&kernel, &name).await {
            status.reading(&account, receiver.status());
            while_held(&kernel, &name, &receiver, &inbox, &stop).await;
            status.left(&account);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    status.forget(&account);
    if let Err(e) = leases::release(&kernel.db, &name, &kernel.node).await {
        tracing::debug!("the lease of an account was left to run out: {e}");
    }
}

async fn held(kernel: &Kernel, name: &str) -> bool {
    match leases::hold(&kernel.db, name, &kernel.node, kernel.now(), LEASE).await {
        Ok(held) => held,
        Err(e) => {
            tracing::warn!("the lease of an account cannot be taken: {e}");
            false
        }
    }
}

/// Runs the receiver; returns when the account is closed or the lease is lost.
async fn while_held(
    kernel: &Kernel,
    name: &str,
    receiver: &Arc<dyn Receive>,
    inbox: &StoredInbox,
    stop: &CancellationToken,
) {
    let stop = stop.child_token();
    let run = receiver.run(inbox, stop.clone());
    tokio::pin!(run);
    let mut misses = 0;
    loop {
        tokio::select! {
            () = &mut run => return,
            () = tokio::time::sleep(RENEW) => {
                // Two failures still leave time before the lease runs out; what both nodes store meanwhile is
                // recognised by its name.
                misses = if held(kernel, name).await { 0 } else { misses + 1 };
                if misses >= 3 {
                    stop.cancel();
                    run.await;
                    return;
                }
            }
        }
    }
}
