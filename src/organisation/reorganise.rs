//! Reorganisations: planned for a day, checked against what will be then, and carried out by themselves. The
//! past is never rewritten: each unit's versions stay, and what it was on a day is still answered.
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use sqlx::FromRow;

use super::chart::{Chart, Misfit, Node, Plan};
use super::error::OrganisationError;
use super::history::History;
use super::store::{self, UnitVersion};
use crate::kernel::database::{Conn, Tx};
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::names::{read_stored, stored_enum};
use crate::kernel::time::Instant;

stored_enum! {
    /// Where a reorganisation stands.
    State {
        Planned = "planned",
        Done = "done",
        Cancelled = "cancelled",
        /// On its day it did not fit the organisation any more.
        Refused = "refused",
    }
}
read_stored!(State);

/// A reorganisation as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Reorganisation {
    pub id: i64,
    pub takes_effect_at: Instant,
    #[sqlx(try_from = "String")]
    pub state: State,
    pub reason: String,
    /// JSON; see [`Reorganisation::plan`].
    #[sqlx(rename = "plan")]
    raw: String,
    /// The stored form of an [`Actor`].
    pub planned_by: String,
    pub planned_at: Instant,
    pub settled_at: Option<Instant>,
    /// Why it was refused on its day, such as `closes.0.unit: unknown`.
    pub problem: String,
}

impl Reorganisation {
    /// What opens, changes and closes; empty when another program wrote it.
    pub fn plan(&self) -> Plan {
        serde_json::from_str(&self.raw).unwrap_or_default()
    }
}

/// What carrying out a reorganisation leaves to those who know tickets, categories and users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Closed units and who goes on, by row ids.
    pub closed: Vec<(i64, i64)>,
    /// Categories and the unit that is competent from now on, by row ids.
    pub categories: Vec<(i64, i64)>,
}

/// The instant at which a day begins.
///
/// # Errors
/// [`OrganisationError::Invalid`] for a day that no clock reaches.
pub fn start_of(day: Date, zone: &TimeZone) -> Result<Instant, OrganisationError> {
    let start =
        day.to_zoned(zone.clone()).map_err(|_| OrganisationError::Invalid { field: "on", wrong: "not_a_day" })?;
    Ok(start.timestamp().into())
}

/// The chart of an instant to come: as it is now, with all that is planned until then.
///
/// # Errors
/// When the database cannot be read.
pub async fn chart_at(conn: &mut Conn, at: Instant, now: Instant) -> Result<Chart, OrganisationError> {
    let mut chart = History::load(conn).await?.chart(at);
    if at >= now {
        for planned in store::reorganisations(conn, State::Planned, at).await? {
            // What does not fit will be refused on its day.
            if let Ok(next) = chart.after(&planned.plan()) {
                chart = next;
            }
        }
    }
    Ok(chart)
}

/// Plans a reorganisation for an instant; one that is due takes effect when it is carried out next. Answers
/// its row id.
///
/// # Errors
/// [`OrganisationError::Invalid`] without a reason or for an instant before `earliest`;
/// [`OrganisationError::Misfit`] when it does not fit what will be then.
pub async fn plan(
    tx: &mut Tx,
    plan: &Plan,
    reason: &str,
    at: Instant,
    earliest: Instant,
    actor: &Actor,
    now: Instant,
) -> Result<i64, OrganisationError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(OrganisationError::Invalid { field: "reason", wrong: "missing" });
    }
    if at < earliest {
        return Err(OrganisationError::Invalid { field: "on", wrong: "past" });
    }
    chart_at(tx, at, now).await?.after(plan)?;
    for category in plan.categories.keys() {
        if store::category_id(tx, category).await?.is_none() {
            return Err(Misfit::new(format!("categories.{category}"), "unknown_category").into());
        }
    }
    let text = json!(plan).to_string();
    let id = store::insert_reorganisation(tx, at, reason, &text, &actor.to_text(), now).await?;
    tell(tx, id, "organisation.planned", actor.clone(), now).await?;
    Ok(id)
}

