//! What the configuration says, as the mail channel wants it.
use channels::email::parse::Limits;
use channels::email::{EmailConfig, EmailNormaliser, ImapConfig};

use crate::kernel::Kernel;
use crate::kernel::config::{self, Mailbox};
use crate::outbox::email::{authority, loop_id, security};

/// Largest message fetched whole, in bytes; of a larger one only the headers are.
pub const LARGEST: u64 = 64 << 20;

/// How to reach a mailbox.
///
/// # Errors
/// A sentence when a file it names cannot be read, or a value is not known.
pub fn imap_config(mailbox: &Mailbox) -> Result<ImapConfig, String> {
    let password = config::password(mailbox.password.as_ref(), mailbox.password_file.as_deref())
        .map_err(|e| format!("the password file of the mailbox {} cannot be read: {e}", mailbox.name))?;
    let mut imap = ImapConfig::new(&mailbox.host, &mailbox.user, channels::Secret::new(password.reveal()));
    imap.port = Some(mailbox.port);
    imap.security = security(&mailbox.security)?;
    imap.folder.clone_from(&mailbox.folder);
    imap.extra_ca_pem = authority(mailbox.ca_file.as_deref())?;
    imap.max_message_bytes = LARGEST;
    imap.batch_size = 200;
    Ok(imap)
}

/// The reader of mail of this installation, which knows our own addresses.
pub fn normaliser(kernel: &Kernel) -> EmailNormaliser {
    let mail = &kernel.config.mail;
    let received = mail.mailboxes.iter().map(|m| m.address.clone());
    EmailNormaliser::new(EmailConfig {
        own_addresses: received.chain(mail.smtp.iter().map(|s| s.from.clone())).collect(),
        loop_id: loop_id(&kernel.secrets),
        limits: Limits { max_bytes: usize::try_from(LARGEST).unwrap_or(usize::MAX), ..Limits::default() },
    })
}
