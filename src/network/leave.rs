//! A referent leaves: the legs they were given, and the absences they stand in for, go to a successor or back to the
//! unit; their links open nothing any more.
use serde_json::json;

use super::reassign::give;
use super::store::referents as store;
use super::{LegError, store as legs};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::organisation::{self, OrganisationError};

/// Ends a referent's time now; answers how many legs changed hands.
///
/// # Errors
/// [`LegError::NotFound`] when there is no such referent or it is over; [`LegError::Invalid`] for a successor who is
/// unknown, over, without an address, or the same person. Only administrators may.
pub async fn leave(kernel: &Kernel, who: &Principal, referent: i64, successor: Option<i64>) -> Result<usize, LegError> {
    who.require(Permission::Administer)?;
    let (kernel, actor, now) = (kernel.clone(), who.actor.clone(), kernel.now());
    let db = kernel.db.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let invalid = |wrong| LegError::Invalid { field: "successor", wrong };
            if successor == Some(referent) {
                return Err(invalid("oneself"));
            }
            if let Some(id) = successor {
                let heir = organisation::store::referent(tx, id).await?;
                heir.filter(|r| r.is_valid(now) && !r.email.is_empty()).ok_or_else(|| invalid("unknown"))?;
            }
            let found = organisation::store::referent(tx, referent).await?.ok_or(LegError::NotFound)?;
            match organisation::referents::end(tx, referent, actor.clone(), now).await {
                Err(OrganisationError::NotFound) => return Err(LegError::NotFound),
                done => done?,
            }
            let given = legs::given_to(tx, referent).await?;
            for leg in &given {
                give(tx, &kernel, *leg, successor, actor.clone()).await?;
            }
            organisation::store::pass_absences(tx, referent, successor, now).await?;
            store::revoke_links(tx, referent, now).await?;
            let data = json!({
                "referent": referent, "unit": found.unit_id, "successor": successor, "legs": given.len(),
            });
            events::append(tx, now, &[NewEvent { kind: "referent.left", ticket: None, actor, data }]).await?;
            Ok(given.len())
        })
    })
    .await
}
