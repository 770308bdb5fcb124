//! Who may write, validate and read which sheet. No I/O.
use crate::kernel::permissions::{Permission, Principal, Role};
use crate::knowledge::model::Audience;

/// Whether somebody may write drafts of a sheet for which this unit answers. A referent writes for their own
/// units; whoever works at the desk may propose a text for any.
pub fn may_draft(who: &Principal, unit: Option<i64>) -> bool {
    who.role.may(Permission::DraftKnowledge)
        && (who.role != Role::Referent || unit.is_some_and(|unit| who.units.contains(&unit)))
}

/// Whether somebody may publish for this unit, send drafts back and retire its sheets: people of the unit
/// who are more than agents. A sheet nobody answers for is the front office's.
pub fn may_validate(who: &Principal, unit: Option<i64>) -> bool {
    match unit {
        _ if who.role == Role::Admin => true,
        Some(unit) => who.role.may(Permission::ValidateKnowledge) && who.units.contains(&unit),
        None => who.role.may(Permission::EditKnowledge),
    }
}

/// Whether somebody of this role may read sheets of an audience; `own_agency` says whether a referent belongs
/// to the agency that runs this installation.
pub const fn may_read(role: Role, own_agency: bool, audience: Audience) -> bool {
    match (role, audience) {
        (Role::Agent | Role::Supervisor | Role::Admin, _)
        | (_, Audience::Public)
        | (Role::Referent, Audience::Partners) => true,
        (Role::Referent, Audience::Internal) => own_agency,
        (Role::Integration | Role::Body, Audience::Partners | Audience::Internal) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kernel::events::Actor;

    fn person(role: Role, units: &[i64]) -> Principal {
        Principal {
            actor: Actor::User(1),
            role,
            user_id: Some(1),
            name: String::new(),
            language: "it".to_owned(),
            units: units.iter().copied().collect::<BTreeSet<_>>(),
        }
    }

    #[test]
    fn only_the_unit_that_answers_for_a_sheet_publishes_it() {
        assert!(may_validate(&person(Role::Referent, &[3]), Some(3)));
        assert!(may_validate(&person(Role::Supervisor, &[3]), Some(3)));
        assert!(may_validate(&person(Role::Admin, &[]), Some(3)));
        assert!(!may_validate(&person(Role::Referent, &[4]), Some(3)));
        assert!(!may_validate(&person(Role::Supervisor, &[1]), Some(3)));
        assert!(!may_validate(&person(Role::Agent, &[3]), Some(3)));
        assert!(!may_validate(&person(Role::Integration, &[3]), Some(3)));
    }

    #[test]
    fn a_sheet_without_a_unit_is_published_by_the_front_office() {
        assert!(may_validate(&person(Role::Supervisor, &[]), None));
        assert!(!may_validate(&person(Role::Referent, &[3]), None));
        assert!(!may_validate(&person(Role::Agent, &[1]), None));
    }

    #[test]
    fn a_referent_drafts_for_their_own_unit_and_an_agent_for_any() {
        assert!(may_draft(&person(Role::Agent, &[1]), Some(3)));
        assert!(may_draft(&person(Role::Agent, &[1]), None));
        assert!(may_draft(&person(Role::Referent, &[3]), Some(3)));
        assert!(!may_draft(&person(Role::Referent, &[3]), Some(4)));
        assert!(!may_draft(&person(Role::Referent, &[3]), None));
        assert!(!may_draft(&person(Role::Integration, &[3]), Some(3)));
    }

    #[test]
    fn a_partner_agency_reads_what_is_for_partners_and_nothing_internal() {
        assert!(may_read(Role::Referent, false, Audience::Partners));
        assert!(!may_read(Role::Referent, false, Audience::Internal));
        assert!(may_read(Role::Referent, true, Audience::Internal));
        assert!(!may_read(Role::Integration, true, Audience::Partners));
        assert!(may_read(Role::Agent, false, Audience::Internal));
    }
}
