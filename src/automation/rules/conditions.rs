//! Whether conditions hold: a pure function of what is known of a ticket.
use std::collections::{BTreeMap, BTreeSet};

use knowledge_base::analysis::fold;

use super::model::{Condition, Join, On, Rule, Trigger};
use crate::kernel::time::Instant;

/// What is known of a ticket when a rule looks at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Slug; empty without one.
    pub category: String,
    pub channel: String,
    pub kind: String,
    pub language: String,
    /// Slug of the owner.
    pub unit: String,
    /// Slug of the unit of the event's leg; empty without one.
    pub leg_unit: String,
    /// Slugs of the areas it speaks of; only looked up where a rule asks.
    pub areas: BTreeSet<String>,
    /// Empty when unknown.
    pub segment: String,
    pub state: String,
    pub answers: BTreeMap<String, Vec<String>>,
    pub subject: String,
    /// What the event's message says, else the first one.
    pub text: String,
    pub opened_at: Instant,
    pub assigned: bool,
}

impl Condition {
    /// Whether it holds at an instant.
    pub fn holds(&self, facts: &Facts, now: Instant) -> bool {
        let one = |value: &str| self.is.iter().any(|is| is == value);
        let so = match self.on {
            On::Category => self.is.iter().any(|slug| {
                facts.category == *slug
                    || facts.category.strip_prefix(slug.as_str()).is_some_and(|rest| rest.starts_with('/'))
            }),
            On::Channel => one(&facts.channel),
            On::Kind => one(&facts.kind),
            On::Language => one(facts.language.split('-').next().unwrap_or_default()),
            On::Unit => one(&facts.unit),
            On::LegUnit => one(&facts.leg_unit),
            On::Area => self.is.iter().any(|slug| facts.areas.contains(slug)),
            On::Segment => one(&facts.segment),
            On::State => one(&facts.state),
            On::Field => facts.answers.get(&self.name).is_some_and(|answers| answers.iter().any(|a| one(a))),
            On::Text => {
                let said = fold(&format!("{}\n{}", facts.subject, facts.text));
                self.is.iter().map(|word| fold(word.trim())).any(|word| !word.is_empty() && said.contains(&word))
            }
            On::Age => self
                .is
                .first()
                .and_then(|hours| hours.parse::<i64>().ok())
                .is_some_and(|hours| now.since(facts.opened_at).as_hours() >= hours),
            On::Assigned => one(if facts.assigned { "yes" } else { "no" }),
        };
        so != self.not
    }
}

/// Whether conditions hold together; none always do.
pub fn hold(join: Join, conditions: &[Condition], facts: &Facts, now: Instant) -> bool {
    match join {
        Join::All => conditions.iter().all(|c| c.holds(facts, now)),
        Join::Any => conditions.is_empty() || conditions.iter().any(|c| c.holds(facts, now)),
    }
}

/// Whether an event concerns a rule: one that sets fields only if it set a field that the rule looks at, so that a
/// correction of another does not start it again.
pub fn concerns(rule: &Rule, changed: &[String]) -> bool {
    let mut looked = rule.conditions.iter().filter(|c| c.on == On::Field).peekable();
    rule.when != Trigger::FieldsSet || looked.peek().is_none() || looked.any(|c| changed.contains(&c.name))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn facts() -> Facts {
        Facts {
            category: "casa/idoneita".to_owned(),
            channel: "email".to_owned(),
            subject: "Perdita d’ACQUA".to_owned(),
            text: "La città è bagnata".to_owned(),
            answers: BTreeMap::from([("esito".to_owned(), vec!["positivo".to_owned()])]),
            ..Facts::default()
        }
    }

    fn on(on: On, is: &[&str]) -> Condition {
        Condition { on, name: String::new(), is: is.iter().map(|&v| v.to_owned()).collect(), not: false }
    }

    #[test]
    fn a_category_means_those_below_it_and_no_other_that_begins_alike() {
        let now = Instant::default();
        assert!(on(On::Category, &["casa"]).holds(&facts(), now));
        assert!(!on(On::Category, &["cas"]).holds(&facts(), now));
        assert!(!Condition { not: true, ..on(On::Category, &["casa"]) }.holds(&facts(), now));
    }

    #[test]
    fn words_are_found_without_accents_and_capitals_and_fields_by_their_name() {
        let now = Instant::default();
        assert!(on(On::Text, &["citta"]).holds(&facts(), now) && on(On::Text, &["acqua"]).holds(&facts(), now));
        assert!(!on(On::Text, &["", " "]).holds(&facts(), now));
        assert!(Condition { name: "esito".to_owned(), ..on(On::Field, &["positivo"]) }.holds(&facts(), now));
        assert!(!Condition { name: "altro".to_owned(), ..on(On::Field, &["positivo"]) }.holds(&facts(), now));
    }

    #[test]
    fn all_or_one_is_enough() {
        let both = [on(On::Channel, &["email"]), on(On::Channel, &["sms"])];
        assert!(!hold(Join::All, &both, &facts(), Instant::default()));
        assert!(hold(Join::Any, &both, &facts(), Instant::default()));
        assert!(hold(Join::Any, &[], &facts(), Instant::default()));
    }

    #[test]
    fn setting_another_field_does_not_concern_a_rule() {
        let esito = Condition { name: "esito".to_owned(), ..on(On::Field, &["positivo"]) };
        let rule = Rule { when: Trigger::FieldsSet, conditions: vec![esito], ..Rule::default() };
        assert!(
            concerns(&rule, &["motivo".to_owned(), "esito".to_owned()]) && !concerns(&rule, &["motivo".to_owned()])
        );
        assert!(concerns(&Rule { conditions: Vec::new(), ..rule.clone() }, &[]));
        assert!(concerns(&Rule { when: Trigger::Opened, ..rule }, &[]));
    }

    #[test]
    fn age_counts_whole_hours_since_the_opening() {
        let now = Instant::default().plus(SignedDuration::from_mins(119));
        assert!(on(On::Age, &["1"]).holds(&facts(), now) && !on(On::Age, &["2"]).holds(&facts(), now));
    }
}
