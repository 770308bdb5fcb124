//! Letters on their way to the post: finished pages wait to be printed, printed ones to be posted, and only a person
//! can say that they were. What is spoiled is printed again.
pub mod api;
mod batch;
mod confirm;
pub mod pages;
pub(super) mod store;

pub use batch::batch;
pub use confirm::{Posted, mark_printed, post, spoil};
pub use store::{Printing, Shelf};
