//! One mailbox is read by one node at a time: the one that holds its lease. When that node dies the lease runs
//! out and another goes on from the place saved.
use std::sync::Arc;
use std::time::Duration;

use channels::Receive;
use channels::email::ImapReceiver;
use jiff::SignedDuration;

use super::accounts::imap_config;
use super::inbox::StoredInbox;
use super::status::MailStatus;
use crate::kernel::config::Mailbox;
use crate::kernel::{Kernel, leases};

const LEASE: SignedDuration = SignedDuration::from_secs(60);
const RENEW: Duration = Duration::from_secs(15);
/// How often a node that does not read the mailbox looks whether it should.
const LOOK: Duration = Duration::from_secs(5);

/// Receives from a mailbox, whenever this node holds its lease, until the process stops.
pub async fn receive(kernel: Kernel, mailbox: Mailbox, status: MailStatus) {
    let name = format!("mailbox {}", mailbox.name);
    let receiver = match imap_config(&mailbox) {
        Ok(config) => Arc::new(ImapReceiver::new(config)),
        Err(why) => {
            tracing::error!(mail.account = %mailbox.name, "the mailbox {} is not read: {why}", mailbox.name);
            status.broken(&mailbox.name, why);
            return;
        }
    };
    while !kernel.stop.is_cancelled() {
        if held(&kernel, &name).await {
            status.reading(&mailbox.name, receiver.status());
            while_held(&kernel, &name, &receiver, &mailbox.name).await;
            status.left(&mailbox.name);
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    if let Err(e) = leases::release(&kernel.db, &name, &kernel.node).await {
        tracing::debug!("the lease of a mailbox was left to run out: {e}");
    }
}

async fn held(kernel: &Kernel, name: &str) -> bool {
    match leases::hold(&kernel.db, name, &kernel.node, kernel.now(), LEASE).await {
        Ok(held) => held,
        Err(e) => {
            tracing::warn!("the lease of a mailbox cannot be taken: {e}");
            false
        }
    }
}

/// Runs the receiver; returns when the process stops or the lease is lost.
async fn while_held(kernel: &Kernel, name: &str, receiver: &Arc<ImapReceiver>, account: &str) {
    let stop = kernel.stop.child_token();
    let inbox = StoredInbox { kernel: kernel.clone(), account: account.to_owned() };
    let run = {
        let (receiver, stop) = (receiver.clone(), stop.clone());
        async move { receiver.run(&inbox, stop).await }
    };
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
