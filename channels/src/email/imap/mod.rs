//! Receiving mail from an IMAP mailbox that others may read too: nothing is marked, moved or deleted, nothing
//! depends on what was marked, and nothing is skipped.

mod connection;
mod doubts;
mod held;
mod receiver;
mod wire;

use serde::Deserialize;

use super::Security;
use crate::Secret;

pub use connection::ImapError;
pub use receiver::ImapReceiver;

/// Which mailbox to read, and how.
#[derive(Debug, Clone, Deserialize)]
pub struct ImapConfig {
    /// Server name, also the name its certificate must carry.
    pub host: String,
    /// Port; when absent 993 or 143 according to `security`.
    #[serde(default)]
    pub port: Option<u16>,
    /// Protection of the connection.
    #[serde(default)]
    pub security: Security,
    /// Account.
    pub user: String,
    /// Its password.
    #[serde(default)]
    pub password: Secret,
    /// Folder to read; in modified UTF-7 when its name is not ASCII.
    #[serde(default = "default_folder")]
    pub folder: String,
    /// A certificate authority in PEM to trust beside the system's.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Messages handed over together at most.
    #[serde(default = "default_batch_size")]
    pub batch_size: usize,
    /// Messages larger than this, in bytes, are handed over as headers only.
    #[serde(default = "default_max_message_bytes")]
    pub max_message_bytes: u64,
    /// Seconds between two looks at a server that does not tell of news.
    #[serde(default = "default_poll_seconds")]
    pub poll_seconds: u64,
    /// Seconds after which waiting for news is renewed; RFC 2177 asks for less than 29 minutes.
    #[serde(default = "default_idle_seconds")]
    pub idle_seconds: u64,
    /// Seconds without a byte from the server after which the connection is given up.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
}

impl ImapConfig {
    /// A mailbox with everything else at its default.
    #[must_use]
    pub fn new(host: impl Into<String>, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            host: host.into(),
            port: None,
            security: Security::default(),
            user: user.into(),
            password: password.into(),
            folder: default_folder(),
            extra_ca_pem: None,
            batch_size: default_batch_size(),
            max_message_bytes: default_max_message_bytes(),
            poll_seconds: default_poll_seconds(),
            idle_seconds: default_idle_seconds(),
            timeout_seconds: default_timeout_seconds(),
        }
    }

    fn port(&self) -> u16 {
        self.port.unwrap_or(if self.security == Security::Tls { 993 } else { 143 })
    }
}

fn default_folder() -> String {
    "INBOX".to_owned()
}

const fn default_batch_size() -> usize {
    100
}

const fn default_max_message_bytes() -> u64 {
    64 << 20
}

const fn default_poll_seconds() -> u64 {
    30
}

const fn default_idle_seconds() -> u64 {
    300
}

const fn default_timeout_seconds() -> u64 {
    60
}
