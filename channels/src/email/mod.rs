//! Electronic mail: reading it ([`EmailNormaliser`]), receiving it ([`imap`]), sending it ([`smtp`]).

pub mod address;
pub mod automatic;
pub mod compose;
pub mod driver;
pub mod dsn;
mod harden;
mod headers;
pub mod html;
pub mod imap;
mod p7m;
pub mod parse;
mod parts;
mod rtf;
pub mod smtp;
pub mod text;
pub(crate) mod tls;
mod tnef;

use serde::Deserialize;

pub use address::AddressKey;
pub use compose::{Automatic, Composed, OutgoingAttachment, OutgoingMail};
pub use driver::EmailDriver;
pub use imap::{ImapConfig, ImapReceiver};
pub use parse::{EmailConfig, EmailNormaliser, Limits};
pub(crate) use parts::safe_name;
pub use smtp::{SmtpConfig, SmtpSender};
pub(crate) use tls::is_loopback;

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (ports 993 and 465).
    #[default]
    Tls,
    /// TLS required after a greeting in clear (ports 143 and 587).
    StartTls,
    /// No protection: refused for any host but this machine's own.
    Plain,
}
