//! Who works on what: units give their tickets out in the order of priority and term, to agents who are there, who can
//! and who have room (000-48, C24); what an absent agent had goes to whoever stands in, or back to its queue.
//!
//! Use cases: [`next::next`] («prendi la prossima»), [`push::distribute`] (given out by itself), [`priority::set`],
//! [`absences`] and [`settings`].
pub mod absences;
pub mod api;
mod error;
pub mod model;
pub mod next;
pub mod pages;
pub mod priority;
pub mod push;
pub mod settings;
pub mod store;

pub use error::AssignmentError;
pub use model::{Policy, Priority, PriorityReason};
pub use priority::Prioritiser;
