//! Identifiers that somebody gave for a known person without proof. They find nobody, prove nothing and are
//! written to by nobody until an agent confirms them.
pub mod store;

pub use store::ClaimRow;

use super::{Identifier, IdentifierKind};
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;

/// What an agent made of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is now an identifier of the person.
    Confirmed,
    Rejected,
    /// It belongs to another person, by row id: the two may be one.
    Taken {
        by: i64,
    },
    /// There is no such claim of this person, or it was settled before.
    Gone,
}

/// Makes a claim an identifier of the person who has it now.
///
/// # Errors
/// When the database refuses.
pub async fn confirm(tx: &mut Tx, person: i64, claim: i64, actor: &Actor, now: Instant) -> Result<Settled, StoreError> {
    let Some(row) = store::open(tx, person, claim).await? else { return Ok(Settled::Gone) };
    let Some(kind) = IdentifierKind::from_text(&row.kind) else { return Ok(Settled::Gone) };
    let identifier = Identifier { kind, value: row.value, raw: row.raw };
    match super::store::owner_of(tx, &identifier).await? {
        Some(owner) if owner != person => return Ok(Settled::Taken { by: owner }),
        Some(_) => {}
        None => drop(super::store::insert_identifiers(tx, &[(person, &identifier)], now).await?),
    }
    store::settle(tx, claim, "confirmed", actor, now).await?;
    Ok(Settled::Confirmed)
}

/// Refuses a claim; the same one made again is not asked about again.
///
/// # Errors
/// When the database refuses.
pub async fn reject(tx: &mut Tx, person: i64, claim: i64, actor: &Actor, now: Instant) -> Result<Settled, StoreError> {
    if store::open(tx, person, claim).await?.is_none() {
        return Ok(Settled::Gone);
    }
    store::settle(tx, claim, "rejected", actor, now).await?;
    Ok(Settled::Rejected)
}
