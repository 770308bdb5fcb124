//! A classification as a document: its categories, and what becomes of those of another one. No I/O.
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields::{Answers, Field, FieldReader};
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::knowledge::forward::Forward;
use crate::knowledge::model::is_slug;
use crate::tickets::assignment::Priority;
use crate::tickets::{Channel, RequestKind};

/// Weights of what one class becomes add up to this.
pub const WHOLE: i64 = 1000;

stored_enum! {
    /// Where a version of a classification stands.
    VersionState {
        Draft = "draft",
        /// In force from a day to come.
        Planned = "planned",
        /// In force: one of all.
        Active = "active",
        Replaced = "replaced",
    }
}

/// From which day a category takes requests (004-25): of a kind, by a channel, or all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// All kinds without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RequestKind>,
    /// All channels without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// First day, in the agency's zone.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
}

/// What a category says beside its name and its unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Details {
    /// For agents: what belongs here.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description_en: String,
    /// The kind a request has unless somebody says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_kind: Option<RequestKind>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// For citizens, of a class that is not of our competence: why, and where to turn.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notice: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notice_en: String,
    /// What comes first; without it, what stands above says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What an agent must be able to do to be given such requests (000-48), beside what stands above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Details {
    /// The notice in a language, in Italian when it has no other.
    pub fn notice_in(&self, language: Language) -> &str {
        if language == Language::English && !self.notice_en.is_empty() { &self.notice_en } else { &self.notice }
    }

    /// The description in a language, in Italian when it has no other.
    pub fn description_in(&self, language: Language) -> &str {
        let english = language == Language::English && !self.description_en.is_empty();
        if english { &self.description_en } else { &self.description }
    }
}

/// A category of a document; those of a level stand in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// `area`, `area/topic` and so on: names the category for ever.
    pub slug: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name_en: String,
    /// Slug of the competent unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Which requests of the web form go to the unit at once.
    #[serde(default)]
    pub forward: Forward,
    /// Requests of this class end as not competent.
    #[serde(default)]
    pub not_competent: bool,
    /// Whether citizens may choose it on the form.
    #[serde(default = "yes")]
    pub citizen: bool,
    #[serde(flatten)]
    pub details: Details,
}

const fn yes() -> bool {
    true
}

impl Node {
    /// Slug of the category above; `None` for an area.
    pub fn parent(&self) -> Option<&str> {
        self.slug.rsplit_once('/').map(|(above, _)| above)
    }

    /// How far below the areas it is: 0 for an area.
    pub fn depth(&self) -> usize {
        self.slug.matches('/').count()
    }

    /// The name in a language, in Italian when it has no other.
    pub fn name_in(&self, language: Language) -> &str {
        if language == Language::English && !self.name_en.is_empty() { &self.name_en } else { &self.name }
    }
}

/// What becomes of a category that the document does not have any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Slug of a category in force.
    pub from: String,
    /// Slug of a category of the document.
    pub to: String,
    /// Of a thousand requests of the old class, how many would be of the new one.
    #[serde(default = "whole")]
    pub weight: i64,
    /// Whether open requests move there.
    #[serde(default)]
    pub main: bool,
}

const fn whole() -> i64 {
    WHOLE
}

/// A classification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Taxonomy {
    #[serde(default)]
    pub categories: Vec<Node>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Mapping>,
}

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxonomyFault {
    /// The category it is wrong with.
    pub slug: String,
    /// A stable name; messages are `taxonomy-wrong-…`.
    pub wrong: &'static str,
}

/// How a category differs between two documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Changed {
    pub slug: String,
    pub name: String,
    /// Names of what differs.
    pub what: Vec<&'static str>,
}

/// How a document differs from the one in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    pub added: Vec<String>,
    /// Categories no more in use.
    pub retired: Vec<String>,
    pub changed: Vec<Changed>,
    /// Of the retired ones, those that nothing is mapped to: their requests stay until somebody reclassifies.
    pub unmapped: Vec<String>,
}

