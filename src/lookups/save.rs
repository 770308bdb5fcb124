//! Saving a source.
use serde_json::json;

use super::model::Source;
use super::{LookupError, store};
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::knowledge::model::is_slug;

/// Saves a source that was seen at a version, 0 for a new one; it holds at once.
///
/// # Errors
/// When the caller does not administer, a value is not acceptable, or somebody saved it meanwhile.
pub async fn save(kernel: &Kernel, who: &Principal, slug: &str, seen: i64, source: Source) -> Result<(), LookupError> {
    who.require(Permission::Administer)?;
    let mut faults = source.faults();
    if !is_slug(slug) || slug.contains('/') {
        faults.insert(0, ("name".to_owned(), "missing".to_owned()));
    }
    if !faults.is_empty() {
        return Err(LookupError::Invalid(faults));
    }
    let (now, actor, slug) = (kernel.now(), who.actor.clone(), slug.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::save(tx, &slug, seen, &source, &actor.to_text(), now).await? {
                    let there = store::by_slug(tx, &slug).await?.map_or(0, |row| row.version);
                    return Err(LookupError::Stale(there));
                }
                let data = json!({ "source": slug });
                let event = NewEvent { kind: "lookup.source_saved", ticket: None, actor, data };
                Ok(events::append(tx, now, &[event]).await?)
            })
        })
        .await
}
