//! Persons and their identifiers. A person may have many addresses and numbers, or only a phone; an
//! identifier belongs to one person at a time. Two persons that are one are merged, and parted again when that
//! was wrong; what somebody claims without proof waits for an agent (C19).
pub mod claims;
pub mod file;
mod find_or_create;
mod identifier;
pub mod merging;
pub mod store;

pub use find_or_create::{Evidence, Known, Sender, find_or_create};
pub use identifier::{Identifier, IdentifierKey, IdentifierKind, InvalidIdentifier, lookup_forms};
