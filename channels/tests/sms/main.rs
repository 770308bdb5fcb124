//! Text messages through a real Kannel, a real SMSC and a stand-in for Twilio.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kannel;
mod smpp;
mod support;
mod twilio;
