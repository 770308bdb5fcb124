//! Passwords: what is accepted, and how they are kept (argon2id, PHC string). Hashing takes tens of
//! milliseconds of processor by design, so it runs away from the threads that answer requests.
use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::kernel::config::Secret;

/// A password good enough to be set.
#[derive(Debug, Clone)]
pub struct Password(Secret);

/// Why a text may not become a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    #[error("a password has at least {} characters", Password::SHORTEST)]
    TooShort,
    #[error("a password has at most {} bytes", Password::LONGEST)]
    TooLong,
    #[error("a password is not one character repeated")]
    Trivial,
}

impl Password {
    /// Fewest characters; length is what resists guessing, so no classes of characters are asked.
    pub const SHORTEST: usize = 10;
    /// Most bytes: hashing reads them all.
    pub const LONGEST: usize = 512;

    /// Accepts a text as a password.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        let mut symbols = text.chars();
        let first = symbols.next();
        if text.chars().count() < Self::SHORTEST {
            return Err(InvalidPassword::TooShort);
        }
        if text.len() > Self::LONGEST {
            return Err(InvalidPassword::TooLong);
        }
        if symbols.all(|c| Some(c) == first) {
            return Err(InvalidPassword::Trivial);
        }
        Ok(Self(Secret::new(text)))
    }

    /// A random one, for accounts made by an administrator.
    pub fn random() -> Self {
        let token = crate::kernel::codes::random_token();
        Self(Secret::new(token[..20].to_owned()))
    }

    /// The text, to show once to who set it.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// Verified against when there is no such user, so that the answer takes the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| compute("nobody has this password").unwrap_or_default());

fn compute(password: &str) -> Result<String, argon2::password_hash::Error> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash: argon2::password_hash::phc::PasswordHash| hash.to_string())
}

/// The hash to store.
///
/// # Errors
/// When the system has no randomness, or the program is stopping.
pub(super) async fn hash(password: &Password) -> anyhow::Result<String> {
    let password = password.clone();
    tokio::task::spawn_blocking(move || compute(password.reveal()))
        .await?
        .map_err(|e| anyhow::anyhow!("cannot hash a password: {e}"))
}

/// Whether `password` is the one behind `stored`; without one, works as long and says no.
pub(super) async fn verify(password: String, stored: Option<String>) -> bool {
    let checked = tokio::task::spawn_blocking(move || {
        let text = stored.as_deref().unwrap_or(&NOBODY);
        let right = PasswordHash::new(text)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        right && stored.is_some()
    });
    checked.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_password_opens() {
        let stored = hash(&Password::parse("una frase lunga").unwrap()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("una frase lunga".into(), Some(stored.clone())).await);
        assert!(!verify("una frase lunge".into(), Some(stored)).await);
        assert!(!verify("nobody has this password".into(), None).await);
    }

    #[test]
    fn short_endless_and_trivial_passwords_are_refused() {
        assert_eq!(Password::parse("corta").err(), Some(InvalidPassword::TooShort));
        assert_eq!(Password::parse(&"lunga".repeat(200)).err(), Some(InvalidPassword::TooLong));
        assert_eq!(Password::parse("aaaaaaaaaaaa").err(), Some(InvalidPassword::Trivial));
        assert!(Password::parse("perché no davvero").is_ok());
    }
}
