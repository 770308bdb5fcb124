//! What is to leave. A message is a row written in the transaction that decided it: one recipient, one row.
//! Workers lease due rows, send, and settle them; receipts move the same row. Nothing is given up silently.
mod backoff;
pub mod email;
mod enqueue;
mod error;
mod lane;
mod mail;
mod receive_report;
pub mod store;
mod worker;

pub use email::EmailLane;
pub use enqueue::{NewMail, enqueue_mail};
pub use error::OutboxError;
pub use lane::{Attempt, Lane};
pub use mail::{MailAddresses, MailAttachment, MailPayload, Manner, Purpose};
pub use receive_report::{Report, Reported, receive_report};
pub use worker::work;
