//! Everything that keeps rules from coming into force. No I/O.
use std::collections::{BTreeMap, BTreeSet};

use super::message;
use super::model::{Condition, On, Rule, Step, WaitUnit, Whom};
use crate::kernel::time::Instant;
use crate::routing::model::{Offices, Segment};
use crate::tickets::{Channel, RequestKind, State};

/// Longest wait, in days.
const FAR: i64 = 3_660;
/// Longest text of a step, in characters.
const LONG: usize = 4_000;
/// Most steps of a rule.
const STEPS: usize = 30;

/// Something wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// From 1.
    pub rule: usize,
    /// From 1; 0 where it concerns no step.
    pub step: usize,
    /// A stable name; messages are `rules-wrong-…`.
    pub wrong: &'static str,
}

impl RuleFault {
    /// Where it is, for programs.
    pub fn place(&self) -> String {
        match self.step {
            0 => format!("rules.{}", self.rule),
            step => format!("rules.{}.then.{step}", self.rule),
        }
    }
}

/// What rules may name.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub offices: Offices,
    /// Row ids by login.
    pub agents: BTreeMap<String, i64>,
    pub categories: BTreeSet<String>,
    pub areas: BTreeSet<String>,
    /// Names of fields that some category asks.
    pub fields: BTreeSet<String>,
    /// Row ids by slug.
    pub calendars: BTreeMap<String, i64>,
    /// By slug, with the phases of tickets that the version in force has.
    pub protocols: BTreeMap<String, BTreeSet<String>>,
    /// Names of subscriptions.
    pub subscriptions: BTreeSet<String>,
    /// Slug of the unit that owns what nobody sends elsewhere.
    pub entry: String,
    pub now: Instant,
}

/// Everything wrong with rules.
pub fn faults(rules: &[Rule], named: &Named) -> Vec<RuleFault> {
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for (rule, number) in rules.iter().zip(1..) {
        let mut wrong = |step, wrong| faults.push(RuleFault { rule: number, step, wrong });
        if rule.name.trim().is_empty() || rule.name.chars().count() > 120 {
            wrong(0, "name");
        } else if !names.insert(rule.name.trim().to_lowercase()) {
            wrong(0, "same_name");
        }
        if rule.most_per_hour.is_some_and(|most| !(1..=100_000).contains(&most)) {
            wrong(0, "rate");
        }
        for condition in &rule.conditions {
            if let Some(what) = of_condition(condition, named) {
                wrong(0, what);
            }
        }
        if rule.then.is_empty() {
            wrong(0, "nothing");
        }
        if rule.then.len() > STEPS {
            wrong(0, "too_many");
        }
        for (step, place) in rule.then.iter().zip(1..) {
            for what in of_step(step, named) {
                wrong(place, what);
            }
        }
    }
    faults
}

fn of_condition(condition: &Condition, named: &Named) -> Option<&'static str> {
    let all = |known: &dyn Fn(&String) -> bool| condition.is.iter().all(known);
    if condition.is.is_empty() {
        return Some("condition_empty");
    }
    let fine = match condition.on {
        On::Category => all(&|slug| named.categories.contains(slug)),
        On::Channel => all(&|name| Channel::from_text(name).is_some()),
        On::Kind => all(&|name| RequestKind::from_text(name).is_some()),
        On::Language => all(&|tag| (2..=3).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_lowercase())),
        On::Unit | On::LegUnit => all(&|slug| named.offices.contains_key(slug)),
        On::Area => all(&|slug| named.areas.contains(slug)),
        On::Segment => all(&|name| Segment::from_text(name).is_some()),
        On::State => all(&|name| State::from_text(name).is_some()),
        On::Field => named.fields.contains(&condition.name),
        On::Text => true,
        On::Age => {
            condition.is.len() == 1 && all(&|hours| hours.parse::<i64>().is_ok_and(|h| (1..=87_600).contains(&h)))
        }
        On::Assigned => all(&|word| word == "yes" || word == "no"),
    };
    if fine {
        return None;
    }
    Some(match condition.on {
        On::Category => "category",
        On::Unit | On::LegUnit => "unit",
        On::Area => "area",
        On::Field => "field",
        On::Age => "age",
        On::Channel | On::Kind | On::Language | On::Segment | On::State | On::Text | On::Assigned => "condition",
    })
}

