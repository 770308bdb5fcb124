//! The decisions of a referent: one a screen, each a form of its own that runs one use case.
use jiff::civil::Date;

use super::answer::{self, Addressee, Meaning, Written};
use super::ask::{self, Question};
use super::form::{self, Submitted};
use super::model::{Asked, Leg, LegAct, LegState};
use super::purposes::{self, Act, Grant};
use super::return_leg::{self, NotOurs};
use super::works::{self, Stage, Works};
use super::{Door, LegError, accept, reassign};
use crate::kernel::Kernel;
use crate::kernel::names::stored_enum;
use crate::kernel::page::Page;
use crate::kernel::time::Instant;
use crate::organisation::Units;

stored_enum! {
    /// A screen on which something is decided, as addresses name it.
    Step {
        Answer = "risposta",
        Ask = "chiedi",
        Works = "lavori",
        Progress = "aggiorna",
        Give = "affida",
        NotOurs = "non-nostra",
    }
}

/// What was done, as the address after a form says it.
pub(super) const DONE: &[&str] =
    &["answer", "answer-citizen", "progress", "returned", "accepted", "asked", "works-planned", "works-done", "given"];

/// A decision that the page offers.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) hint: String,
}

impl Step {
    /// Whether a leg is where this can be decided; an answered one can still be added to.
    pub(super) fn is_possible(self, leg: &Leg, now: Instant) -> bool {
        let may = |act| purposes::may(leg.kind.into(), act) != Grant::No;
        match self {
            Self::Answer => leg.state.is_open() || leg.state == LegState::Answered,
            Self::Progress => leg.state.is_open(),
            Self::Give => leg.state.is_open() && leg.kind.is_decisive(),
            Self::Ask => leg.state.is_open() && may(Act::AskOffice),
            Self::Works => leg.kind.is_decisive() && leg.after(LegAct::PlanWorks).is_some(),
            Self::NotOurs => leg.may_refuse(now),
        }
    }

    /// The decisions that can be made now.
    pub(super) fn choices(page: &Page, base: &str, leg: &Leg, now: Instant) -> Vec<Choice> {
        let possible = Self::ALL.iter().filter(|step| step.is_possible(leg, now));
        possible
            .map(|step| {
                let key = match (step, leg.state) {
                    (Self::Answer, LegState::Answered) => "leg-choice-more".to_owned(),
                    _ => format!("leg-choice-{}", step.as_str()),
                };
                Choice {
                    href: format!("{base}?passo={}", step.as_str()),
                    hint: page.t(&format!("{key}-hint")),
                    label: page.t(&key),
                }
            })
            .collect()
    }

    /// The outcome that its form proposes.
    pub(super) const fn first_outcome(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Ask => "ask",
            Self::Works => "works_planned",
            Self::Progress => "progress",
            Self::Give => "give",
            Self::NotOurs => "not_ours",
        }
    }
}

/// What was written in a form, to show it again.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) outcome: String,
    pub(super) text: String,
    pub(super) external_code: String,
    pub(super) signed: String,
    pub(super) suggests: String,
    /// Of whom something is asked.
    pub(super) of: String,
    /// The day of works, `YYYY-MM-DD`.
    pub(super) planned: String,
    pub(super) keeps_informed: bool,
}

impl Draft {
    /// The fields of a form.
    pub(super) fn of(sent: &Submitted) -> Self {
        let field = |name| sent.field(name).to_owned();
        Self {
            outcome: field("outcome"),
            text: field("text"),
            external_code: field("external_code"),
            signed: field("signed"),
            suggests: field("suggests"),
            of: field("of"),
            planned: field("planned"),
            keeps_informed: sent.field("keeps_informed") == "true",
        }
    }

    /// The screen of its form.
    pub(super) fn step(&self) -> Option<Step> {
        match self.outcome.as_str() {
            "accept" => None,
            "ask" => Some(Step::Ask),
            "works_planned" | "works_done" => Some(Step::Works),
            "progress" => Some(Step::Progress),
            "give" => Some(Step::Give),
            "not_ours" => Some(Step::NotOurs),
            _ => Some(Step::Answer),
        }
    }
}

