//! Rules are drafted, changed, brought into force and taken back; areas are imported.
use serde_json::json;

use super::areas::{self, NewArea};
use super::model::{RoutingState, Rule, Segment, faults};
use super::store::{self, VersionRow};
use super::{Routing, RoutingError};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;

async fn told(
    tx: &mut Tx,
    kind: &'static str,
    data: serde_json::Value,
    actor: Actor,
    now: Instant,
) -> Result<(), RoutingError> {
    Ok(events::append(tx, now, &[NewEvent { kind, ticket: None, actor, data }]).await?)
}

/// Begins a draft with given rules, or with those in force; answers its row id.
///
/// # Errors
/// When the caller does not administer.
pub async fn prepare(kernel: &Kernel, who: &Principal, rules: Option<Vec<Rule>>) -> Result<i64, RoutingError> {
    who.require(Permission::Administer)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let rules = match (rules, store::active(tx).await?) {
                    (Some(rules), _) => rules,
                    (None, Some(active)) => active.rules()?,
                    (None, None) => Vec::new(),
                };
                let id = store::insert_draft(tx, &rules, &actor.to_text(), now).await?;
                told(tx, "routing.drafted", json!({ "version": id }), actor, now).await?;
                Ok(id)
            })
        })
        .await
}

async fn locked(tx: &mut Tx, id: i64, seen: Option<i64>) -> Result<VersionRow, RoutingError> {
    let version = store::lock_version(tx, id).await?.ok_or(RoutingError::Missing)?;
    if version.state()? != RoutingState::Draft {
        return Err(RoutingError::State);
    }
    if seen.is_some_and(|seen| seen != version.edition) {
        return Err(RoutingError::Stale(version.edition));
    }
    Ok(version)
}

/// Changes the rules of a draft that was seen at an edition.
///
/// # Errors
/// When the caller does not administer, somebody changed it meanwhile, or it is no draft.
pub async fn change<F>(
    kernel: &Kernel,
    who: &Principal,
    id: i64,
    seen: Option<i64>,
    work: F,
) -> Result<(), RoutingError>
where
    F: FnOnce(&mut Vec<Rule>) + Send + 'static,
{
    who.require(Permission::Administer)?;
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut rules = locked(tx, id, seen).await?.rules()?;
                work(&mut rules);
                Ok(store::save_draft(tx, id, &rules).await?)
            })
        })
        .await
}

/// Forgets a draft.
///
/// # Errors
/// When the caller does not administer, or it is no draft.
pub async fn discard(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), RoutingError> {
    who.require(Permission::Administer)?;
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                locked(tx, id, None).await?;
                Ok(store::drop_draft(tx, id).await?)
            })
        })
        .await
}

/// Brings a draft into force, or a version that was before; rules that cannot be followed, such as one that sends
/// to a back office what it may not get (004-09), keep it from that.
///
/// # Errors
/// When the caller does not administer, the draft was changed meanwhile, or a rule is wrong.
pub async fn activate(
    kernel: &Kernel,
    routing: &Routing,
    who: &Principal,
    id: i64,
    seen: Option<i64>,
) -> Result<(), RoutingError> {
    who.require(Permission::Administer)?;
    let (now, actor, entry) = (kernel.now(), who.actor.clone(), kernel.config.desk.entry_unit.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let version = store::lock_version(tx, id).await?.ok_or(RoutingError::Missing)?;
                if version.state()? == RoutingState::Active {
                    return Err(RoutingError::State);
                }
                if seen.is_some_and(|seen| seen != version.edition) {
                    return Err(RoutingError::Stale(version.edition));
                }
                let wrong = faults(&version.rules()?, &store::named(tx, &entry, now).await?);
                if !wrong.is_empty() {
                    return Err(RoutingError::Invalid(wrong));
                }
                store::activate(tx, id, &actor.to_text(), now).await?;
                told(tx, "routing.activated", json!({ "version": id, "number": version.number }), actor, now).await
            })
        })
        .await?;
    routing.refresh(kernel).await?;
    Ok(())
}

