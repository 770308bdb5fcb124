//! The demo's organisation by date: an office renamed last year, two that will be one, whom offices named and
//! who is away.
use anyhow::Context;
use jiff::{SignedDuration, ToSpan};

use super::data::{DemoData, MergeEntry, RenamedEntry};
use super::organisation::Known;
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::time::Instant;
use crate::organisation::chart::{Closing, Node, Plan, UnitChange};
use crate::organisation::referents::{self, NewAbsence, NewReferent};
use crate::organisation::{OrganisationError, Rank, reorganise, store};

/// Gives offices the names that they had before their last rename, and renames them on the day it happened.
///
/// # Errors
/// When the database refuses or the demo's files are inconsistent.
pub async fn rename(kernel: &Kernel, data: &DemoData) -> anyhow::Result<()> {
    let now = kernel.now();
    for renamed in data.organisation.renamed.clone() {
        let unit = data.organisation.unit(&renamed.unit).with_context(|| format!("no unit {}", renamed.unit))?;
        let name = unit.name.clone();
        let written = kernel.db.write(move |tx| {
            Box::pin(async move {
                let at = now.minus(SignedDuration::from_hours(24 * renamed.days_ago));
                let RenamedEntry { unit, before, reason, .. } = renamed;
                let change = |to: &super::data::Bilingual| Plan {
                    changes: vec![UnitChange {
                        unit: unit.clone(),
                        name: Some(to.it.clone()),
                        name_en: Some(to.en.clone()),
                        ..UnitChange::default()
                    }],
                    ..Plan::default()
                };
                // What it was called from its beginning on, which is no change.
                let id = store::unit_by_slug(tx, &unit).await?.ok_or(OrganisationError::NotFound)?.id;
                store::correct_names(tx, id, &before.it, &before.en).await?;
                let planned = reorganise::plan(tx, &change(&name), &reason, at, at, &Actor::System, at).await?;
                reorganise::apply(tx, planned, at).await?;
                Ok::<(), OrganisationError>(())
            })
        });
        written.await?;
    }
    Ok(())
}

/// Writes referents, absences and the planned merges.
///
/// # Errors
/// When the database refuses or the demo's files are inconsistent.
pub async fn write(kernel: &Kernel, data: &DemoData, known: &Known) -> anyhow::Result<()> {
    let zone = kernel.config.zone();
    let now = kernel.now();
    let today = now.zoned(&zone).date();
    let day = |days: i32| -> anyhow::Result<Instant> {
        Ok(reorganise::start_of(today.checked_add(i64::from(days).days())?, &zone)?)
    };
    let mut people = Vec::new();
    for entry in &data.organisation.referents {
        let account = data.organisation.users.iter().position(|u| u.email == entry.account);
        let user = account.and_then(|place| known.people.get(place)).and_then(Option::as_ref);
        people.push(NewReferent {
            unit_id: *known.units.get(&entry.unit).with_context(|| format!("no unit {}", entry.unit))?,
            user_id: user.and_then(|u| u.user_id),
            name: entry.name.clone(),
            email: entry.email.clone(),
            phone: entry.phone.clone(),
            rank: Rank::from_text(&entry.rank).with_context(|| format!("no rank {}", entry.rank))?,
            valid_from: now.minus(SignedDuration::from_hours(24 * 300)),
            valid_to: None,
        });
    }
    let names: Vec<String> = people.iter().map(|p| p.name.clone()).collect();
    let place = |name: &str| names.iter().position(|n| n == name).with_context(|| format!("no referent {name}"));
    let mut away = Vec::new();
    for entry in &data.organisation.absences {
        let substitute = entry.substitute.as_deref().map(place).transpose()?;
        away.push((place(&entry.who)?, day(entry.from)?, day(entry.to)?, substitute, entry.reason.clone()));
    }
    let mut merges = Vec::new();
    for entry in &data.organisation.merges {
        merges.push((day(entry.days)?, entry.reason.clone(), merge(data, entry)?));
    }
    let written = kernel.db.write(move |tx| {
        Box::pin(async move {
            let mut ids = Vec::new();
            for new in &people {
                ids.push(referents::save(tx, None, new, Actor::System, now).await?);
            }
            let id_of = |place: usize| ids.get(place).copied().ok_or(OrganisationError::NotFound);
            for (who, from_at, to_at, substitute, reason) in away {
                let substitute_id = substitute.map(id_of).transpose()?;
                let new = NewAbsence { referent_id: id_of(who)?, from_at, to_at, substitute_id, reason };
                referents::be_absent(tx, &new, Actor::System, now).await?;
            }
            for (at, reason, plan) in merges {
                reorganise::plan(tx, &plan, &reason, at, now, &Actor::System, now).await?;
            }
            Ok::<(), OrganisationError>(())
        })
    });
    Ok(written.await?)
}

/// The plan that makes one unit of several: like the first of them, under a new name.
fn merge(data: &DemoData, entry: &MergeEntry) -> anyhow::Result<Plan> {
    let first = entry.units.first().and_then(|slug| data.organisation.unit(slug)).context("a merge of no unit")?;
    let new = Node {
        slug: entry.slug.clone(),
        agency: first.agency.clone(),
        parent: first.parent.clone(),
        name: entry.name.it.clone(),
        name_en: entry.name.en.clone(),
        kind: crate::organisation::UnitKind::from_text(&first.kind).context("a unit of no kind")?,
        email: first.email.clone(),
        scope: first.scope.clone(),
    };
    let closes = entry.units.iter().map(|unit| Closing { unit: unit.clone(), successor: entry.slug.clone() });
    Ok(Plan { closes: closes.collect(), opens: vec![new], ..Plan::default() })
}
