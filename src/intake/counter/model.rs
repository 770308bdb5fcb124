//! Types and rules of visits, without I/O.
use jiff::SignedDuration;

use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;

stored_enum! {
    /// How a visit ended.
    VisitOutcome {
        /// The visitor left with the answer: the ticket is closed.
        Answered = "answered",
        /// The ticket stays with the agent.
        Open = "open",
        /// The agent goes on to send it to a unit.
        Sent = "sent",
    }
}

/// Keys that pick a topic: 1 to 9.
pub const TOPICS: usize = 9;

/// How long a visit can be undone. The page offers it for less, so that nobody presses in vain.
pub const UNDO: SignedDuration = SignedDuration::from_secs(60);

/// Longest visit: a form opened before was left open, and says nothing of this visitor.
const LONGEST: SignedDuration = SignedDuration::from_hours(4);

/// Longest note, in characters.
pub const NOTE: usize = 5_000;

/// Who came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visitor {
    /// Somebody the desk knows, by row id.
    pub person: Option<i64>,
    /// Address, number or fiscal code of somebody it does not know yet; empty when none was given.
    pub identifier: String,
    pub name: String,
}

/// A visit about to be registered.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// Names it, so that sending it twice registers one visit.
    pub once: String,
    /// Slug of the category; may be empty when a sheet says it.
    pub category: String,
    /// Code of the sheet that answers; may be empty.
    pub sheet: String,
    pub visitor: Visitor,
    /// Code of a ticket that the visit is about; empty for a new one.
    pub ticket: String,
    pub note: String,
    pub outcome: VisitOutcome,
    /// Slug of the counter; empty for the caller's own.
    pub counter: String,
    pub started_at: Option<Instant>,
}

/// The start of a visit, if it can be one that ends now.
pub fn plausible_start(started: Option<Instant>, now: Instant) -> Option<Instant> {
    started.filter(|at| *at <= now && now.since(*at) <= LONGEST)
}

/// A code as it is dictated: letters with the towns that Italians spell with, digits alone.
pub fn dictated(code: &str) -> String {
    const TOWNS: [(char, &str); 22] = [
        ('A', "Ancona"),
        ('B', "Bologna"),
        ('C', "Como"),
        ('D', "Domodossola"),
        ('E', "Empoli"),
        ('F', "Firenze"),
        ('G', "Genova"),
        ('H', "hotel"),
        ('J', "jolly"),
        ('K', "kappa"),
        ('M', "Milano"),
        ('N', "Napoli"),
        ('P', "Palermo"),
        ('Q', "Quarto"),
        ('R', "Roma"),
        ('S', "Savona"),
        ('T', "Torino"),
        ('V', "Venezia"),
        ('W', "Washington"),
        ('X', "xilofono"),
        ('Y', "York"),
        ('Z', "Zara"),
    ];
    let said: Vec<String> = code
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| TOWNS.iter().find(|(letter, _)| *letter == c).map_or_else(|| c.to_string(), |(_, t)| (*t).to_owned()))
        .collect();
    said.chunks(3).map(|group| group.join(" ")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::codes::TrackingCode;

    #[test]
    fn a_start_in_the_future_or_of_another_visitor_is_none() {
        let now = Instant(10 * 3600 * 1_000_000);
        let before = |seconds: i64| Some(now.minus(SignedDuration::from_secs(seconds)));
        assert_eq!(plausible_start(before(40), now), before(40));
        assert_eq!(plausible_start(before(-1), now), None);
        assert_eq!(plausible_start(before(5 * 3600), now), None);
        assert_eq!(plausible_start(None, now), None);
    }

    #[test]
    fn a_code_is_dictated_in_three_groups() {
        assert_eq!(dictated("7K2M0QZ4A"), "7 kappa 2, Milano 0 Quarto, Zara 4 Ancona");
    }

    proptest! {
        #[test]
        fn every_letter_of_a_code_has_its_town(bits: u64) {
            let said = dictated(TrackingCode::from_bits(bits).as_str());
            prop_assert_eq!(said.split([' ', ',']).filter(|w| !w.is_empty()).count(), 9);
            prop_assert!(said.split([' ', ',']).all(|w| w.len() != 1 || w.chars().all(|c| c.is_ascii_digit())));
        }
    }
}