impl Difference {
    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.retired.is_empty() && self.changed.is_empty()
    }
}

/// What holds for a category, with what it inherits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Effective {
    pub fields: Vec<Field>,
    pub phases: Vec<Phase>,
}

impl Effective {
    /// The first day on which a request of this kind may come by this channel; `None` when it always might.
    pub fn enabled_from(&self, kind: RequestKind, channel: Channel) -> Option<Date> {
        let concerns = |p: &&Phase| p.kind.is_none_or(|k| k == kind) && p.channel.is_none_or(|c| c == channel);
        self.phases.iter().filter(concerns).map(|p| p.from).max()
    }

    /// Whether such a request may come on a day.
    pub fn enables(&self, kind: RequestKind, channel: Channel, day: Date) -> bool {
        self.enabled_from(kind, channel).is_none_or(|from| from <= day)
    }

    /// Whether any request of the web form may come on a day.
    pub fn offered(&self, day: Date) -> bool {
        RequestKind::ALL.iter().any(|kind| self.enables(*kind, Channel::Web, day))
    }

    /// The answered fields that a reader sees: label and answer.
    pub fn shown(&self, answers: &Answers, reader: FieldReader, language: Language) -> Vec<(String, String)> {
        let seen = self.fields.iter().filter(|field| field.is_for(reader));
        seen.filter_map(|field| {
            let given = answers.get(&field.name)?;
            Some((field.label_in(language).to_owned(), field.shown(given, language)))
        })
        .collect()
    }
}

impl Taxonomy {
    /// A category by slug.
    pub fn get(&self, slug: &str) -> Option<&Node> {
        self.categories.iter().find(|node| node.slug == slug)
    }

    /// A category by slug, to be changed.
    pub fn get_mut(&mut self, slug: &str) -> Option<&mut Node> {
        self.categories.iter_mut().find(|node| node.slug == slug)
    }

