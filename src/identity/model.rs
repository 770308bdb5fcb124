//! Users, sessions and tokens as the program sees them.
use sqlx::FromRow;

use crate::kernel::events::Actor;
use crate::kernel::permissions::Role;
use crate::kernel::time::Instant;

/// What a user types to sign in: a mail address, kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

/// Why a user cannot be written down as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUser {
    #[error("a login is a mail address")]
    Login,
    #[error("a name has 1 to 200 characters")]
    Name,
    #[error("a person cannot have the role of a program")]
    Role,
}

impl Login {
    /// Reads a login.
    ///
    /// # Errors
    /// When it is not shaped like a mail address or is longer than 254 characters.
    pub fn parse(text: &str) -> Result<Self, InvalidUser> {
        let text = text.trim().to_lowercase();
        let shaped = text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
        if !shaped || text.len() > 254 || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidUser::Login);
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A user as administrators list them.
#[derive(Debug, Clone)]
pub struct User {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub language: String,
    /// Until when too many wrong passwords lock it, even if that is over.
    pub locked_until: Option<Instant>,
    pub disabled_at: Option<Instant>,
}

/// A program's token as administrators list it; the secret itself is shown once, when made.
#[derive(Debug, Clone)]
pub struct Token {
    pub id: i64,
    pub name: String,
    pub role: Role,
    /// The unit whose legs it opens, with those of the units below.
    pub unit_id: Option<i64>,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
}

/// What checking a password needs.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Credentials {
    pub id: i64,
    pub password_hash: String,
    pub locked_until: Option<Instant>,
    pub disabled_at: Option<Instant>,
}

/// A session found by its token, with its user.
#[derive(Debug, Clone, FromRow)]
pub(super) struct SessionRow {
    pub csrf: String,
    pub seen_at: Instant,
    pub user_id: i64,
    pub name: String,
    pub role: String,
    pub language: String,
    /// Whether an administrator chose their password.
    pub password_given: bool,
}

/// What a failed sign-in did to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    Counted,
    Locked,
}

/// Who chose a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// Whoever signs in with it, or the operator of the machine.
    Owner,
    /// Somebody else who is signed in, or their program: it must be changed before anything else is done.
    Administrator,
}

impl From<&Actor> for ChosenBy {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::User(_) | Actor::Token(_) => Self::Administrator,
            Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Rule(_) => Self::Owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_a_mail_address_in_lower_case() {
        assert_eq!(
            Login::parse(" Anna.Rossi@Comune.it ").map(|l| l.as_str().to_owned()),
            Ok("anna.rossi@comune.it".into())
        );
        for wrong in ["", "anna", "@comune.it", "anna@", "a b@c", "a@b@c"] {
            assert_eq!(Login::parse(wrong), Err(InvalidUser::Login), "{wrong}");
        }
    }
}
