//! Types and rules of the network, without I/O.
use sqlx::FromRow;

use crate::kernel::codes;
use crate::kernel::names::stored_enum;
use crate::kernel::time::Instant;

stored_enum! {
    /// Whose body an agency is.
    AgencyKind {
        /// The body that runs this installation.
        Own = "own",
        /// Another public body.
        Agency = "agency",
        /// A service operator.
        Utility = "utility",
    }
}

stored_enum! {
    /// What a unit does with tickets (004-07, 004-08, 004-09).
    UnitKind {
        /// Registers requests and assigns them first.
        CollectionPoint = "collection_point",
        /// Also receives what collection points forward.
        EntryPoint = "entry_point",
        /// Supplies answers; never speaks with citizens first.
        BackOffice = "back_office",
    }
}

stored_enum! {
    /// Why a ticket is referred (004-14).
    LegKind {
        /// The unit is competent and deals with it.
        Competence = "competence",
        /// The unit supplies what the front office needs to answer.
        Inquiry = "inquiry",
        /// The unit is only informed.
        Knowledge = "knowledge",
    }
}

stored_enum! {
    /// Where a leg stands.
    LegState {
        Sent = "sent",
        Answered = "answered",
        /// The unit is not competent.
        Returned = "returned",
        /// The front office took it back.
        Withdrawn = "withdrawn",
    }
}

/// A stored name that this program does not know.
#[derive(Debug, Clone, thiserror::Error)]
#[error("unknown stored name {0:?}")]
pub struct UnknownName(String);

macro_rules! read_stored {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = UnknownName;
            fn try_from(text: String) -> Result<Self, UnknownName> {
                Self::from_text(&text).ok_or(UnknownName(text))
            }
        }
    )+};
}
read_stored!(AgencyKind, UnitKind, LegKind, LegState);

impl LegKind {
    /// Whether the front office waits for its answer: such legs count for the front-office closure rate.
    pub const fn is_decisive(self) -> bool {
        matches!(self, Self::Competence | Self::Inquiry)
    }

    /// Whether the unit may reach the citizen, and so is told who it is: only who is competent.
    pub const fn shows_citizen(self) -> bool {
        matches!(self, Self::Competence)
    }

    /// Whether the unit sees the files of the request: whoever works on it does.
    pub const fn shows_files(self) -> bool {
        self.is_decisive()
    }
}

/// An agency as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Agency {
    pub id: i64,
    pub slug: String,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub kind: AgencyKind,
    pub email: String,
}

/// A unit as stored; valid from `valid_from` until before `valid_to`.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Unit {
    pub id: i64,
    pub slug: String,
    pub agency_id: i64,
    pub parent_id: Option<i64>,
    pub name: String,
    /// Empty when the Italian name serves for both languages.
    pub name_en: String,
    #[sqlx(try_from = "String")]
    pub kind: UnitKind,
    pub email: String,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
}

impl Unit {
    /// Whether the unit exists at an instant.
    pub fn exists_at(&self, now: Instant) -> bool {
        self.valid_from <= now && self.valid_to.is_none_or(|end| now < end)
    }

    /// Whether this unit may receive a leg from `sender`: a back office receives only from units of its own
    /// agency, or from an entry point (004-09).
    pub fn may_receive_from(&self, sender: &Self) -> bool {
        self.kind != UnitKind::BackOffice || sender.kind == UnitKind::EntryPoint || sender.agency_id == self.agency_id
    }
}

/// A leg as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Leg {
    pub id: i64,
    pub ticket_id: i64,
    pub number: i64,
    pub unit_id: i64,
    #[sqlx(try_from = "String")]
    pub kind: LegKind,
    /// Sent to another agency.
    pub external: bool,
    pub question: String,
    #[sqlx(try_from = "String")]
    pub state: LegState,
    pub version: i64,
    pub sent_by: Option<i64>,
    pub sent_at: Instant,
    pub answered_at: Option<Instant>,
    pub answer: String,
    /// Why the unit is not competent.
    pub reason: String,
    /// The other body's own code for it.
    pub external_code: String,
    /// When its unit first opened its page.
    pub seen_at: Option<Instant>,
}

impl Leg {
    /// Whether the front office waits for its answer now.
    pub fn is_awaited(&self) -> bool {
        self.state == LegState::Sent && self.kind.is_decisive()
    }
}

/// The code of a leg as people write it: `ABC-DEF-GHJ/1`.
pub fn leg_code(ticket_code: &str, number: i64) -> String {
    format!("{}/{number}", codes::grouped(ticket_code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(kind: UnitKind, agency_id: i64) -> Unit {
        Unit {
            id: 0,
            slug: String::new(),
            agency_id,
            parent_id: None,
            name: String::new(),
            name_en: String::new(),
            kind,
            email: String::new(),
            valid_from: Instant(10),
            valid_to: Some(Instant(20)),
        }
    }

    #[test]
    fn a_back_office_receives_from_its_own_agency_or_from_an_entry_point() {
        use UnitKind as K;
        let office = unit(K::BackOffice, 1);
        for kind in K::ALL.iter().copied() {
            assert!(office.may_receive_from(&unit(kind, 1)), "{kind:?} of the same agency");
            assert_eq!(office.may_receive_from(&unit(kind, 2)), kind == K::EntryPoint, "{kind:?} of another agency");
            assert!(unit(K::EntryPoint, 1).may_receive_from(&unit(kind, 2)), "entry points receive from all");
        }
    }

    #[test]
    fn a_unit_exists_from_its_first_day_until_before_its_last() {
        let unit = unit(UnitKind::BackOffice, 1);
        assert_eq!([9, 10, 19, 20].map(|at| unit.exists_at(Instant(at))), [false, true, true, false]);
    }

    #[test]
    fn only_the_competent_unit_learns_who_the_citizen_is() {
        assert_eq!(LegKind::ALL.iter().map(|k| k.shows_citizen()).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(LegKind::ALL.iter().map(|k| k.shows_files()).collect::<Vec<_>>(), [true, true, false]);
    }
}
