//! Writing what a table adds and changes, inside one transaction. What is new of the chart is written as it is; what
//! changes of a unit is a reorganisation of now, so that what was before stays known.
use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Fault;
use super::compare::Comparison;
use super::table::{Entry, Record};
use crate::kernel::database::Tx;
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::organisation::chart::{Plan, UnitChange};
use crate::organisation::referents::{self, NewReferent};
use crate::organisation::reorganise::{self, start_of};
use crate::organisation::{
    AgencyKind, NewAgency, NewSite, NewUnit, OrganisationError, Rank, UnitKind, sites, store, upsert_agency,
    upsert_unit,
};

/// Who imports, why, and when.
#[derive(Debug, Clone)]
pub struct Import {
    pub actor: Actor,
    pub reason: String,
    pub now: Instant,
    pub zone: TimeZone,
}

/// The stored names of refusals are those of the forms; what a table calls differently is renamed.
fn fault(line: u64, error: OrganisationError) -> Result<Fault, OrganisationError> {
    let column = |field: &str| {
        match field.rsplit('.').next().unwrap_or_default() {
            "slug" => "code",
            "parent" => "unit",
            "login" => "account",
            "valid_from" => "from",
            "valid_to" => "to",
            "rank" => "kind",
            other => other,
        }
        .to_owned()
    };
    match error {
        OrganisationError::Invalid { field, wrong } => {
            Ok(Fault { line, column: column(field), wrong: wrong.to_owned() })
        }
        OrganisationError::Misfit(m) => Ok(Fault { line, column: column(&m.field), wrong: m.wrong.to_owned() }),
        other => Err(other),
    }
}

/// Writes it; answers what could not be written. With any fault the caller takes everything back.
///
/// # Errors
/// When the database refuses.
pub async fn write(tx: &mut Tx, found: &Comparison, import: &Import) -> Result<Vec<Fault>, OrganisationError> {
    let mut faults = Vec::new();
    let lines = |record: Record| {
        let new = found.new.iter().map(|entry| (None, entry));
        let changed = found.changed.iter().map(|(before, after)| (Some(before), after));
        new.chain(changed).filter(move |(_, entry)| entry.record == record)
    };
    for (_, entry) in lines(Record::Agency) {
        if let Err(e) = agency(tx, entry, import).await {
            faults.push(fault(entry.line, e)?);
        }
    }
    for entry in parents_first(lines(Record::Unit).filter(|(before, _)| before.is_none()).map(|(_, entry)| entry)) {
        if let Err(e) = unit(tx, entry, import).await {
            faults.push(fault(entry.line, e)?);
        }
    }
    for (_, entry) in lines(Record::Unit).filter(|(before, _)| before.is_none()) {
        if let Err(e) = succeeded(tx, entry).await {
            faults.push(fault(entry.line, e)?);
        }
    }
    if faults.is_empty() {
        faults.extend(changes(tx, lines(Record::Unit), import).await?);
    }
    for (_, entry) in lines(Record::Site) {
        if let Err(e) = sites::save(tx, &site(entry), import.actor.clone(), import.now).await {
            faults.push(fault(entry.line, e)?);
        }
    }
    for (before, entry) in lines(Record::Referent) {
        if let Err(e) = referent(tx, before, entry, import).await {
            faults.push(fault(entry.line, e)?);
        }
    }
    Ok(faults)
}

async fn agency(tx: &mut Tx, entry: &Entry, import: &Import) -> Result<(), OrganisationError> {
    let new = NewAgency {
        slug: entry.get("code").to_owned(),
        name: entry.get("name").to_owned(),
        kind: AgencyKind::from_text(entry.get("kind")).unwrap_or(AgencyKind::Agency),
        email: entry.get("email").to_owned(),
    };
    upsert_agency(tx, &new, import.actor.clone(), import.now).await.map(drop)
}

/// New units, each after the one above it; those in a circle come last and are refused.
fn parents_first<'e>(units: impl Iterator<Item = &'e Entry>) -> Vec<&'e Entry> {
    let mut left: Vec<&Entry> = units.collect();
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |unit: &&Entry, left: &[&Entry]| left.iter().any(|other| other.get("code") == unit.get("unit"));
        let (next, rest): (Vec<&Entry>, Vec<&Entry>) = left.iter().partition(|unit| !waits(unit, &left));
        if next.is_empty() {
            sorted.extend(rest);
            break;
        }
        sorted.extend(next);
        left = rest;
    }
    sorted
}

/// The beginning of a day; 0 for none.
fn begins(day: Option<Date>, zone: &TimeZone) -> Result<Instant, OrganisationError> {
    day.map_or(Ok(Instant(0)), |day| start_of(day, zone))
}

/// The end of a last day.
fn ends(day: Option<Date>, zone: &TimeZone) -> Result<Option<Instant>, OrganisationError> {
    day.and_then(|day| day.tomorrow().ok()).map(|next| start_of(next, zone)).transpose()
}

