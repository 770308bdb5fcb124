//! A plan comes into force, or is tried: everything in one transaction, which a trial takes back.
use serde_json::json;

use super::model::{Body, CalendarChange, Changes, ClassChange, Classification, Plan, UnitChange};
use super::store::{self, PlanRow};
use super::{EmergencyError, now};
use crate::classification::activate::{Open, name_in_force, switch};
use crate::classification::store as classification_store;
use crate::clocks::CalendarBody;
use crate::clocks::store::{self as clock_store, NewVersion};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::organisation::{self, AgencyKind, NewAgency, NewUnit, UnitKind};
use crate::routing::{Routing, manage, store as routing_store};

/// What starting needs of its surroundings; prepared outside of the transaction.
#[derive(Debug, Clone)]
struct Here {
    entry: String,
    /// Local day.
    today: String,
    actor: Actor,
    now: Instant,
}

impl Here {
    fn of(kernel: &Kernel, actor: Actor) -> Self {
        let now = kernel.now();
        let today = now.day(&kernel.config.zone());
        Self { entry: kernel.config.desk.entry_unit.clone(), today, actor, now }
    }
}

/// An emergency that began.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Row id.
    pub id: i64,
    pub changes: Changes,
}

/// Brings a plan into force, for a reason that is kept.
///
/// # Errors
/// When the caller may not, there is no such plan, an emergency is in force, or something that the plan names does not fit what is there:
/// nothing is changed then.
pub async fn start(
    kernel: &Kernel,
    routing: &Routing,
    who: &Principal,
    slug: &str,
    reason: &str,
) -> Result<Begun, EmergencyError> {
    who.require(Permission::RunEmergency)?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(EmergencyError::field("reason", "missing"));
    }
    let (here, slug) = (Here::of(kernel, who.actor.clone()), slug.to_owned());
    let begun = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::plan(tx, &slug).await?.ok_or(EmergencyError::Missing)?;
                let plan = row.plan()?;
                let changes = apply(tx, &row, &plan, &here).await?;
                let by = here.actor.to_text();
                let id = store::insert_emergency(tx, row.id, "running", &reason, &by, &changes, here.now).await?;
                let data = json!({ "emergency": id, "plan": row.slug, "number": row.number, "reason": reason });
                tell(tx, "emergency.started", data, here.actor, here.now).await?;
                Ok::<_, EmergencyError>(Begun { id, changes })
            })
        })
        .await?;
    now::after(kernel, routing).await;
    Ok(begun)
}

/// Does all that a start would do and takes it back; answers what it would have changed.
///
/// # Errors
/// As [`start`].
pub async fn try_out(kernel: &Kernel, who: &Principal, slug: &str) -> Result<Changes, EmergencyError> {
    who.require(Permission::RunEmergency)?;
    let (here, slug) = (Here::of(kernel, who.actor.clone()), slug.to_owned());
    let tried = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::plan(tx, &slug).await?.ok_or(EmergencyError::Missing)?;
                let plan = row.plan()?;
                // The error is what takes everything back.
                Err::<(), _>(EmergencyError::Tried(Box::new(apply(tx, &row, &plan, &here).await?)))
            })
        })
        .await;
    match tried {
        Err(EmergencyError::Tried(changes)) => Ok(*changes),
        Err(e) => Err(e),
        Ok(()) => Ok(Changes::default()),
    }
}

/// A trial that is written down, with its reason and who held it.
///
/// # Errors
/// As [`start`].
pub async fn drill(kernel: &Kernel, who: &Principal, slug: &str, reason: &str) -> Result<Begun, EmergencyError> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(EmergencyError::field("reason", "missing"));
    }
    let changes = try_out(kernel, who, slug).await?;
    let (now, slug, kept, actor) = (kernel.now(), slug.to_owned(), changes.clone(), who.actor.clone());
    let id = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = store::plan(tx, &slug).await?.ok_or(EmergencyError::Missing)?;
                let by = actor.to_text();
                let id = store::insert_emergency(tx, row.id, "drill", &reason, &by, &kept, now).await?;
                let data = json!({ "emergency": id, "plan": row.slug, "number": row.number, "reason": reason });
                tell(tx, "emergency.drilled", data, actor, now).await?;
                Ok::<_, EmergencyError>(id)
            })
        })
        .await?;
    Ok(Begun { id, changes })
}

/// Changes everything that a plan names.
async fn apply(tx: &mut Tx, row: &PlanRow, plan: &Plan, here: &Here) -> Result<Changes, EmergencyError> {
    if store::lock_running(tx).await?.is_some() {
        return Err(EmergencyError::Running);
    }
    check(tx, plan).await?;
    let mut changes = Changes::default();
    for body in &plan.bodies {
        changes.units.extend(open_unit(tx, body, here).await?);
    }
    changes.classification =
        name_in_force(tx).await.map(|(slug, name, name_en)| Classification { slug, name, name_en })?;
    if !plan.classes.is_empty() {
        let before = classification_store::in_force(tx).await?;
        let slug = format!("emergenza-{}", row.slug);
        let name = (&*slug, &*plan.name, &*plan.name_en);
        switch(tx, name, &plan.classification(&before), Open::Stay, here.actor.clone(), here.now).await?;
        let during = classification_store::in_force(tx).await?;
        changes.classes = plan
            .classes
            .iter()
            .filter_map(|class| {
                let applied = during.get(&class.slug)?.clone();
                Some(ClassChange { before: before.get(&class.slug).cloned(), applied })
            })
            .collect();
    }
    changes.rules = plan.rules();
    if !changes.rules.is_empty() {
        let mut rules = changes.rules.clone();
        if let Some(active) = routing_store::active(tx).await? {
            rules.extend(active.rules()?);
        }
        manage::replace(tx, &rules, &here.entry, here.actor.clone(), here.now).await?;
    }
    for slug in &plan.calendars {
        changes.calendars.push(open_calendar(tx, slug, here).await?);
    }
    Ok(changes)
}

