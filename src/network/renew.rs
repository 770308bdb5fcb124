//! "Send me a new link": a fresh link goes along the leg's own way and nowhere else, so asking for one with a
//! found or guessed token gains nothing. Whoever asks is told the same in every case.
use jiff::SignedDuration;

use super::model::LegState;
use super::ways::carry::{Said, carry};
use super::ways::choose;
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::limits::{Limiter, Rate};
use crate::kernel::secrets;
use crate::organisation;
use crate::tickets::store as ticket_store;

/// How often links may be asked for: by one address, and for one link.
#[derive(Debug, Clone)]
pub struct RenewalLimits {
    pub(super) peers: Limiter,
    pub(super) links: Limiter,
}

impl Default for RenewalLimits {
    fn default() -> Self {
        let hour = SignedDuration::from_hours(1);
        Self { peers: Limiter::new(Rate { burst: 20, per: hour }), links: Limiter::new(Rate { burst: 3, per: hour }) }
    }
}

/// Mails a fresh link for the leg of a token that was valid once; does nothing for any other token, or when
/// too many were asked for.
///
/// # Errors
/// When the database refuses.
pub async fn renew(kernel: &Kernel, limits: &RenewalLimits, token: &str, peer: &str) -> Result<(), LegError> {
    let now = kernel.now();
    let hash = secrets::token_hash(token);
    if !limits.peers.take(&secrets::token_hash(peer), now) || !limits.links.take(&hash, now) {
        return Ok(());
    }
    let kernel = kernel.clone();
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let Some(row) = store::token(tx, &hash).await? else { return Ok(()) };
            let Some(leg) = store::leg(tx, row.leg_id).await? else { return Ok(()) };
            if leg.state == LegState::Withdrawn {
                return Ok(());
            }
            let ticket = ticket_store::by_id(tx, leg.ticket_id).await?.ok_or(LegError::NotFound)?;
            let unit = organisation::store::unit(tx, leg.unit_id).await?.ok_or(LegError::NotFound)?;
            match choose::of_leg(tx, &leg, &unit, now).await {
                Ok(departure) => carry(tx, &kernel, &ticket, &leg, &departure, Said::Link, now).await,
                // Nobody to send it to; the asker is told the same.
                Err(LegError::Unreachable | LegError::Way { .. }) => Ok(()),
                Err(e) => Err(e),
            }
        })
    })
    .await
}
