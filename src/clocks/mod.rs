//! Terms: calendars, the arithmetic of days and opening hours, operating protocols with their versions, and the
//! clocks that run (D7). It knows tickets and legs by row id only; `protocols` makes clocks follow from the event feed.
pub mod arithmetic;
pub mod book;
pub mod calendar;
pub mod model;
pub mod office;
pub mod protocol;
pub mod store;

pub use arithmetic::{Pause, Term};
pub use book::Book;
pub use calendar::{Calendar, CalendarBody, Closure};
pub use model::{Clock, ClockState};
pub use protocol::{NoticeEffect, PhaseKind, PhaseRule, ProtocolBody, Roll, Subject, TermUnit};
