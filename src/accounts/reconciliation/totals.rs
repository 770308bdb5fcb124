//! What a gateway counts itself, beside what is counted here. No I/O.
use channels::Totals;
use sqlx::FromRow;

use crate::kernel::time::Instant;

/// How far both sides were read last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Mark {
    pub read_at: Instant,
    /// Seconds since the gateway was started.
    pub uptime: i64,
    /// What it received and does not hold any more; below zero when it began with something in its store.
    pub handed: i64,
    pub waiting: i64,
    pub received: i64,
    pub taken: i64,
    pub sent: i64,
    /// From when on our side is counted.
    pub since: Instant,
    /// Texts stored here since then.
    pub stored: i64,
    /// Messages that it was given since then.
    pub given: i64,
    /// What one side has counted and the other not yet, in the two directions.
    pub in_ahead: i64,
    pub in_owed: i64,
    pub out_ahead: i64,
    pub out_owed: i64,
}

/// What was counted here since [`Mark::since`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ours {
    pub stored: i64,
    pub given: i64,
}

/// What came to pass between two readings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Received and given to the network, as the gateway says.
    pub received: i64,
    pub sent: i64,
    /// Handed over by it and not stored here.
    pub lost: i64,
    /// Given to it and not among what it took.
    pub untaken: i64,
}

/// What one side says it gave and the other did not find yet, or the other way round: both are never read in the same
/// instant, so one may be ahead for the time between two readings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Balance {
    ahead: i64,
    owed: i64,
}