/// Runs the use case that a form chose; answers the word for what was done.
pub(super) async fn perform(
    kernel: &Kernel,
    door: &Door,
    draft: &Draft,
    sent: Submitted,
) -> Result<&'static str, LegError> {
    let key: String = sent.field("key").chars().take(64).collect();
    let signed = draft.signed.clone();
    let outcome = draft.outcome.as_str();
    if draft.text.trim().is_empty() && !matches!(outcome, "accept" | "give" | "works_planned" | "works_done") {
        return Err(LegError::Invalid { field: "text", wrong: "missing" });
    }
    match outcome {
        "accept" => {
            accept::accept(kernel, door, &signed).await?;
            Ok("accepted")
        }
        "not_ours" => {
            let why = NotOurs { reason: draft.text.clone(), signed, suggests: draft.suggests.clone() };
            return_leg::return_leg(kernel, door, why).await?;
            Ok("returned")
        }
        "give" => {
            let to = match sent.field("referent") {
                "" => None,
                id => Some(id.parse().map_err(|_| LegError::Invalid { field: "referent", wrong: "unknown" })?),
            };
            reassign::reassign(kernel, door, to).await?;
            Ok("given")
        }
        "ask" => {
            let of = Asked::from_text(&draft.of).unwrap_or(Asked::Office);
            ask::ask(kernel, door, Question { text: draft.text.clone(), of, signed, key }).await?;
            Ok("asked")
        }
        "works_planned" | "works_done" => {
            let (stage, done) = if outcome == "works_done" {
                (Stage::Done, "works-done")
            } else {
                (Stage::Planned(planned(kernel, &draft.planned)?), "works-planned")
            };
            let files = form::keep(kernel, sent.files).await?;
            works::tell_works(kernel, door, Works { text: draft.text.clone(), signed, files, key, stage }).await?;
            Ok(done)
        }
        _ => {
            let (meaning, addressee, done) = match outcome {
                "progress" => (Meaning::Progress, Addressee::Office, "progress"),
                "answer_citizen" => (Meaning::Answer, Addressee::Citizen, "answer-citizen"),
                _ => (Meaning::Answer, Addressee::Office, "answer"),
            };
            let written = Written {
                text: draft.text.clone(),
                external_code: draft.external_code.clone(),
                signed,
                key,
                files: form::keep(kernel, sent.files).await?,
                meaning,
                addressee,
                keeps_informed: draft.keeps_informed,
            };
            answer::write(kernel, door, written).await?;
            Ok(done)
        }
    }
}

/// The noon of a day as a form writes it.
///
/// # Errors
/// [`LegError::Invalid`] naming `planned`.
pub(super) fn planned(kernel: &Kernel, text: &str) -> Result<Instant, LegError> {
    let missing = LegError::Invalid { field: "planned", wrong: "missing" };
    let day: Date = text.trim().parse().map_err(|_| LegError::Invalid { field: "planned", wrong: "missing" })?;
    let noon = day.at(12, 0, 0, 0).to_zoned(kernel.config.zone()).map_err(|_| missing)?;
    Ok(noon.timestamp().into())
}

/// A unit or a person that somebody may choose.
#[derive(Debug, Clone)]
pub(super) struct UnitChoice {
    pub(super) slug: String,
    pub(super) name: String,
}

/// The referents to whom a leg can be given, by row id and name.
pub(super) async fn colleagues(kernel: &Kernel, leg: &Leg) -> Result<Vec<UnitChoice>, LegError> {
    let mut conn = kernel.db.read().await?;
    let found = reassign::colleagues(&mut conn, kernel, leg).await?;
    Ok(found.into_iter().map(|r| UnitChoice { slug: r.id.to_string(), name: r.name }).collect())
}

/// The units that a refusal may suggest, with their agency where it is another.
pub(super) fn other_units(units: &Units, leg: &Leg, page: &Page, now: Instant) -> Vec<UnitChoice> {
    units
        .existing(now)
        .into_iter()
        .filter(|unit| unit.id != leg.unit_id)
        .map(|unit| UnitChoice { slug: unit.slug.clone(), name: super::desk::label(units, unit, page.language) })
        .collect()
}

/// Until when a unit may refuse by itself, or what it does instead; empty when it is not its decision.
pub(super) fn refusal_line(page: &Page, leg: &Leg, now: Instant) -> String {
    if !leg.state.is_open() || purposes::may(leg.kind.into(), Act::Refuse) == Grant::No {
        return String::new();
    }
    match leg.refuse_until {
        // A term ends at midnight: the instant before lies in its last day.
        Some(until) if now < until => page.t1("leg-refuse-until", "day", page.date(&Instant(until.0 - 1))),
        Some(_) => page.t("leg-refuse-late"),
        None => String::new(),
    }
}
