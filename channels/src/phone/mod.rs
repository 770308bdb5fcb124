//! Telephone calls. Whoever tells of them, a SIP edge ([`edge`]), Twilio ([`voice`]) or a PBX ([`cti`]), tells in
//! [`CallEvent`]s; a [`CallLog`] holds those of one call in any order, and [`Call`] is what they say.
//! Messages left on the answering machine are a channel of their own ([`voicemail`]).

pub mod account;
mod asking;
pub mod call;
pub mod cti;
pub mod edge;
pub mod event;
pub mod guard;
pub mod line;
mod pausing;
pub mod request;
pub mod twiml;
pub mod voice;
pub mod voicemail;
pub mod wav;

pub use call::{Attempt, Call, CallLog, Outcome, Recording, Stage, Transfer, fold};
pub use event::{CallEvent, Cause, Direction, EventKind, Parties, Reached, Side};