    /// What holds for a category: its fields replace inherited ones of the same name, its phases add to them.
    pub fn effective(&self, slug: &str) -> Effective {
        let ends = slug.match_indices('/').map(|(place, _)| place).chain([slug.len()]);
        let mut all = Effective::default();
        for node in ends.filter_map(|end| self.get(&slug[..end])) {
            for field in &node.details.fields {
                match all.fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => known.clone_from(field),
                    None => all.fields.push(field.clone()),
                }
            }
            all.phases.extend(node.details.phases.iter().cloned());
        }
        all
    }

    /// The categories from the top, each before those below it.
    pub fn in_order(&self) -> Vec<&Node> {
        fn below<'a>(all: &'a [Node], parent: Option<&str>, found: &mut Vec<&'a Node>) {
            for node in all.iter().filter(|node| node.parent() == parent) {
                found.push(node);
                below(all, Some(&node.slug), found);
            }
        }
        let mut found = Vec::with_capacity(self.categories.len());
        below(&self.categories, None, &mut found);
        found
    }

    /// Gives a category another slug, and those below it with it; the old ones are mapped to the new ones.
    pub fn rename(&mut self, from: &str, to: &str, in_force: &Self) {
        let inside = format!("{from}/");
        for node in &mut self.categories {
            let new = if node.slug == from {
                to.to_owned()
            } else if let Some(rest) = node.slug.strip_prefix(&inside) {
                format!("{to}/{rest}")
            } else {
                continue;
            };
            for mapping in self.mappings.iter_mut().filter(|m| m.to == node.slug) {
                mapping.to.clone_from(&new);
            }
            if in_force.get(&node.slug).is_some() && !self.mappings.iter().any(|m| m.from == node.slug) {
                let mapping = Mapping { from: node.slug.clone(), to: new.clone(), weight: WHOLE, main: true };
                self.mappings.push(mapping);
            }
            node.slug = new;
        }
        // What came back to its old slug needs no way there.
        self.mappings.retain(|m| m.from != m.to);
    }

    /// Takes a category and those below it out; mappings to them go too.
    pub fn remove(&mut self, slug: &str) {
        let inside = format!("{slug}/");
        let gone = |name: &str| name == slug || name.starts_with(&inside);
        self.categories.retain(|node| !gone(&node.slug));
        self.mappings.retain(|m| !gone(&m.to));
    }

    /// Everything that is wrong, by itself and beside the one in force. `units` are slugs of units.
    pub fn faults(&self, in_force: &Self, units: &BTreeSet<String>) -> Vec<TaxonomyFault> {
        let mut faults = Vec::new();
        let mut wrong = |slug: &str, wrong| faults.push(TaxonomyFault { slug: slug.to_owned(), wrong });
        let mut seen = BTreeSet::new();
        for node in &self.categories {
            if !is_slug(&node.slug) {
                wrong(&node.slug, "slug");
            } else if !seen.insert(node.slug.as_str()) {
                wrong(&node.slug, "twice");
            }
            if node.name.trim().is_empty() {
                wrong(&node.slug, "name");
            }
            if node.parent().is_some_and(|parent| self.get(parent).is_none()) {
                wrong(&node.slug, "parent");
            }
            if node.unit.as_ref().is_some_and(|unit| !units.contains(unit)) {
                wrong(&node.slug, "unit");
            }
            let mut names = BTreeSet::new();
            for field in &node.details.fields {
                if let Some(fault) = field.fault() {
                    wrong(&node.slug, fault.as_str());
                } else if !names.insert(&field.name) {
                    wrong(&node.slug, "field_twice");
                }
            }
        }
        if self.categories.is_empty() {
            wrong("", "empty");
        }
        let mut sums: BTreeMap<&str, (i64, usize)> = BTreeMap::new();
        for mapping in &self.mappings {
            let of = sums.entry(&mapping.from).or_default();
            *of = (of.0.saturating_add(mapping.weight), of.1 + usize::from(mapping.main));
            if in_force.get(&mapping.from).is_none() || self.get(&mapping.from).is_some() {
                wrong(&mapping.from, "mapping_from");
            }
            if self.get(&mapping.to).is_none() {
                wrong(&mapping.from, "mapping_to");
            }
            if !(1..=WHOLE).contains(&mapping.weight) {
                wrong(&mapping.from, "mapping_weight");
            }
        }
        for (from, (sum, mains)) in sums {
            if sum != WHOLE {
                wrong(from, "mapping_sum");
            }
            if mains > 1 {
                wrong(from, "mapping_mains");
            }
        }
        faults
    }

    /// How this document differs from the one in force.
    pub fn difference(&self, in_force: &Self) -> Difference {
        let mut found = Difference::default();
        for node in self.in_order() {
            let Some(before) = in_force.get(&node.slug) else {
                found.added.push(node.slug.clone());
                continue;
            };
            let what = changes(before, node);
            if !what.is_empty() {
                found.changed.push(Changed { slug: node.slug.clone(), name: node.name.clone(), what });
            }
        }
        for node in in_force.in_order().into_iter().filter(|node| self.get(&node.slug).is_none()) {
            found.retired.push(node.slug.clone());
            if !self.mappings.iter().any(|m| m.from == node.slug) {
                found.unmapped.push(node.slug.clone());
            }
        }
        found
    }
}

