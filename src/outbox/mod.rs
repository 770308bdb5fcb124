//! What is to leave. A message is a row written in the transaction that decided it: one recipient, one row.
//! Workers lease due rows, send, and settle them; receipts move the same row. Nothing is given up silently.
mod enqueue;
mod mail;
pub mod store;

pub use enqueue::{NewMail, enqueue_mail};
pub use mail::{MailAddresses, MailAttachment, MailPayload, Manner, Purpose};
