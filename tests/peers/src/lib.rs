//! Real peers for tests: PostgreSQL, a mailbox server (Dovecot), a submission server, a SIP edge (Kamailio) with
//! telephones and an answering machine, started on free ports of this machine and stopped when dropped. A missing component stops the test and says how to install it.

mod baresip;
mod dovecot;
mod kamailio;
mod postgres;
mod process;
mod sipp;
mod smtp;

pub use baresip::AnsweringMachine;
pub use dovecot::{Account, Dovecot};
pub use kamailio::Kamailio;
pub use postgres::{Durability, Postgres};
pub use process::free_port;
pub use sipp::{Agent, Call, Caller, Telephone};
pub use smtp::{Captured, Smtp};