fn changes(before: &Node, after: &Node) -> Vec<&'static str> {
    let (a, b) = (&before.details, &after.details);
    let pairs = [
        ("name", before.name != after.name || before.name_en != after.name_en),
        ("unit", before.unit != after.unit),
        ("forward", before.forward != after.forward),
        ("not_competent", before.not_competent != after.not_competent),
        ("citizen", before.citizen != after.citizen),
        ("description", a.description != b.description || a.description_en != b.description_en),
        ("default_kind", a.default_kind != b.default_kind),
        ("keywords", a.keywords != b.keywords),
        ("notice", a.notice != b.notice || a.notice_en != b.notice_en),
        ("priority", a.priority != b.priority),
        ("skills", a.skills != b.skills),
        ("phases", a.phases != b.phases),
        ("fields", a.fields != b.fields),
    ];
    pairs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fields::FieldKind;
    use super::*;

    fn node(slug: &str) -> Node {
        Node { slug: slug.to_owned(), name: slug.to_owned(), citizen: true, ..Node::default() }
    }

    fn of(slugs: &[&str]) -> Taxonomy {
        Taxonomy { categories: slugs.iter().map(|s| node(s)).collect(), mappings: Vec::new() }
    }

    fn wrong(taxonomy: &Taxonomy, in_force: &Taxonomy) -> Vec<&'static str> {
        taxonomy.faults(in_force, &BTreeSet::new()).into_iter().map(|f| f.wrong).collect()
    }

    #[test]
    fn a_moved_category_takes_along_what_is_below_it_and_is_mapped() {
        let old = of(&["a", "a/b", "a/b/c", "d"]);
        let mut new = old.clone();
        new.rename("a/b", "d/b", &old);
        assert_eq!(new.in_order().iter().map(|n| n.slug.as_str()).collect::<Vec<_>>(), ["a", "d", "d/b", "d/b/c"]);
        assert_eq!(wrong(&new, &old), [""; 0]);
        assert_eq!(new.difference(&old).unmapped, [""; 0]);
        new.rename("d/b", "a/b", &old);
        assert_eq!(new.mappings, []);
        assert!(new.difference(&old).is_empty());
    }

    #[test]
    fn weights_of_a_split_add_up_and_one_part_at_most_is_the_main_one() {
        let old = of(&["a", "d"]);
        let mapping = |to: &str, weight, main| Mapping { from: "a".to_owned(), to: to.to_owned(), weight, main };
        let mut new = of(&["d", "e"]);
        new.mappings = vec![mapping("d", 700, true), mapping("e", 300, false)];
        assert_eq!(wrong(&new, &old), [""; 0]);
        new.mappings[1] = mapping("e", 200, true);
        assert_eq!(wrong(&new, &old), ["mapping_sum", "mapping_mains"]);
        new.mappings = vec![mapping("nowhere", 1000, true)];
        assert_eq!(wrong(&new, &old), ["mapping_to"]);
    }

    #[test]
    fn fields_are_inherited_and_replaced_by_name() {
        let field = |name: &str, label: &str| Field {
            name: name.to_owned(),
            label: label.to_owned(),
            kind: FieldKind::Text,
            ..Field::default()
        };
        let mut taxonomy = of(&["a", "a/b"]);
        taxonomy.categories[0].details.fields = vec![field("x", "sopra"), field("y", "sopra")];
        taxonomy.categories[1].details.fields = vec![field("y", "sotto"), field("z", "sotto")];
        let names = |slug: &str| {
            taxonomy.effective(slug).fields.iter().map(|f| format!("{} {}", f.name, f.label)).collect::<Vec<_>>()
        };
        assert_eq!(names("a"), ["x sopra", "y sopra"]);
        assert_eq!(names("a/b"), ["x sopra", "y sotto", "z sotto"]);
    }

    #[test]
    fn a_phase_holds_for_its_kind_and_channel_from_its_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let phase = |kind, channel, from| Phase { kind, channel, from: day(from) };
        let effective = Effective {
            phases: vec![
                phase(Some(RequestKind::Complaint), None, "2026-10-01"),
                phase(None, Some(Channel::Web), "2026-09-01"),
            ],
            fields: Vec::new(),
        };
        assert!(effective.enables(RequestKind::Report, Channel::Phone, day("2026-01-01")));
        assert!(!effective.enables(RequestKind::Report, Channel::Web, day("2026-08-31")));
        assert!(effective.enables(RequestKind::Report, Channel::Web, day("2026-09-01")));
        assert!(!effective.enables(RequestKind::Complaint, Channel::Web, day("2026-09-30")));
        assert!(effective.offered(day("2026-09-01")) && !effective.offered(day("2026-08-31")));
    }
}
