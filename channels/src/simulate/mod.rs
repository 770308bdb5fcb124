//! The other side of each wire, for simulators and tests without contracts: a certified mail provider with an
//! authority of its own ([`PecProvider`]), a mailbox server ([`Mailbox`]) and a mail server ([`Sink`]), texts as a
//! gateway tells of them ([`kannel`]), an SMSC ([`Smsc`]), recordings ([`tone`]), scanned and faxed pages ([`pages`]).
//!
//! Nothing here is reached by a running installation; servers listen on this machine only.

mod authority;
pub mod kannel;
mod lmtp;
mod mailbox;
mod markup;
pub mod pages;
mod pec;
mod signer;
mod sink;
mod smsc;
mod sound;

pub use lmtp::Lmtp;
pub use mailbox::{Mailbox, Stored, Taken};
pub use markup::paragraphs;
pub use pec::{PecProvider, Receipt, ReceiptKind};
pub use sink::{Caught, Sink};
pub use smsc::{Smsc, Texted};
pub use sound::tone;
