//! Types and rules of the organisation, without I/O.
use sqlx::FromRow;

use crate::kernel::names::{read_stored, stored_enum};
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
        /// Watches over the network and steps in where it halts (004-19).
        ControlRoom = "control_room",
    }
}

stored_enum! {
    /// How high a referent stands: reminders go to operatives, escalations upwards (002-17).
    Rank {
        /// Works on what arrives.
        Operative = "operative",
        /// Answers for an office.
        Executive = "executive",
        /// Answers for the whole direction.
        Director = "director",
    }
}

read_stored!(AgencyKind, UnitKind, Rank);

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
    /// Organisational scope (004-09): a slug; the agency's when the unit names none of its own.
    pub scope: String,
    /// Who took its work over when it closed.
    pub successor_id: Option<i64>,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
}

impl Unit {
    /// Whether the unit exists at an instant.
    pub fn exists_at(&self, now: Instant) -> bool {
        self.valid_from <= now && self.valid_to.is_none_or(|end| now < end)
    }

    /// Whether this unit may receive a leg from `sender`: a back office receives only from units of its own
    /// organisational scope, or from an entry point (004-09).
    pub fn may_receive_from(&self, sender: &Self) -> bool {
        self.kind != UnitKind::BackOffice || sender.kind == UnitKind::EntryPoint || sender.scope == self.scope
    }
}

/// Somebody whom a unit named to deal with what is sent to it (002-34): with an account, or only with an
/// address.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Referent {
    pub id: i64,
    pub unit_id: i64,
    /// The account, while it is not disabled.
    pub user_id: Option<i64>,
    pub name: String,
    /// Where mails reach the referent: the own address, else the login of the account; empty when there is
    /// neither.
    pub email: String,
    /// May be empty.
    pub phone: String,
    #[sqlx(try_from = "String")]
    pub rank: Rank,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
}

impl Referent {
    /// Whether somebody is referent at an instant, present or not.
    pub fn is_valid(&self, now: Instant) -> bool {
        self.valid_from <= now && self.valid_to.is_none_or(|end| now < end)
    }
}

/// A time in which a referent is away, from `from_at` until before `to_at`.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Absence {
    pub id: i64,
    pub referent_id: i64,
    pub from_at: Instant,
    pub to_at: Instant,
    /// The referent who stands in.
    pub substitute_id: Option<i64>,
    /// A word for colleagues, such as "ferie"; may be empty.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(kind: UnitKind, scope: &str) -> Unit {
        Unit {
            id: 0,
            slug: String::new(),
            agency_id: 1,
            parent_id: None,
            name: String::new(),
            name_en: String::new(),
            kind,
            email: String::new(),
            scope: scope.to_owned(),
            successor_id: None,
            valid_from: Instant(10),
            valid_to: Some(Instant(20)),
        }
    }

    #[test]
    fn a_back_office_receives_from_its_own_scope_or_from_an_entry_point() {
        use UnitKind as K;
        let office = unit(K::BackOffice, "comune");
        for kind in K::ALL.iter().copied() {
            assert!(office.may_receive_from(&unit(kind, "comune")), "{kind:?} of the same scope");
            assert_eq!(office.may_receive_from(&unit(kind, "asl")), kind == K::EntryPoint, "{kind:?} of another scope");
            assert!(
                unit(K::EntryPoint, "comune").may_receive_from(&unit(kind, "asl")),
                "entry points receive from all"
            );
        }
    }

    #[test]
    fn a_unit_exists_from_its_first_day_until_before_its_last() {
        let unit = unit(UnitKind::BackOffice, "comune");
        assert_eq!([9, 10, 19, 20].map(|at| unit.exists_at(Instant(at))), [false, true, true, false]);
    }
}
