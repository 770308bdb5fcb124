//! What a peer itself says it handed over or did, so that somebody can compare it with what is stored: whoever
//! only counts what came in never sees what did not.

use jiff::Timestamp;

use crate::RawItem;

/// One item that a peer says it received for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its name, as in [`RawItem::external_ref`].
    pub external_ref: String,
    /// When the peer received it.
    pub received_at: Option<Timestamp>,
    /// Whether [`crate::Receive::again`] can fetch it; what no reader takes is only named.
    pub obtainable: bool,
}

/// How a peer that hands over what it received stands itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Messages that it received for us and did not hand over yet.
    pub waiting: u64,
    /// What of it does not work, in words for an operator.
    pub faults: Vec<String>,
    /// What it counted itself; `None` when it does not count.
    pub totals: Option<Totals>,
}

/// What a gateway counted since it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Seconds since it was started: its counters began there.
    pub uptime: u64,
    /// Messages of citizens that it received.
    pub received: u64,
    /// Messages of ours that it took, whatever became of them; long ones count for each part.
    pub taken: u64,
    /// Those of them that it gave to the network.
    pub sent: u64,
}

/// A message that a peer took over and of which nothing was reported since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreported {
    /// Our own name for it, as in [`crate::Outgoing::id`].
    pub own_id: String,
    /// The peer's name for it.
    pub provider_id: Option<String>,
}

/// What a peer answers when asked for such a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is still at it.
    UnderWay,
    /// It came to an end, and the report is this: to be stored like any that the peer sends by itself.
    Report(RawItem),
    /// It no longer knows, or never did.
    Unknown,
}