/// Brings rules into force within a transaction; nothing happens when they are. For who changes other things at once,
/// and who then calls [`Routing::refresh`].
///
/// # Errors
/// When a rule is wrong.
pub async fn replace(tx: &mut Tx, rules: &[Rule], entry: &str, actor: Actor, now: Instant) -> Result<(), RoutingError> {
    let in_force = match store::active(tx).await? {
        Some(active) => active.rules()?,
        None => Vec::new(),
    };
    if in_force == rules {
        return Ok(());
    }
    let wrong = faults(rules, &store::named(tx, entry, now).await?);
    if !wrong.is_empty() {
        return Err(RoutingError::Invalid(wrong));
    }
    put(tx, rules, actor, now).await
}

/// As [`replace`], for rules that were in force before: they are not looked at again.
///
/// # Errors
/// When the database refuses.
pub async fn put(tx: &mut Tx, rules: &[Rule], actor: Actor, now: Instant) -> Result<(), RoutingError> {
    let id = store::insert_draft(tx, rules, &actor.to_text(), now).await?;
    store::activate(tx, id, &actor.to_text(), now).await?;
    told(tx, "routing.activated", json!({ "version": id }), actor, now).await
}

/// Imports areas of a GeoJSON collection: those with the same slug are replaced; answers how many it has.
///
/// # Errors
/// When the caller does not administer, or the file has no areas.
pub async fn import_areas(
    kernel: &Kernel,
    routing: &Routing,
    who: &Principal,
    text: &str,
) -> Result<usize, RoutingError> {
    who.require(Permission::Administer)?;
    let found = areas::read(text)?;
    let count = found.len();
    put_areas(kernel, routing, who, found).await?;
    Ok(count)
}

/// Writes an area by its slug.
///
/// # Errors
/// When the caller does not administer.
pub async fn put_area(kernel: &Kernel, routing: &Routing, who: &Principal, area: NewArea) -> Result<(), RoutingError> {
    who.require(Permission::Administer)?;
    put_areas(kernel, routing, who, vec![area]).await
}

async fn put_areas(
    kernel: &Kernel,
    routing: &Routing,
    who: &Principal,
    found: Vec<NewArea>,
) -> Result<(), RoutingError> {
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for area in &found {
                    store::put_area(tx, area, now).await?;
                }
                let slugs: Vec<_> = found.iter().map(|area| &area.slug).collect();
                told(tx, "routing.areas_changed", json!({ "areas": slugs }), actor, now).await
            })
        })
        .await?;
    routing.refresh(kernel).await?;
    Ok(())
}

/// Removes an area; rules that name it hold no more until they name another.
///
/// # Errors
/// When the caller does not administer.
pub async fn remove_area(kernel: &Kernel, routing: &Routing, who: &Principal, slug: &str) -> Result<(), RoutingError> {
    who.require(Permission::Administer)?;
    let (now, actor, slug) = (kernel.now(), who.actor.clone(), slug.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::remove_area(tx, &slug).await?;
                told(tx, "routing.areas_changed", json!({ "areas": [slug] }), actor, now).await
            })
        })
        .await?;
    routing.refresh(kernel).await?;
    Ok(())
}

/// Says what kind of user a person is; unknown without a segment.
///
/// # Errors
/// When the caller does not work tickets, or there is no such person.
pub async fn set_segment(
    kernel: &Kernel,
    who: &Principal,
    person: i64,
    segment: Option<Segment>,
) -> Result<(), RoutingError> {
    who.require(Permission::WorkTickets)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let text = segment.map(Segment::as_str).unwrap_or_default();
                if !store::set_segment(tx, person, text).await? {
                    return Err(RoutingError::Missing);
                }
                told(tx, "person.segment_set", json!({ "person": person }), actor, now).await
            })
        })
        .await
}
