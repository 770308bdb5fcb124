//! What is to leave. A message is a row written in the transaction that decided it: one recipient, one row.
//! Workers lease due rows, send, and settle them; reports of receiving systems move the same row. Nothing is
//! given up silently: what failed is listed, and people send it again, elsewhere, or let it go.
mod access;
mod account;
mod backoff;
mod cancel;
mod consents;
pub mod email;
mod enqueue;
mod error;
mod lane;
mod mail;
mod measure;
mod notice;
pub mod pages;
pub mod printing;
mod receive_report;
mod resend;
mod retry;
mod senders;
pub mod store;
pub mod wording;
mod worker;

pub use account::{
    AccountLane, AccountPayload, NewCall, NewMessage, account_lane, enqueue_call, enqueue_message, own_id, read_own_id,
};
pub use cancel::cancel;
pub use consents::{ConsentSource, NewConsent, SMS, consents, record_consent, refuses, wants_notices};
pub use email::EmailLane;
pub use enqueue::{NewMail, enqueue_mail, enqueue_notice};
pub use error::OutboxError;
pub use lane::{Attempt, Lane};
pub use mail::{MailAddresses, MailAttachment, MailPayload, Manner, Purpose};
pub use measure::{measure, standing};
pub use notice::{Notice, notify_by_sms};
pub use receive_report::{Receipt, Report, Reported, receive_report};
pub use resend::resend;
pub use retry::retry;
pub use senders::{SenderAccount, senders};
pub use worker::{send_due, work, work_until};
