//! Certified mail (PEC, RFC 6109): what a provider vouches for is taken out of its envelope, its receipts become
//! reports, and its signature says how far both can be relied on.

mod daticert;
mod driver;
mod format;
mod ledger;
mod mime;
mod normalise;
mod revocation;
mod segnatura;
mod sender;
mod smime;

pub use daticert::{CertifiedRecipient, Daticert};
pub use driver::PecDriver;
pub use format::{Certified, CertifiedKind};
pub use ledger::{Entry, Ledger, State, ledger};
pub use normalise::PecNormaliser;
pub use revocation::Revocations;
pub use segnatura::registration_number;
pub use sender::{PecLimits, PecSender, ReceiptDetail};
pub use smime::{Doubt, Revocation, Roots, Signature};
