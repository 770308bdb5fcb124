//! By what somebody came to a leg: the link of its mail, or an account.
use super::LegError;
use super::answer::{visible_leg, visible_to};
use super::model::Leg;
use super::referent_links::Visitor;
use super::tokens;
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::permissions::Principal;
use crate::kernel::time::Instant;

/// By what somebody came to a leg.
#[derive(Debug, Clone)]
pub enum Door {
    /// The link of its mail.
    Token(String),
    /// The link of a referent, behind which all their legs are.
    Referent { visitor: Box<Visitor>, code: String, number: i64 },
    /// An account: a referent's, for legs of their units, or an agent's.
    Account { who: Box<Principal>, code: String, number: i64 },
}

/// A leg whose ticket is to be changed, and who changes it.
pub(super) struct Entered {
    pub(super) leg: Leg,
    pub(super) author: Option<i64>,
    pub(super) actor: Actor,
    /// The name of whoever came; empty when only a link is known.
    pub(super) name: String,
    /// Whether it is somebody of the unit, and not an agent who acts for it.
    pub(super) of_unit: bool,
}

impl Door {
    /// The door of a link.
    pub fn token(token: &str) -> Self {
        Self::Token(token.to_owned())
    }

    /// The door of an account, to the leg of this number on a ticket.
    pub fn account(who: &Principal, code: &str, number: i64) -> Self {
        Self::Account { who: Box::new(who.clone()), code: code.to_owned(), number }
    }

    /// The address of the leg's page.
    pub(super) fn base(&self) -> String {
        match self {
            Self::Token(token) => format!("/invio/{token}"),
            Self::Referent { visitor, code, number } => format!("/referenti/{}/{code}/{number}", visitor.token),
            Self::Account { code, number, .. } => format!("/referente/{code}/{number}"),
        }
    }

    /// Who of the unit opens it; `None` for an agent who looks.
    pub(super) fn unit_itself(&self, leg: &Leg) -> Option<Actor> {
        match self {
            Self::Token(_) | Self::Referent { .. } => Some(Actor::Leg(leg.id)),
            Self::Account { who, .. } => who.units.contains(&leg.unit_id).then(|| who.actor.clone()),
        }
    }

    /// The leg behind it, inside a change.
    pub(super) async fn enter(&self, tx: &mut Tx, now: Instant) -> Result<Entered, LegError> {
        match self {
            Self::Token(token) => {
                let leg = tokens::leg_for_change(tx, token, now).await?;
                let actor = Actor::Leg(leg.id);
                Ok(Entered { leg, author: None, actor, name: String::new(), of_unit: true })
            }
            Self::Referent { visitor, code, number } => {
                let leg = visible_to(tx, visitor, code, *number).await?;
                let (actor, name) = (Actor::Leg(leg.id), visitor.referent.name.clone());
                Ok(Entered { leg, author: visitor.referent.user_id, actor, name, of_unit: true })
            }
            Self::Account { who, code, number } => {
                let leg = visible_leg(tx, who, code, *number).await?;
                let of_unit = self.unit_itself(&leg).is_some();
                Ok(Entered { leg, author: who.user_id, actor: who.actor.clone(), name: who.name.clone(), of_unit })
            }
        }
    }
}
