//! A rule as its form was sent.
use super::super::super::model::{Condition, Join, On, Otherwise, Rule, Step, StepKind, Trigger, WaitUnit, Whom};
use super::after;
use crate::classification::formats::words;
use crate::clocks::PhaseKind;
use crate::network::LegKind;
use crate::tickets::Channel;

/// Most rows of one kind that are read.
const ROWS: usize = 100;

struct Sent<'a>(&'a [(String, String)]);

impl Sent<'_> {
    fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(n, v)| n == name && !v.trim().is_empty());
        values.map(|(_, v)| v.trim().replace("\r\n", "\n")).collect()
    }

    fn one(&self, name: &str) -> String {
        self.all(name).into_iter().next().unwrap_or_default()
    }

    fn some(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    fn number(&self, name: &str) -> i64 {
        self.one(name).parse().unwrap_or(0)
    }

    fn conditions(&self, prefix: &str) -> Vec<Condition> {
        let read = |n| {
            let row = format!("{prefix}c{n}");
            let on = On::from_text(&self.one(&format!("{row}.on")))?;
            let values = self.all(&format!("{row}.is"));
            let is = match on {
                // Words apart from each other by commas: a sentence of several words is one.
                On::Text | On::Field => {
                    let parts = values.iter().flat_map(|v| v.split(',')).map(str::trim).filter(|v| !v.is_empty());
                    parts.map(str::to_owned).collect()
                }
                On::Language => values.iter().flat_map(|v| words(v)).collect(),
                _ => values,
            };
            Some(Condition {
                on,
                name: self.one(&format!("{row}.name")),
                is,
                not: !self.all(&format!("{row}.not")).is_empty(),
            })
        };
        (0..ROWS).map_while(read).collect()
    }

    fn step(&self, n: usize) -> Option<Step> {
        let kind = StepKind::from_text(&self.one(&format!("s{n}.do")))?;
        let one = |name: &str| self.one(&format!("s{n}.{name}"));
        let some = |name: &str| self.some(&format!("s{n}.{name}"));
        let number = |name: &str| self.number(&format!("s{n}.{name}"));
        Some(match kind {
            StepKind::Notify => Step::Notify {
                to: Whom::from_text(&one("to")).unwrap_or_default(),
                by: Channel::from_text(&one("by")),
                subject: one("subject"),
                text: one("text"),
                postal: one("postal"),
                releases: self.all(&format!("s{n}.releases")),
            },
            StepKind::Assign => Step::Assign { unit: some("unit"), agent: some("agent") },
            StepKind::Leg => Step::Leg {
                unit: one("unit"),
                kind: LegKind::from_text(&one("kind")).unwrap_or(LegKind::Inquiry),
                text: one("text"),
            },
            StepKind::SetField => Step::SetField { name: one("name"), value: one("value") },
            StepKind::StartClock => Step::StartClock {
                protocol: one("protocol"),
                phase: PhaseKind::from_text(&one("phase")).unwrap_or(PhaseKind::Conclusion),
            },
            StepKind::OpenChild => Step::OpenChild {
                subject: one("subject"),
                text: one("text"),
                category: some("category"),
                unit: some("unit"),
            },
            StepKind::Note => Step::Note { text: one("text") },
            StepKind::Webhook => Step::Webhook { subscription: one("subscription") },
            StepKind::Wait => Step::Wait {
                amount: number("amount"),
                unit: WaitUnit::from_text(&one("wait_unit")).unwrap_or_default(),
                calendar: one("calendar"),
            },
            StepKind::WaitDate => Step::WaitDate { field: one("field"), days: number("shift") },
            StepKind::WaitEvent => Step::WaitEvent {
                event: Trigger::from_text(&one("event")).unwrap_or_default(),
                days: number("days"),
                otherwise: Otherwise::from_text(&one("otherwise")).unwrap_or_default(),
            },
            StepKind::Only => Step::Only {
                join: Join::from_text(&one("join")).unwrap_or_default(),
                when: self.conditions(&format!("s{n}.")),
            },
        })
    }
}

/// The rule, with what the pressed button did to it, and the button.
pub fn rule_of(pairs: &[(String, String)]) -> (Rule, String) {
    let sent = Sent(pairs);
    let then = sent.one("then");
    let rule = Rule {
        name: sent.one("name"),
        when: Trigger::from_text(&sent.one("when")).unwrap_or_default(),
        join: Join::from_text(&sent.one("join")).unwrap_or_default(),
        most_per_hour: sent.some("most").map(|most| most.parse().unwrap_or(0)),
        conditions: sent.conditions(""),
        then: (0..ROWS).map_while(|n| sent.step(n)).collect(),
    };
    let rule = after(rule, &then, |name| sent.one(name));
    (rule, if then.is_empty() { "save".to_owned() } else { then })
}
