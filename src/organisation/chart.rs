//! The organisation chart as a value, and what a reorganisation makes of it: without I/O, so that a change
//! can be shown before it is made and is checked the same way on the day it takes effect.
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::UnitKind;

/// A unit by its names: the slug never changes, all else may, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Lower-case letters, digits and hyphens; never used twice.
    pub slug: String,
    /// Slug of the agency.
    pub agency: String,
    /// Slug of the unit above; absent for none.
    #[serde(default)]
    pub parent: Option<String>,
    pub name: String,
    /// Empty when the Italian name serves for both languages.
    #[serde(default)]
    pub name_en: String,
    pub kind: UnitKind,
    /// Empty for the agency's.
    #[serde(default)]
    pub email: String,
    /// Organisational scope (004-09); empty for the agency's.
    #[serde(default)]
    pub scope: String,
}

/// What becomes different of a unit; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UnitChange {
    /// Slug of the unit.
    pub unit: String,
    pub name: Option<String>,
    pub name_en: Option<String>,
    pub agency: Option<String>,
    /// Slug of the unit above; empty for none.
    pub parent: Option<String>,
    pub kind: Option<UnitKind>,
    pub email: Option<String>,
    pub scope: Option<String>,
}

/// A unit that ends, and who goes on with all that it leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Slug of the unit.
    pub unit: String,
    /// Slug of the unit that goes on.
    pub successor: String,
}

/// A change of the organisation: a rename, a split, a merge, a closing, or several at once. A split opens
/// units and closes one; a merge closes several with one successor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    pub opens: Vec<Node>,
    pub changes: Vec<UnitChange>,
    pub closes: Vec<Closing>,
    /// By slug of a category: slug of the unit that is competent from then on. The open legs of those
    /// categories at closed units go there too; all others go to the successor.
    pub categories: BTreeMap<String, String>,
}

/// Why a plan does not fit the organisation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {wrong}")]
pub struct Misfit {
    /// Such as `closes.0.successor`.
    pub field: String,
    /// A stable name.
    pub wrong: &'static str,
}

impl Misfit {
    pub(super) fn new(field: impl Into<String>, wrong: &'static str) -> Self {
        Self { field: field.into(), wrong }
    }
}

/// The units that exist at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chart {
    pub nodes: BTreeMap<String, Node>,
    /// Every slug that was ever used: what ended keeps its name.
    pub used: BTreeSet<String>,
    pub agencies: BTreeSet<String>,
}

/// Whether a text can name a unit or a site for ever.
pub fn is_slug(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 60 && text.chars().all(plain)
}

impl Plan {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.opens.is_empty() && self.changes.is_empty() && self.closes.is_empty() && self.categories.is_empty()
    }
}

impl Chart {
    /// The chart that a plan makes of this one.
    ///
    /// # Errors
    /// [`Misfit`] names the first part that does not fit: unknown or ended units, slugs in use, missing names,
    /// a successor that ends too, a chart that would turn in a circle.
    pub fn after(&self, plan: &Plan) -> Result<Self, Misfit> {
        if plan.is_empty() {
            return Err(Misfit::new("plan", "empty"));
        }
        let mut next = self.clone();
        for (place, new) in plan.opens.iter().enumerate() {
            next.open(new, &format!("opens.{place}"))?;
        }
        for (place, change) in plan.changes.iter().enumerate() {
            next.change(change, &format!("changes.{place}"))?;
        }
        let mut closed = BTreeMap::new();
        for (place, closing) in plan.closes.iter().enumerate() {
            let Some(node) = next.nodes.remove(&closing.unit) else {
                return Err(Misfit::new(format!("closes.{place}.unit"), "unknown"));
            };
            closed.insert(closing.unit.as_str(), (closing.successor.as_str(), node.parent));
        }
        for (place, closing) in plan.closes.iter().enumerate() {
            if !next.nodes.contains_key(&closing.successor) {
                return Err(Misfit::new(format!("closes.{place}.successor"), "unknown"));
            }
        }
        if let Some((category, _)) = plan.categories.iter().find(|(_, unit)| !next.nodes.contains_key(*unit)) {
            return Err(Misfit::new(format!("categories.{category}"), "unknown"));
        }
        next.adopt(&closed);
        for node in next.nodes.values() {
            if node.parent.as_ref().is_some_and(|parent| !next.nodes.contains_key(parent)) {
                return Err(Misfit::new(format!("{}.parent", node.slug), "unknown"));
            }
            if next.is_below(&node.slug, &node.slug) {
                return Err(Misfit::new(format!("{}.parent", node.slug), "below_itself"));
            }
        }
        Ok(next)
    }

