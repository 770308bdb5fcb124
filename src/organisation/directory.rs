//! Names of units and agencies for pages: read often, changed rarely, so each node keeps a copy for a few
//! seconds.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant as Moment;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::model::{Agency, AgencyKind, Unit};
use super::store;
use crate::kernel::database::{Db, StoreError};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;

/// How old a copy may become.
const FRESH: Duration = Duration::from_secs(3);

/// The units and agencies as they were at one moment.
#[derive(Debug, Default)]
pub struct Units {
    units: Vec<Unit>,
    agencies: Vec<Agency>,
    by_id: HashMap<i64, usize>,
    agency_by_id: HashMap<i64, usize>,
}

/// A unit with its place in the organisation chart.
#[derive(Debug, Clone, Copy)]
pub struct TreeItem<'u> {
    pub unit: &'u Unit,
    /// 0 for units without a parent.
    pub depth: usize,
}

impl Units {
    /// From rows.
    pub fn new(units: Vec<Unit>, agencies: Vec<Agency>) -> Self {
        let by_id = units.iter().enumerate().map(|(place, unit)| (unit.id, place)).collect();
        let agency_by_id = agencies.iter().enumerate().map(|(place, agency)| (agency.id, place)).collect();
        Self { units, agencies, by_id, agency_by_id }
    }

    /// A unit by row id.
    pub fn unit(&self, id: i64) -> Option<&Unit> {
        self.by_id.get(&id).and_then(|&place| self.units.get(place))
    }

    /// A unit by slug.
    pub fn by_slug(&self, slug: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.slug == slug)
    }

    /// The agency of a unit.
    pub fn agency_of(&self, unit: &Unit) -> Option<&Agency> {
        self.agency_by_id.get(&unit.agency_id).and_then(|&place| self.agencies.get(place))
    }

    /// Whether a unit belongs to another body than ours.
    pub fn is_external(&self, unit: &Unit) -> bool {
        self.agency_of(unit).is_some_and(|agency| agency.kind != AgencyKind::Own)
    }

    /// The name of a unit in a language; empty when there is no such unit.
    pub fn name(&self, id: i64, language: Language) -> String {
        self.unit(id).map(|unit| unit_name(unit, language).to_owned()).unwrap_or_default()
    }

    /// The name of a unit's agency; empty when there is no such unit.
    pub fn agency_name(&self, unit: i64) -> String {
        self.unit(unit).and_then(|u| self.agency_of(u)).map(|a| a.name.clone()).unwrap_or_default()
    }

    /// The name of an agency by row id; empty when there is none.
    pub fn agency_named(&self, id: i64) -> String {
        let place = self.agency_by_id.get(&id).and_then(|&place| self.agencies.get(place));
        place.map(|agency| agency.name.clone()).unwrap_or_default()
    }

    /// The units that exist now, by agency (ours first) and name.
    pub fn existing(&self, now: Instant) -> Vec<&Unit> {
        let mut all: Vec<&Unit> = self.units.iter().filter(|unit| unit.exists_at(now)).collect();
        all.sort_by_key(|unit| self.agency_by_id.get(&unit.agency_id).copied());
        all
    }

    /// The organisation chart of what exists now: each unit after the one above it.
    pub fn tree(&self, now: Instant) -> Vec<TreeItem<'_>> {
        let all = self.existing(now);
        let mut tree = Vec::with_capacity(all.len());
        // A parent that no longer exists leaves its units at the top.
        let tops = all.iter().filter(|u| u.parent_id.is_none_or(|p| !all.iter().any(|o| o.id == p)));
        let mut stack: Vec<(usize, &Unit)> = tops.map(|u| (0, *u)).collect();
        stack.reverse();
        while let Some((depth, unit)) = stack.pop() {
            tree.push(TreeItem { unit, depth });
            stack.extend(all.iter().rev().filter(|u| u.parent_id == Some(unit.id)).map(|u| (depth + 1, *u)));
        }
        tree
    }

    /// The existing units whose name, or whose agency's name, has every word of `text`; accents and case do
    /// not matter.
    pub fn search(&self, text: &str, now: Instant) -> Vec<&Unit> {
        let words: Vec<String> = text.split_whitespace().map(fold).collect();
        self.existing(now)
            .into_iter()
            .filter(|unit| {
                let agency = self.agency_of(unit).map(|a| a.name.as_str()).unwrap_or_default();
                let name = fold(&format!("{} {} {agency}", unit.name, unit.name_en));
                words.iter().all(|word| name.contains(word))
            })
            .collect()
    }
}

/// The name of a unit in a language.
pub fn unit_name(unit: &Unit, language: Language) -> &str {
    match language {
        Language::English if !unit.name_en.is_empty() => &unit.name_en,
        Language::English | Language::Italian => &unit.name,
    }
}

fn fold(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}

/// Where pages find [`Units`]; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    kept: Arc<RwLock<Option<Kept>>>,
}

/// A copy and when it was made.
#[derive(Debug, Clone)]
struct Kept {
    at: Moment,
    units: Arc<Units>,
}

impl Directory {
    /// The units, at most three seconds old.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn units(&self, db: &Db) -> Result<Arc<Units>, StoreError> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(Kept { at, units }) = kept
            && at.elapsed() < FRESH
        {
            return Ok(units);
        }
        let mut conn = db.read().await?;
        let units = Arc::new(Units::new(store::units(&mut conn).await?, store::agencies(&mut conn).await?));
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) =
            Some(Kept { at: Moment::now(), units: units.clone() });
        Ok(units)
    }

    /// Forgets the copy, after this node changed a unit or read `unit.changed` in the feed.
    pub fn forget(&self) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organisation::model::UnitKind;

    fn unit(id: i64, parent_id: Option<i64>, agency_id: i64, name: &str) -> Unit {
        Unit {
            id,
            slug: name.to_lowercase(),
            agency_id,
            parent_id,
            name: name.to_owned(),
            name_en: String::new(),
            kind: UnitKind::BackOffice,
            email: String::new(),
            scope: String::new(),
            successor_id: None,
            valid_from: Instant(0),
            valid_to: None,
        }
    }

    fn units() -> Units {
        let agency = |id, name: &str, kind| Agency {
            id,
            slug: String::new(),
            name: name.to_owned(),
            kind,
            email: String::new(),
        };
        Units::new(
            vec![
                unit(1, None, 1, "Anagrafe"),
                unit(2, Some(1), 1, "Elettorale"),
                unit(3, None, 2, "Viabilità"),
                unit(4, None, 1, "Tributi"),
            ],
            vec![agency(1, "Comune", AgencyKind::Own), agency(2, "Provincia", AgencyKind::Agency)],
        )
    }

    #[test]
    fn the_chart_puts_each_unit_below_its_parent_and_our_agency_first() {
        let units = units();
        let tree: Vec<(i64, usize)> = units.tree(Instant(1)).iter().map(|item| (item.unit.id, item.depth)).collect();
        assert_eq!(tree, [(1, 0), (2, 1), (4, 0), (3, 0)]);
    }

    #[test]
    fn a_unit_is_found_without_accents_and_by_its_agency() {
        let units = units();
        let found = |text| units.search(text, Instant(1)).iter().map(|u| u.id).collect::<Vec<_>>();
        assert_eq!(found("viabilita prov"), [3]);
        assert_eq!(found("COMUNE tri"), [4]);
        assert!(units.is_external(units.unit(3).unwrap()) && !units.is_external(units.unit(1).unwrap()));
    }
}
