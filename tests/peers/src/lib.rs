//! Real peers for tests: PostgreSQL, a mailbox server (Dovecot), a submission server, a fax server, a text message
//! gateway (Kannel), an SMSC, a SIP edge (Kamailio) with telephones and an answering machine, started on free ports of
//! this machine and stopped when dropped, and a provider of certified mail that signs what it delivers. A missing
//! component stops the test and says how to install it.

mod baresip;
mod dovecot;
mod hylafax;
mod kamailio;
mod kannel;
mod load;
mod open311;
mod pec;
mod postgres;
mod process;
mod sipp;
mod smsc;
mod smtp;

pub use baresip::AnsweringMachine;
pub use dovecot::{Account, Dovecot};
pub use hylafax::HylaFax;
pub use kamailio::Kamailio;
pub use kannel::{Kannel, Network};
pub use load::{Carried, carry};
pub use open311::Open311;
pub use pec::{Key, PecProvider, PecReceipt, Signing};
pub use postgres::{Durability, Postgres};
pub use process::free_port;
pub use sipp::{Agent, Call, Caller, Telephone};
pub use smsc::Smsc;
pub use smtp::{Captured, Smtp};
