//! The end of an emergency: everything as it was, but for what people changed meanwhile, which is named.
use serde_json::json;

use super::model::{CalendarChange, Changes, LeftAlone, Plan, UnitChange, classification_after, rules_after};
use super::start::{put_calendar, tell};
use super::{EmergencyError, now, store};
use crate::classification::activate::{Open, switch};
use crate::classification::store as classification_store;
use crate::clocks::store::{self as clock_store, NewVersion};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::organisation;
use crate::routing::{Routing, manage, store as routing_store};

/// Ends the emergency in force, for a reason that is kept; answers its row id and what stays as people changed it.
///
/// Tickets keep the class they were given, and figures read it by what the plan says it becomes; what was sent to the
/// plan's bodies stays with them.
///
/// # Errors
/// When the caller may not, none is in force, or the database refuses: nothing is changed then.
pub async fn end(
    kernel: &Kernel,
    routing: &Routing,
    who: &Principal,
    reason: &str,
) -> Result<(i64, Vec<LeftAlone>), EmergencyError> {
    who.require(Permission::RunEmergency)?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(EmergencyError::field("reason", "missing"));
    }
    let (now, actor) = (kernel.now(), who.actor.clone());
    let today = now.day(&kernel.config.zone());
    let ended = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::lock_running(tx).await?.ok_or(EmergencyError::NotRunning)?;
                let plan = store::version(tx, row.version_id).await?.ok_or(EmergencyError::Missing)?.plan()?;
                let changes = row.changes()?;
                let mut left = classes(tx, &plan, &changes, &actor, now).await?;
                left.extend(rules(tx, &changes, &actor, now).await?);
                for calendar in &changes.calendars {
                    left.extend(close_calendar(tx, calendar, &today, &actor, now).await?);
                }
                for unit in &changes.units {
                    left.extend(close_unit(tx, unit, &actor, now).await?);
                }
                store::end(tx, row.id, &reason, &actor.to_text(), &left, now).await?;
                let data = json!({ "emergency": row.id, "reason": reason, "left_alone": left });
                tell(tx, "emergency.ended", data, actor, now).await?;
                Ok::<_, EmergencyError>((row.id, left))
            })
        })
        .await?;
    now::after(kernel, routing).await;
    Ok(ended)
}

async fn classes(
    tx: &mut Tx,
    plan: &Plan,
    changes: &Changes,
    actor: &Actor,
    now: Instant,
) -> Result<Vec<LeftAlone>, EmergencyError> {
    let in_force = classification_store::in_force(tx).await?;
    let (after, left) = classification_after(plan, &changes.classes, &in_force);
    let before = &changes.classification;
    let name = (&*before.slug, &*before.name, &*before.name_en);
    switch(tx, name, &after, Open::Stay, actor.clone(), now).await?;
    Ok(left)
}

async fn rules(tx: &mut Tx, changes: &Changes, actor: &Actor, now: Instant) -> Result<Vec<LeftAlone>, EmergencyError> {
    let Some(active) = routing_store::active(tx).await? else { return Ok(Vec::new()) };
    let (after, left) = rules_after(&changes.rules, &active.rules()?);
    if after != active.rules()? {
        manage::put(tx, &after, actor.clone(), now).await?;
    }
    Ok(left)
}

/// Gives a calendar its ordinary hours back, from today on.
async fn close_calendar(
    tx: &mut Tx,
    change: &CalendarChange,
    today: &str,
    actor: &Actor,
    now: Instant,
) -> Result<Option<LeftAlone>, EmergencyError> {
    let versions = clock_store::calendar_versions(tx, None).await?;
    let mine: Vec<_> = versions.into_iter().filter(|v| v.slug == change.slug).collect();
    let last = mine.iter().map(|v| v.number).max().unwrap_or_default();
    if last > change.number {
        return Ok(Some(LeftAlone::new("calendar", &change.name)));
    }
    // What would hold today without us: days are compared as texts, which order as days do.
    let ordinary = mine.into_iter().filter(|v| v.number != change.number && *v.valid_from <= *today);
    let Some(ordinary) = ordinary.max_by(|a, b| (&a.valid_from, a.number).cmp(&(&b.valid_from, b.number))) else {
        return Ok(Some(LeftAlone::new("calendar", &change.name)));
    };
    if ordinary.valid_from > change.since {
        // Planned before the emergency for a day within it: it holds already.
        return Ok(None);
    }
    let new = NewVersion {
        slug: change.slug.clone(),
        expected: last,
        valid_from: today.to_owned(),
        body: ordinary.body,
        saved_at: now,
        saved_by: actor.to_text(),
    };
    put_calendar(tx, &new, actor.clone()).await?;
    Ok(None)
}

/// Lets a body receive no more; what was sent to it stays with it.
async fn close_unit(
    tx: &mut Tx,
    change: &UnitChange,
    actor: &Actor,
    now: Instant,
) -> Result<Option<LeftAlone>, EmergencyError> {
    let unit = organisation::store::unit_by_slug(tx, &change.slug).await?;
    let Some(unit) = unit.filter(|unit| unit.exists_at(now)) else {
        return Ok(Some(LeftAlone::new("unit", &change.name)));
    };
    if (&unit.name, &unit.email) != (&change.name, &change.email) {
        return Ok(Some(LeftAlone::new("unit", &unit.name)));
    }
    organisation::set_unit_end(tx, unit.id, Some(now), actor.clone(), now).await?;
    Ok(None)
}
