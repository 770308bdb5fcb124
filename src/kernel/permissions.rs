//! Who may do what: a role says which kinds of work, the units say on whose tickets.
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::events::Actor;

/// What a user or a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answers citizens.
    Agent,
    /// Watches figures, takes tickets over; may do all that an agent may.
    Supervisor,
    /// Belongs to a back office and sees only the legs sent to it.
    Referent,
    /// Configures; may do all that a supervisor may.
    Admin,
    /// A program that hands contacts over through the API.
    Integration,
    /// Another body's system, which answers the legs of its unit through the API.
    Body,
}

impl Role {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Referent => "referent",
            Self::Admin => "admin",
            Self::Integration => "integration",
            Self::Body => "body",
        }
    }

    /// Reads the stored name.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Agent, Self::Supervisor, Self::Referent, Self::Admin, Self::Integration, Self::Body]
            .into_iter()
            .find(|role| role.as_str() == text)
    }

    /// What this role may do.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::WorkTickets => matches!(self, Self::Agent | Self::Supervisor | Self::Admin),
            P::ReadTickets => matches!(self, Self::Agent | Self::Supervisor | Self::Admin | Self::Integration),
            P::TakeOver | P::ReadSupervision | P::HearRecordings => matches!(self, Self::Supervisor | Self::Admin),
            P::ReadFigures => matches!(self, Self::Supervisor | Self::Admin | Self::Integration),
            P::AnswerLegs => !matches!(self, Self::Integration),
            P::EditKnowledge => matches!(self, Self::Supervisor | Self::Admin),
            P::ReadKnowledge | P::DraftKnowledge | P::ReadBulletins => !matches!(self, Self::Integration | Self::Body),
            P::WriteBulletins | P::RunEmergency => matches!(self, Self::Supervisor | Self::Admin),
            P::ValidateKnowledge => matches!(self, Self::Supervisor | Self::Referent | Self::Admin),
            P::Administer => matches!(self, Self::Admin),
            P::Intake => matches!(self, Self::Integration | Self::Admin),
        }
    }
}

/// A kind of work that needs a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Take, answer, classify, refer and close tickets of one's own scope.
    WorkTickets,
    /// Read tickets of one's own scope.
    ReadTickets,
    /// Take the ownership of a relation over from another unit.
    TakeOver,
    /// Open the supervision pages.
    ReadSupervision,
    /// Hear the recordings of colleagues' calls.
    HearRecordings,
    /// Read figures through the API.
    ReadFigures,
    /// Answer referral legs of one's own units.
    AnswerLegs,
    /// Look after all knowledge sheets: import and export, sheets that no unit answers for.
    EditKnowledge,
    /// Read sheets on the desk's pages, as far as their audience goes.
    ReadKnowledge,
    /// Write drafts of sheets.
    DraftKnowledge,
    /// Publish sheets of one's own units.
    ValidateKnowledge,
    /// Read the news for operators that are addressed to one.
    ReadBulletins,
    /// Write news for operators, and read all of them.
    WriteBulletins,
    /// Start and end an emergency by a prepared plan.
    RunEmergency,
    /// Manage users, accounts, quarantine and the outbox.
    Administer,
    /// Hand contacts over through the API.
    Intake,
}

/// Which tickets somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All tickets of the agency.
    All,
    /// Tickets owned by these units.
    Units(BTreeSet<i64>),
}

impl Scope {
    /// Whether a ticket owned by `unit` is inside.
    pub fn has(&self, unit: i64) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&unit),
        }
    }
}

/// Somebody who signed in, or a program with a token.
#[derive(Debug, Clone)]
pub struct Principal {
    pub actor: Actor,
    pub role: Role,
    /// Row id of the user; `None` for tokens.
    pub user_id: Option<i64>,
    /// Name as colleagues see it.
    pub name: String,
    /// Interface language, `it` or `en`.
    pub language: String,
    /// The units this person belongs to, with all units below them.
    pub units: BTreeSet<i64>,
}

/// The caller may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not permitted")]
pub struct Forbidden;

impl Principal {
    /// Passes if the role allows it.
    ///
    /// # Errors
    /// [`Forbidden`] otherwise.
    pub fn require(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.role.may(permission) { Ok(()) } else { Err(Forbidden) }
    }

    /// The tickets this person sees. Front-office agents share one list of their agency: whoever answers the
    /// phone must find any citizen's ticket; referents see none, only their legs.
    pub fn scope(&self) -> Scope {
        match self.role {
            Role::Agent | Role::Supervisor | Role::Admin | Role::Integration => Scope::All,
            Role::Referent | Role::Body => Scope::Units(BTreeSet::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_referent_never_works_tickets_nor_reads_figures() {
        for permission in [
            Permission::WorkTickets,
            Permission::ReadTickets,
            Permission::TakeOver,
            Permission::ReadSupervision,
            Permission::ReadFigures,
            Permission::Administer,
            Permission::Intake,
        ] {
            assert!(!Role::Referent.may(permission) && !Role::Body.may(permission), "{permission:?}");
        }
    }

    #[test]
    fn an_integration_hands_over_contacts_and_does_no_desk_work() {
        assert!(Role::Integration.may(Permission::Intake));
        assert!(!Role::Integration.may(Permission::WorkTickets));
        assert!(!Role::Integration.may(Permission::Administer));
    }
}
