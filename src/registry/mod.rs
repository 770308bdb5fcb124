//! The register of documents (DPR 445/2000, art. 53): a number and a day for letters, certified mails, faxes and
//! whatever else came in or left. The number is Sportello's own, or one that the register of the body gave. What is
//! registered is never changed; a registration that was wrong is marked as cancelled and stays readable.
pub mod api;
mod cancel;
mod error;
mod export;
mod model;
pub mod pages;
mod register;
pub mod store;

pub use cancel::{Cancelling, cancel};
pub use error::RegistryError;
pub use model::{Document, Given, Registration, RegistrationRow, padded};
pub use register::{Proposal, proposal, register};
