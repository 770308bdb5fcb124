//! Tokens by which programs call the API: made, revoked, and looked up on every call.
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use serde_json::json;

use super::model::Token;
use super::store;
use crate::kernel::Kernel;
use crate::kernel::codes::random_token;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Principal, Role};
use crate::kernel::problem::{Kind, Refusal};
use crate::kernel::secrets::token_hash;
use crate::kernel::time::Instant;

/// Begins every token, so that scanners of leaked secrets can know one.
const PREFIX: &str = "sportello_";

/// Why a token was not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("a token's name has 1 to 100 characters")]
    Name,
    #[error("a token lives from 1 to 3650 days")]
    Days,
    #[error("there is no such token, or it was revoked before")]
    NoToken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for TokenError {
    fn kind(&self) -> Kind {
        match self {
            Self::Name | Self::Days => Kind::Invalid,
            Self::NoToken => Kind::NotFound,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Name => "invalid_name",
            Self::Days => "invalid_days",
            Self::NoToken => "not_found",
            Self::Store(e) => e.code(),
        }
    }
}

/// A token just made; its secret is shown this once.
#[derive(Debug, Clone)]
pub struct CreatedToken {
    pub id: i64,
    pub secret: String,
}

/// Makes a token for a program.
///
/// # Errors
/// When the name or the number of days is not acceptable.
pub async fn create_token(
    kernel: &Kernel,
    actor: Actor,
    name: &str,
    role: Role,
    days: Option<u32>,
) -> Result<CreatedToken, TokenError> {
    create(kernel, actor, name, role, None, days).await
}

/// Makes a token for another body's system: it opens the legs of one unit, with those of the units below it.
///
/// # Errors
/// As [`create_token`].
pub async fn create_body_token(
    kernel: &Kernel,
    actor: Actor,
    name: &str,
    unit: i64,
    days: Option<u32>,
) -> Result<CreatedToken, TokenError> {
    create(kernel, actor, name, Role::Body, Some(unit), days).await
}

async fn create(
    kernel: &Kernel,
    actor: Actor,
    name: &str,
    role: Role,
    unit: Option<i64>,
    days: Option<u32>,
) -> Result<CreatedToken, TokenError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(TokenError::Name);
    }
    if days.is_some_and(|d| !(1..=3650).contains(&d)) {
        return Err(TokenError::Days);
    }
    let now = kernel.now();
    let expires_at = days.map(|d| now.plus(SignedDuration::from_hours(24 * i64::from(d))));
    let secret = format!("{PREFIX}{}", random_token());
    let hash = token_hash(&secret);
    let id = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let token =
                    store::TokenToInsert { token_hash: &hash, name: &name, role, unit, created_at: now, expires_at };
                let id = store::insert_token(tx, &token).await?;
                let data = json!({"token": id, "role": role, "unit": unit});
                events::append(tx, now, &[NewEvent { kind: "token.created", ticket: None, actor, data }]).await?;
                Ok::<_, StoreError>(id)
            })
        })
        .await?;
    Ok(CreatedToken { id, secret })
}

/// All tokens, newest first, without their secrets.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_tokens(kernel: &Kernel) -> Result<Vec<Token>, StoreError> {
    let mut conn = kernel.db.read().await?;
    store::tokens(&mut conn).await
}

/// Revokes a token; every node refuses it within [`TokenCache::LIFE`].
///
/// # Errors
/// When there is no such token.
pub async fn revoke_token(kernel: &Kernel, actor: Actor, id: i64) -> Result<(), TokenError> {
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::revoke_token(tx, id, now).await? {
                    return Err(TokenError::NoToken);
                }
                let event = NewEvent { kind: "token.revoked", ticket: None, actor, data: json!({"token": id}) };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}

/// Remembers for a moment who a token is, so that a program sending thousands of contacts costs one look-up
/// every few seconds; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct TokenCache {
    known: Arc<Mutex<HashMap<String, (Principal, Instant)>>>,
}

impl TokenCache {
    /// How long a revoked token may still pass.
    pub const LIFE: SignedDuration = SignedDuration::from_secs(5);
    const MOST: usize = 1000;

    /// The program whose token this is, if it is valid.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find(&self, kernel: &Kernel, secret: &str) -> Result<Option<Principal>, StoreError> {
        let (hash, now) = (token_hash(secret), kernel.now());
        if let Some((principal, until)) = self.lock().get(&hash)
            && *until > now
        {
            return Ok(Some(principal.clone()));
        }
        let mut conn = kernel.db.read().await?;
        let Some(token) = store::token(&mut conn, &hash, now).await? else {
            return Ok(None);
        };
        let units = match token.unit_id {
            Some(unit) => store::units_below(&mut conn, unit).await?,
            None => BTreeSet::new(),
        };
        let principal = Principal {
            actor: Actor::Token(token.id),
            role: token.role,
            user_id: None,
            name: token.name,
            language: kernel.config.desk.language.clone(),
            units,
        };
        let life = now.plus(Self::LIFE);
        let until = token.expires_at.map_or(life, |expires| expires.min(life));
        let mut known = self.lock();
        if known.len() >= Self::MOST {
            known.retain(|_, (_, until)| *until > now);
        }
        known.insert(hash, (principal.clone(), until));
        Ok(Some(principal))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Principal, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
