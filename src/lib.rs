//! Sportello: every contact of a citizen, over any channel, becomes a ticket in one database.
pub mod kernel;
pub mod knowledge;
