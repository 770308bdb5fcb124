//! Accounts: made, listed, disabled. A user is never deleted, because history names them.
use serde_json::json;

use super::model::{ChosenBy, InvalidUser, Login, User};
use super::password::{self, Password};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::permissions::Role;
use crate::kernel::problem::{Kind, Refusal};

pub(super) mod api;
pub(super) mod pages;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Mail address.
    pub login: String,
    /// Name as colleagues see it.
    pub name: String,
    pub role: Role,
    pub language: Language,
    pub password: Password,
    /// Slugs of the units they belong to.
    pub units: Vec<String>,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error(transparent)]
    Invalid(#[from] InvalidUser),
    #[error("this login is taken")]
    Taken,
    #[error("there is no unit {0}")]
    NoUnit(String),
    #[error("there is no such user")]
    NoUser,
    /// Whoever disabled themselves could not undo it.
    #[error("nobody disables their own account")]
    Own,
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for UserError {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) | Self::NoUnit(_) => Kind::Invalid,
            Self::Taken | Self::Own => Kind::Conflict,
            Self::NoUser => Kind::NotFound,
            Self::Hash(_) => Kind::Internal,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(InvalidUser::Login) => "invalid_login",
            Self::Invalid(InvalidUser::Name) => "invalid_name",
            Self::Invalid(InvalidUser::Role) => "invalid_role",
            Self::NoUnit(_) => "unknown_unit",
            Self::Taken => "login_taken",
            Self::NoUser => "not_found",
            Self::Own => "own_account",
            Self::Hash(_) => "internal",
            Self::Store(e) => e.code(),
        }
    }
}

/// Makes an account; its row id.
///
/// # Errors
/// When the login is taken, a unit does not exist, or a value is not acceptable.
pub async fn add_user(kernel: &Kernel, actor: Actor, new: NewUser) -> Result<i64, UserError> {
    let login = Login::parse(&new.login)?;
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(InvalidUser::Name.into());
    }
    if matches!(new.role, Role::Integration | Role::Body) {
        return Err(InvalidUser::Role.into());
    }
    let hash = password::hash(&new.password).await.map_err(|e| UserError::Hash(e.to_string()))?;
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let user = store::UserToInsert {
                    login: login.as_str(),
                    name: &name,
                    password_hash: &hash,
                    chosen_by: ChosenBy::from(&actor),
                    role: new.role,
                    language: new.language.as_str(),
                    created_at: now,
                };
                let id = match store::insert_user(tx, &user).await {
                    Err(e) if e.is_unique_violation() => return Err(UserError::Taken),
                    other => other?,
                };
                for slug in new.units {
                    if !store::join_unit(tx, id, &slug).await? {
                        return Err(UserError::NoUnit(slug));
                    }
                }
                let data = json!({"user": id, "role": new.role});
                let event = NewEvent { kind: "user.added", ticket: None, actor, data };
                events::append(tx, now, &[event]).await?;
                Ok(id)
            })
        })
        .await
}

/// All accounts, by login.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_users(kernel: &Kernel) -> Result<Vec<User>, StoreError> {
    let mut conn = kernel.db.read().await?;
    store::users(&mut conn).await
}

/// Disables an account and ends its sessions.
///
/// # Errors
/// When there is no such user, or it is the caller.
pub async fn disable_user(kernel: &Kernel, actor: Actor, login: &str) -> Result<(), UserError> {
    let (login, now) = (login.trim().to_lowercase(), kernel.now());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let user = store::user_id(tx, &login).await?.ok_or(UserError::NoUser)?;
                if actor == Actor::User(user) {
                    return Err(UserError::Own);
                }
                store::delete_sessions(tx, user, None).await?;
                if store::disable(tx, user, now).await? {
                    let event = NewEvent { kind: "user.disabled", ticket: None, actor, data: json!({"user": user}) };
                    events::append(tx, now, &[event]).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Lets an account sign in again that too many wrong passwords locked.
///
/// # Errors
/// When there is no such user.
pub async fn unlock_user(kernel: &Kernel, actor: Actor, user: i64) -> Result<(), UserError> {
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::unlock(tx, user).await? {
                    return Err(UserError::NoUser);
                }
                let event = NewEvent { kind: "user.unlocked", ticket: None, actor, data: json!({"user": user}) };
                events::append(tx, now, &[event]).await?;
                Ok(())
            })
        })
        .await
}

/// The login of an account.
///
/// # Errors
/// When there is no such user.
pub async fn login_of(kernel: &Kernel, user: i64) -> Result<String, UserError> {
    let mut conn = kernel.db.read().await?;
    store::login(&mut conn, user).await?.ok_or(UserError::NoUser)
}
