//! The controls of conditions and steps.
use super::super::super::faults::Named;
use super::super::super::model::{Condition, Join, On, Otherwise, Step, Trigger, WaitUnit, Whom};
use super::super::{Choice, Known};
use super::choices;
use crate::clocks::PhaseKind;
use crate::kernel::page::Page;
use crate::network::LegKind;
use crate::routing::model::Segment;
use crate::tickets::{Channel, RequestKind, State};

/// One control of a form.
pub struct Control {
    pub name: String,
    pub label: String,
    /// `text`, `number`, `area`, `lines`, `select`, `many` or `ticks`.
    pub kind: &'static str,
    pub value: String,
    pub choices: Vec<Choice>,
    pub hint: String,
}

/// What selects offer: value and label.
pub struct Lists {
    categories: Vec<(String, String)>,
    units: Vec<(String, String)>,
    own_units: Vec<(String, String)>,
    areas: Vec<(String, String)>,
    agents: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    calendars: Vec<(String, String)>,
    protocols: Vec<(String, String)>,
    subscriptions: Vec<(String, String)>,
}

impl Lists {
    /// What this installation has.
    pub fn of(known: &Known, named: &Named) -> Self {
        let plain = |all: &mut dyn Iterator<Item = &String>| all.map(|v| (v.clone(), v.clone())).collect::<Vec<_>>();
        let own = |slug: &String| named.offices.get(slug).is_some_and(|office| office.own);
        Self {
            categories: known.categories.iter().map(|(s, n)| (s.clone(), format!("{n} ({s})"))).collect(),
            own_units: known.units.iter().filter(|(slug, _)| own(slug)).cloned().collect(),
            units: known.units.clone(),
            areas: known.areas.clone(),
            agents: plain(&mut named.agents.keys()),
            fields: plain(&mut named.fields.iter()),
            calendars: plain(&mut named.calendars.keys()),
            protocols: plain(&mut named.protocols.keys()),
            subscriptions: plain(&mut named.subscriptions.iter()),
        }
    }
}

struct Row<'a> {
    page: &'a Page,
    prefix: &'a str,
    controls: Vec<Control>,
}

