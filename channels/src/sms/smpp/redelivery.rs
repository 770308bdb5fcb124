//! Telling a text that the SMSC sends again, because our acknowledgement did not reach it, from one that a citizen
//! wrote twice. SMPP gives texts no id: only their content and the moment say which is which.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::pdu::Packet;
use crate::Cursor;

/// Texts whose acknowledgement may have been lost, at most.
const REMEMBERED: usize = 256;

/// Acknowledged this shortly before a connection broke, a text may not count as such at the SMSC.
const UNSURE: SignedDuration = SignedDuration::from_secs(60);

/// After this the SMSC has long sent it again.
const REDELIVERED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// The name of a text: its content and when it was first received, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    content: u64,
    micros: i64,
}

impl Name {
    /// The name as text.
    pub(crate) fn external_ref(self) -> String {
        format!("{:016x}.{}", self.content, self.micros)
    }

    /// What is saved with the text, so that a new process knows the last one it may not have acknowledged.
    pub(crate) fn cursor(self) -> Cursor {
        Cursor { validity: self.content, position: u64::try_from(self.micros).unwrap_or(0) }
    }
}

/// What was stored lately, and what of it the SMSC may send again.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    stored: VecDeque<(Name, Ack)>,
    last: i64,
}

/// Whether the SMSC knows that we have a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ack {
    Sent,
    /// It may have stopped waiting before we could say so.
    Unsure,
}

impl Memory {
    /// The process before us stored this last, and may have ended before it could acknowledge.
    pub(crate) fn resume(&mut self, cursor: Option<Cursor>) {
        if let Some(Cursor { validity, position }) = cursor.filter(|c| c.validity != 0)
            && !self.stored.iter().any(|(name, _)| name.content == validity)
        {
            let micros = i64::try_from(position).unwrap_or(0);
            self.stored.push_back((Name { content: validity, micros }, Ack::Unsure));
        }
    }

    /// The name of a text received now: that of the one it repeats, if any.
    pub(crate) fn name(&mut self, packet: &Packet, now: Timestamp) -> Name {
        let content = digest(packet);
        let oldest = (now - REDELIVERED_WITHIN).as_microsecond();
        let known = |(name, ack): &(Name, Ack)| *ack == Ack::Unsure && name.content == content && name.micros >= oldest;
        if let Some(at) = self.stored.iter().position(known)
            && let Some((name, _)) = self.stored.remove(at)
        {
            return name;
        }
        // Two texts in the same microsecond are still two.
        self.last = now.as_microsecond().max(self.last + 1);
        Name { content, micros: self.last }
    }

    /// It is stored.
    pub(crate) fn stored(&mut self, name: Name, ack: Ack) {
        if self.stored.len() == REMEMBERED {
            self.stored.pop_front();
        }
        self.stored.push_back((name, ack));
    }

    /// The connection broke: the last acknowledgements may not have arrived.
    pub(crate) fn lost(&mut self, now: Timestamp) {
        let since = (now - UNSURE).as_microsecond();
        for (name, ack) in &mut self.stored {
            if name.micros >= since {
                *ack = Ack::Unsure;
            }
        }
    }
}

/// Digest of what does not change when a packet is sent again; it fits the signed numbers of databases.
fn digest(packet: &Packet) -> u64 {
    let mut sha = Sha256::new();
    sha.update(packet.command.to_be_bytes());
    sha.update(&packet.body);
    let digest = sha.finalize();
    let head = digest.iter().take(8).fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    (head >> 1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::smpp::pdu::DELIVER_SM;

    fn packet(text: &'static str, sequence: u32) -> Packet {
        Packet { command: DELIVER_SM, status: 0, sequence, body: text.as_bytes().into() }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_770_000_000 + seconds).unwrap()
    }

    #[test]
    fn the_same_words_twice_are_two_texts_while_the_line_is_up() {
        let mut memory = Memory::default();
        let one = memory.name(&packet("ok", 1), at(0));
        memory.stored(one, Ack::Sent);
        let two = memory.name(&packet("ok", 2), at(0));
        assert_ne!(one, two);
    }

    #[test]
    fn what_was_acknowledged_into_a_breaking_line_is_known_when_it_comes_again() {
        let mut memory = Memory::default();
        let early = memory.name(&packet("prima", 1), at(0));
        memory.stored(early, Ack::Sent);
        let late = memory.name(&packet("ok", 2), at(100));
        memory.stored(late, Ack::Sent);
        memory.lost(at(110));
        assert_eq!(memory.name(&packet("ok", 9), at(120)), late);
        memory.stored(late, Ack::Sent);
        assert_ne!(memory.name(&packet("ok", 10), at(121)), late, "known once, then written again");
        assert_ne!(memory.name(&packet("prima", 11), at(122)), early, "acknowledged long before");
    }

    #[test]
    fn a_slow_acknowledgement_is_no_acknowledgement() {
        let mut memory = Memory::default();
        let name = memory.name(&packet("ok", 1), at(0));
        memory.stored(name, Ack::Unsure);
        assert_eq!(memory.name(&packet("ok", 2), at(30)), name);
    }

    #[test]
    fn a_new_process_knows_the_last_text_of_the_one_before() {
        let mut memory = Memory::default();
        let name = memory.name(&packet("ok", 1), at(0));
        let mut next = Memory::default();
        next.resume(Some(name.cursor()));
        assert_eq!(next.name(&packet("ok", 1), at(5)), name);
        let mut much_later = Memory::default();
        much_later.resume(Some(name.cursor()));
        assert_ne!(much_later.name(&packet("ok", 1), at(3600)), name);
        assert!(i64::try_from(name.cursor().validity).is_ok());
    }
}