fn of_step(step: &Step, named: &Named) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    let entry = named.offices.get(&named.entry);
    let text = |text: &str| text.trim().is_empty() || text.chars().count() > LONG;
    let days = |days: i64| !(1..=FAR).contains(&days);
    match step {
        Step::Notify { to, by, subject, text: body, postal, releases } => {
            if releases.iter().any(|name| !named.fields.contains(name)) {
                wrong.push("field");
            }
            if text(body) || subject.trim().is_empty() {
                wrong.push("text");
            }
            if [body, subject, postal].into_iter().any(|text| message::unknown(text).is_some()) {
                wrong.push("placeholder");
            }
            let writes =
                |c: &Channel| !matches!(c, Channel::Phone | Channel::Voicemail | Channel::Web | Channel::Counter);
            if by.as_ref().is_some_and(|c| !writes(c)) || (*to != Whom::Citizen && by.is_some()) {
                wrong.push("channel");
            }
        }
        Step::Assign { unit, agent } => {
            if unit.is_none() && agent.is_none() {
                wrong.push("assign");
            }
            if let Some(slug) = unit {
                match named.offices.get(slug) {
                    None => wrong.push("unit"),
                    Some(office) if !office.own => wrong.push("foreign_owner"),
                    Some(office) if entry.is_some_and(|entry| !office.may_receive_from(entry)) => wrong.push("scope"),
                    Some(_) => {}
                }
            }
            if agent.as_ref().is_some_and(|login| !named.agents.contains_key(login)) {
                wrong.push("agent");
            }
        }
        Step::Leg { unit, text: asked, .. } => {
            match named.offices.get(unit) {
                None => wrong.push("unit"),
                Some(office) if entry.is_some_and(|entry| !office.may_receive_from(entry)) => wrong.push("scope"),
                Some(_) => {}
            }
            if text(asked) {
                wrong.push("text");
            }
            if message::unknown(asked).is_some() {
                wrong.push("placeholder");
            }
        }
        Step::SetField { name, value } => {
            if !named.fields.contains(name) || value.trim().is_empty() {
                wrong.push("field");
            }
        }
        Step::StartClock { protocol, phase } => {
            if named.protocols.get(protocol).is_none_or(|phases| !phases.contains(phase.as_str())) {
                wrong.push("clock");
            }
        }
        Step::OpenChild { subject, text: body, category, unit } => {
            if subject.trim().is_empty() || text(body) {
                wrong.push("text");
            }
            if message::unknown(body).is_some() || message::unknown(subject).is_some() {
                wrong.push("placeholder");
            }
            if category.as_ref().is_some_and(|slug| !named.categories.contains(slug)) {
                wrong.push("category");
            }
            if unit.as_ref().is_some_and(|slug| named.offices.get(slug).is_none_or(|office| !office.own)) {
                wrong.push("unit");
            }
        }
        Step::Note { text: body } => {
            if text(body) {
                wrong.push("text");
            }
            if message::unknown(body).is_some() {
                wrong.push("placeholder");
            }
        }
        Step::Webhook { subscription } => {
            if !named.subscriptions.contains(subscription) {
                wrong.push("webhook");
            }
        }
        Step::Wait { amount, unit, calendar } => {
            let most = match unit {
                WaitUnit::Minutes => FAR * 1_440,
                WaitUnit::Hours => FAR * 24,
                WaitUnit::Days | WaitUnit::WorkingDays => FAR,
            };
            if !(1..=most).contains(amount) {
                wrong.push("wait");
            }
            if *unit == WaitUnit::WorkingDays && !named.calendars.contains_key(calendar) {
                wrong.push("calendar");
            }
        }
        Step::WaitDate { field, days } => {
            if !named.fields.contains(field) {
                wrong.push("field");
            }
            if !(-FAR..=FAR).contains(days) {
                wrong.push("wait");
            }
        }
        Step::WaitEvent { days: most, .. } => {
            if days(*most) {
                wrong.push("wait");
            }
        }
        Step::Only { when, .. } => {
            if when.is_empty() {
                wrong.push("condition_empty");
            }
            wrong.extend(when.iter().filter_map(|condition| of_condition(condition, named)));
        }
    }
    wrong
}
