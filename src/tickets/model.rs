//! Types and rules of tickets, without I/O.
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::kernel::names::{read_stored, stored_enum};
use crate::kernel::time::Instant;

stored_enum! {
    /// Where a ticket stands.
    State {
        /// Nobody has looked at it.
        New = "new",
        /// Somebody works on it, or it waits for somebody of the front office.
        Open = "open",
        /// The citizen must answer first.
        WaitingCitizen = "waiting_citizen",
        /// A back office must answer first.
        Referred = "referred",
        /// Answered; closed unless the citizen objects.
        Resolved = "resolved",
        /// Done.
        Closed = "closed",
    }
}

impl State {
    /// Whether work on it is over.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }

    /// Whether a ticket may go from this state to `next`. A ticket that is over comes back only as open, so
    /// that somebody owns it again.
    pub const fn can_become(self, next: Self) -> bool {
        use State as S;
        match (self, next) {
            (
                S::New | S::Open | S::WaitingCitizen | S::Referred,
                S::Open | S::WaitingCitizen | S::Referred | S::Resolved | S::Closed,
            )
            | (S::Resolved, S::Closed | S::Open)
            | (S::Closed, S::Open) => true,
            (S::New | S::Open | S::WaitingCitizen | S::Referred | S::Resolved | S::Closed, _) => false,
        }
    }
}

stored_enum! {
    /// How a contact came or went.
    Channel {
        Phone = "phone",
        Voicemail = "voicemail",
        Sms = "sms",
        Email = "email",
        Pec = "pec",
        Fax = "fax",
        Web = "web",
        Letter = "letter",
        Counter = "counter",
    }
}

stored_enum! {
    /// What the citizen wants (004-01).
    RequestKind {
        Information = "information",
        Report = "report",
        Complaint = "complaint",
        Application = "application",
    }
}

stored_enum! {
    /// How a ticket ended.
    Outcome {
        Answered = "answered",
        NotCompetent = "not_competent",
        Withdrawn = "withdrawn",
        Duplicate = "duplicate",
        NoAnswerNeeded = "no_answer_needed",
        /// Called back as often as promised, and never reached.
        NotReached = "not_reached",
        /// It goes on in another ticket; no person chooses this, and it counts in no figure.
        Merged = "merged",
        /// It was opened by mistake and taken back; no person chooses this, and it counts in no figure.
        Mistaken = "mistaken",
    }
}

impl Outcome {
    /// What a person may close a ticket with.
    pub const CHOICES: &'static [Self] =
        &[Self::Answered, Self::NotCompetent, Self::Withdrawn, Self::Duplicate, Self::NoAnswerNeeded, Self::NotReached];
}

stored_enum! {
    /// Which way a contact goes.
    Direction {
        In = "in",
        Out = "out",
        Note = "note",
    }
}

/// A ticket as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Ticket {
    pub id: i64,
    pub code: String,
    pub version: i64,
    #[sqlx(try_from = "String")]
    pub state: State,
    pub subject: String,
    #[sqlx(try_from = "String")]
    pub channel: Channel,
    #[sqlx(try_from = "String")]
    pub kind: RequestKind,
    pub category_id: Option<i64>,
    pub owner_unit_id: i64,
    pub assignee_id: Option<i64>,
    pub person_id: Option<i64>,
    pub language: String,
    pub opened_at: Instant,
    pub touched_at: Instant,
    pub expected_at: Instant,
    pub resolved_at: Option<Instant>,
    pub closed_at: Option<Instant>,
    pub outcome: Option<String>,
    pub closing_sheet_id: Option<i64>,
    /// The version of that sheet which was in force when it answered.
    pub closing_sheet_version: Option<i64>,
    /// Legs for competence or inquiry ever sent.
    pub decisive_legs: i64,
    /// Legs ever sent to units of other agencies.
    pub external_legs: i64,
    /// Legs without an answer yet.
    pub open_legs: i64,
    pub continues_id: Option<i64>,
    /// The ticket that goes on in its place, if it was merged: never one that is merged itself.
    pub merged_into_id: Option<i64>,
}

read_stored!(State, Channel, RequestKind, Outcome, Direction);

/// The part of a ticket by which queues count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    pub state: State,
    pub unit: i64,
    /// 0: nobody.
    pub assignee: i64,
}

impl Ticket {
    /// The facets as they are now.
    pub fn facets(&self) -> Facets {
        Facets { state: self.state, unit: self.owner_unit_id, assignee: self.assignee_id.unwrap_or(0) }
    }

    /// Closed without any competence or inquiry leg: front-office closure, strict.
    pub const fn strict_front_office(&self) -> bool {
        self.decisive_legs == 0
    }

    /// Closed without a leg to another agency: front-office closure, wide.
    pub const fn wide_front_office(&self) -> bool {
        self.external_legs == 0
    }

    /// The outcome, once there is one.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome.as_deref().and_then(Outcome::from_text)
    }
}

/// A subject line: at most 200 characters on one line.
pub fn tidy_subject(raw: &str) -> String {
    let line: String = raw.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

/// A subject made from the beginning of a text that came without one.
pub fn subject_of(text: &str) -> String {
    let first = text.lines().map(str::trim).find(|line| line.chars().filter(|c| c.is_alphanumeric()).count() > 3);
    let line = tidy_subject(first.unwrap_or_default());
    if line.chars().count() <= 80 {
        return line;
    }
    let cut: String = line.chars().take(80).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", &cut[..end])
}

/// Whether a citizen's message only says thank you: it is kept, and wakes nobody (C20).
pub fn is_courtesy(text: &str) -> bool {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    let thanks =
        words.iter().any(|w| matches!(w.as_str(), "grazie" | "ringrazio" | "ringraziamo" | "thanks" | "thank"));
    thanks
        && words.len() <= 14
        && !text.contains('?')
        && !words.iter().any(|w| matches!(w.as_str(), "ma" | "però" | "but" | "ancora" | "non" | "not"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_closed_ticket_comes_back_only_as_open() {
        for &next in State::ALL {
            assert_eq!(State::Closed.can_become(next), next == State::Open, "{next:?}");
        }
        assert!(!State::Open.can_become(State::New), "nothing becomes new again");
    }

    #[test]
    fn thanks_alone_are_a_courtesy_and_a_question_is_not() {
        assert!(is_courtesy("Grazie mille, gentilissimi!"));
        assert!(is_courtesy("Thank you very much"));
        assert!(!is_courtesy("Grazie, ma quando riapre l'ufficio?"));
        assert!(!is_courtesy("Grazie ma il lampione è spento"));
        assert!(!is_courtesy("Buongiorno, vorrei sapere gli orari"));
    }

    proptest! {
        #[test]
        fn subjects_are_one_short_line(text: String) {
            prop_assert!(tidy_subject(&text).chars().count() <= 200);
            prop_assert!(subject_of(&text).chars().count() <= 81);
            prop_assert!(!subject_of(&text).contains('\n'));
        }
    }
}
