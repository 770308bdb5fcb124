//! What rules would have done in a period: the feed read once more, nothing written. The first steps of a rule follow
//! its event at once; what comes after a wait is told as planned.
use std::collections::{BTreeMap, HashMap};

use super::conditions::{Facts, concerns, hold};
use super::follow::{about, asks_areas, fields_set};
use super::known::{Places, facts_of};
use super::model::{Rule, Trigger};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{Actor, Event};
use crate::kernel::time::Instant;
use crate::tickets::Facets;

/// Events looked at closely in one trial at most, the latest of the period.
pub const MOST: usize = 10_000;
const BATCH: i64 = 1_000;
/// Tickets that are listed for a rule.
const LISTED: usize = 200;

/// A ticket for which a rule would have started.
#[derive(Debug, Clone)]
pub struct Tried {
    pub code: String,
    pub subject: String,
    pub at: Instant,
}

/// What a rule would have done.
#[derive(Debug, Clone, Default)]
pub struct OfRule {
    /// How often it would have started.
    pub starts: usize,
    /// The latest first.
    pub tickets: Vec<Tried>,
}

/// What a trial found.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// By place of the rule.
    pub rules: BTreeMap<usize, OfRule>,
    /// Events that some rule names.
    pub events: usize,
    /// Whether the period has more than were looked at.
    pub cut: bool,
}

#[derive(serde::Deserialize)]
struct Moved {
    to: Facets,
}

/// Tries rules on the events from one instant until before another. State, owner and whether somebody had the ticket
/// are those of then; class, answers and the rest are those of today.
///
/// # Errors
/// When the database cannot be read.
pub async fn run(kernel: &Kernel, rules: &[Rule], from: Instant, until: Instant) -> Result<Trial, StoreError> {
    let mut conn = kernel.db.read().await?;
    let places = Places::read(&mut conn, asks_areas(rules)).await?;
    let units: HashMap<i64, String> =
        crate::organisation::store::units(&mut conn).await?.into_iter().map(|u| (u.id, u.slug)).collect();
    let mut trial = Trial::default();
    let mut before = i64::MAX;
    loop {
        let batch = store::past(&mut conn, before, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(trial) };
        before = last.id;
        let over = last.at < from;
        for event in batch.iter().filter(|e| from <= e.at && e.at < until) {
            let Some(trigger) = Trigger::of(event) else { continue };
            let asks = rules.iter().any(|rule| rule.when == trigger);
            let (Some(ticket), true) = (event.ticket, asks) else { continue };
            // What rules did themselves would have been done otherwise.
            if matches!(Actor::from_text(&event.actor), Actor::Rule(_)) {
                continue;
            }
            if trial.events == MOST {
                trial.cut = true;
                return Ok(trial);
            }
            trial.events += 1;
            let Some(row) = store::facts(&mut conn, ticket, about(event)).await? else { continue };
            if row.automatic.is_some() {
                continue;
            }
            let code = row.code.clone();
            let facts = then(facts_of(row, &places)?, event, &units);
            trial.add(rules, trigger, &facts, event, code);
        }
        if over {
            return Ok(trial);
        }
    }
}

/// What was known at the event, as far as it tells.
fn then(mut facts: Facts, event: &Event, units: &HashMap<i64, String>) -> Facts {
    if let Some(Moved { to }) = event.payload::<Moved>() {
        facts.state = to.state.as_str().to_owned();
        facts.assigned = to.assignee != 0;
        if let Some(unit) = units.get(&to.unit) {
            facts.unit.clone_from(unit);
        }
    }
    facts
}

impl Trial {
    fn add(&mut self, rules: &[Rule], trigger: Trigger, facts: &Facts, event: &Event, code: String) {
        let changed = fields_set(event);
        for (place, rule) in rules.iter().enumerate() {
            if rule.when != trigger || !concerns(rule, &changed) || !hold(rule.join, &rule.conditions, facts, event.at)
            {
                continue;
            }
            let of = self.rules.entry(place).or_default();
            of.starts += 1;
            if of.tickets.len() < LISTED {
                of.tickets.push(Tried { code: code.clone(), subject: facts.subject.clone(), at: event.at });
            }
        }
    }
}
