//! Who has a ticket's page open, and who is writing an answer there. Nothing of it is stored: each node keeps
//! what browsers said in the last moments and tells the other nodes, and what is not said again expires.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::kernel::Kernel;
use crate::kernel::time::Instant;

/// How long a beat counts; browsers send one every 20 seconds.
const COUNTS: SignedDuration = SignedDuration::from_secs(45);
/// How often those who vanished without a word are swept out.
const SWEEP: Duration = Duration::from_secs(2);
/// Pages of one person on one ticket; a browser that invents more is not believed.
const PAGES: usize = 8;
const TOPIC: &str = "presence";

/// What somebody does on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    Looking,
    /// Writing an answer to the citizen.
    Writing,
    /// The page was closed or is out of sight.
    Gone,
}

/// What a browser says of one of its pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// Row id.
    pub ticket: i64,
    /// Row id.
    pub user: i64,
    /// Tells two pages of one person apart.
    pub page: String,
    pub doing: Doing,
}

/// A colleague on a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colleague {
    /// Row id of the user.
    pub user: i64,
    pub writing: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Beat(Beat),
    /// Something else that the presence part of this ticket shows has changed.
    Changed(i64),
}

/// Ticket, user, page.
type Key = (i64, i64, String);

#[derive(Debug, Clone, Copy)]
struct Seen {
    writing: bool,
    until: Instant,
}

/// Who is where, as this node knows it; cheap to clone.
#[derive(Debug, Clone)]
pub struct Presence {
    seen: Arc<Mutex<BTreeMap<Key, Seen>>>,
    changed: broadcast::Sender<i64>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { seen: Arc::default(), changed: broadcast::channel(256).0 }
    }
}

impl Presence {
    /// Row ids of the tickets around which something changed, from now on.
    pub fn changes(&self) -> broadcast::Receiver<i64> {
        self.changed.subscribe()
    }

    /// Takes a beat of a browser of this node and tells the other nodes.
    pub fn tell(&self, kernel: &Kernel, beat: Beat) {
        self.apply(&beat, kernel.now());
        say(kernel, &Word::Beat(beat));
    }

    /// Says on all nodes that the presence part of a ticket must be read again.
    pub fn nudge(&self, kernel: &Kernel, ticket: i64) {
        self.announce(ticket);
        say(kernel, &Word::Changed(ticket));
    }

    /// Everybody on a ticket but one, in the order of their ids.
    pub fn around(&self, ticket: i64, except: Option<i64>, now: Instant) -> Vec<Colleague> {
        let mut found: Vec<Colleague> = Vec::new();
        for (key, seen) in self.lock().range(of_ticket(ticket)).filter(|(_, seen)| seen.until > now) {
            match found.last_mut().filter(|last| last.user == key.1) {
                Some(last) => last.writing |= seen.writing,
                None => found.push(Colleague { user: key.1, writing: seen.writing }),
            }
        }
        found.retain(|c| Some(c.user) != except);
        found
    }

    /// Believes a beat; announces it if it changes what colleagues see.
    fn apply(&self, beat: &Beat, now: Instant) {
        let before = self.around(beat.ticket, None, now);
        let key = (beat.ticket, beat.user, beat.page.clone());
        let mut seen = self.lock();
        if beat.doing == Doing::Gone {
            seen.remove(&key);
        } else if seen.contains_key(&key) || pages_of(&seen, beat) < PAGES {
            seen.insert(key, Seen { writing: beat.doing == Doing::Writing, until: now.plus(COUNTS) });
        }
        drop(seen);
        if self.around(beat.ticket, None, now) != before {
            self.announce(beat.ticket);
        }
    }

    fn sweep(&self, now: Instant) {
        let mut expired = Vec::new();
        self.lock().retain(|key, seen| {
            let counts = seen.until > now;
            if !counts {
                expired.push(key.0);
            }
            counts
        });
        expired.dedup();
        for ticket in expired {
            self.announce(ticket);
        }
    }

    fn announce(&self, ticket: i64) {
        // Nobody listening is no error.
        drop(self.changed.send(ticket));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_ticket(ticket: i64) -> std::ops::Range<Key> {
    (ticket, i64::MIN, String::new())..(ticket.saturating_add(1), i64::MIN, String::new())
}

fn pages_of(seen: &BTreeMap<Key, Seen>, beat: &Beat) -> usize {
    seen.range(of_ticket(beat.ticket)).filter(|(key, _)| key.1 == beat.user).count()
}

fn say(kernel: &Kernel, word: &Word) {
    if let Ok(text) = serde_json::to_string(word) {
        kernel.asides.say(TOPIC, text);
    }
}

/// Hears the other nodes and sweeps out who vanished, until the process stops.
pub async fn follow(kernel: Kernel, presence: Presence) {
    let mut heard = kernel.asides.hear();
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = kernel.stop.cancelled() => return,
            _ = sweep.tick() => presence.sweep(kernel.now()),
            got = heard.recv() => match got {
                Ok(aside) if aside.topic == TOPIC => match serde_json::from_str(&aside.body) {
                    Ok(Word::Beat(beat)) => presence.apply(&beat, kernel.now()),
                    Ok(Word::Changed(ticket)) => presence.announce(ticket),
                    Err(e) => tracing::warn!("another node said something unknown about presence: {e}"),
                },
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Instant = Instant(1_000_000_000);

    fn beat(user: i64, page: &str, doing: Doing) -> Beat {
        Beat { ticket: 7, user, page: page.to_owned(), doing }
    }

    #[test]
    fn a_person_with_two_pages_is_one_colleague_until_both_are_gone() {
        let presence = Presence::default();
        presence.apply(&beat(1, "a", Doing::Looking), NOON);
        presence.apply(&beat(1, "b", Doing::Writing), NOON);
        assert_eq!(presence.around(7, None, NOON), [Colleague { user: 1, writing: true }]);
        assert!(presence.around(7, Some(1), NOON).is_empty() && presence.around(8, None, NOON).is_empty());
        presence.apply(&beat(1, "b", Doing::Gone), NOON);
        assert_eq!(presence.around(7, None, NOON), [Colleague { user: 1, writing: false }]);
        presence.apply(&beat(1, "a", Doing::Gone), NOON);
        assert!(presence.around(7, None, NOON).is_empty());
    }

    #[test]
    fn only_what_colleagues_would_see_is_announced_and_silence_expires() {
        let presence = Presence::default();
        let mut changes = presence.changes();
        presence.apply(&beat(1, "a", Doing::Looking), NOON);
        presence.apply(&beat(1, "a", Doing::Looking), NOON);
        assert_eq!((changes.try_recv(), changes.try_recv().is_err()), (Ok(7), true));
        let later = NOON.plus(COUNTS);
        assert!(presence.around(7, None, later).is_empty());
        presence.sweep(later);
        assert_eq!(changes.try_recv(), Ok(7));
    }

    #[test]
    fn a_browser_that_invents_pages_is_not_believed() {
        let presence = Presence::default();
        for page in 0..100 {
            presence.apply(&beat(1, &page.to_string(), Doing::Looking), NOON);
        }
        assert_eq!(presence.lock().len(), PAGES);
    }
}
