//! Links that let a referent answer without an account: random, kept as hashes, dated.
use jiff::SignedDuration;

use super::LegError;
use super::model::{Leg, LegState};
use super::store;
use crate::kernel::codes;
use crate::kernel::database::{Conn, Tx};
use crate::kernel::secrets;
use crate::kernel::time::Instant;

/// What a token opens.
#[derive(Debug, Clone)]
pub enum Access {
    /// It was never one of ours; whoever holds it learns nothing else.
    Unknown,
    /// It was valid once; a new one can be asked for.
    Expired,
    /// The leg was withdrawn.
    Withdrawn,
    /// The leg.
    Open { leg: Box<Leg>, expires_at: Instant },
}

/// Makes a token for a leg and keeps its hash; answers the token and when it ends.
///
/// # Errors
/// When the database refuses.
pub async fn issue(tx: &mut Tx, leg: i64, days: u32, now: Instant) -> Result<(String, Instant), LegError> {
    let token = codes::random_token();
    let expires = now.plus(SignedDuration::from_hours(24 * i64::from(days)));
    store::insert_token(tx, &secrets::token_hash(&token), leg, now, expires).await?;
    Ok((token, expires))
}

/// What a token opens at an instant.
///
/// # Errors
/// When the database cannot be read.
pub async fn access(conn: &mut Conn, token: &str, now: Instant) -> Result<Access, LegError> {
    let Some(row) = store::token(conn, &secrets::token_hash(token)).await? else { return Ok(Access::Unknown) };
    let Some(leg) = store::leg(conn, row.leg_id).await? else { return Ok(Access::Unknown) };
    if leg.state == LegState::Withdrawn {
        return Ok(Access::Withdrawn);
    }
    if row.revoked_at.is_some() || row.expires_at <= now {
        return Ok(Access::Expired);
    }
    Ok(Access::Open { leg: Box::new(leg), expires_at: row.expires_at })
}

/// The leg a token opens, inside a change.
///
/// # Errors
/// [`LegError::NotFound`] for an unknown or expired token, [`LegError::Withdrawn`].
pub async fn leg_for_change(tx: &mut Tx, token: &str, now: Instant) -> Result<Leg, LegError> {
    match access(tx, token, now).await? {
        Access::Open { leg, .. } => Ok(*leg),
        Access::Withdrawn => Err(LegError::Withdrawn),
        Access::Unknown | Access::Expired => Err(LegError::NotFound),
    }
}
