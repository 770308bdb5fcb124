//! Messages that the server would not give: tried again one by one, and after some attempts handed over as
//! unreadable, so that one of them never holds up the mailbox.

use std::collections::HashMap;

use super::connection::ImapError;

/// Attempts when the server answers, but not with the message.
const REFUSALS: u32 = 3;

/// Attempts when the connection, which had opened and signed in, breaks or falls silent over it: at times a
/// message crashes its server.
const LOSSES: u32 = 4;

#[derive(Debug, Default)]
pub(super) struct Doubts {
    validity: u32,
    careful_until: u32,
    failures: HashMap<u32, (u32, u32)>,
}

impl Doubts {
    /// A batch up to `uid` failed: its messages are fetched one at a time.
    pub(super) fn be_careful_until(&mut self, uid: u32) {
        self.careful_until = self.careful_until.max(uid);
    }

    pub(super) const fn is_careful(&self, uid: u32) -> bool {
        uid <= self.careful_until
    }

    /// Notes that `uid`, asked for alone, failed.
    pub(super) fn note(&mut self, uid: u32, error: &ImapError) {
        let (refusals, losses) = self.failures.entry(uid).or_default();
        if matches!(error, ImapError::Lost(_) | ImapError::Unreachable { .. }) {
            *losses += 1;
        } else {
            *refusals += 1;
        }
    }

    /// Whether enough was tried.
    pub(super) fn is_hopeless(&self, uid: u32) -> bool {
        self.failures.get(&uid).is_some_and(|(refusals, losses)| *refusals >= REFUSALS || *losses >= LOSSES)
    }

    /// Everything up to `uid` is handed over.
    pub(super) fn forget_until(&mut self, uid: u32) {
        self.failures.retain(|u, _| *u > uid);
    }

    /// The numbering in force; what was noted under another is forgotten.
    pub(super) fn number_by(&mut self, validity: u32) {
        if self.validity != validity {
            *self = Self { validity, ..Self::default() };
        }
    }
}
