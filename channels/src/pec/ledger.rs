//! What became of a certified message for each recipient, told by its receipts in whatever order they come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::inbound::named;
use crate::{Action, DeliveryReport, RecipientReport, ReportKind};

named! {
    /// Where a message stands for one recipient. In the order in which one prevails over another: a later state
    /// is never taken back by a receipt that says less, and nothing prevails over a delivery.
    State {
        /// Taken in charge by our provider.
        Accepted = "accepted",
        /// Taken in charge, for a mailbox that is not certified: nothing more will be known.
        AcceptedOnly = "accepted_only",
        /// Not delivered after twelve hours; the provider goes on trying.
        Warning = "warning",
        /// Not delivered, for good.
        Failed = "failed",
        /// Refused by our provider.
        Refused = "refused",
        /// Stopped because of a virus.
        Infected = "infected",
        /// In the recipient's mailbox, with a date that holds against third parties.
        Delivered = "delivered",
    }
}

impl State {
    /// Whether no other receipt is to be waited for.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Accepted | Self::Warning)
    }
}

/// One recipient's line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where the message stands.
    pub state: State,
    /// Date of the receipt that says so: for a delivery, the legal one.
    pub at: Option<Timestamp>,
    /// When our provider took it in charge.
    pub accepted_at: Option<Timestamp>,
    /// The provider's words, when something went wrong.
    pub reason: Option<String>,
}

/// The ledger of one message, by recipient address in lower case.
pub type Ledger = BTreeMap<String, Entry>;

/// Folds receipts into a ledger. The order does not count, nor how often a receipt comes: each only raises what
/// is there. Reports of other kinds are passed over.
#[must_use]
pub fn ledger<'a>(receipts: impl IntoIterator<Item = &'a DeliveryReport>) -> Ledger {
    let mut ledger = Ledger::new();
    for receipt in receipts.into_iter().filter(|r| r.kind == ReportKind::Receipt) {
        for recipient in &receipt.recipients {
            if let Some(entry) = entry(receipt, recipient) {
                let key = recipient.recipient.to_lowercase();
                match ledger.remove(&key) {
                    Some(other) => ledger.insert(key, joined(other, entry)),
                    None => ledger.insert(key, entry),
                };
            }
        }
    }
    ledger
}

/// What one receipt alone says of one recipient; `None` when it says nothing that matters to us.
fn entry(receipt: &DeliveryReport, recipient: &RecipientReport) -> Option<Entry> {
    let infected = recipient.diagnostic.as_deref().is_some_and(|d| d.starts_with(INFECTED));
    let state = match (receipt.name.as_str(), recipient.action) {
        ("accettazione", Action::Relayed) => State::AcceptedOnly,
        ("accettazione", _) => State::Accepted,
        ("avvenuta-consegna", _) => State::Delivered,
        ("rilevazione-virus", _) => State::Infected,
        ("non-accettazione" | "errore-consegna", _) if infected => State::Infected,
        ("non-accettazione", _) => State::Refused,
        ("errore-consegna", _) | ("preavviso-errore-consegna", Action::Failed) => State::Failed,
        ("preavviso-errore-consegna", _) => State::Warning,
        _ => return None,
    };
    let accepted = matches!(state, State::Accepted | State::AcceptedOnly);
    Some(Entry {
        state,
        at: receipt.at,
        accepted_at: receipt.at.filter(|_| accepted),
        reason: recipient.diagnostic.clone().filter(|_| !accepted),
    })
}

/// How the diagnostic of a message stopped for a virus begins: the word of `daticert.xml`.
pub(super) const INFECTED: &str = "virus";

/// The higher state; between two receipts of one state, the earlier.
fn joined(a: Entry, b: Entry) -> Entry {
    let accepted_at = earlier(a.accepted_at, b.accepted_at);
    // Everything takes part in the comparison, so that the result is the same from either side.
    let key = |e: &Entry| (std::cmp::Reverse(e.state), e.at.is_none(), e.at, e.reason.is_none(), e.reason.clone());
    let higher = if key(&a) <= key(&b) { a } else { b };
    Entry { accepted_at, ..higher }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}
