//! The mailboxes of the configuration: for each, one node of the installation fetches what is new and stores it
//! byte for byte with the place reached.
mod accounts;

use std::sync::Arc;

use channels::email::ImapReceiver;
use channels::{ChannelKind, Receive};
use futures_util::future::BoxFuture;

pub use accounts::{imap_config, normaliser};

use super::Intake;
use super::reading::{OpenAccount, ReceivingStatus, receive};

/// Opens the configured mailboxes for reading; answers the background tasks of this node that receive from them.
pub fn tasks(intake: &Intake, status: &ReceivingStatus) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    let kernel = intake.kernel();
    let understands = Arc::new(normaliser(kernel));
    let mut tasks: Vec<(&'static str, BoxFuture<'static, ()>)> = Vec::new();
    for mailbox in &kernel.config.mail.mailboxes {
        let account = OpenAccount { normaliser: understands.clone(), unit: mailbox.unit.clone() };
        intake.accounts().open(&mailbox.name, account);
        match imap_config(mailbox) {
            Ok(config) => {
                let receiver: Arc<dyn Receive> = Arc::new(ImapReceiver::new(config));
                let name = mailbox.name.clone();
                let stop = kernel.stop.clone();
                let task = receive(kernel.clone(), ChannelKind::Email, name, receiver, status.clone(), stop);
                tasks.push(("mailbox", Box::pin(task)));
            }
            Err(why) => {
                tracing::error!(intake.account = %mailbox.name, "the mailbox {} is not read: {why}", mailbox.name);
                status.broken(&mailbox.name, why);
            }
        }
    }
    tasks
}
