//! Rules and the decision they lead to: pure, so that a rule can be tried on what has been.
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::names::stored_enum;
use crate::network::LegKind;
use crate::organisation::UnitKind;
use crate::tickets::{Channel, RequestKind};

stored_enum! {
    /// Where a version of the rules stands.
    RoutingState {
        Draft = "draft",
        /// In force: one of all.
        Active = "active",
        Replaced = "replaced",
    }
}

stored_enum! {
    /// What kind of user a person is (001-16).
    Segment {
        Resident = "resident",
        /// Of a neighbouring town.
        Neighbour = "neighbour",
        Professional = "professional",
        Association = "association",
        Business = "business",
        /// Somebody to be looked after first.
        Fragile = "fragile",
    }
}

/// A unit has at least so many open requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Slug.
    pub unit: String,
    pub at_least: i64,
}

/// When a rule holds: all that it names must be so; what it does not name does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Slugs of categories; those below them are meant too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<RequestKind>,
    /// `it`, `en` and so on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// Slugs of areas.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// While the office answers, or while it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<Load>,
}

/// A leg that is sent at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegToSend {
    /// Slug of the unit.
    pub unit: String,
    pub kind: LegKind,
    pub question: String,
}

/// What a rule does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Action {
    /// Slug of the unit that owns the request; who would own it without the rule when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Login of the agent who gets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Several go out in parallel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<LegToSend>,
}

/// A rule. The first that holds decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    pub when: Conditions,
    pub then: Action,
}

/// A unit as rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    pub id: i64,
    pub agency: i64,
    pub kind: UnitKind,
    /// Of the agency that runs this installation: only such units own requests.
    pub own: bool,
}

impl Office {
    /// Whether this unit may get a request from `sender`: a back office gets it from its own agency or from an
    /// entry point only (004-09).
    pub fn may_receive_from(&self, sender: &Self) -> bool {
        self.kind != UnitKind::BackOffice || sender.kind == UnitKind::EntryPoint || sender.agency == self.agency
    }
}

/// The units that exist today, by slug.
pub type Offices = BTreeMap<String, Office>;

/// What is known of a new request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Slug; `None` without a category.
    pub category: Option<String>,
    pub channel: Channel,
    pub kind: RequestKind,
    pub language: String,
    pub segment: Option<Segment>,
    /// Slugs of the areas it speaks of.
    pub areas: BTreeSet<String>,
    /// Whether the office answers at the moment.
    pub open: bool,
    /// Open requests by slug of the unit; a rule about a unit that is not here does not hold.
    pub load: BTreeMap<String, i64>,
}

/// What was decided, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Place of the rule, from 0.
    pub place: usize,
    pub name: String,
    /// The conditions that it named and that were so.
    pub because: Vec<&'static str>,
    /// Row id of the unit that owns the request.
    pub unit: i64,
    pub assignee: Option<i64>,
    /// Units and what is asked of them; only those that may get it.
    pub legs: Vec<(i64, LegKind, String)>,
}

