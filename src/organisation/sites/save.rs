//! Making a site, or changing one.
use jiff::civil::Date;
use serde_json::json;

use super::model::SiteHours;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;
use crate::organisation::chart::is_slug;
use crate::organisation::referents::is_address;
use crate::organisation::{OrganisationError, store};

/// A site as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSite {
    pub slug: String,
    /// Slug of the unit.
    pub unit: String,
    pub name: String,
    pub address: String,
    /// May be empty, as what follows.
    pub phone: String,
    pub email: String,
    pub note: String,
    pub note_en: String,
    pub hours: SiteHours,
    /// First and last day.
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// Makes a site, or changes the one with this slug; answers its row id.
///
/// # Errors
/// [`OrganisationError::Invalid`] names what is missing, unknown or cannot be read.
pub async fn save(tx: &mut Tx, new: &NewSite, actor: Actor, now: Instant) -> Result<i64, OrganisationError> {
    let invalid = |field, wrong| Err(OrganisationError::Invalid { field, wrong });
    if !is_slug(&new.slug) {
        return invalid("slug", "not_a_slug");
    }
    if new.name.trim().is_empty() {
        return invalid("name", "missing");
    }
    if new.address.trim().is_empty() {
        return invalid("address", "missing");
    }
    if !new.email.trim().is_empty() && !is_address(new.email.trim()) {
        return invalid("email", "not_an_address");
    }
    if let Err(e) = new.hours.check() {
        return invalid(e.field, e.wrong);
    }
    if let (Some(from), Some(to)) = (new.valid_from, new.valid_to)
        && to < from
    {
        return invalid("valid_to", "before_start");
    }
    let Some(unit) = store::unit_by_slug(tx, &new.unit).await? else { return invalid("unit", "unknown") };
    let id = store::put_site(tx, new, unit.id, &json!(new.hours).to_string()).await?;
    let data = json!({ "site": id, "unit": unit.id });
    events::append(tx, now, &[NewEvent { kind: "site.changed", ticket: None, actor, data }]).await?;
    Ok(id)
}
