//! Persons and their identifiers. A person may have many addresses and numbers, or only a phone; an
//! identifier belongs to one person at a time.
pub mod file;
mod find_or_create;
mod identifier;
pub mod store;

pub use find_or_create::{Known, Sender, find_or_create};
pub use identifier::{Identifier, IdentifierKey, IdentifierKind, InvalidIdentifier, lookup_forms};
