//! A plan for an emergency as a document, what its start changes, and what its end takes back. No I/O.
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::classification::model::{Details, Mapping, Node, Taxonomy, WHOLE};
use crate::knowledge::model::is_slug;
use crate::network::LegKind;
use crate::routing::model::{Action, Conditions, LegToSend, Rule};
use crate::tickets::assignment::Priority;

/// What callers hear while the plan is in force; empty: what they always hear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = EmergencyPhoneTexts)]
pub struct PhoneTexts {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub welcome: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub welcome_en: String,
    /// Before the answering machine.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message_en: String,
    /// Slug of the class of calls that say nothing else; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class: String,
}

/// A unit, of ours or of another body, that receives referrals only while the plan is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = EmergencyBody)]
pub struct Body {
    /// Names the unit for ever.
    pub slug: String,
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name_en: String,
    /// Slug of its agency, which is made if there is none.
    pub agency: String,
    /// Name of an agency that is made.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub agency_name: String,
    /// Where referrals go.
    pub email: String,
}

/// A class of requests that exists while the plan is in force, and comes before all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = EmergencyClass)]
pub struct Class {
    pub slug: String,
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name_en: String,
    /// For agents: what belongs here.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What arrives with one of these words, or with one that begins so, is of this class.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Whether citizens may choose it on the form.
    pub citizen: bool,
    /// Slug of the unit to which each request is sent at once; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// What that unit is asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// Slug of the ordinary class by which figures read it after the end; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub becomes: String,
}

impl Default for Class {
    fn default() -> Self {
        Self {
            slug: String::new(),
            name: String::new(),
            name_en: String::new(),
            description: String::new(),
            keywords: Vec::new(),
            citizen: true,
            unit: String::new(),
            question: String::new(),
            becomes: String::new(),
        }
    }
}

/// A plan for an emergency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = EmergencyPlan)]
pub struct Plan {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name_en: String,
    /// When to start it, for who decides.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// On every page of the citizens' site.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub banner: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub banner_en: String,
    /// On every page of the desk; the banner when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub desk: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub desk_en: String,
    /// Whether telephone and office answer at every hour.
    pub always_open: bool,
    /// Slugs of the calendars of terms that go on at every hour.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calendars: Vec<String>,
    pub phone: PhoneTexts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<Body>,
    /// The first are the most urgent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
}

/// Longest texts, in characters.
const TEXT: usize = 600;
const NAME: usize = 120;

impl Plan {
    /// What is wrong with it by itself: fields and stable names, whose messages are `emergency-wrong-…`.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut wrong = |field: String, wrong: &str| faults.push((field, wrong.to_owned()));
        let long = |text: &str, most: usize| text.chars().count() > most;
        if self.name.trim().is_empty() {
            wrong("name".to_owned(), "missing");
        }
        for (field, text, most) in [
            ("name", &self.name, NAME),
            ("banner", &self.banner, TEXT),
            ("banner_en", &self.banner_en, TEXT),
            ("desk", &self.desk, TEXT),
            ("welcome", &self.phone.welcome, TEXT),
            ("welcome_en", &self.phone.welcome_en, TEXT),
            ("message", &self.phone.message, TEXT),
        ] {
            if long(text, most) {
                wrong(field.to_owned(), "too_long");
            }
        }
        let mut slugs = BTreeSet::new();
        for (place, body) in self.bodies.iter().enumerate() {
            let field = |name: &str| format!("body-{place}-{name}");
            if body.name.trim().is_empty() || long(&body.name, NAME) {
                wrong(field("name"), "missing");
            }
            if !is_slug(&body.slug) || body.slug.contains('/') || !slugs.insert(body.slug.as_str()) {
                wrong(field("name"), "slug");
            }
            if !is_slug(&body.agency) || body.agency.contains('/') {
                wrong(field("agency_name"), "missing");
            }
            if !body.email.contains('@') {
                wrong(field("email"), "email");
            }
        }
        let mut slugs = BTreeSet::new();
        for (place, class) in self.classes.iter().enumerate() {
            let field = |name: &str| format!("class-{place}-{name}");
            if class.name.trim().is_empty() || long(&class.name, NAME) {
                wrong(field("name"), "missing");
            }
            if !is_slug(&class.slug) || !slugs.insert(class.slug.as_str()) {
                wrong(field("name"), "slug");
            }
            if !class.unit.is_empty() && class.question.trim().is_empty() {
                wrong(field("question"), "question");
            }
        }
        if !self.phone.class.is_empty() && !self.classes.iter().any(|class| class.slug == self.phone.class) {
            wrong("phone-class".to_owned(), "unknown");
        }
        faults
    }

    /// The rules that send the requests of its classes to who helps.
    pub fn rules(&self) -> Vec<Rule> {
        let sent = self.classes.iter().filter(|class| !class.unit.is_empty());
        let rule = |class: &Class| Rule {
            name: format!("{}: {}", self.name, class.name),
            when: Conditions { categories: vec![class.slug.clone()], ..Conditions::default() },
            then: Action {
                legs: vec![LegToSend {
                    unit: class.unit.clone(),
                    kind: LegKind::Competence,
                    question: class.question.trim().to_owned(),
                }],
                ..Action::default()
            },
        };
        sent.map(rule).collect()
    }

    /// The classification with its classes before all others; one that is there already becomes the plan's.
    pub fn classification(&self, ordinary: &Taxonomy) -> Taxonomy {
        let node = |class: &Class| Node {
            slug: class.slug.clone(),
            name: class.name.trim().to_owned(),
            name_en: class.name_en.trim().to_owned(),
            unit: Some(class.unit.clone()).filter(|unit| !unit.is_empty()),
            citizen: class.citizen,
            details: Details {
                description: class.description.clone(),
                keywords: class.keywords.clone(),
                // What an emergency is about is worked before all else.
                priority: Some(Priority::Urgent),
                ..Details::default()
            },
            ..Node::default()
        };
        let mut categories: Vec<Node> = self.classes.iter().map(node).collect();
        let rest = ordinary.categories.iter().filter(|node| !self.classes.iter().any(|class| class.slug == node.slug));
        categories.extend(rest.cloned());
        Taxonomy { categories, mappings: Vec::new() }
    }
}

