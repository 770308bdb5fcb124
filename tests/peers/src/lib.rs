//! Real peers for tests: PostgreSQL, a mailbox server (Dovecot), a submission server and a fax server, started on free ports
//! of this machine and stopped when dropped. A missing component stops the test and says how to install it.

mod dovecot;
mod hylafax;
mod postgres;
mod process;
mod smtp;

pub use dovecot::{Account, Dovecot};
pub use hylafax::HylaFax;
pub use postgres::{Durability, Postgres};
pub use process::free_port;
pub use smtp::{Captured, Smtp};
