//! Each step of a rule, through the use cases that people use.
use std::collections::BTreeMap;

use serde_json::json;

use super::conditions::hold;
use super::follow::asks_areas;
use super::known::{Places, facts_of};
use super::message::{self, FIELD};
use super::model::{Otherwise, Rule, Step, WaitUnit, Whom};
use super::store::{self, EventOf, RunRow};
use super::waits;
use crate::automation::subscriptions;
use crate::classification::AnswersError;
use crate::classification::answers;
use crate::classification::fields::FieldReader;
use crate::clocks::{Book, Subject};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::problem::Refusal;
use crate::kernel::time::Instant;
use crate::network::{LegError, forward};
use crate::outbox::{self, MailAddresses, MailPayload, Manner};
use crate::tickets::change::Change;
use crate::tickets::incidents::{Below, open_below};
use crate::tickets::store as ticket_store;
use crate::tickets::tell::{self, Office};
use crate::tickets::{Ticket, TicketError, assign, hand_over, note};
use crate::{organisation, people};

/// What a step came to.
#[derive(Debug)]
pub enum Outcome {
    /// With codes and states for the log.
    Done(String),
    /// Nothing was to be done, and the run goes on.
    Skipped(&'static str),
    /// The run goes on at an instant, or with an event before it.
    Waits { until: Instant, awaits: &'static str },
    /// The run is over here.
    Ends(&'static str),
}

/// Why a step was not taken.
#[derive(Debug)]
pub enum Refused {
    /// It may work later.
    Store(StoreError),
    /// A stable name; somebody has to look.
    Said(&'static str),
}

impl From<StoreError> for Refused {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

impl From<TicketError> for Refused {
    fn from(e: TicketError) -> Self {
        match e {
            TicketError::Store(e) => Self::Store(e),
            other => Self::Said(other.code()),
        }
    }
}

impl From<LegError> for Refused {
    fn from(e: LegError) -> Self {
        match e {
            LegError::Store(e) => Self::Store(e),
            LegError::Ticket(e) => e.into(),
            other => Self::Said(other.code()),
        }
    }
}

impl From<AnswersError> for Refused {
    fn from(e: AnswersError) -> Self {
        match e {
            AnswersError::Ticket(e) => e.into(),
            AnswersError::Invalid(_) => Self::Said("field_not_acceptable"),
        }
    }
}

/// What one step works with.
struct At<'a> {
    kernel: &'a Kernel,
    office: &'a Office,
    run: &'a RunRow,
    now: Instant,
}

impl At<'_> {
    async fn begin(&self, tx: &mut Tx) -> Result<Change, TicketError> {
        Change::begin_live(tx, self.run.ticket_id, Actor::Rule(self.run.id), self.now).await
    }

    fn desk_language(&self) -> Language {
        Language::from_tag(&self.kernel.config.desk.language).unwrap_or(Language::Italian)
    }
}

/// Takes a step.
///
/// # Errors
/// When a use case refuses, or the database.
pub async fn take(
    tx: &mut Tx,
    kernel: &Kernel,
    office: &Office,
    run: &RunRow,
    step: &Step,
    now: Instant,
) -> Result<Outcome, Refused> {
    let at = At { kernel, office, run, now };
    match step {
        Step::Notify { to: Whom::Citizen, by, subject, text, postal, releases } => {
            let change = at.begin(tx).await?;
            let known = tell::known_by_citizen(tx, &change.ticket).await?;
            let language = Language::from_tag(&known.language).unwrap_or(Language::Italian);
            let mut values = values(tx, &at, &known, FieldReader::Citizen, language).await?;
            released(tx, &known, releases, language, &mut values).await?;
            let words = (message::fill(subject, &values), message::fill(text, &values));
            let postal = message::fill(postal, &values);
            let (_, channel) = tell::say(tx, change, office, (*by, postal.trim()), words).await?;
            Ok(Outcome::Done(channel.as_str().to_owned()))
        }
        Step::Notify { to, subject, text, .. } => tell_colleagues(tx, &at, *to, subject, text).await,
        Step::Assign { unit, agent } => give(tx, &at, unit.as_deref(), agent.as_deref()).await,
        Step::Leg { unit, kind, text } => {
            let change = at.begin(tx).await?;
            // A unit reads of the citizen's answers what its readers may; the text itself names none of them.
            let values = values(tx, &at, &change.ticket, FieldReader::BackOffice, at.desk_language()).await?;
            let question = message::fill(text, &values);
            let leg = forward::send_locked(tx, kernel, change, (unit.as_str(), *kind), question).await?;
            Ok(Outcome::Done(leg.number.to_string()))
        }
        Step::SetField { name, value } => {
            let change = at.begin(tx).await?;
            answers::set_one(tx, change, name, value).await?;
            Ok(Outcome::Done(name.clone()))
        }
        Step::StartClock { protocol, phase } => {
            let day = now.day(&kernel.config.zone());
            let (version, body) =
                store::protocol_version(tx, protocol, &day).await?.ok_or(Refused::Said("no_protocol"))?;
            if !body.phases_of(Subject::Ticket).any(|rule| rule.kind == *phase) {
                return Err(Refused::Said("no_protocol"));
            }
            let change = at.begin(tx).await?;
            change.require_active()?;
            change.save(tx, "clock.started", json!({ "protocol_version": version, "phase": phase })).await?;
            Ok(Outcome::Done(phase.as_str().to_owned()))
        }
        Step::OpenChild { subject, text, category, unit } => {
            let above = at.begin(tx).await?;
            let values = values(tx, &at, &above.ticket, FieldReader::Agent, at.desk_language()).await?;
            let below = Below {
                subject: message::fill(subject, &values),
                text: message::fill(text, &values),
                category: match category {
                    Some(slug) => {
                        Some(ticket_store::category_by_slug(tx, slug).await?.ok_or(Refused::Said("no_category"))?)
                    }
                    None => None,
                },
                unit: match unit {
                    Some(slug) => Some(ticket_store::unit_by_slug(tx, slug).await?.ok_or(Refused::Said("no_unit"))?),
                    None => None,
                },
            };
            let child = open_below(tx, above, below).await?;
            Ok(Outcome::Done(child.code))
        }
        Step::Note { text } => {
            let change = at.begin(tx).await?;
            let values = values(tx, &at, &change.ticket, FieldReader::Agent, at.desk_language()).await?;
            note::note_locked(tx, change, None, &message::fill(text, &values), &[]).await?;
            Ok(Outcome::Done(String::new()))
        }
        Step::Webhook { subscription } => {
            // Never the name of another delivery: those of events are positive.
            let name = -(run.id.saturating_mul(100).saturating_add(run.step));
            let told = subscriptions::call(tx, kernel, subscription, (run.ticket_id, name), &run.rule).await?;
            if told { Ok(Outcome::Done(subscription.clone())) } else { Err(Refused::Said("no_subscription")) }
        }
        Step::Wait { .. } | Step::WaitDate { .. } | Step::WaitEvent { .. } => wait(tx, &at, step).await,
        Step::Only { join, when } => {
            let of = EventOf { contact: run.contact_id, leg: run.leg_id };
            let row = store::facts(tx, run.ticket_id, of).await?.ok_or(Refused::Said("not_found"))?;
            let asked = Rule { then: vec![step.clone()], ..Rule::default() };
            let places = Places::read(tx, asks_areas(std::slice::from_ref(&asked))).await?;
            let facts = facts_of(row, &places)?;
            if hold(*join, when, &facts, now) { Ok(Outcome::Done(String::new())) } else { Ok(Outcome::Ends("not_met")) }
        }
    }
}

async fn wait(tx: &mut Tx, at: &At<'_>, step: &Step) -> Result<Outcome, Refused> {
    let (run, now) = (at.run, at.now);
    // What waited and is due again has waited long enough.
    let waited = run.state == "waiting";
    match step {
        Step::Wait { .. } | Step::WaitDate { .. } if waited => Ok(Outcome::Done(String::new())),
        Step::Wait { amount, unit, calendar } => {
            let calendar = if *unit == WaitUnit::WorkingDays {
                let book = Book::read(tx, &at.kernel.config.zone()).await?;
                let ids = crate::clocks::store::calendar_versions(tx, None).await?;
                ids.iter().find(|v| v.slug == *calendar).and_then(|v| book.calendar(v.of, now))
            } else {
                None
            };
            let until = waits::after(now, *amount, *unit, calendar.as_ref()).ok_or(Refused::Said("no_calendar"))?;
            Ok(Outcome::Waits { until, awaits: "" })
        }
        Step::WaitDate { field, days } => {
            let ticket = at.begin(tx).await?.ticket;
            let asked = answers::of_ticket(tx, &ticket).await?;
            let answer = asked.answers.get(field).and_then(|all| all.first()).cloned().unwrap_or_default();
            let until =
                waits::on_day(&answer, *days, &at.kernel.config.zone()).ok_or(Refused::Said("field_without_day"))?;
            if until <= now { Ok(Outcome::Done(String::new())) } else { Ok(Outcome::Waits { until, awaits: "" }) }
        }
        Step::WaitEvent { otherwise, .. } if waited => match otherwise {
            Otherwise::Stop => Ok(Outcome::Ends("not_in_time")),
            Otherwise::GoOn => Ok(Outcome::Done("not_in_time".to_owned())),
        },
        Step::WaitEvent { event, days, .. } => {
            if run.reason == "came" {
                return Ok(Outcome::Done(event.as_str().to_owned()));
            }
            // Locked, so that an event of this ticket is either seen here or sees this run waiting.
            ticket_store::lock_by_id(tx, run.ticket_id).await?;
            if let Some(id) = store::event_since(tx, run.ticket_id, event.as_str(), run.after_event).await? {
                store::looked_at(tx, run.id, id).await?;
                return Ok(Outcome::Done(event.as_str().to_owned()));
            }
            let until = waits::after(now, *days, WaitUnit::Days, None).ok_or(Refused::Said("no_calendar"))?;
            Ok(Outcome::Waits { until, awaits: event.as_str() })
        }
        _ => Ok(Outcome::Done(String::new())),
    }
}

async fn give(tx: &mut Tx, at: &At<'_>, unit: Option<&str>, agent: Option<&str>) -> Result<Outcome, Refused> {
    let mut given = Vec::new();
    if let Some(slug) = unit {
        let to = organisation::store::unit_by_slug(tx, slug).await?;
        let to = to.filter(|unit| unit.exists_at(at.now)).ok_or(Refused::Said("no_unit"))?;
        let change = at.begin(tx).await?;
        let from = organisation::store::unit(tx, change.ticket.owner_unit_id).await?;
        if from.is_some_and(|from| from.id != to.id && !to.may_receive_from(&from)) {
            return Err(Refused::Said("leg_scope"));
        }
        let reason = at.desk_language().text_with("rules-reason", &[("rule", at.run.rule.clone())]);
        hand_over::hand_over_locked(tx, change, to.id, &reason).await?;
        given.push(slug.to_owned());
    }
    if let Some(login) = agent {
        let user = organisation::store::user_by_login(tx, login).await?.ok_or(Refused::Said("no_agent"))?;
        let change = at.begin(tx).await?;
        assign::assign_locked(tx, change, user).await?;
        given.push(login.to_owned());
    }
    Ok(Outcome::Done(given.join(", ")))
}

/// A mail to who works here; nothing where the installation sends none.
async fn tell_colleagues(tx: &mut Tx, at: &At<'_>, to: Whom, subject: &str, text: &str) -> Result<Outcome, Refused> {
    if at.kernel.config.mail.smtp.is_none() {
        return Ok(Outcome::Skipped("no_mail"));
    }
    let ticket = at.begin(tx).await?.ticket;
    let values = values(tx, at, &ticket, FieldReader::Agent, at.desk_language()).await?;
    let agent = match ticket.assignee_id.filter(|_| to == Whom::Agent) {
        Some(user) => store::login(tx, user).await?,
        None => None,
    };
    let recipients = match (to, agent) {
        (Whom::Administrators, _) => store::administrators(tx).await?,
        (_, Some(login)) => vec![login],
        (_, None) => {
            let unit = organisation::store::unit(tx, ticket.owner_unit_id).await?;
            unit.map(|unit| unit.email).filter(|email| !email.is_empty()).into_iter().collect()
        }
    };
    if recipients.is_empty() {
        return Err(Refused::Said("unit_unreachable"));
    }
    let payload = MailPayload {
        subject: message::fill(subject, &values),
        text: message::fill(text, &values),
        manner: Manner::AutoGenerated,
        reply_to: None,
        in_reply_to: None,
        references: Vec::new(),
        attachments: Vec::new(),
    };
    let addresses = MailAddresses::new(at.kernel);
    for (recipient, n) in recipients.iter().zip(0..) {
        let id = addresses.notice_id(&format!("rule-{}-{}-{n}", at.run.id, at.run.step));
        outbox::enqueue_notice(tx, recipient, &payload, &id, at.now).await?;
    }
    Ok(Outcome::Done(recipients.len().to_string()))
}

/// Adds answers that the rule releases to the citizen although the category does not.
async fn released(
    tx: &mut Tx,
    ticket: &Ticket,
    names: &[String],
    language: Language,
    values: &mut BTreeMap<String, String>,
) -> Result<(), Refused> {
    if names.is_empty() {
        return Ok(());
    }
    let asked = answers::of_ticket(tx, ticket).await?;
    for field in asked.fields.iter().filter(|field| names.contains(&field.name)) {
        if let Some(given) = asked.answers.get(&field.name) {
            values.insert(format!("{FIELD}{}", field.name), field.shown(given, language));
        }
    }
    Ok(())
}

/// The values that texts may name: of the answers only what their reader may see.
async fn values(
    tx: &mut Tx,
    at: &At<'_>,
    ticket: &Ticket,
    reader: FieldReader,
    language: Language,
) -> Result<BTreeMap<String, String>, Refused> {
    let asked = answers::of_ticket(tx, ticket).await?;
    let mut values = BTreeMap::new();
    for field in asked.fields.iter().filter(|field| field.is_for(reader)) {
        if let Some(given) = asked.answers.get(&field.name) {
            values.insert(format!("{FIELD}{}", field.name), field.shown(given, language));
        }
    }
    let name = match ticket.person_id {
        Some(person) => people::store::person(tx, person).await?.map(|p| p.name).unwrap_or_default(),
        None => String::new(),
    };
    let category = match ticket.category_id {
        Some(category) => store::category_name(tx, category, language).await?,
        None => String::new(),
    };
    let due = store::due(tx, ticket.id).await?.unwrap_or(ticket.expected_at).zoned(&at.kernel.config.zone());
    let link = match reader {
        FieldReader::Citizen => at.office.link(&ticket.code),
        FieldReader::Agent => at.kernel.config.link(&format!("/scrivania/pratiche/{}", ticket.code)),
        // A unit reads its leg by a link of its own.
        FieldReader::BackOffice => String::new(),
    };
    let unit = ticket_store::unit_name(tx, ticket.owner_unit_id, language).await?;
    let all = [
        ("codice", codes::grouped(&ticket.code)),
        ("oggetto", ticket.subject.clone()),
        ("classe", category),
        ("struttura", unit),
        ("ente", at.office.agency().to_owned()),
        ("collegamento", link),
        ("nome", name),
        ("scadenza", due.strftime("%d/%m/%Y").to_string()),
    ];
    values.extend(all.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(values)
}
