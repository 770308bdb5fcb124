//! Somebody who looks after a sheet has dealt with what was said of it.
use super::store::{self, pages as pages_store};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::{Forbidden, Permission, Principal};
use crate::kernel::problem::{Kind, Refusal};
use crate::knowledge::versions::rules;

/// Why feedback cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// 404: no such feedback.
    #[error("there is no such feedback")]
    Missing,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for SettleError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::NotFound,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "not_found",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }
}

/// Marks what was said of a page that is no sheet as dealt with, or takes the mark away.
///
/// # Errors
/// See [`SettleError`].
pub async fn settle_page(kernel: &Kernel, who: &Principal, id: i64, done: bool) -> Result<(), SettleError> {
    who.require(Permission::EditKnowledge)?;
    let (user, now) = (who.user_id, kernel.now());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let settled = pages_store::settle(tx, id, done.then_some(now), user.filter(|_| done)).await?;
                if settled { Ok(()) } else { Err(SettleError::Missing) }
            })
        })
        .await
}

/// Marks a feedback as dealt with, or takes the mark away. Who may draft or validate the sheet may do it.
///
/// # Errors
/// See [`SettleError`].
pub async fn settle(kernel: &Kernel, who: &Principal, id: i64, done: bool) -> Result<(), SettleError> {
    who.require(Permission::DraftKnowledge)?;
    let (who, now) = (who.clone(), kernel.now());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let unit = store::unit_of(tx, id).await?.ok_or(SettleError::Missing)?;
                if !rules::may_draft(&who, unit) && !rules::may_validate(&who, unit) {
                    return Err(SettleError::Missing);
                }
                store::settle(tx, id, done.then_some(now), who.user_id.filter(|_| done)).await?;
                Ok(())
            })
        })
        .await
}
