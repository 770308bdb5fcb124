//! A version comes into force, at once or on a day; what was in force is kept, and open requests follow.
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;
use serde_json::json;

use super::TaxonomyError;
use super::drafts::{ORDINARY, current, locked, told};
use super::mapping::Step;
use super::model::{Taxonomy, VersionState, WHOLE};
use super::store::{self, NewVersion, VersionRow};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::tickets::TicketError;
use crate::tickets::change::Change;

/// How often planned versions are looked at.
const EVERY: Duration = Duration::from_secs(30);
/// Requests that move in one transaction.
const BATCH: i64 = 100;

/// Activates a draft, or again a version that was in force before, at once. Open requests of classes that became
/// one other, or mainly one other, move there.
///
/// # Errors
/// When the caller does not administer, somebody changed the draft meanwhile, or something is wrong with it.
pub async fn activate(kernel: &Kernel, who: &Principal, id: i64, seen: Option<i64>) -> Result<(), TaxonomyError> {
    who.require(Permission::Administer)?;
    bring(kernel, id, seen, who.actor.clone()).await?;
    if let Err(e) = move_open(kernel).await {
        // The version is in force; the follower moves the rest.
        tracing::warn!("open requests wait to be moved to their new class: {e}");
    }
    Ok(())
}

/// Plans the activation of a draft for a day to come.
///
/// # Errors
/// As [`activate`]; when the day is not to come.
pub async fn plan(
    kernel: &Kernel,
    who: &Principal,
    id: i64,
    seen: Option<i64>,
    day: Date,
) -> Result<(), TaxonomyError> {
    who.require(Permission::Administer)?;
    let now = kernel.now();
    if day <= now.zoned(&kernel.config.zone()).date() {
        return Err(TaxonomyError::Day);
    }
    let actor = who.actor.clone();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let version = locked(tx, id, seen).await?;
                checked(tx, &version.taxonomy()?).await?;
                store::plan(tx, id, &day.to_string(), &actor.to_text()).await?;
                told(tx, "taxonomy.planned", id, actor, now).await
            })
        })
        .await
}

/// The document in force, if nothing is wrong with the one that shall replace it.
async fn checked(tx: &mut Tx, content: &Taxonomy) -> Result<Taxonomy, TaxonomyError> {
    let (in_force, units) = (store::in_force(tx).await?, store::units(tx).await?);
    let faults = content.faults(&in_force, &units);
    if faults.is_empty() { Ok(in_force) } else { Err(TaxonomyError::Invalid(faults)) }
}

async fn bring(kernel: &Kernel, id: i64, seen: Option<i64>, actor: Actor) -> Result<(), TaxonomyError> {
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let version = store::lock_version(tx, id).await?.ok_or(TaxonomyError::Missing)?;
                if seen.is_some_and(|seen| seen != version.edition) {
                    return Err(TaxonomyError::Stale(version.edition));
                }
                let by = actor.to_text();
                let (id, content) = match version.state()? {
                    VersionState::Active => return Err(TaxonomyError::State),
                    VersionState::Draft | VersionState::Planned => (version.id, version.taxonomy()?),
                    VersionState::Replaced => again(tx, &version, &by, now).await?,
                };
                let in_force = checked(tx, &content).await?;
                keep(tx, &in_force, &by, now).await?;
                let mut told = write(tx, id, &content, &in_force, Open::Move, now).await?;
                store::activated(tx, id, &by, now).await?;
                let event = |kind, data| NewEvent { kind, ticket: None, actor: actor.clone(), data };
                told.push(event("taxonomy.activated", json!({ "version": id })));
                told.push(event("category.changed", json!({ "taxonomy": id })));
                Ok(events::append(tx, now, &told).await?)
            })
        })
        .await
}

/// The next version of a classification, which says what an earlier one did.
async fn again(tx: &mut Tx, version: &VersionRow, by: &str, now: Instant) -> Result<(i64, Taxonomy), TaxonomyError> {
    let content = Taxonomy { mappings: Vec::new(), ..version.taxonomy()? };
    let state = VersionState::Draft;
    let new = NewVersion { taxonomy_id: version.taxonomy_id, state, content: &content, note: &version.note, by, now };
    Ok((store::insert_version(tx, &new).await?, content))
}

/// Keeps what is in force as it is: as the version it came from, or as one of its own where categories were changed
/// one by one since, or before any version was made.
async fn keep(tx: &mut Tx, in_force: &Taxonomy, by: &str, now: Instant) -> Result<(), TaxonomyError> {
    let active = store::lock_active(tx).await?;
    let taxonomy_id = current(tx, now).await?;
    let same = match &active {
        Some(active) => active.taxonomy()?.in_order() == in_force.in_order(),
        None => false,
    };
    if let Some(active) = &active {
        store::replaced(tx, active.id, now).await?;
    }
    if !same && !in_force.categories.is_empty() {
        let state = VersionState::Replaced;
        store::insert_version(tx, &NewVersion { taxonomy_id, state, content: in_force, note: "", by, now }).await?;
    }
    Ok(())
}

/// What becomes of open requests, and of sheets, whose class leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// They go to what their class became.
    Move,
    /// They stay where they are; figures read them by what their class became.
    Stay,
}