/// Takes a plan back before its day.
///
/// # Errors
/// [`OrganisationError::NotFound`] when it is not planned, or not any more.
pub async fn cancel(tx: &mut Tx, id: i64, actor: Actor, now: Instant) -> Result<(), OrganisationError> {
    if !store::settle(tx, id, State::Cancelled, "", now).await? {
        return Err(OrganisationError::NotFound);
    }
    tell(tx, id, "organisation.cancelled", actor, now).await
}

/// Carries a due reorganisation out, as far as the chart goes: the caller moves what hangs on the units in
/// the same transaction. `None` when it was settled meanwhile, or does not fit any more and is refused.
///
/// # Errors
/// When the database refuses.
pub async fn apply(tx: &mut Tx, id: i64, now: Instant) -> Result<Option<Applied>, OrganisationError> {
    let Some(found) = store::reorganisation(tx, id).await?.filter(|r| r.state == State::Planned) else {
        return Ok(None);
    };
    let (plan, at) = (found.plan(), found.takes_effect_at);
    let before = History::load(tx).await?.chart(at);
    let after = match before.after(&plan) {
        Ok(after) => after,
        Err(misfit) => {
            store::settle(tx, id, State::Refused, &misfit.to_string(), now).await?;
            tell(tx, id, "organisation.refused", Actor::System, now).await?;
            return Ok(None);
        }
    };
    if !store::settle(tx, id, State::Done, "", now).await? {
        return Ok(None);
    }
    // Units first, their places afterwards: each may hang on another that begins with it.
    for node in &plan.opens {
        let agency = agency_id(tx, &node.agency).await?;
        store::open_unit(tx, &node.slug, &node.name, node.kind, agency, at).await?;
    }
    for (slug, node) in &after.nodes {
        if before.nodes.get(slug) != Some(node) {
            write_version(tx, node, at, id).await?;
        }
    }
    let mut applied = Applied::default();
    for closing in &plan.closes {
        let (unit, successor) = (unit_id(tx, &closing.unit).await?, unit_id(tx, &closing.successor).await?);
        store::keep_first_version(tx, unit).await?;
        store::close_unit(tx, unit, successor, at).await?;
        store::move_referents(tx, unit, successor, now).await?;
        store::move_sites(tx, unit, successor).await?;
        applied.closed.push((unit, successor));
    }
    for (category, unit) in &plan.categories {
        let Some(category) = store::category_id(tx, category).await? else { continue };
        let unit = unit_id(tx, unit).await?;
        for (closed, _) in &applied.closed {
            store::put_succession(tx, *closed, category, unit).await?;
        }
        applied.categories.push((category, unit));
    }
    tell(tx, id, "organisation.reorganised", Actor::System, now).await?;
    Ok(Some(applied))
}

async fn write_version(tx: &mut Tx, node: &Node, at: Instant, id: i64) -> Result<(), OrganisationError> {
    let unit_id = unit_id(tx, &node.slug).await?;
    store::keep_first_version(tx, unit_id).await?;
    let parent_id = match &node.parent {
        Some(parent) => Some(self::unit_id(tx, parent).await?),
        None => None,
    };
    let version = UnitVersion {
        unit_id,
        from_at: at,
        agency_id: agency_id(tx, &node.agency).await?,
        parent_id,
        name: node.name.trim().to_owned(),
        name_en: node.name_en.trim().to_owned(),
        kind: node.kind,
        email: node.email.trim().to_owned(),
        scope: node.scope.trim().to_owned(),
        reorganisation_id: Some(id),
    };
    Ok(store::put_version(tx, &version).await?)
}

async fn unit_id(tx: &mut Tx, slug: &str) -> Result<i64, OrganisationError> {
    Ok(store::unit_by_slug(tx, slug).await?.ok_or(OrganisationError::NotFound)?.id)
}

async fn agency_id(tx: &mut Tx, slug: &str) -> Result<i64, OrganisationError> {
    store::agency_id(tx, slug).await?.ok_or(OrganisationError::NotFound)
}

async fn tell(tx: &mut Tx, id: i64, kind: &'static str, actor: Actor, now: Instant) -> Result<(), OrganisationError> {
    let data = json!({ "reorganisation": id });
    events::append(tx, now, &[NewEvent { kind, ticket: None, actor, data }]).await?;
    Ok(())
}
