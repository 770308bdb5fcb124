//! What the organisation was on a day: names of last year's report stay what they were (D19).
use std::collections::{BTreeSet, HashMap};

use super::chart::{Chart, Node};
use super::model::{Agency, AgencyKind, Unit};
use super::store::{self, UnitVersion};
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::time::Instant;

/// All that is known of units at any time.
#[derive(Debug, Clone, Default)]
pub struct History {
    units: Vec<Unit>,
    /// By unit, oldest first.
    versions: HashMap<i64, Vec<UnitVersion>>,
    agencies: HashMap<i64, Agency>,
}

impl History {
    /// Reads it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(conn: &mut Conn) -> Result<Self, StoreError> {
        let units = store::units(conn).await?;
        let mut versions: HashMap<i64, Vec<UnitVersion>> = HashMap::new();
        for version in store::versions(conn).await? {
            versions.entry(version.unit_id).or_default().push(version);
        }
        let agencies = store::agencies(conn).await?.into_iter().map(|a| (a.id, a)).collect();
        Ok(Self { units, versions, agencies })
    }

    /// Every unit as it was at an instant, or as it was nearest to it: at its end when it was over, at its
    /// beginning when it was to come.
    pub fn all_named(&self, at: Instant) -> Vec<Unit> {
        self.units.iter().map(|unit| self.at(unit, at)).collect()
    }

    /// The units that existed at an instant, as they were, by name.
    pub fn as_of(&self, at: Instant) -> Vec<Unit> {
        self.overlapping(at, at)
    }

    /// The units that existed at any time from `from` to `to`, as they were at `to`, by name.
    pub fn overlapping(&self, from: Instant, to: Instant) -> Vec<Unit> {
        let existed = |u: &&Unit| u.valid_from <= to && u.valid_to.is_none_or(|end| end > from);
        let mut all: Vec<Unit> = self.units.iter().filter(existed).map(|unit| self.at(unit, to)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        all
    }

    /// An agency by row id.
    pub fn agency(&self, id: i64) -> Option<&Agency> {
        self.agencies.get(&id)
    }

    /// Whether a unit belonged to the body that runs this installation.
    pub fn is_ours(&self, unit: &Unit) -> bool {
        self.agency(unit.agency_id).is_some_and(|a| a.kind == AgencyKind::Own)
    }

    /// The versions of a unit, oldest first.
    pub fn versions(&self, unit: i64) -> &[UnitVersion] {
        self.versions.get(&unit).map(Vec::as_slice).unwrap_or_default()
    }

    /// The chart of an instant, by slugs.
    pub fn chart(&self, at: Instant) -> Chart {
        let slug_of = |id: i64| self.units.iter().find(|u| u.id == id).map(|u| u.slug.clone());
        let agency_of = |id: i64| self.agency(id).map(|a| a.slug.clone()).unwrap_or_default();
        let existing = self.as_of(at);
        let ids: BTreeSet<i64> = existing.iter().map(|u| u.id).collect();
        let node = |unit: Unit| {
            let scope = self.version_at(unit.id, at).map(|v| v.scope.clone()).unwrap_or_default();
            let node = Node {
                agency: agency_of(unit.agency_id),
                parent: unit.parent_id.filter(|id| ids.contains(id)).and_then(slug_of),
                name: unit.name,
                name_en: unit.name_en,
                kind: unit.kind,
                email: unit.email,
                scope,
                slug: unit.slug,
            };
            (node.slug.clone(), node)
        };
        Chart {
            nodes: existing.into_iter().map(node).collect(),
            used: self.units.iter().map(|u| u.slug.clone()).collect(),
            agencies: self.agencies.values().map(|a| a.slug.clone()).collect(),
        }
    }

    fn version_at(&self, unit: i64, at: Instant) -> Option<&UnitVersion> {
        let versions = self.versions(unit);
        versions.iter().rev().find(|v| v.from_at <= at).or_else(|| versions.first())
    }

    fn at(&self, unit: &Unit, at: Instant) -> Unit {
        let Some(version) = self.version_at(unit.id, at) else { return unit.clone() };
        let agency_scope = || self.agency(version.agency_id).map(|a| a.slug.clone()).unwrap_or_default();
        Unit {
            agency_id: version.agency_id,
            parent_id: version.parent_id,
            name: version.name.clone(),
            name_en: version.name_en.clone(),
            kind: version.kind,
            email: version.email.clone(),
            scope: if version.scope.is_empty() { agency_scope() } else { version.scope.clone() },
            ..unit.clone()
        }
    }
}
