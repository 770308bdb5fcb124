//! Rules as sentences.
use super::model::{Condition, Join, On, Otherwise, Rule, Step, Trigger, WaitUnit};
use crate::kernel::language::Language;
use crate::routing::Spell;

/// What a rule does and when, in one sentence.
pub fn sentence(rule: &Rule, names: &impl Spell, language: Language) -> String {
    let steps: Vec<String> = rule.then.iter().map(|step| step_words(step, names, language)).collect();
    let action =
        if steps.is_empty() { language.text("rules-nothing") } else { steps.join(&language.text("rules-then")) };
    let event = event_words(rule.when, language);
    if rule.conditions.is_empty() {
        return language.text_with("rules-sentence-always", &[("event", event), ("action", action)]);
    }
    let condition = together(rule.join, &rule.conditions, names, language);
    language.text_with("rules-sentence", &[("event", event), ("condition", condition), ("action", action)])
}

/// An event, as what follows «when».
pub fn event_words(trigger: Trigger, language: Language) -> String {
    language.text(&format!("rules-event-{}", trigger.key()))
}

fn together(join: Join, conditions: &[Condition], names: &impl Spell, language: Language) -> String {
    let word = match join {
        Join::All => "rules-and",
        Join::Any => "rules-or",
    };
    let all: Vec<String> = conditions.iter().map(|c| condition_words(c, names, language)).collect();
    all.join(&language.text(word))
}

fn condition_words(condition: &Condition, names: &impl Spell, language: Language) -> String {
    let named = |prefix: &str, value: &String| {
        let key = format!("{prefix}-{}", value.replace('_', "-"));
        if language.has(&key) { language.text(&key) } else { value.clone() }
    };
    let one = |value: &String| match condition.on {
        On::Category => names.category(value),
        On::Unit | On::LegUnit => names.unit(value),
        On::Area => names.area(value),
        On::Channel => named("channel", value),
        On::Kind => named("rules-kind", value),
        On::Segment => named("segment", value),
        On::State => named("desk-state", value),
        On::Field | On::Text => format!("«{value}»"),
        On::Language | On::Age | On::Assigned => value.clone(),
    };
    let what = condition.is.iter().map(one).collect::<Vec<_>>().join(&language.text("rules-or"));
    let on = condition.on.as_str().replace('_', "-");
    // «Is assigned: no» is «is not assigned».
    let no = condition.on == On::Assigned && condition.is.iter().any(|word| word == "no");
    let key = if condition.not != no { format!("rules-ifnot-{on}") } else { format!("rules-if-{on}") };
    language.text_with(&key, &[("what", what), ("name", condition.name.clone())])
}

/// A step, as what follows «then».
pub fn step_words(step: &Step, names: &impl Spell, language: Language) -> String {
    let say = |key: &str, values: &[(&str, String)]| language.text_with(&format!("rules-do-{key}"), values);
    match step {
        Step::Notify { to, by, subject, releases, .. } => {
            let whom = language.text(&format!("rules-whom-{}", to.as_str()));
            let told = match by {
                Some(by) => {
                    let by = language.text(&format!("channel-{}", by.as_str()));
                    say("notify-by", &[("whom", whom), ("by", by), ("subject", subject.clone())])
                }
                None => say("notify", &[("whom", whom), ("subject", subject.clone())]),
            };
            if releases.is_empty() {
                told
            } else {
                format!("{told} {}", say("releases", &[("fields", releases.join(", "))]))
            }
        }
        Step::Assign { unit: Some(unit), agent: None } => say("assign-unit", &[("unit", names.unit(unit))]),
        Step::Assign { unit: Some(unit), agent: Some(agent) } => {
            say("assign-both", &[("unit", names.unit(unit)), ("agent", agent.clone())])
        }
        Step::Assign { unit: None, agent } => {
            say("assign-agent", &[("agent", agent.clone().unwrap_or_else(|| "…".to_owned()))])
        }
        Step::Leg { unit, kind, .. } => {
            let kind = language.text(&format!("leg-kind-{}", kind.as_str())).to_lowercase();
            say("leg", &[("unit", names.unit(unit)), ("kind", kind)])
        }
        Step::SetField { name, value } => say("set-field", &[("name", name.clone()), ("value", value.clone())]),
        Step::StartClock { protocol, phase } => {
            let phase = language.text(&format!("term-phase-{}", phase.as_str().replace('_', "-")));
            say("start-clock", &[("protocol", protocol.clone()), ("phase", phase)])
        }
        Step::OpenChild { subject, .. } => say("open-child", &[("subject", subject.clone())]),
        Step::Note { .. } => say("note", &[]),
        Step::Webhook { subscription } => say("webhook", &[("name", subscription.clone())]),
        Step::Wait { amount, unit, .. } => {
            let unit = match unit {
                WaitUnit::Minutes => "wait-minutes",
                WaitUnit::Hours => "wait-hours",
                WaitUnit::Days => "wait-days",
                WaitUnit::WorkingDays => "wait-working-days",
            };
            say(unit, &[("count", amount.to_string())])
        }
        Step::WaitDate { field, days } => {
            let key = match days.signum() {
                0 => "wait-date",
                1 => "wait-date-after",
                _ => "wait-date-before",
            };
            say(key, &[("field", field.clone()), ("count", days.abs().to_string())])
        }
        Step::WaitEvent { event, days, otherwise } => {
            let key = match otherwise {
                Otherwise::Stop => "wait-event-stop",
                Otherwise::GoOn => "wait-event-go-on",
            };
            say(key, &[("event", event_words(*event, language)), ("count", days.to_string())])
        }
        Step::Only { join, when } => say("only", &[("condition", together(*join, when, names, language))]),
    }
}
