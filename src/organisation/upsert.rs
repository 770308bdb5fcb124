//! Agencies and units: created and changed by administrators, imports and the demo loader.
use serde_json::json;

use super::error::OrganisationError;
use super::model::{AgencyKind, UnitKind};
use super::store;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;

/// An agency as it shall be.
#[derive(Debug, Clone)]
pub struct NewAgency {
    pub slug: String,
    pub name: String,
    pub kind: AgencyKind,
    /// May be empty.
    pub email: String,
}

/// A unit as it shall be.
#[derive(Debug, Clone)]
pub struct NewUnit {
    pub slug: String,
    /// Slug of its agency.
    pub agency: String,
    /// Slug of the unit above it.
    pub parent: Option<String>,
    pub name: String,
    /// Empty when the Italian name serves for both languages.
    pub name_en: String,
    pub kind: UnitKind,
    /// Where legs go; may be empty, then the agency's address is used.
    pub email: String,
    /// Organisational scope (004-09); empty for the agency's.
    pub scope: String,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
}

/// Creates or changes an agency by slug; answers its row id. After a change of our own agency the caller
/// refreshes [`crate::kernel::Kernel::refresh_agency`].
///
/// # Errors
/// [`OrganisationError::Invalid`] for an empty slug or name.
pub async fn upsert_agency(tx: &mut Tx, new: &NewAgency, actor: Actor, now: Instant) -> Result<i64, OrganisationError> {
    require(&new.slug, "slug")?;
    require(&new.name, "name")?;
    let id = store::upsert_agency(tx, new).await?;
    changed(tx, json!({ "agency": id }), actor, now).await?;
    Ok(id)
}

/// Creates a unit, or corrects what is written of it, by slug; answers its row id. A change that shall be
/// seen as one, with what was before, is a [`super::Reorganisation`].
///
/// # Errors
/// [`OrganisationError::Invalid`] for an empty slug or name, an unknown agency or parent, or a parent that is below
/// the unit itself.
pub async fn upsert_unit(tx: &mut Tx, new: &NewUnit, actor: Actor, now: Instant) -> Result<i64, OrganisationError> {
    require(&new.slug, "slug")?;
    require(&new.name, "name")?;
    let unknown = |field| OrganisationError::Invalid { field, wrong: "unknown" };
    let agency = store::agency_id(tx, &new.agency).await?.ok_or_else(|| unknown("agency"))?;
    let parent = match new.parent.as_deref().filter(|slug| !slug.is_empty()) {
        Some(slug) => Some(store::unit_by_slug(tx, slug).await?.ok_or_else(|| unknown("parent"))?.id),
        None => None,
    };
    if let (Some(parent), Some(unit)) = (parent, store::unit_by_slug(tx, &new.slug).await?)
        && store::units_below(tx, unit.id).await?.contains(&parent)
    {
        return Err(OrganisationError::Invalid { field: "parent", wrong: "below_itself" });
    }
    let id = store::upsert_unit(tx, new, agency, parent).await?;
    store::correct_version(tx, id, now).await?;
    changed(tx, json!({ "unit": id }), actor, now).await?;
    Ok(id)
}

/// Lets a unit begin again after it ended without a successor, or end so: what was sent to it stays with it.
///
/// # Errors
/// When the database refuses.
pub async fn set_unit_end(
    tx: &mut Tx,
    unit: i64,
    end: Option<Instant>,
    actor: Actor,
    now: Instant,
) -> Result<(), OrganisationError> {
    store::set_end(tx, unit, end).await?;
    changed(tx, json!({ "unit": unit }), actor, now).await
}

async fn changed(tx: &mut Tx, data: serde_json::Value, actor: Actor, now: Instant) -> Result<(), OrganisationError> {
    events::append(tx, now, &[NewEvent { kind: "unit.changed", ticket: None, actor, data }]).await?;
    Ok(())
}

fn require(text: &str, field: &'static str) -> Result<(), OrganisationError> {
    if text.trim().is_empty() { Err(OrganisationError::Invalid { field, wrong: "missing" }) } else { Ok(()) }
}
