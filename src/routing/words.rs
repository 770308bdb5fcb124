//! Rules as sentences.
use super::model::{LegToSend, Rule};
use crate::kernel::language::Language;

/// Names of what rules mention by slug; a slug stands for itself where it has no name.
pub trait Spell {
    /// The name of a unit.
    fn unit(&self, slug: &str) -> String;
    /// The name of a category.
    fn category(&self, slug: &str) -> String;
    /// The name of an area.
    fn area(&self, slug: &str) -> String;
}

/// What a rule does and when, in one sentence.
pub fn sentence(rule: &Rule, names: &impl Spell, language: Language) -> String {
    let join = |all: Vec<String>| all.join(&language.text("routing-or"));
    let when = &rule.when;
    let say = |key: &str, what: String| language.text_with(key, &[("what", what)]);
    let mut parts = Vec::new();
    let mut add = |key: &str, all: Vec<String>| {
        if !all.is_empty() {
            parts.push(say(key, join(all)));
        }
    };
    add("routing-if-category", when.categories.iter().map(|slug| names.category(slug)).collect());
    add(
        "routing-if-channel",
        when.channels.iter().map(|c| language.text(&format!("channel-{}", c.as_str()))).collect(),
    );
    add("routing-if-kind", when.kinds.iter().map(|k| language.text(&format!("request-kind-{}", k.as_str()))).collect());
    add("routing-if-language", when.languages.clone());
    add(
        "routing-if-segment",
        when.segments.iter().map(|s| language.text(&format!("segment-{}", s.as_str()))).collect(),
    );
    add("routing-if-area", when.areas.iter().map(|slug| names.area(slug)).collect());
    if let Some(open) = when.open {
        parts.push(language.text(if open { "routing-if-open" } else { "routing-if-closed" }));
    }
    if let Some(load) = &when.load {
        let values = [("what", names.unit(&load.unit)), ("count", load.at_least.to_string())];
        parts.push(language.text_with("routing-if-load", &values));
    }
    let condition =
        if parts.is_empty() { language.text("routing-always") } else { parts.join(&language.text("routing-and")) };
    let mut actions = Vec::new();
    if let Some(unit) = &rule.then.unit {
        actions.push(say("routing-then-unit", names.unit(unit)));
    }
    if let Some(assignee) = &rule.then.assignee {
        actions.push(say("routing-then-assignee", assignee.clone()));
    }
    let leg = |leg: &LegToSend| {
        let kind = language.text(&format!("leg-kind-{}", leg.kind.as_str()));
        language.text_with("routing-then-leg", &[("what", names.unit(&leg.unit)), ("kind", kind)])
    };
    actions.extend(rule.then.legs.iter().map(leg));
    let values = [("condition", condition), ("action", actions.join(&language.text("routing-and")))];
    language.text_with("routing-sentence", &values)
}

/// Why a rule held, from the event that tells of it: the conditions it named.
pub fn because(data: &serde_json::Value, language: Language) -> String {
    let names = data["because"].as_array().into_iter().flatten().filter_map(|name| name.as_str());
    let words: Vec<String> = names.map(|name| language.text(&format!("routing-because-{name}"))).collect();
    if words.is_empty() { language.text("routing-because-always") } else { words.join(", ") }
}