/// Whether what the plan names is there.
async fn check(tx: &mut Tx, plan: &Plan) -> Result<(), EmergencyError> {
    let mut faults = plan.faults();
    let categories = classification_store::in_force(tx).await?;
    for (place, class) in plan.classes.iter().enumerate() {
        let own = plan.classes.iter().any(|other| other.slug == class.becomes);
        if !class.becomes.is_empty() && (own || categories.get(&class.becomes).is_none()) {
            faults.push((format!("class-{place}-becomes"), "unknown".to_owned()));
        }
        let brought = plan.bodies.iter().any(|body| body.slug == class.unit);
        if !class.unit.is_empty() && !brought && organisation::store::unit_by_slug(tx, &class.unit).await?.is_none() {
            faults.push((format!("class-{place}-unit"), "unknown".to_owned()));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(EmergencyError::Invalid(faults)) }
}

/// Lets a body receive referrals; `None` when it does already.
async fn open_unit(tx: &mut Tx, body: &Body, here: &Here) -> Result<Option<UnitChange>, EmergencyError> {
    let (actor, now) = (here.actor.clone(), here.now);
    match organisation::store::unit_by_slug(tx, &body.slug).await? {
        Some(unit) if unit.exists_at(now) => return Ok(None),
        // Who goes on for it was decided; it does not come back.
        Some(unit) if unit.successor_id.is_some() => {
            return Err(EmergencyError::field(format!("bodies.{}", body.slug), "closed"));
        }
        Some(unit) => organisation::set_unit_end(tx, unit.id, None, actor, now).await?,
        None => {
            if organisation::store::agency_id(tx, &body.agency).await?.is_none() {
                let agency = NewAgency {
                    slug: body.agency.clone(),
                    name: if body.agency_name.is_empty() { body.name.clone() } else { body.agency_name.clone() },
                    kind: AgencyKind::Agency,
                    email: body.email.clone(),
                };
                organisation::upsert_agency(tx, &agency, actor.clone(), now).await?;
            }
            let unit = NewUnit {
                slug: body.slug.clone(),
                agency: body.agency.clone(),
                parent: None,
                name: body.name.clone(),
                name_en: body.name_en.clone(),
                kind: UnitKind::BackOffice,
                email: body.email.clone(),
                scope: String::new(),
                valid_from: now,
                valid_to: None,
            };
            organisation::upsert_unit(tx, &unit, actor, now).await?;
        }
    }
    let unit = organisation::store::unit_by_slug(tx, &body.slug).await?.ok_or(EmergencyError::Missing)?;
    Ok(Some(UnitChange { slug: unit.slug, name: unit.name, email: unit.email }))
}

/// Opens a calendar at every hour from today on.
async fn open_calendar(tx: &mut Tx, slug: &str, here: &Here) -> Result<CalendarChange, EmergencyError> {
    let unknown = || EmergencyError::field(format!("calendars.{slug}"), "unknown");
    let versions = clock_store::calendar_versions(tx, None).await?;
    let last = versions.into_iter().filter(|v| v.slug == slug).max_by_key(|v| v.number).ok_or_else(unknown)?;
    let ordinary: CalendarBody = serde_json::from_str(&last.body).map_err(|_| unknown())?;
    let body = json!(CalendarBody::always(&ordinary.name)).to_string();
    let number = save_calendar(tx, slug, last.number, body, here).await?;
    Ok(CalendarChange { slug: slug.to_owned(), name: ordinary.name, number, since: here.today.clone() })
}

async fn save_calendar(
    tx: &mut Tx,
    slug: &str,
    expected: i64,
    body: String,
    here: &Here,
) -> Result<i64, EmergencyError> {
    let new = NewVersion {
        slug: slug.to_owned(),
        expected,
        valid_from: here.today.clone(),
        body,
        saved_at: here.now,
        saved_by: here.actor.to_text(),
    };
    put_calendar(tx, &new, here.actor.clone()).await
}

/// Stores the next version of a calendar and tells the feed, from which terms are counted anew; answers its number.
pub(super) async fn put_calendar(tx: &mut Tx, new: &NewVersion, actor: Actor) -> Result<i64, EmergencyError> {
    let stored = clock_store::insert_calendar(tx, new).await?;
    let (id, number) = stored.ok_or(EmergencyError::Stale(new.expected))?;
    let data = json!({ "calendar": id, "number": number, "valid_from": new.valid_from });
    tell(tx, "calendar.changed", data, actor, new.saved_at).await?;
    Ok(number)
}

pub(super) async fn tell(
    tx: &mut Tx,
    kind: &'static str,
    data: serde_json::Value,
    actor: Actor,
    now: Instant,
) -> Result<(), EmergencyError> {
    Ok(events::append(tx, now, &[NewEvent { kind, ticket: None, actor, data }]).await?)
}