/// Brings a document into force within a transaction, as the next version of a classification by slug and names;
/// nothing happens when it says what is in force. For who switches classifications with other things at once.
///
/// # Errors
/// When something is wrong with it.
pub async fn switch(
    tx: &mut Tx,
    (slug, name, name_en): (&str, &str, &str),
    content: &Taxonomy,
    open: Open,
    actor: Actor,
    now: Instant,
) -> Result<(), TaxonomyError> {
    let in_force = checked(tx, content).await?;
    if in_force.in_order() == content.in_order() {
        return Ok(());
    }
    let by = actor.to_text();
    keep(tx, &in_force, &by, now).await?;
    let taxonomy_id = store::taxonomy(tx, slug, name, name_en, now).await?;
    let new = NewVersion { taxonomy_id, state: VersionState::Draft, content, note: "", by: &by, now };
    let id = store::insert_version(tx, &new).await?;
    let mut told = write(tx, id, content, &in_force, open, now).await?;
    store::activated(tx, id, &by, now).await?;
    let event = |kind, data| NewEvent { kind, ticket: None, actor: actor.clone(), data };
    told.push(event("taxonomy.activated", json!({ "version": id })));
    told.push(event("category.changed", json!({ "taxonomy": id })));
    Ok(events::append(tx, now, &told).await?)
}

/// Slug and names of the classification in force.
///
/// # Errors
/// When the database refuses.
pub async fn name_in_force(tx: &mut Tx) -> Result<(String, String, String), TaxonomyError> {
    Ok(match store::lock_active(tx).await? {
        Some(active) => (active.taxonomy, active.name, active.name_en),
        None => (ORDINARY.0.to_owned(), ORDINARY.1.to_owned(), ORDINARY.2.to_owned()),
    })
}

/// Writes a document into force; answers the events of what else changed.
async fn write(
    tx: &mut Tx,
    version: i64,
    content: &Taxonomy,
    in_force: &Taxonomy,
    open: Open,
    now: Instant,
) -> Result<Vec<NewEvent>, TaxonomyError> {
    let mut ids: BTreeMap<String, i64> = BTreeMap::new();
    for (node, position) in content.in_order().into_iter().zip(1..) {
        let parent = node.parent().and_then(|parent| ids.get(parent)).copied();
        ids.insert(node.slug.clone(), store::put(tx, node, parent, position).await?);
    }
    for node in in_force.categories.iter().filter(|node| !ids.contains_key(&node.slug)) {
        store::retire(tx, &node.slug, now).await?;
    }
    let mut events = Vec::new();
    for mapping in &content.mappings {
        let old = store::category(tx, &mapping.from).await?.ok_or(TaxonomyError::Missing)?;
        let new = ids.get(&mapping.to).copied().ok_or(TaxonomyError::Missing)?;
        let main = open == Open::Move && (mapping.main || mapping.weight == WHOLE);
        store::insert_mapping(tx, version, Step { old, new, weight: mapping.weight }, main, now).await?;
        if main {
            let moved = store::move_sheets(tx, old, new).await?;
            events.extend(moved.into_iter().map(|sheet| NewEvent {
                kind: "sheet.saved",
                ticket: None,
                actor: Actor::System,
                data: json!({ "sheet": sheet }),
            }));
        }
    }
    Ok(events)
}

/// Moves open requests of retired classes to what those became; answers how many.
///
/// # Errors
/// When the database refuses; what was moved stays.
pub async fn move_open(kernel: &Kernel) -> Result<usize, TicketError> {
    let mut moved = 0;
    loop {
        let mut conn = kernel.db.read().await?;
        let batch = store::to_move(&mut conn, BATCH).await?;
        drop(conn);
        if batch.is_empty() || kernel.stop.is_cancelled() {
            return Ok(moved);
        }
        let (now, count) = (kernel.now(), batch.len());
        kernel
            .db
            .write(move |tx| {
                Box::pin(async move {
                    for (ticket, category) in batch {
                        let mut change = Change::begin_by_id(tx, ticket, None, Actor::System, now).await?;
                        let before = change.ticket.category_id;
                        change.ticket.category_id = Some(category);
                        let data = json!({ "category": category, "category_before": before, "mapped": true });
                        change.save(tx, "ticket.classified", data).await?;
                    }
                    Ok::<(), TicketError>(())
                })
            })
            .await?;
        moved += count;
    }
}

/// Activates what is planned for today or before, and moves open requests; answers how many versions came in force.
///
/// # Errors
/// When the database refuses.
pub async fn run(kernel: &Kernel) -> Result<usize, TaxonomyError> {
    let today = kernel.now().day(&kernel.config.zone());
    let mut conn = kernel.db.read().await?;
    let due = store::due(&mut conn, &today).await?;
    drop(conn);
    let mut count = 0;
    for id in due {
        let mut conn = kernel.db.read().await?;
        let version = store::version(&mut conn, id).await?;
        drop(conn);
        let Some(version) = version else { continue };
        let by = Actor::from_text(version.planned_by.as_deref().unwrap_or("system"));
        match bring(kernel, id, Some(version.edition), by).await {
            Ok(()) => count += 1,
            // Another node was first, or units changed since it was planned: the page shows that it still waits.
            Err(e @ (TaxonomyError::Stale(_) | TaxonomyError::State | TaxonomyError::Invalid(_))) => {
                tracing::warn!(taxonomy.version = id, "a planned classification did not come into force: {e}");
            }
            Err(e) => return Err(e),
        }
    }
    match move_open(kernel).await {
        Ok(_) => Ok(count),
        Err(TicketError::Store(e)) => Err(e.into()),
        Err(e) => {
            tracing::warn!("open requests wait to be moved to their new class: {e}");
            Ok(count)
        }
    }
}

/// Does so, now and then, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        if let Err(e) = run(&kernel).await {
            tracing::warn!("planned classifications were not looked at: {e}");
        }
        tokio::select! {
            () = kernel.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
