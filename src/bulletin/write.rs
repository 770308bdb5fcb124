//! Publishing, changing and withdrawing bulletins. Each is an event of the feed, so that open desks show it at once.
use knowledge_base::analysis::fold;
use serde_json::json;

use super::BulletinError;
use super::model::{BulletinStep, Content};
use super::store::{self, Ids, Version, Writing};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::knowledge::store as knowledge_store;

/// Publishes a bulletin, in force at once or later; answers its row id. Told by `bulletin.published`.
///
/// # Errors
/// When the caller does not write bulletins, or a value is not acceptable.
pub async fn publish(kernel: &Kernel, who: &Principal, content: Content) -> Result<i64, BulletinError> {
    who.require(Permission::WriteBulletins)?;
    check(&content)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let ids = resolve(tx, &content).await?;
                let (author, search) = (actor.to_text(), search_text(&content));
                let new = writing(&content, &ids, &search, &author, now);
                let id = store::insert(tx, &new).await?;
                told(tx, id, 1, content, BulletinStep::Published, actor, now).await?;
                Ok(id)
            })
        })
        .await
}

/// Changes a bulletin that was seen at a revision; answers the new one. With `ask` everybody is asked to read it
/// again, who had read it included. Told by `bulletin.changed`.
///
/// # Errors
/// As [`publish`]; when somebody changed it meanwhile, or it was withdrawn.
pub async fn change(
    kernel: &Kernel,
    who: &Principal,
    id: i64,
    seen: i64,
    content: Content,
    ask: bool,
) -> Result<i64, BulletinError> {
    who.require(Permission::WriteBulletins)?;
    check(&content)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let revision = next(tx, id, Some(seen)).await?;
                let ids = resolve(tx, &content).await?;
                let (author, search) = (actor.to_text(), search_text(&content));
                let new = writing(&content, &ids, &search, &author, now);
                store::update(tx, id, revision, ask, &new).await?;
                told(tx, id, revision, content, BulletinStep::Changed, actor, now).await?;
                Ok(revision)
            })
        })
        .await
}

/// Takes a bulletin back; it stays in the archive. Told by `bulletin.withdrawn`.
///
/// # Errors
/// When the caller does not write bulletins, there is none, or it was withdrawn before.
pub async fn withdraw(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), BulletinError> {
    who.require(Permission::WriteBulletins)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let revision = next(tx, id, None).await?;
                let last = store::versions(tx, id).await?.pop().ok_or(BulletinError::Missing)?;
                store::withdraw(tx, id, revision, now).await?;
                told(tx, id, revision, last.content, BulletinStep::Withdrawn, actor, now).await
            })
        })
        .await
}

fn check(content: &Content) -> Result<(), BulletinError> {
    let faults = content.faults();
    if faults.is_empty() { Ok(()) } else { Err(BulletinError::Invalid(faults)) }
}

/// The revision that a change makes of a bulletin, whose row is then locked.
async fn next(tx: &mut Tx, id: i64, seen: Option<i64>) -> Result<i64, BulletinError> {
    let (revision, withdrawn_at) = store::lock(tx, id).await?.ok_or(BulletinError::Missing)?;
    if withdrawn_at.is_some() {
        return Err(BulletinError::Withdrawn);
    }
    if seen.is_some_and(|seen| seen != revision) {
        return Err(BulletinError::Stale(revision));
    }
    Ok(revision + 1)
}

async fn resolve(tx: &mut Tx, content: &Content) -> Result<Ids, BulletinError> {
    let mut ids = Ids::default();
    for slug in &content.units {
        let unit = store::unit_id(tx, slug).await?.ok_or_else(|| BulletinError::invalid("units", "unknown"))?;
        if !ids.units.contains(&unit) {
            ids.units.push(unit);
        }
    }
    if let Some(code) = &content.sheet {
        let sheet = store::sheet_id(tx, code).await?;
        ids.sheet = Some(sheet.ok_or_else(|| BulletinError::invalid("sheet", "unknown"))?);
    }
    if let Some(slug) = &content.category {
        let category = knowledge_store::category_id(tx, slug).await?;
        ids.category = Some(category.ok_or_else(|| BulletinError::invalid("category", "unknown"))?);
    }
    Ok(ids)
}

fn search_text(content: &Content) -> String {
    fold(&format!("{}\n{}", content.title, content.text))
}

fn writing<'a>(content: &'a Content, ids: &'a Ids, search: &'a str, author: &'a str, now: Instant) -> Writing<'a> {
    Writing { content, ids, search, author, now, begun: content.from <= now }
}

/// Keeps the revision and tells the feed.
async fn told(
    tx: &mut Tx,
    id: i64,
    revision: i64,
    content: Content,
    step: BulletinStep,
    actor: Actor,
    now: Instant,
) -> Result<(), BulletinError> {
    let data = json!({ "bulletin": id, "revision": revision, "kind": content.kind.as_str() });
    store::keep(tx, id, &Version { revision, at: now, actor: actor.to_text(), step, content }).await?;
    let kind = match step {
        BulletinStep::Published => "bulletin.published",
        BulletinStep::Changed => "bulletin.changed",
        BulletinStep::Withdrawn => "bulletin.withdrawn",
    };
    events::append(tx, now, &[NewEvent { kind, ticket: None, actor, data }]).await?;
    Ok(())
}
