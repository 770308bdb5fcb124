//! Reads the feed for rules: writes a run for each that an event starts, and lets runs go on that wait for it.
use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::conditions::{concerns, hold};
use super::known::{Places, facts_of};
use super::model::{On, Rule, Step, Trigger};
use super::store::{self, EventOf, NewRun, VersionRow};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::{self, Actor, Event, NewEvent, Reader};
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::outbox::{self, MailAddresses, MailPayload, Manner};

/// How many effects of rules may lead to one another.
const DEEPEST: i64 = 5;
/// How often a rule may start again by its own effects.
const BY_ITSELF: usize = 2;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Starts rules and wakes those that wait.
pub struct Follower {
    kernel: Kernel,
}

impl Follower {
    /// On this kernel.
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone() }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    contact: Option<i64>,
    leg: Option<i64>,
    fields: Vec<String>,
}

/// What an event is about beside its ticket.
pub fn about(event: &Event) -> EventOf {
    let told = event.payload::<Told>().unwrap_or_default();
    EventOf { contact: told.contact, leg: told.leg }
}

/// The fields that an event set.
pub fn fields_set(event: &Event) -> Vec<String> {
    event.payload::<Told>().unwrap_or_default().fields
}

/// Whether some rule looks at areas.
pub fn asks_areas(rules: &[Rule]) -> bool {
    let within = |step: &Step| matches!(step, Step::Only { when, .. } if when.iter().any(|c| c.on == On::Area));
    rules.iter().any(|r| r.conditions.iter().any(|c| c.on == On::Area) || r.then.iter().any(within))
}

#[async_trait]
impl Reader for Follower {
    fn name(&self) -> &'static str {
        "automation rules"
    }

    async fn apply(&self, tx: &mut Tx, events: &[Event]) -> Result<(), StoreError> {
        let known = |event: &&Event| Trigger::of(event).is_some();
        if !events.iter().any(|event| known(&event)) {
            return Ok(());
        }
        let now = self.kernel.now();
        let awaited: BTreeSet<String> = store::waits_for(tx).await?.into_iter().collect();
        let active = match store::active(tx).await? {
            Some(version) => Some(InForce::read(tx, version).await?),
            None => None,
        };
        for event in events.iter().filter(known) {
            let (Some(ticket), Some(trigger)) = (event.ticket, Trigger::of(event)) else { continue };
            if awaited.contains(trigger.as_str()) {
                store::wake(tx, ticket, trigger.as_str(), event.id, now).await?;
            }
            if let Some(active) = &active {
                self.start(tx, active, event, ticket, trigger, now).await?;
            }
        }
        Ok(())
    }
}

/// The rules in force.
struct InForce {
    version: i64,
    since: Instant,
    rules: Vec<Rule>,
    paused: BTreeSet<String>,
    places: Places,
}

impl InForce {
    async fn read(tx: &mut Tx, version: VersionRow) -> Result<Self, StoreError> {
        let rules = version.rules()?;
        let places = Places::read(tx, asks_areas(&rules)).await?;
        let paused = store::pauses(tx).await?.into_iter().map(|pause| pause.rule).collect();
        let since = version.activated_at.unwrap_or(version.created_at);
        Ok(Self { version: version.id, since, rules, paused, places })
    }
}

impl Follower {
    async fn start(
        &self,
        tx: &mut Tx,
        active: &InForce,
        event: &Event,
        ticket: i64,
        trigger: Trigger,
        now: Instant,
    ) -> Result<(), StoreError> {
        // What happened before the rules came into force was never theirs.
        if event.at < active.since || !active.rules.iter().any(|rule| rule.when == trigger) {
            return Ok(());
        }
        let of = about(event);
        let Some(row) = store::facts(tx, ticket, of).await? else { return Ok(()) };
        // A message that looks automatic moves nothing (DESIGN 3.9).
        if row.automatic.is_some() {
            return Ok(());
        }
        let facts = facts_of(row, &active.places)?;
        let cause = match Actor::from_text(&event.actor) {
            Actor::Rule(run) => Some(run),
            Actor::System | Actor::User(_) | Actor::Citizen | Actor::Leg(_) | Actor::Token(_) => None,
        };
        let line = match cause {
            Some(run) => store::caused_by(tx, run).await?,
            None => Vec::new(),
        };
        let changed = fields_set(event);
        let depth = line.first().map_or(0, |(_, depth)| depth + 1);
        for (rule, place) in active.rules.iter().zip(0..) {
            if rule.when != trigger || !concerns(rule, &changed) || !hold(rule.join, &rule.conditions, &facts, event.at)
            {
                continue;
            }
            let looped = depth > DEEPEST || line.iter().filter(|(name, _)| *name == rule.name).count() >= BY_ITSELF;
            let (state, reason) = if looped {
                ("stopped", "loop")
            } else if active.paused.contains(&rule.name) || !self.within_rate(tx, rule, now).await? {
                ("held", "paused")
            } else {
                ("pending", "")
            };
            let run = NewRun {
                version: active.version,
                place,
                rule: &rule.name,
                event: event.id,
                kind: &event.kind,
                contact: of.contact,
                leg: of.leg,
                ticket,
                cause,
                depth,
                state,
                reason,
            };
            store::insert_run(tx, &run, now).await?;
            self.kernel.metrics.automation.with_label_values(&["run", state]).inc();
        }
        Ok(())
    }

    /// Whether a rule may start once more in this hour; one that may not is paused, and administrators are told.
    async fn within_rate(&self, tx: &mut Tx, rule: &Rule, now: Instant) -> Result<bool, StoreError> {
        if store::began_since(tx, &rule.name, now.minus(HOUR)).await? < rule.rate() {
            return Ok(true);
        }
        if store::pause(tx, &rule.name, "rate", now).await? {
            tracing::warn!("a rule starts too often and is paused");
            let data = json!({ "rule": rule.name, "why": "rate" });
            let event = NewEvent { kind: "automation.paused", ticket: None, actor: Actor::System, data };
            events::append(tx, now, &[event]).await?;
            self.tell_administrators(tx, rule, now).await?;
        }
        Ok(false)
    }

    async fn tell_administrators(&self, tx: &mut Tx, rule: &Rule, now: Instant) -> Result<(), StoreError> {
        if self.kernel.config.mail.smtp.is_none() {
            return Ok(());
        }
        let language = Language::from_tag(&self.kernel.config.desk.language).unwrap_or(Language::Italian);
        let values = [
            ("rule", rule.name.clone()),
            ("most", rule.rate().to_string()),
            ("link", self.kernel.config.link("/scrivania/automazioni")),
            ("agency", self.kernel.agency_name()),
        ];
        let payload = MailPayload {
            subject: language.text_with("rules-mail-paused-subject", &values),
            text: language.text_with("rules-mail-paused", &values),
            manner: Manner::AutoGenerated,
            reply_to: None,
            in_reply_to: None,
            references: Vec::new(),
            attachments: Vec::new(),
        };
        let addresses = MailAddresses::new(&self.kernel);
        for (address, n) in store::administrators(tx).await?.into_iter().zip(0..) {
            let id = addresses.notice_id(&format!("rule-paused-{}-{n}", now.0));
            outbox::enqueue_notice(tx, &address, &payload, &id, now).await?;
        }
        Ok(())
    }
}