/// A class that a start brought, and what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EmergencyClassChange)]
pub struct ClassChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Node>,
    pub applied: Node,
}

/// A calendar that a start opened at every hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EmergencyCalendarChange)]
pub struct CalendarChange {
    pub slug: String,
    pub name: String,
    /// Number of the version that opens it.
    pub number: i64,
    /// First day of that version, `YYYY-MM-DD`.
    pub since: String,
}

/// A unit that a start let receive referrals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EmergencyUnitChange)]
pub struct UnitChange {
    pub slug: String,
    pub name: String,
    pub email: String,
}

/// Slug and names of a classification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EmergencyClassification)]
pub struct Classification {
    pub slug: String,
    pub name: String,
    pub name_en: String,
}

/// All that a start changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = EmergencyChanges)]
pub struct Changes {
    /// What was in force before.
    pub classification: Classification,
    /// The first come first.
    pub classes: Vec<ClassChange>,
    /// Those set before all others.
    pub rules: Vec<Rule>,
    pub calendars: Vec<CalendarChange>,
    pub units: Vec<UnitChange>,
}

/// Something that an end did not take back, because people had changed it meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EmergencyLeftAlone)]
pub struct LeftAlone {
    /// `class`, `rule`, `calendar` or `unit`.
    pub what: String,
    pub name: String,
}

impl LeftAlone {
    /// Of a kind, by name.
    pub fn new(what: &str, name: &str) -> Self {
        Self { what: what.to_owned(), name: name.to_owned() }
    }
}

/// The classification after an end: each class that is still what the start made of it becomes what it was before,
/// and is read by the class that the plan names; what people changed stays, with the classes above it.
pub fn classification_after(plan: &Plan, changes: &[ClassChange], now: &Taxonomy) -> (Taxonomy, Vec<LeftAlone>) {
    let mut after = Taxonomy { categories: now.categories.clone(), mappings: Vec::new() };
    let mut left = Vec::new();
    for change in changes {
        let slug = &change.applied.slug;
        match (now.get(slug), &change.before) {
            (Some(node), Some(before)) if *node == change.applied => {
                if let Some(node) = after.get_mut(slug) {
                    node.clone_from(before);
                }
            }
            (Some(node), None) if *node == change.applied => after.categories.retain(|node| node.slug != *slug),
            (Some(node), _) => left.push(LeftAlone::new("class", &node.name)),
            (None, _) => left.push(LeftAlone::new("class", &change.applied.name)),
        }
    }
    // What people put below a class of the plan keeps it.
    for change in changes {
        let below = format!("{}/", change.applied.slug);
        let gone = after.get(&change.applied.slug).is_none() && now.get(&change.applied.slug).is_some();
        if gone && after.categories.iter().any(|node| node.slug.starts_with(&below)) {
            after.categories.push(change.applied.clone());
            left.push(LeftAlone::new("class", &change.applied.name));
        }
    }
    let becomes = |slug: &str| {
        let class = plan.classes.iter().find(|class| class.slug == slug)?;
        after.get(&class.becomes).is_some().then(|| class.becomes.clone())
    };
    let gone = now.categories.iter().filter(|node| after.get(&node.slug).is_none());
    let mappings = gone.filter_map(|node| {
        Some(Mapping { from: node.slug.clone(), to: becomes(&node.slug)?, weight: WHOLE, main: false })
    });
    after.mappings = mappings.collect();
    (after, left)
}

