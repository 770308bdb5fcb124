//! Real peers for tests: PostgreSQL, a mailbox server (Dovecot) and a submission server, started on free ports
//! of this machine and stopped when dropped, and a provider of certified mail that signs what it delivers.
//! A missing component stops the test and says how to install it.

mod dovecot;
mod pec;
mod postgres;
mod process;
mod smtp;

pub use dovecot::{Account, Dovecot};
pub use pec::{Key, PecProvider, PecReceipt, Signing};
pub use postgres::{Durability, Postgres};
pub use process::free_port;
pub use smtp::{Captured, Smtp};
