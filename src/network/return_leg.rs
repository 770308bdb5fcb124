//! "Not of our competence": within its days the unit gives a leg back with its reason and, if it can, the unit that
//! it belongs to (004-22). Later it may only ask the front office, who gives it back for it.
use serde_json::json;

use super::answer::{act, event_data, lock, page_contact, wake};
use super::door::{Door, Entered};
use super::model::LegAct;
use super::purposes::{self, Act, Grant};
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::organisation;
use crate::tickets::Ticket;
use crate::tickets::store as ticket_store;

/// Why, and who says so.
#[derive(Debug, Clone, Default)]
pub struct NotOurs {
    pub reason: String,
    /// May be empty.
    pub signed: String,
    /// Slug of the unit that it belongs to; empty when the unit does not know.
    pub suggests: String,
}

/// Returns a leg.
///
/// # Errors
/// [`LegError::NotFound`] for a wrong or expired link and for legs that the caller may not see,
/// [`LegError::Withdrawn`], [`LegError::Over`], no reason, an unknown suggestion, [`LegError::RefuseLate`] after the
/// days in which a unit may, [`LegError::NotItsPart`] for a leg for knowledge. Agents may at any time.
pub async fn return_leg(kernel: &Kernel, door: &Door, why: NotOurs) -> Result<Ticket, LegError> {
    let reason = why.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    let (now, door) = (kernel.now(), door.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Entered { leg, author, actor, of_unit, .. } = door.enter(tx, now).await?;
                let (mut change, mut leg) = lock(tx, leg.id, actor, now).await?;
                if of_unit && leg.state.is_open() {
                    if purposes::may(leg.kind.into(), Act::Refuse) == Grant::No {
                        return Err(LegError::NotItsPart);
                    }
                    if let Some(until) = leg.refuse_until.filter(|until| *until <= now) {
                        return Err(LegError::RefuseLate { until });
                    }
                }
                let suggested = match why.suggests.trim() {
                    "" => None,
                    slug => {
                        let unknown = LegError::Invalid { field: "suggests", wrong: "unknown" };
                        let unit = organisation::store::unit_by_slug(tx, slug)
                            .await?
                            .filter(|u| u.exists_at(now))
                            .ok_or(unknown)?;
                        (unit.id != leg.unit_id).then_some(unit.id)
                    }
                };
                act(&mut change, &mut leg, LegAct::Refuse)?;
                let contact = page_contact(&leg, author, change.actor(), &why.signed, &reason, "", now);
                let contact = ticket_store::insert_contact(tx, &contact).await?;
                let late = wake(&mut change)?;
                leg.answered_at = Some(now);
                leg.reason = reason;
                leg.suggested_unit_id = suggested;
                store::update_leg(tx, &leg).await?;
                let mut data = event_data(&leg, contact, late, &change);
                data["suggested_unit"] = json!(suggested);
                Ok(change.save(tx, "leg.refused", data).await?)
            })
        })
        .await
}
