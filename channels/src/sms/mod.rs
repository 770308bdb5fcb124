//! Text messages: three ways to a provider ([`kannel`], [`smpp`], [`twilio`]) and what they share: the alphabet of
//! telephones, counting and cutting texts, joining their parts, numbers in one form, words that steer.

pub mod gsm;
mod incoming;
mod join;
pub mod kannel;
mod keyword;
pub mod number;
mod request;
mod segments;
mod settings;
pub mod smpp;
mod surrogates;
pub mod twilio;
pub mod udh;

pub use join::{Joined, join, join_key};
pub use keyword::keyword;
pub use segments::{Count, Encoding, Prepared, count, prepare};
