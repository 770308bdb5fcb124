//! A person changes their password, or an administrator sets one.
use serde_json::json;

use super::model::ChosenBy;
use super::password::{self, InvalidPassword, Password};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::secrets::token_hash;

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("the current password is not right")]
    WrongCurrent,
    #[error(transparent)]
    Invalid(#[from] InvalidPassword),
    #[error("there is no such user")]
    NoUser,
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for ChangePasswordError {
    fn kind(&self) -> Kind {
        match self {
            Self::WrongCurrent | Self::Invalid(_) => Kind::Invalid,
            Self::NoUser => Kind::NotFound,
            Self::Hash(_) => Kind::Internal,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::WrongCurrent => "wrong_password",
            Self::Invalid(InvalidPassword::TooShort) => "password_too_short",
            Self::Invalid(InvalidPassword::TooLong) => "password_too_long",
            Self::Invalid(InvalidPassword::Trivial) => "password_trivial",
            Self::NoUser => "not_found",
            Self::Hash(_) => "internal",
            Self::Store(e) => e.code(),
        }
    }
}

/// Changes a person's own password and ends their other sessions: whoever knew the old one is out.
///
/// # Errors
/// When the current one is wrong, or the new one is not acceptable.
pub async fn change_password(
    kernel: &Kernel,
    user: i64,
    session: &str,
    current: &str,
    new: &str,
) -> Result<(), ChangePasswordError> {
    let new = Password::parse(new)?;
    let mut conn = kernel.db.read().await?;
    let known = store::credentials_of(&mut conn, user).await?.ok_or(ChangePasswordError::NoUser)?;
    drop(conn);
    if !password::verify(current.to_owned(), Some(known.password_hash)).await {
        return Err(ChangePasswordError::WrongCurrent);
    }
    set(kernel, user, &new, (Actor::User(user), ChosenBy::Owner), Some(token_hash(session))).await
}

/// Sets a password in the name of an administrator, unlocks the account and ends all sessions of that user, who must
/// choose another one at the next sign-in.
///
/// # Errors
/// When there is no such user.
pub async fn reset_password(
    kernel: &Kernel,
    actor: Actor,
    login: &str,
    new: &Password,
) -> Result<(), ChangePasswordError> {
    let mut conn = kernel.db.read().await?;
    let user = store::user_id(&mut conn, &login.trim().to_lowercase()).await?.ok_or(ChangePasswordError::NoUser)?;
    drop(conn);
    let chosen_by = ChosenBy::from(&actor);
    set(kernel, user, new, (actor, chosen_by), None).await
}

async fn set(
    kernel: &Kernel,
    user: i64,
    new: &Password,
    (actor, chosen_by): (Actor, ChosenBy),
    keep: Option<String>,
) -> Result<(), ChangePasswordError> {
    let hash = password::hash(new).await.map_err(|e| ChangePasswordError::Hash(e.to_string()))?;
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::set_password(tx, user, &hash, chosen_by).await?;
                store::delete_sessions(tx, user, keep.as_deref()).await?;
                let event =
                    NewEvent { kind: "user.password_changed", ticket: None, actor, data: json!({"user": user}) };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}