impl Conditions {
    /// What is named and so; `None` when something is not.
    pub fn hold(&self, facts: &Facts) -> Option<Vec<&'static str>> {
        let within = |slug: &String| {
            let category = facts.category.as_deref().unwrap_or_default();
            category == slug || category.strip_prefix(slug.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        let language = |tag: &String| facts.language.split('-').next() == Some(tag.as_str());
        let loaded = |load: &Load| facts.load.get(&load.unit).is_some_and(|count| *count >= load.at_least);
        let asked = [
            ("category", self.categories.is_empty(), self.categories.iter().any(within)),
            ("channel", self.channels.is_empty(), self.channels.contains(&facts.channel)),
            ("kind", self.kinds.is_empty(), self.kinds.contains(&facts.kind)),
            ("language", self.languages.is_empty(), self.languages.iter().any(language)),
            ("segment", self.segments.is_empty(), facts.segment.is_some_and(|s| self.segments.contains(&s))),
            ("area", self.areas.is_empty(), self.areas.iter().any(|area| facts.areas.contains(area))),
            ("open", self.open.is_none(), self.open == Some(facts.open)),
            ("load", self.load.is_none(), self.load.as_ref().is_some_and(loaded)),
        ];
        if asked.iter().any(|(_, free, so)| !free && !so) {
            return None;
        }
        Some(asked.into_iter().filter(|(_, free, _)| !free).map(|(name, _, _)| name).collect())
    }
}

/// Decides about a request that `owner` would own: the first rule that holds and that can be followed today.
/// `None` leaves everything as it would be.
pub fn decide(
    rules: &[Rule],
    facts: &Facts,
    owner: i64,
    offices: &Offices,
    agents: &BTreeMap<String, i64>,
) -> Option<Decision> {
    let of_owner = offices.values().find(|office| office.id == owner);
    rules.iter().enumerate().find_map(|(place, rule)| {
        let because = rule.when.hold(facts)?;
        let unit = match &rule.then.unit {
            // A unit that is no more, or may not get it, decides nothing: the next rule is asked.
            Some(slug) => offices
                .get(slug)
                .filter(|office| office.own && of_owner.is_none_or(|owner| office.may_receive_from(owner)))?,
            None => of_owner?,
        };
        let leg = |leg: &LegToSend| {
            let to = offices.get(&leg.unit)?;
            (to.id != unit.id && to.may_receive_from(unit)).then(|| (to.id, leg.kind, leg.question.clone()))
        };
        Some(Decision {
            place,
            name: rule.name.clone(),
            because,
            unit: unit.id,
            assignee: rule.then.assignee.as_ref().and_then(|login| agents.get(login)).copied(),
            legs: rule.then.legs.iter().filter_map(leg).collect(),
        })
    })
}

/// Something wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// From 1.
    pub rule: usize,
    /// A stable name; messages are `routing-wrong-…`.
    pub wrong: &'static str,
}

/// What rules may name.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub offices: Offices,
    pub agents: BTreeMap<String, i64>,
    pub categories: BTreeSet<String>,
    pub areas: BTreeSet<String>,
    /// Slug of the unit that owns what no rule sends elsewhere.
    pub entry: String,
}

