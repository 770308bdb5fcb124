//! Rules as TOML and JSON: two spellings of the same document.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RulesError;
use super::model::Rule;

/// The document that is exported and imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// Reads a document of either spelling: what begins with a brace is JSON.
///
/// # Errors
/// [`RulesError::Unreadable`] with what the reader says.
pub fn read(text: &str) -> Result<Vec<Rule>, RulesError> {
    let set = if text.trim_start().starts_with('{') {
        serde_json::from_str::<RuleSet>(text).map_err(|e| RulesError::Unreadable(e.to_string()))?
    } else {
        toml::from_str::<RuleSet>(text).map_err(|e| RulesError::Unreadable(e.message().to_owned()))?
    };
    Ok(set.rules)
}

/// Rules as TOML.
///
/// # Errors
/// [`RulesError::Unreadable`] for what TOML cannot spell.
pub fn to_toml(rules: &[Rule]) -> Result<String, RulesError> {
    toml::to_string_pretty(&RuleSet { rules: rules.to_vec() }).map_err(|e| RulesError::Unreadable(e.to_string()))
}

/// Rules as JSON.
///
/// # Errors
/// As [`to_toml`].
pub fn to_json(rules: &[Rule]) -> Result<String, RulesError> {
    serde_json::to_string_pretty(&RuleSet { rules: rules.to_vec() }).map_err(|e| RulesError::Unreadable(e.to_string()))
}

/// A set of rules that ships with the program.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Names it in addresses and in the catalogues.
    pub name: &'static str,
    text: &'static str,
}

/// The sets that ship with the program.
pub const EXAMPLES: [Example; 2] = [
    Example {
        name: "housing-certificate",
        text: include_str!("../../../examples/automation/housing-certificate.toml"),
    },
    Example { name: "everyday", text: include_str!("../../../examples/automation/everyday.toml") },
];

impl Example {
    /// Its rules.
    ///
    /// # Errors
    /// Never for those that ship, which a test reads.
    pub fn rules(&self) -> Result<Vec<Rule>, RulesError> {
        read(self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::automation::rules::model::{Condition, Join, On, Otherwise, Step, Trigger, WaitUnit, Whom};
    use crate::clocks::PhaseKind;
    use crate::network::LegKind;
    use crate::tickets::Channel;

    fn pick<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
        (0..all.len()).prop_map(move |n| all[n])
    }

    fn words() -> impl Strategy<Value = String> {
        // Quotes, brackets, line ends and what else either spelling must escape.
        "[a-zà-ù\"'\\[\\]{}=#\\\\\n\t «»0-9]{0,24}"
    }

    fn condition() -> impl Strategy<Value = Condition> {
        (pick(On::ALL), words(), prop::collection::vec(words(), 0..3), any::<bool>())
            .prop_map(|(on, name, is, not)| Condition { on, name, is, not })
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (
                pick(Whom::ALL),
                prop::option::of(pick(Channel::ALL)),
                words(),
                words(),
                words(),
                prop::collection::vec(words(), 0..3)
            )
                .prop_map(|(to, by, subject, text, postal, releases)| Step::Notify {
                    to,
                    by,
                    subject,
                    text,
                    postal,
                    releases
                }),
            (prop::option::of(words()), prop::option::of(words()))
                .prop_map(|(unit, agent)| Step::Assign { unit, agent }),
            (words(), pick(LegKind::ALL), words()).prop_map(|(unit, kind, text)| Step::Leg { unit, kind, text }),
            (words(), words()).prop_map(|(name, value)| Step::SetField { name, value }),
            (words(), pick(PhaseKind::ALL)).prop_map(|(protocol, phase)| Step::StartClock { protocol, phase }),
            (words(), words(), prop::option::of(words()), prop::option::of(words()))
                .prop_map(|(subject, text, category, unit)| Step::OpenChild { subject, text, category, unit }),
            words().prop_map(|text| Step::Note { text }),
            words().prop_map(|subscription| Step::Webhook { subscription }),
            (any::<i64>(), pick(WaitUnit::ALL), words()).prop_map(|(amount, unit, calendar)| Step::Wait {
                amount,
                unit,
                calendar
            }),
            (words(), any::<i64>()).prop_map(|(field, days)| Step::WaitDate { field, days }),
            (pick(Trigger::ALL), any::<i64>(), pick(Otherwise::ALL))
                .prop_map(|(event, days, otherwise)| Step::WaitEvent { event, days, otherwise }),
            (pick(Join::ALL), prop::collection::vec(condition(), 0..3))
                .prop_map(|(join, when)| Step::Only { join, when }),
        ]
    }

    fn rule() -> impl Strategy<Value = Rule> {
        (
            words(),
            pick(Trigger::ALL),
            pick(Join::ALL),
            prop::option::of(any::<i64>()),
            prop::collection::vec(condition(), 0..4),
            prop::collection::vec(step(), 0..6),
        )
            .prop_map(|(name, when, join, most_per_hour, conditions, then)| Rule {
                name,
                when,
                join,
                most_per_hour,
                conditions,
                then,
            })
    }

    proptest! {
        #[test]
        fn what_is_exported_comes_back_the_same_in_either_spelling(rules in prop::collection::vec(rule(), 0..4)) {
            prop_assert_eq!(&read(&to_toml(&rules).unwrap()).unwrap(), &rules);
            prop_assert_eq!(&read(&to_json(&rules).unwrap()).unwrap(), &rules);
            let over = read(&to_json(&read(&to_toml(&rules).unwrap()).unwrap()).unwrap()).unwrap();
            prop_assert_eq!(over, rules);
        }
    }

    #[test]
    fn the_sets_that_ship_are_read_and_unknown_words_are_refused() {
        for example in EXAMPLES {
            assert!(!example.rules().unwrap().is_empty(), "{}", example.name);
        }
        assert!(read("[[rule]]\nname = 'x'\nwhen = 'ticket.opened'\nthen = [{ do = 'dance' }]").is_err());
        assert!(
            read("[[rule]]\nname = 'x'\nwhen = 'ticket.opened'\nif = [{ on = 'state', is = [], or = 1 }]").is_err()
        );
    }
}
