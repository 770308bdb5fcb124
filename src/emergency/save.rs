//! Saving a version of a plan. An emergency in force goes on with the version it began with.
use serde_json::json;

use super::model::Plan;
use super::{EmergencyError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::knowledge::model::is_slug;

/// Saves the next version of a plan that was seen at a number, 0 for a new one; `None` replaces whatever is there.
/// Answers the number.
///
/// # Errors
/// When the caller does not administer, a value is not acceptable, or somebody saved a version meanwhile.
pub async fn save(
    kernel: &Kernel,
    who: &Principal,
    slug: &str,
    seen: Option<i64>,
    plan: Plan,
) -> Result<i64, EmergencyError> {
    who.require(Permission::Administer)?;
    let mut faults = plan.faults();
    if !is_slug(slug) || slug.contains('/') {
        faults.insert(0, ("slug".to_owned(), "slug".to_owned()));
    }
    if !faults.is_empty() {
        return Err(EmergencyError::Invalid(faults));
    }
    let (now, actor, slug) = (kernel.now(), who.actor.clone(), slug.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let there = store::plan(tx, &slug).await?.map_or(0, |row| row.number);
                let expected = seen.unwrap_or(there);
                let stored = store::insert_plan(tx, &slug, expected, &plan, &actor.to_text(), now).await?;
                let number = stored.ok_or(EmergencyError::Stale(there))?;
                let data = json!({ "plan": slug, "number": number });
                let event = NewEvent { kind: "emergency.plan_saved", ticket: None, actor, data };
                events::append(tx, now, &[event]).await?;
                Ok(number)
            })
        })
        .await
}
