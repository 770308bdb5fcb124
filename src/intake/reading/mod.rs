//! From stored bytes to contacts, whatever the channel. Receivers and hooks store what came byte for byte
//! (`inbox.rs`); a reader for each channel reads it in the order it came and takes it in (`reader.rs`). What
//! cannot be read waits in quarantine; nothing stops the source.
mod accounts;
mod inbox;
mod message;
mod parts;
mod reader;
mod receive;
mod reports;
mod status;

pub use accounts::{OpenAccount, OpenAccounts};
pub use inbox::{StoredInbox, handed_over, put_aside, store};
pub use message::clean;
pub use reader::{read, read_all};
pub use receive::receive;
pub use status::{AccountStatus, ReceivingStatus};
