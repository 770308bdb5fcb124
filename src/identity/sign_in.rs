//! A person proves who they are and gets a session.
use jiff::SignedDuration;
use serde_json::json;

use super::model::{Failure, Login};
use super::{password, store};
use crate::kernel::Kernel;
use crate::kernel::codes::random_token;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::limits::{Limiter, Rate};
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::secrets::token_hash;
use crate::kernel::time::Instant;

/// How often one address may try, whichever accounts it tries.
#[derive(Debug, Clone)]
pub struct SignInLimits(Limiter);

impl Default for SignInLimits {
    /// Thirty tries at once, then one every ten seconds: an office of many behind one address signs in at
    /// eight in the morning.
    fn default() -> Self {
        Self(Limiter::new(Rate { burst: 30, per: SignedDuration::from_mins(5) }))
    }
}

/// A session just opened; both texts exist only here and in the browser.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Value of the session cookie.
    pub token: String,
    pub user_id: i64,
}

/// Why nobody was signed in. A wrong password, an unknown login, a locked and a disabled account are one case:
/// the answer must not tell which accounts exist.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("login or password are not right")]
    Refused,
    #[error("too many attempts from this address")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for SignInError {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused => Kind::Unauthenticated,
            Self::TooMany => Kind::TooMany,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Refused => "sign_in_refused",
            Self::TooMany => "too_many_attempts",
            Self::Store(e) => e.code(),
        }
    }
}

/// Opens a session for who knows the password of `login`.
///
/// # Errors
/// [`SignInError::Refused`] after the same time for every wrong pair.
#[tracing::instrument(name = "sign_in", skip_all)]
pub async fn sign_in(
    kernel: &Kernel,
    limits: &SignInLimits,
    address: &str,
    login: &str,
    password: &str,
) -> Result<Opened, SignInError> {
    let now = kernel.now();
    if !limits.0.take(&token_hash(address), now) {
        return Err(SignInError::TooMany);
    }
    let known = match Login::parse(login) {
        Ok(login) => {
            let mut conn = kernel.db.read().await?;
            store::credentials(&mut conn, login.as_str()).await?
        }
        Err(_) => None,
    };
    // One byte more than the longest makes an endless text as wrong as it must be, without hashing it all.
    let tried = password.chars().take(password::Password::LONGEST + 1).collect();
    let right = password::verify(tried, known.as_ref().map(|k| k.password_hash.clone())).await;
    let Some(known) = known else {
        return Err(SignInError::Refused);
    };
    let open = known.disabled_at.is_none() && known.locked_until.is_none_or(|until| until <= now);
    if right && open {
        return open_session(kernel, known.id, now).await;
    }
    if !right && open {
        count_failure(kernel, known.id, now).await?;
    }
    tracing::info!(user.id = known.id, "refused a sign-in of user {}", known.id);
    Err(SignInError::Refused)
}

async fn count_failure(kernel: &Kernel, user: i64, now: Instant) -> Result<(), StoreError> {
    let limit = i64::from(kernel.config.desk.failures_before_lock.max(1));
    let until = now.plus(SignedDuration::from_mins(i64::from(kernel.config.desk.lock_minutes)));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if store::count_failure(tx, user, now, limit, until).await? == Failure::Locked {
                    let event = NewEvent {
                        kind: "user.locked",
                        ticket: None,
                        actor: Actor::System,
                        data: json!({"user": user, "until": until}),
                    };
                    events::append(tx, now, &[event]).await?;
                    tracing::warn!(user.id = user, "user {user} is locked after too many wrong passwords");
                }
                Ok(())
            })
        })
        .await
}

async fn open_session(kernel: &Kernel, user: i64, now: Instant) -> Result<Opened, SignInError> {
    let (token, csrf) = (random_token(), random_token());
    let hash = token_hash(&token);
    let expires_at = now.plus(lifetime(kernel));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                // Wrong passwords tried at the same moment may have locked the account since it was read.
                if !store::admit(tx, user, now).await? {
                    return Err(SignInError::Refused);
                }
                let session = store::SessionToInsert { token_hash: &hash, user, csrf: &csrf, now, expires_at };
                store::insert_session(tx, &session).await?;
                let event = NewEvent {
                    kind: "user.signed_in",
                    ticket: None,
                    actor: Actor::User(user),
                    data: json!({"user": user}),
                };
                events::append(tx, now, &[event]).await?;
                Ok(())
            })
        })
        .await?;
    Ok(Opened { token, user_id: user })
}

/// How long a session lives without use.
pub(super) fn lifetime(kernel: &Kernel) -> SignedDuration {
    SignedDuration::from_hours(i64::from(kernel.config.desk.session_hours.max(1)))
}
