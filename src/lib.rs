//! Sportello: every contact of a citizen, over any channel, becomes a ticket in one database.
pub mod accounts;
pub mod bulletin;
pub mod classification;
pub mod cli;
pub mod http;
pub mod identity;
pub mod intake;
pub mod kernel;
pub mod knowledge;
pub mod letters;
pub mod network;
pub mod outbox;
pub mod people;
pub mod registry;
pub mod supervision;
pub mod telephony;
pub mod tickets;