impl Balance {
    /// The balance after so much more was given and found, and what will not be found any more.
    fn after(self, given: i64, found: i64) -> (Self, i64) {
        let net = found - given + self.ahead - self.owed;
        if net >= 0 {
            // What was found before it was counted as given was found just now: older credit hides no loss.
            return (Self { ahead: net.min(found), owed: 0 }, 0);
        }
        let lost = self.owed.min(-net);
        (Self { ahead: 0, owed: -net - lost }, lost)
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Mark {
    /// The first reading: what was before counts for nothing.
    pub fn first(totals: &Totals, waiting: u64, at: Instant) -> Self {
        let (received, waiting) = (signed(totals.received), signed(waiting));
        Self {
            read_at: at,
            uptime: signed(totals.uptime),
            handed: received - waiting,
            waiting,
            received,
            taken: signed(totals.taken),
            sent: signed(totals.sent),
            since: at,
            ..Self::default()
        }
    }

    /// Whether the counters began anew since this reading.
    fn restarted(&self, totals: &Totals, at: Instant) -> bool {
        let uptime = signed(totals.uptime);
        let fewer = [(totals.received, self.received), (totals.sent, self.sent)].iter().any(|(n, m)| signed(*n) < *m);
        // Clocks of two machines; and the gateway counts whole seconds.
        uptime < self.uptime || fewer || at.since(self.read_at).as_secs() > uptime + 5
    }

    /// The next reading, and what came to pass. `since` and what is counted from then on take the place of ours.
    pub fn next(self, totals: &Totals, waiting: u64, ours: Ours, at: Instant) -> (Self, Step) {
        let mut next = Self::first(totals, waiting, at);
        let (mut before, restarted) = (self, self.restarted(totals, at));
        if restarted {
            // What lay in its store is handed over without being received again; what lay in memory only is lost.
            before = Self { handed: -self.waiting, received: 0, taken: 0, sent: 0, ..self };
        }
        // What waits may be of other connections: it must not turn back what was handed over.
        next.handed = next.handed.max(before.handed);
        let stored = (ours.stored - self.stored).max(0);
        let incoming = Balance { ahead: self.in_ahead, owed: self.in_owed };
        let (incoming, lost) = incoming.after(next.handed - before.handed, stored);
        let outgoing = Balance { ahead: self.out_ahead, owed: self.out_owed };
        let (outgoing, untaken) = if restarted {
            // What it took after the last reading and before its end was never counted.
            (Balance::default(), 0)
        } else {
            outgoing.after((ours.given - self.given).max(0), (next.taken - before.taken).max(0))
        };
        next = Self {
            since: self.since,
            stored: ours.stored,
            given: ours.given,
            in_ahead: incoming.ahead,
            in_owed: incoming.owed,
            out_ahead: outgoing.ahead,
            out_owed: outgoing.owed,
            ..next
        };
        let (received, sent) = ((next.received - before.received).max(0), (next.sent - before.sent).max(0));
        (next, Step { received, sent, lost, untaken })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A gateway, its store and what is here, read every minute.
    #[derive(Default)]
    struct Scene {
        totals: Totals,
        waiting: u64,
        ours: Ours,
        minutes: i64,
        mark: Option<Mark>,
        lost: i64,
        untaken: i64,
        received: i64,
    }

    impl Scene {
        fn read(&mut self) {
            self.minutes += 1;
            // It was started in the middle of a minute.
            self.totals.uptime += if self.totals.uptime == 0 { 30 } else { 60 };
            let at = Instant(self.minutes * 60_000_000);
            let Some(mark) = self.mark else {
                self.mark = Some(Mark::first(&self.totals, self.waiting, at));
                return;
            };
            let (next, step) = mark.next(&self.totals, self.waiting, self.ours, at);
            self.mark = Some(next);
            self.lost += step.lost;
            self.untaken += step.untaken;
            self.received += step.received;
        }

        fn receive(&mut self, n: u64) {
            self.totals.received += n;
            self.waiting += n;
        }

        /// Some of what waits is acknowledged, of which so many are stored.
        fn hand_over(&mut self, n: u64, stored: u64) {
            self.waiting -= n;
            self.ours.stored += stored as i64;
        }

        fn restart(&mut self) {
            self.totals = Totals::default();
        }
    }

    #[test]
    fn what_was_acknowledged_and_not_stored_is_counted_once() {
        let mut scene = Scene::default();
        scene.receive(9);
        scene.hand_over(9, 0);
        scene.read();
        scene.receive(5);
        scene.hand_over(4, 3);
        for _ in 0..3 {
            scene.read();
        }
        assert_eq!((scene.lost, scene.received), (1, 5), "what was before the first reading does not count");
        scene.hand_over(1, 1);
        scene.read();
        scene.read();
        assert_eq!(scene.lost, 1);
    }

    #[test]
    fn a_restart_neither_hides_nor_invents_what_is_lost() {
        let mut scene = Scene::default();
        scene.read();
        scene.receive(7);
        scene.hand_over(4, 4);
        scene.read();
        // Three lie in its store, and are handed over afterwards.
        scene.restart();
        scene.read();
        scene.hand_over(3, 3);
        scene.receive(2);
        scene.hand_over(2, 1);
        scene.read();
        scene.read();
        assert_eq!((scene.lost, scene.received), (1, 9));
        // Two are in its memory only.
        scene.receive(2);
        scene.read();
        scene.restart();
        scene.waiting = 0;
        scene.read();
        scene.read();
        assert_eq!(scene.lost, 3);
    }

    #[test]
    fn what_it_never_took_is_told() {
        let mut scene = Scene::default();
        scene.read();
        // Long messages count for each part; what is too much is forgotten.
        scene.ours.given += 2;
        scene.totals.taken += 6;
        scene.read();
        scene.read();
        scene.ours.given += 2;
        scene.totals.taken += 1;
        scene.read();
        assert_eq!(scene.untaken, 0, "it may only be on its way");
        scene.read();
        assert_eq!(scene.untaken, 1);
    }

    proptest! {
        /// Whatever order things come in, nothing is lost as long as everything that is acknowledged was stored.
        #[test]
        fn a_sound_gateway_is_never_accused(deeds in proptest::collection::vec((0..5_u8, 1..6_u64), 0..80)) {
            let mut scene = Scene::default();
            for (deed, n) in deeds {
                match deed {
                    0 => scene.receive(n),
                    1 => { let n = n.min(scene.waiting); scene.hand_over(n, n); }
                    // Stored already, while the gateway has not heard of it yet; then it has.
                    2 if scene.waiting > 0 => {
                        scene.ours.stored += 1;
                        scene.read();
                        scene.waiting -= 1;
                    }
                    3 => scene.restart(),
                    _ => scene.read(),
                }
            }
            scene.read();
            scene.read();
            prop_assert_eq!(scene.lost, 0);
        }
    }
}
