//! Mail coming in. For each mailbox one node of the installation fetches what is new and stores it byte for
//! byte with the place reached (`mailbox.rs`, `inbox.rs`); then what is stored is read and taken in, in the
//! order it came (`reader.rs`). What cannot be read waits in quarantine; nothing stops the mailbox.
mod accounts;
mod inbox;
mod mailbox;
mod message;
mod reader;
mod reports;
mod status;

use futures_util::future::BoxFuture;

pub use accounts::{imap_config, normaliser};
pub use mailbox::receive;
pub use reader::read;
pub use status::{MailStatus, MailboxStatus};

use super::Intake;

/// The background tasks of this node: one for each mailbox, and one that reads what was stored.
pub fn tasks(intake: &Intake, status: &MailStatus) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    let mut tasks: Vec<(&'static str, BoxFuture<'static, ()>)> = Vec::new();
    for mailbox in &intake.kernel().config.mail.mailboxes {
        tasks.push(("mailbox", Box::pin(receive(intake.kernel().clone(), mailbox.clone(), status.clone()))));
    }
    // Also without mailboxes: one may have been taken out of the configuration with items still to be read.
    tasks.push(("mail reader", Box::pin(read(intake.clone()))));
    tasks
}
