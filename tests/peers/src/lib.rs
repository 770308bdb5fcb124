//! Real peers for tests: PostgreSQL, a mailbox server (Dovecot), a submission server, a fax server, a text message
//! gateway (Kannel) and an SMSC, started on free ports of this machine and stopped when dropped, and a provider of
//! certified mail that signs what it delivers. A missing component stops the test and says how to install it.

mod dovecot;
mod hylafax;
mod kannel;
mod pec;
mod postgres;
mod process;
mod smsc;
mod smtp;

pub use dovecot::{Account, Dovecot};
pub use hylafax::HylaFax;
pub use kannel::Kannel;
pub use pec::{Key, PecProvider, PecReceipt, Signing};
pub use postgres::{Durability, Postgres};
pub use process::free_port;
pub use smsc::Smsc;
pub use smtp::{Captured, Smtp};
