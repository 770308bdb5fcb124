//! Counters: a visit is registered in three keystrokes. It becomes a contact on a ticket like any other, and what
//! was answered at once is closed at the front office, with the sheet that answered it. A visitor may stay unnamed.
pub mod api;
mod error;
pub mod model;
pub mod pages;
mod print;
mod register;
mod settings;
mod store;
mod topics;
mod undo;

pub use error::VisitError;
pub use model::{NewVisit, VisitOutcome, Visitor};
pub use register::{Registered, register};
pub use settings::{choose_counter, counter_of};
pub use topics::{Topic, pin, topics};
pub use undo::undo;
