//! The life of a ticket: states, owner, assignment, answers, drafts, closing, history.
//!
//! Every change locks the ticket, checks the version it was made on, saves and appends its event in one
//! transaction (`change.rs`); each use case is a file named by its verb.
pub mod api;
pub mod assign;
pub mod assignment;
pub mod change;
pub mod classify;
pub mod close;
mod depart;
pub mod dismiss_link;
pub mod drafts;
pub mod duplicates;
pub mod ending;
mod error;
pub mod files;
pub mod hand_over;
pub mod hold;
pub mod incidents;
pub mod merging;
pub mod model;
pub mod note;
pub mod open;
pub mod pages;
pub mod persons;
pub mod precedents;
pub mod presence;
pub mod proposals;
pub mod queues;
pub mod receive;
pub mod reopen;
pub mod reply;
pub mod resolve;
pub mod search;
pub mod store;
pub mod succeed;
pub mod takeovers;
pub mod tell;
pub mod tracking;
pub mod view;
pub mod wait;
pub mod ways;

pub use error::{MergeRefusal, TicketError};
pub use model::{Channel, Direction, Facets, Outcome, RequestKind, State, Ticket};