impl Row<'_> {
    fn put(&mut self, name: &str, kind: &'static str, value: &str, choices: Vec<Choice>) {
        let key = format!("rules-field-{}", name.replace('_', "-"));
        let hint = format!("{key}-hint");
        self.controls.push(Control {
            name: format!("{}.{name}", self.prefix),
            label: self.page.t(&key),
            kind,
            value: value.to_owned(),
            choices,
            hint: if self.page.language.has(&hint) { self.page.t(&hint) } else { String::new() },
        });
    }

    fn line(&mut self, name: &str, value: &str) {
        self.put(name, "text", value, Vec::new());
    }

    fn number(&mut self, name: &str, value: i64) {
        self.put(name, "number", &value.to_string(), Vec::new());
    }

    fn area(&mut self, name: &str, value: &str) {
        self.put(name, "area", value, Vec::new());
    }

    /// A select of what this installation has; what is chosen stays a choice when it is gone.
    fn list(&mut self, name: &str, all: &[(String, String)], chosen: &str, empty: bool) {
        let mut choices = offer(all, &[chosen.to_owned()]);
        if empty || chosen.is_empty() {
            choices.insert(0, Choice { value: String::new(), label: "–".to_owned(), chosen: chosen.is_empty() });
        }
        self.put(name, "select", chosen, choices);
    }

    /// A select of a closed list.
    fn closed(&mut self, name: &str, prefix: &str, all: &[&'static str], chosen: &str) {
        let choices = choices(self.page, prefix, all, chosen);
        self.put(name, "select", chosen, choices);
    }

    /// Boxes to tick of a closed list.
    fn ticks(&mut self, prefix: &str, all: &[&'static str], chosen: &[String]) {
        let mut found = choices(self.page, prefix, all, "");
        for one in &mut found {
            one.chosen = chosen.contains(&one.value);
        }
        self.put("is", "ticks", "", found);
    }
}

fn offer(all: &[(String, String)], chosen: &[String]) -> Vec<Choice> {
    let known = all.iter().map(|(value, label)| Choice {
        chosen: chosen.contains(value),
        value: value.clone(),
        label: label.clone(),
    });
    let gone = chosen.iter().filter(|value| !value.is_empty() && !all.iter().any(|(known, _)| known == *value));
    let gone = gone.map(|value| Choice { value: value.clone(), label: value.clone(), chosen: true });
    known.chain(gone).collect()
}

/// The controls of a condition.
pub fn condition_controls(page: &Page, lists: &Lists, prefix: &str, condition: &Condition) -> Vec<Control> {
    let mut row = Row { page, prefix, controls: Vec::new() };
    let is = &condition.is;
    match condition.on {
        On::Category => row.put("is", "many", "", offer(&lists.categories, is)),
        On::Unit | On::LegUnit => row.put("is", "many", "", offer(&lists.units, is)),
        On::Area => row.put("is", "many", "", offer(&lists.areas, is)),
        On::Channel => {
            row.ticks("channel", &Channel::ALL.iter().map(|c| c.as_str()).collect::<Vec<_>>(), is);
        }
        On::Kind => {
            row.ticks("rules-kind", &RequestKind::ALL.iter().map(|c| c.as_str()).collect::<Vec<_>>(), is);
        }
        On::Segment => {
            row.ticks("segment", &Segment::ALL.iter().map(|c| c.as_str()).collect::<Vec<_>>(), is);
        }
        On::State => {
            row.ticks("desk-state", &State::ALL.iter().map(|c| c.as_str()).collect::<Vec<_>>(), is);
        }
        On::Assigned => row.closed("is", "rules-assigned", &["yes", "no"], is.first().map_or("yes", String::as_str)),
        On::Field => {
            row.list("name", &lists.fields, &condition.name, false);
            row.line("is", &is.join(", "));
        }
        On::Language | On::Text => row.line("is", &is.join(", ")),
        On::Age => row.number("is", is.first().and_then(|hours| hours.parse().ok()).unwrap_or(24)),
    }
    row.controls
}

/// The controls of a step.
pub fn step_controls(page: &Page, lists: &Lists, prefix: &str, step: &Step) -> Vec<Control> {
    let mut row = Row { page, prefix, controls: Vec::new() };
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    match step {
        Step::Notify { to, by, subject, text, postal, releases } => {
            let whom: Vec<_> = Whom::ALL.iter().map(|w| w.as_str()).collect();
            row.closed("to", "rules-to", &whom, to.as_str());
            let writes = [Channel::Email, Channel::Sms, Channel::Pec, Channel::Fax, Channel::Letter];
            let named = |c: &Channel| (c.as_str().to_owned(), page.t(&format!("channel-{}", c.as_str())));
            let channels: Vec<_> = writes.iter().map(named).collect();
            row.list("by", &channels, by.map(Channel::as_str).unwrap_or_default(), true);
            row.line("subject", subject);
            row.area("text", text);
            // Colleagues get mails, and see all fields.
            if *to == Whom::Citizen {
                row.put("postal", "lines", postal, Vec::new());
                row.put("releases", "many", "", offer(&lists.fields, releases));
            }
        }
        Step::Assign { unit, agent } => {
            row.list("unit", &lists.own_units, &some(unit), true);
            row.list("agent", &lists.agents, &some(agent), true);
        }
        Step::Leg { unit, kind, text } => {
            row.list("unit", &lists.units, unit, false);
            let kinds: Vec<_> = LegKind::ALL.iter().map(|k| k.as_str()).collect();
            row.closed("kind", "leg-kind", &kinds, kind.as_str());
            row.area("text", text);
        }
        Step::SetField { name, value } => {
            row.list("name", &lists.fields, name, false);
            row.line("value", value);
        }
        Step::StartClock { protocol, phase } => {
            row.list("protocol", &lists.protocols, protocol, false);
            let phases: Vec<_> = PhaseKind::ALL.iter().map(|p| p.as_str()).collect();
            row.closed("phase", "term-phase", &phases, phase.as_str());
        }
        Step::OpenChild { subject, text, category, unit } => {
            row.line("subject", subject);
            row.area("text", text);
            row.list("category", &lists.categories, &some(category), true);
            row.list("unit", &lists.own_units, &some(unit), true);
        }
        Step::Note { text } => row.area("text", text),
        Step::Webhook { subscription } => row.list("subscription", &lists.subscriptions, subscription, false),
        Step::Wait { amount, unit, calendar } => {
            row.number("amount", *amount);
            let units: Vec<_> = WaitUnit::ALL.iter().map(|u| u.as_str()).collect();
            row.closed("wait_unit", "rules-unit", &units, unit.as_str());
            row.list("calendar", &lists.calendars, calendar, true);
        }
        Step::WaitDate { field, days } => {
            row.list("field", &lists.fields, field, false);
            row.number("shift", *days);
        }
        Step::WaitEvent { event, days, otherwise } => {
            let events: Vec<_> = Trigger::ALL.iter().map(|t| t.as_str()).collect();
            row.closed("event", "rules-event", &events, event.as_str());
            row.number("days", *days);
            let others: Vec<_> = Otherwise::ALL.iter().map(|o| o.as_str()).collect();
            row.closed("otherwise", "rules-otherwise", &others, otherwise.as_str());
        }
        Step::Only { join, .. } => {
            let joins: Vec<_> = Join::ALL.iter().map(|j| j.as_str()).collect();
            row.closed("join", "rules-join", &joins, join.as_str());
        }
    }
    row.controls
}