    fn open(&mut self, new: &Node, field: &str) -> Result<(), Misfit> {
        let at = |part: &str, wrong| Err(Misfit::new(format!("{field}.{part}"), wrong));
        if !is_slug(&new.slug) {
            return at("slug", "not_a_slug");
        }
        if !self.used.insert(new.slug.clone()) {
            return at("slug", "taken");
        }
        if new.name.trim().is_empty() {
            return at("name", "missing");
        }
        if !self.agencies.contains(&new.agency) {
            return at("agency", "unknown");
        }
        self.nodes.insert(new.slug.clone(), new.clone());
        Ok(())
    }

    fn change(&mut self, change: &UnitChange, field: &str) -> Result<(), Misfit> {
        let at = |part: &str, wrong| Err(Misfit::new(format!("{field}.{part}"), wrong));
        let Some(node) = self.nodes.get_mut(&change.unit) else { return at("unit", "unknown") };
        if change.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return at("name", "missing");
        }
        if change.agency.as_ref().is_some_and(|agency| !self.agencies.contains(agency)) {
            return at("agency", "unknown");
        }
        let set = |to: &mut String, from: &Option<String>| {
            if let Some(text) = from {
                text.trim().clone_into(to);
            }
        };
        set(&mut node.name, &change.name);
        set(&mut node.name_en, &change.name_en);
        set(&mut node.agency, &change.agency);
        set(&mut node.email, &change.email);
        set(&mut node.scope, &change.scope);
        node.kind = change.kind.unwrap_or(node.kind);
        if let Some(parent) = &change.parent {
            node.parent = Some(parent.clone()).filter(|p| !p.is_empty());
        }
        Ok(())
    }

    /// Units below a closed one go below its successor; where that would turn the chart in a circle, they
    /// take the place of the closed one.
    fn adopt(&mut self, closed: &BTreeMap<&str, (&str, Option<String>)>) {
        // The nearest unit above a closed one that goes on.
        let above = |slug: &str| {
            let (mut place, mut seen) = (Some(slug.to_owned()), BTreeSet::new());
            while let Some(at) = place.clone().filter(|at| seen.insert(at.clone())) {
                match closed.get(at.as_str()) {
                    Some((_, parent)) => place.clone_from(parent),
                    None => return Some(at),
                }
            }
            None
        };
        let orphans: Vec<(String, String)> = self
            .nodes
            .values()
            .filter_map(|n| Some((n.slug.clone(), n.parent.clone().filter(|p| closed.contains_key(p.as_str()))?)))
            .collect();
        // First the place of the closed one, which cannot be a circle; then the successor where it fits.
        for (slug, parent) in &orphans {
            let place = above(parent);
            if let Some(node) = self.nodes.get_mut(slug) {
                node.parent = place;
            }
        }
        for (slug, parent) in &orphans {
            let Some((successor, _)) = closed.get(parent.as_str()) else { continue };
            if *successor != slug.as_str()
                && !self.is_below(successor, slug)
                && let Some(node) = self.nodes.get_mut(slug)
            {
                node.parent = Some((*successor).to_owned());
            }
        }
    }

    /// Whether a unit is somewhere below another one.
    pub fn is_below(&self, slug: &str, above: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut place = self.nodes.get(slug).and_then(|n| n.parent.as_deref());
        while let Some(at) = place.filter(|at| seen.insert(*at)) {
            if at == above {
                return true;
            }
            place = self.nodes.get(at).and_then(|n| n.parent.as_deref());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(slug: &str, parent: Option<&str>) -> Node {
        Node {
            slug: slug.to_owned(),
            agency: "comune".to_owned(),
            parent: parent.map(str::to_owned),
            name: slug.to_uppercase(),
            name_en: String::new(),
            kind: UnitKind::BackOffice,
            email: String::new(),
            scope: String::new(),
        }
    }

    fn chart(nodes: &[(&str, Option<&str>)]) -> Chart {
        let nodes: BTreeMap<String, Node> =
            nodes.iter().map(|(slug, parent)| ((*slug).to_owned(), node(slug, *parent))).collect();
        Chart { used: nodes.keys().cloned().collect(), nodes, agencies: ["comune".to_owned()].into() }
    }

    fn closing(unit: &str, successor: &str) -> Closing {
        Closing { unit: unit.to_owned(), successor: successor.to_owned() }
    }

    fn parent<'c>(chart: &'c Chart, slug: &str) -> Option<&'c str> {
        chart.nodes[slug].parent.as_deref()
    }

    #[test]
    fn what_hangs_below_a_closed_unit_goes_to_its_successor() {
        let before = chart(&[("a", None), ("b", Some("a")), ("c", Some("b")), ("d", None)]);
        let after = before.after(&Plan { closes: vec![closing("b", "d")], ..Plan::default() }).unwrap();
        assert_eq!((parent(&after, "c"), after.nodes.len()), (Some("d"), 3));
        let promoted = before.after(&Plan { closes: vec![closing("b", "c")], ..Plan::default() }).unwrap();
        assert_eq!(parent(&promoted, "c"), Some("a"), "a unit does not hang below itself");
    }

    #[test]
    fn a_plan_that_does_not_fit_names_the_part_at_fault() {
        let before = chart(&[("a", None), ("b", Some("a"))]);
        let wrong = |plan: Plan| before.after(&plan).unwrap_err().to_string();
        let closes = |unit, successor| Plan { closes: vec![closing(unit, successor)], ..Plan::default() };
        assert_eq!(wrong(Plan::default()), "plan: empty");
        assert_eq!(wrong(closes("x", "a")), "closes.0.unit: unknown");
        assert_eq!(wrong(closes("b", "b")), "closes.0.successor: unknown");
        assert_eq!(wrong(Plan { opens: vec![node("a", None)], ..Plan::default() }), "opens.0.slug: taken");
        assert_eq!(wrong(Plan { opens: vec![node("Ufficio A", None)], ..Plan::default() }), "opens.0.slug: not_a_slug");
        let below = UnitChange { unit: "a".to_owned(), parent: Some("b".to_owned()), ..UnitChange::default() };
        assert_eq!(wrong(Plan { changes: vec![below], ..Plan::default() }), "a.parent: below_itself");
    }

    #[test]
    fn an_ended_unit_leaves_its_slug_to_nobody() {
        let before = chart(&[("a", None), ("b", None)]);
        let after = before.after(&Plan { closes: vec![closing("a", "b")], ..Plan::default() }).unwrap();
        let again = Plan { opens: vec![node("a", None)], ..Plan::default() };
        assert_eq!(after.after(&again).unwrap_err().wrong, "taken");
    }

    proptest! {
        #[test]
        fn whatever_is_closed_opened_or_moved_every_unit_hangs_on_one_that_exists_and_none_on_itself(
            parents in proptest::collection::vec(proptest::option::of(0usize..8), 1..8),
            closes in proptest::collection::vec((0usize..8, 0usize..10), 0..5),
            opens in proptest::collection::vec(proptest::option::of(0usize..8), 0..2),
        ) {
            let slug = |n: usize| format!("u{n}");
            let mut before = Chart { agencies: ["comune".to_owned()].into(), ..Chart::default() };
            for (n, above) in parents.iter().enumerate() {
                let above = above.filter(|a| *a < n).map(slug);
                before.nodes.insert(slug(n), node(&slug(n), above.as_deref()));
                before.used.insert(slug(n));
            }
            let plan = Plan {
                opens: opens.iter().zip(8..).map(|(p, n)| node(&slug(n), p.map(slug).as_deref())).collect(),
                closes: closes.iter().map(|(unit, by)| closing(&slug(*unit), &slug(*by))).collect(),
                ..Plan::default()
            };
            if let Ok(after) = before.after(&plan) {
                for node in after.nodes.values() {
                    prop_assert!(node.parent.as_ref().is_none_or(|p| after.nodes.contains_key(p)));
                    prop_assert!(!after.is_below(&node.slug, &node.slug));
                }
                for closing in &plan.closes {
                    prop_assert!(!after.nodes.contains_key(&closing.unit) && after.nodes.contains_key(&closing.successor));
                }
            }
        }
    }
}