/// The rules after an end: those that the start set and nobody changed are gone.
pub fn rules_after(set: &[Rule], now: &[Rule]) -> (Vec<Rule>, Vec<LeftAlone>) {
    let after: Vec<Rule> = now.iter().filter(|rule| !set.contains(rule)).cloned().collect();
    let named = |rule: &&Rule| after.iter().any(|other| other.name == rule.name);
    let left = set.iter().filter(named).map(|rule| LeftAlone::new("rule", &rule.name)).collect();
    (after, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(slug: &str) -> Node {
        Node { slug: slug.to_owned(), name: slug.to_owned(), citizen: true, ..Node::default() }
    }

    fn taxonomy(slugs: &[&str]) -> Taxonomy {
        Taxonomy { categories: slugs.iter().map(|slug| node(slug)).collect(), mappings: Vec::new() }
    }

    fn plan() -> Plan {
        let class = |slug: &str, unit: &str, becomes: &str| Class {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            unit: unit.to_owned(),
            question: "Potete intervenire?".to_owned(),
            becomes: becomes.to_owned(),
            ..Class::default()
        };
        Plan {
            name: "Terremoto".to_owned(),
            classes: vec![class("quake", "", "safety"), class("quake/damage", "civil", "safety")],
            ..Plan::default()
        }
    }

    fn started(ordinary: &Taxonomy) -> (Taxonomy, Vec<ClassChange>) {
        let during = plan().classification(ordinary);
        let change = |class: &Class| ClassChange {
            before: ordinary.get(&class.slug).cloned(),
            applied: during.get(&class.slug).cloned().unwrap(),
        };
        let changes = plan().classes.iter().map(change).collect();
        (during, changes)
    }

    #[test]
    fn an_end_gives_back_what_was_there() {
        let ordinary = taxonomy(&["safety", "waste"]);
        let (during, changes) = started(&ordinary);
        assert_eq!(during.in_order()[0].slug, "quake", "what is urgent comes first");
        let (after, left) = classification_after(&plan(), &changes, &during);
        assert_eq!((after.categories, left), (ordinary.categories, Vec::new()));
        let mapped: Vec<_> = after.mappings.iter().map(|m| (m.from.as_str(), m.to.as_str(), m.main)).collect();
        assert_eq!(mapped, [("quake", "safety", false), ("quake/damage", "safety", false)]);
    }

    #[test]
    fn a_class_that_was_there_before_gets_its_own_text_back() {
        let ordinary = taxonomy(&["safety", "quake"]);
        let (during, changes) = started(&ordinary);
        let (after, left) = classification_after(&plan(), &changes, &during);
        assert!(left.is_empty() && after.mappings.len() == 1);
        assert_eq!(after.get("quake"), ordinary.get("quake"));
    }

    #[test]
    fn what_people_changed_meanwhile_stays_and_is_named() {
        let ordinary = taxonomy(&["safety"]);
        let (mut during, changes) = started(&ordinary);
        during.get_mut("quake/damage").unwrap().name = "Danni alle case".to_owned();
        during.categories.push(node("tents"));
        let (after, left) = classification_after(&plan(), &changes, &during);
        let slugs: BTreeSet<_> = after.categories.iter().map(|node| node.slug.as_str()).collect();
        assert_eq!(
            slugs,
            BTreeSet::from(["safety", "quake", "quake/damage", "tents"]),
            "its class above stays with it"
        );
        assert_eq!(left.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["Danni alle case", "quake"]);
        assert!(after.mappings.is_empty());
    }

    #[test]
    fn rules_of_others_stay_and_changed_ones_are_named() {
        let set = plan().rules();
        let other = Rule { name: "Rifiuti".to_owned(), ..Rule::default() };
        let now: Vec<Rule> = set.iter().cloned().chain([other.clone()]).collect();
        assert_eq!(rules_after(&set, &now), (vec![other.clone()], Vec::new()));
        let mut changed = now;
        changed[0].then.legs.clear();
        let (after, left) = rules_after(&set, &changed);
        assert_eq!((after.len(), left.len()), (2, 1));
    }

    #[test]
    fn a_plan_says_what_is_wrong_with_it() {
        assert_eq!(plan().faults(), []);
        let mut wrong = plan();
        wrong.name = " ".to_owned();
        wrong.classes[1].question.clear();
        wrong.bodies.push(Body { slug: "A b".to_owned(), name: "X".to_owned(), ..Body::default() });
        wrong.phone.class = "none".to_owned();
        let fields: Vec<_> = wrong.faults().into_iter().map(|(field, _)| field).collect();
        let expected = ["name", "body-0-name", "body-0-agency_name", "body-0-email", "class-1-question", "phone-class"];
        assert_eq!(fields, expected);
    }
}