async fn unit(tx: &mut Tx, entry: &Entry, import: &Import) -> Result<(), OrganisationError> {
    let text = |column: &str| entry.get(column).to_owned();
    let new = NewUnit {
        slug: text("code"),
        agency: text("agency"),
        parent: Some(text("unit")).filter(|slug| !slug.is_empty()),
        name: text("name"),
        name_en: text("name_en"),
        kind: UnitKind::from_text(entry.get("kind")).unwrap_or(UnitKind::BackOffice),
        email: text("email"),
        scope: text("scope"),
        valid_from: begins(entry.day("from"), &import.zone)?,
        valid_to: ends(entry.day("to"), &import.zone)?,
    };
    upsert_unit(tx, &new, import.actor.clone(), import.now).await.map(drop)
}

/// Who went on for a new unit that is over already.
async fn succeeded(tx: &mut Tx, entry: &Entry) -> Result<(), OrganisationError> {
    let wrong = |column, wrong| OrganisationError::Invalid { field: column, wrong };
    if entry.get("successor").is_empty() {
        return Ok(());
    }
    let unit = store::unit_by_slug(tx, entry.get("code")).await?.ok_or_else(|| wrong("code", "unknown"))?;
    let heir = store::unit_by_slug(tx, entry.get("successor")).await?.ok_or_else(|| wrong("successor", "unknown"))?;
    if heir.id == unit.id {
        return Err(wrong("successor", "oneself"));
    }
    let end = unit.valid_to.ok_or_else(|| wrong("to", "missing"))?;
    Ok(store::close_unit(tx, unit.id, heir.id, end).await?)
}

/// Plans what changes of units that exist; it takes effect when it is carried out next.
async fn changes(
    tx: &mut Tx,
    units: impl Iterator<Item = (Option<&Entry>, &Entry)>,
    import: &Import,
) -> Result<Vec<Fault>, OrganisationError> {
    let mut plan = Plan::default();
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for (before, after) in units {
        let Some(before) = before else { continue };
        let differs = |column: &str| Some(after.get(column).to_owned()).filter(|text| text != before.get(column));
        plan.changes.push(UnitChange {
            unit: after.get("code").to_owned(),
            name: differs("name"),
            name_en: differs("name_en"),
            agency: differs("agency"),
            parent: differs("unit"),
            kind: differs("kind").and_then(|text| UnitKind::from_text(&text)),
            email: differs("email"),
            scope: differs("scope"),
        });
        lines.insert(after.get("code").to_owned(), after.line);
    }
    if plan.is_empty() {
        return Ok(Vec::new());
    }
    let Import { actor, reason, now, .. } = import;
    match reorganise::plan(tx, &plan, reason, *now, *now, actor, *now).await {
        Ok(_) => Ok(Vec::new()),
        Err(OrganisationError::Misfit(misfit)) => {
            // `changes.3.agency` or `slug.parent`.
            let mut parts = misfit.field.split('.');
            let line = match (parts.next(), parts.next()) {
                (Some("changes"), Some(place)) => place
                    .parse::<usize>()
                    .ok()
                    .and_then(|place| plan.changes.get(place))
                    .and_then(|change| lines.get(&change.unit)),
                (Some(slug), _) => lines.get(slug),
                (None, _) => None,
            };
            Ok(vec![fault(line.copied().unwrap_or(0), OrganisationError::Misfit(misfit))?])
        }
        Err(OrganisationError::Invalid { field, wrong }) => Ok(vec![Fault::new(0, field, wrong)]),
        Err(e) => Err(e),
    }
}

fn site(entry: &Entry) -> NewSite {
    let text = |column: &str| entry.get(column).to_owned();
    NewSite {
        slug: text("code"),
        unit: text("unit"),
        name: text("name"),
        address: text("address"),
        phone: text("phone"),
        email: text("email"),
        note: text("note"),
        note_en: text("note_en"),
        hours: entry.hours(),
        valid_from: entry.day("from"),
        valid_to: entry.day("to"),
    }
}

async fn referent(
    tx: &mut Tx,
    before: Option<&Entry>,
    entry: &Entry,
    import: &Import,
) -> Result<(), OrganisationError> {
    let unknown = OrganisationError::Invalid { field: "unit", wrong: "unknown" };
    let unit_id = store::unit_by_slug(tx, entry.get("unit")).await?.ok_or(unknown)?.id;
    let user_id = referents::account(tx, entry.get("account")).await?;
    let mut valid_from = begins(entry.day("from"), &import.zone)?;
    let mut valid_to = ends(entry.day("to"), &import.zone)?;
    if let Some(before) = before
        && let Some(written) = store::written_referent(tx, before.id).await?
    {
        // A day that was not changed keeps its hour.
        if before.get("from") == entry.get("from") {
            valid_from = written.valid_from;
        }
        if before.get("to") == entry.get("to") {
            valid_to = written.valid_to;
        }
    }
    let new = NewReferent {
        unit_id,
        user_id,
        name: entry.get("name").to_owned(),
        email: entry.get("email").to_owned(),
        phone: entry.get("phone").to_owned(),
        rank: Rank::from_text(entry.get("kind")).unwrap_or(Rank::Operative),
        valid_from,
        valid_to,
    };
    let id = before.map(|before| before.id);
    referents::save(tx, id, &new, import.actor.clone(), import.now).await.map(drop)
}
