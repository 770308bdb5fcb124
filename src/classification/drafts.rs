//! Drafts: the next version of a classification, or the first of another one.
use serde_json::json;

use super::TaxonomyError;
use super::model::{Taxonomy, VersionState};
use super::store::{self, NewVersion, VersionRow};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;

/// Slug and names of the classification that an installation begins with.
pub const ORDINARY: (&str, &str, &str) = ("ordinaria", "Classificazione ordinaria", "Ordinary classification");

/// What a draft begins with.
#[derive(Debug, Clone)]
pub enum Base {
    /// The categories in force, for the classification they belong to.
    InForce,
    /// A version kept or prepared before, for its own classification.
    Version(i64),
    /// A document, for a classification by slug and names, which may be new.
    Document { slug: String, name: String, name_en: String, taxonomy: Taxonomy },
}

/// Begins a draft; answers its row id.
///
/// # Errors
/// When the caller does not administer, or the base is none.
pub async fn prepare(kernel: &Kernel, who: &Principal, base: Base) -> Result<i64, TaxonomyError> {
    who.require(Permission::Administer)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let by = actor.to_text();
                let (taxonomy_id, content) = match base {
                    Base::InForce => (current(tx, now).await?, store::in_force(tx).await?),
                    Base::Version(id) => {
                        let version = store::version(tx, id).await?.ok_or(TaxonomyError::Missing)?;
                        // What it replaced once says nothing of what it would replace now.
                        let content = Taxonomy { mappings: Vec::new(), ..version.taxonomy()? };
                        (version.taxonomy_id, content)
                    }
                    Base::Document { slug, name, name_en, taxonomy } => {
                        let slug = slug.trim().to_owned();
                        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                        if slug.is_empty() || slug.len() > 60 || !slug.bytes().all(plain) {
                            return Err(TaxonomyError::wrong("", "slug"));
                        }
                        let name = if name.trim().is_empty() { slug.clone() } else { name.trim().to_owned() };
                        (store::taxonomy(tx, &slug, &name, name_en.trim(), now).await?, taxonomy)
                    }
                };
                let state = VersionState::Draft;
                let new = NewVersion { taxonomy_id, state, content: &content, note: "", by: &by, now };
                let id = store::insert_version(tx, &new).await?;
                told(tx, "taxonomy.drafted", id, actor, now).await?;
                Ok(id)
            })
        })
        .await
}

/// The classification in force.
pub(super) async fn current(tx: &mut Tx, now: Instant) -> Result<i64, TaxonomyError> {
    if let Some(active) = store::lock_active(tx).await? {
        return Ok(active.taxonomy_id);
    }
    let (slug, name, name_en) = ORDINARY;
    Ok(store::taxonomy(tx, slug, name, name_en, now).await?)
}

pub(super) async fn told(
    tx: &mut Tx,
    kind: &'static str,
    version: i64,
    actor: Actor,
    now: Instant,
) -> Result<(), TaxonomyError> {
    let event = NewEvent { kind, ticket: None, actor, data: json!({ "version": version }) };
    Ok(events::append(tx, now, &[event]).await?)
}

/// A draft, locked, if nobody changed it since `seen`.
pub(super) async fn locked(tx: &mut Tx, id: i64, seen: Option<i64>) -> Result<VersionRow, TaxonomyError> {
    let version = store::lock_version(tx, id).await?.ok_or(TaxonomyError::Missing)?;
    if !matches!(version.state()?, VersionState::Draft | VersionState::Planned) {
        return Err(TaxonomyError::State);
    }
    if seen.is_some_and(|seen| seen != version.edition) {
        return Err(TaxonomyError::Stale(version.edition));
    }
    Ok(version)
}

/// Changes a draft that was seen at an edition; a planned one becomes a draft again. `work` gets the document and
/// the one in force.
///
/// # Errors
/// When the caller does not administer, somebody changed it meanwhile, it is no draft, or `work` refuses.
pub async fn change<F>(
    kernel: &Kernel,
    who: &Principal,
    id: i64,
    seen: Option<i64>,
    work: F,
) -> Result<(), TaxonomyError>
where
    F: FnOnce(&mut Taxonomy, &Taxonomy) -> Result<(), TaxonomyError> + Send + 'static,
{
    who.require(Permission::Administer)?;
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let version = locked(tx, id, seen).await?;
                let in_force = store::in_force(tx).await?;
                let mut content = version.taxonomy()?;
                work(&mut content, &in_force)?;
                Ok(store::save_draft(tx, id, &content, &version.note).await?)
            })
        })
        .await
}

/// Forgets a draft.
///
/// # Errors
/// When the caller does not administer, or it is no draft.
pub async fn discard(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), TaxonomyError> {
    who.require(Permission::Administer)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                locked(tx, id, None).await?;
                store::drop_draft(tx, id).await?;
                told(tx, "taxonomy.discarded", id, actor, now).await
            })
        })
        .await
}