/// Everything that keeps rules from coming into force, the back-office rule of 004-09 included.
pub fn faults(rules: &[Rule], named: &Named) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    for (rule, number) in rules.iter().zip(1..) {
        let mut wrong = |wrong| faults.push(RuleFault { rule: number, wrong });
        if rule.name.trim().is_empty() {
            wrong("name");
        }
        if rule.when.categories.iter().any(|slug| !named.categories.contains(slug)) {
            wrong("category");
        }
        if rule.when.areas.iter().any(|slug| !named.areas.contains(slug)) {
            wrong("area");
        }
        if rule.when.load.as_ref().is_some_and(|load| !named.offices.contains_key(&load.unit) || load.at_least < 1) {
            wrong("load");
        }
        let Action { unit, assignee, legs } = &rule.then;
        if unit.is_none() && assignee.is_none() && legs.is_empty() {
            wrong("nothing");
        }
        if assignee.as_ref().is_some_and(|login| !named.agents.contains_key(login)) {
            wrong("assignee");
        }
        let entry = named.offices.get(&named.entry);
        let owner = match unit {
            None => entry,
            Some(slug) => match named.offices.get(slug) {
                None => {
                    wrong("unit");
                    continue;
                }
                Some(office) if !office.own => {
                    wrong("foreign_owner");
                    continue;
                }
                Some(office) => {
                    if entry.is_some_and(|entry| !office.may_receive_from(entry)) {
                        wrong("scope");
                    }
                    Some(office)
                }
            },
        };
        for leg in legs {
            match (named.offices.get(&leg.unit), owner) {
                (None, _) => wrong("leg_unit"),
                (Some(to), Some(from)) if to.id == from.id => wrong("leg_owner"),
                (Some(to), Some(from)) if !to.may_receive_from(from) => wrong("scope"),
                (Some(_), _) if leg.question.trim().is_empty() => wrong("leg_question"),
                (Some(_), _) => {}
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offices() -> impl Strategy<Value = Offices> {
        let one = (0..2_i64, 0..UnitKind::ALL.len());
        prop::collection::vec(one, 1..6).prop_map(|all| {
            let office = |(id, (agency, kind)): (i64, (i64, usize))| {
                (format!("u{id}"), Office { id, agency, kind: UnitKind::ALL[kind], own: agency == 0 })
            };
            (0..).zip(all).map(office).collect()
        })
    }

    fn rules() -> impl Strategy<Value = Vec<Rule>> {
        let unit = (0..7_i64).prop_map(|n| format!("u{n}"));
        let leg = (unit.clone(), 0..3_usize).prop_map(|(unit, kind)| LegToSend {
            unit,
            kind: LegKind::ALL[kind],
            question: "?".to_owned(),
        });
        let channels = prop::collection::vec(0..Channel::ALL.len(), 0..3);
        let rule =
            (prop::option::of(unit), prop::collection::vec(leg, 0..3), channels, prop::option::of(any::<bool>()));
        let rule = rule.prop_map(|(unit, legs, channels, open)| Rule {
            name: "r".to_owned(),
            when: Conditions {
                channels: channels.into_iter().map(|c| Channel::ALL[c]).collect(),
                open,
                ..Conditions::default()
            },
            then: Action { unit, assignee: None, legs },
        });
        prop::collection::vec(rule, 0..5)
    }

    fn facts(channel: usize, open: bool) -> Facts {
        Facts {
            category: Some("roads/potholes".to_owned()),
            channel: Channel::ALL[channel],
            kind: RequestKind::Report,
            language: "it".to_owned(),
            segment: None,
            areas: BTreeSet::new(),
            open,
            load: BTreeMap::new(),
        }
    }

    proptest! {
        #[test]
        fn a_decision_is_always_the_same_and_never_against_the_rule_for_back_offices(
            offices in offices(), rules in rules(), owner in 0..6_i64, channel in 0..Channel::ALL.len(), open: bool
        ) {
            let facts = facts(channel, open);
            let decided = decide(&rules, &facts, owner, &offices, &BTreeMap::new());
            prop_assert_eq!(&decided, &decide(&rules, &facts, owner, &offices, &BTreeMap::new()));
            if let Some(decision) = decided {
                let by_id = |id: i64| offices.values().find(|office| office.id == id).unwrap();
                let unit = by_id(decision.unit);
                if decision.unit != owner {
                    prop_assert!(unit.own);
                    if offices.values().any(|o| o.id == owner) {
                        prop_assert!(unit.may_receive_from(by_id(owner)));
                    }
                }
                for (leg, _, _) in decision.legs {
                    prop_assert!(leg != unit.id && by_id(leg).may_receive_from(unit));
                }
            }
        }

        #[test]
        fn rules_without_faults_send_all_that_they_name(offices in offices(), rules in rules(), channel in 0..Channel::ALL.len(), open: bool) {
            let named = Named { offices: offices.clone(), entry: "u0".to_owned(), ..Named::default() };
            if faults(&rules, &named).is_empty() && offices["u0"].own {
                let facts = facts(channel, open);
                let first = rules.iter().find(|rule| rule.when.hold(&facts).is_some());
                let decided = decide(&rules, &facts, 0, &offices, &BTreeMap::new());
                prop_assert_eq!(decided.as_ref().map(|d| d.legs.len()), first.map(|rule| rule.then.legs.len()));
            }
        }
    }

    #[test]
    fn a_rule_names_a_category_with_all_below_it_and_no_neighbour() {
        let when = |slug: &str| Conditions { categories: vec![slug.to_owned()], ..Conditions::default() };
        let facts = facts(0, true);
        assert_eq!(when("roads").hold(&facts), Some(vec!["category"]));
        assert_eq!(when("roads/potholes").hold(&facts), Some(vec!["category"]));
        assert_eq!(when("road").hold(&facts), None);
        assert_eq!(
            Conditions { load: Some(Load { unit: "u0".to_owned(), at_least: 1 }), ..Conditions::default() }
                .hold(&facts),
            None
        );
    }
}
