//! Carries a plan out through the same use cases that serve citizens and agents, each at its own instant.
use anyhow::Context;
use futures_util::future::try_join_all;

use super::data::DemoData;
use super::looking;
use super::organisation::Known;
use super::plan::{After, Plan, Planned, Step, Story};
use crate::intake::{Incoming, Intake, RawSource, ThreadHints};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::events::Actor;
use crate::kernel::permissions::{Principal, Role};
use crate::kernel::time::Clock;
use crate::knowledge::KnowledgeIndex;
use crate::network;
use crate::network::answer::{self, LegMessage, Meaning, Written};
use crate::network::refer::{Referral, refer};
use crate::network::return_leg::{self, NotOurs};
use crate::network::{Door, LegKind};
use crate::people::{Evidence, Identifier};
use crate::tickets::classify::{Classification, classify};
use crate::tickets::close::{Closing, close};
use crate::tickets::reply::{Reply, Then, Way, reply};
use crate::tickets::store::NewContact;
use crate::tickets::{Channel, RequestKind, assign, hand_over, note, reopen};

/// What is known of a ticket while its history is carried out.
#[derive(Debug, Clone, Default)]
struct Progress {
    code: String,
    /// Row id, number and unit of the last leg.
    leg: (i64, i64, String),
}

/// Carries plans out.
pub struct Player<'a> {
    pub data: &'a DemoData,
    pub known: &'a Known,
    pub plan: &'a Plan<'a>,
    /// Where it is noted which sheets agents read; `None` when nobody notes it.
    pub seen: Option<&'a KnowledgeIndex>,
}

impl Player<'_> {
    /// Does everything that was planned, a day at a time: within a day the first steps of all tickets go
    /// together, then the second ones, so that they share their commits.
    ///
    /// # Errors
    /// Names the scenario and the step that was refused.
    pub async fn play(&self, kernel: &Kernel) -> anyhow::Result<()> {
        let zone = kernel.config.zone();
        let mut progress = vec![Progress::default(); self.plan.stories.len()];
        let numbered: Vec<(usize, &Planned)> = self.plan.steps.iter().enumerate().collect();
        for day in numbered.chunk_by(|(_, a), (_, b)| a.at.day(&zone) == b.at.day(&zone)) {
            let mut left = day.to_vec();
            while !left.is_empty() {
                let mut wave: Vec<(usize, &Planned)> = Vec::new();
                let mut later = Vec::new();
                for step in left {
                    let busy = wave.iter().any(|(_, other)| other.ticket == step.1.ticket);
                    if busy { later.push(step) } else { wave.push(step) }
                }
                let done = wave
                    .iter()
                    .map(|(number, step)| self.perform(kernel, *number, step, progress[step.ticket].clone()));
                for (after, (_, step)) in try_join_all(done).await?.into_iter().zip(&wave) {
                    progress[step.ticket] = after;
                }
                left = later;
            }
        }
        Ok(())
    }

    async fn perform(
        &self,
        kernel: &Kernel,
        number: usize,
        planned: &Planned,
        progress: Progress,
    ) -> anyhow::Result<Progress> {
        let mut then = kernel.clone();
        then.clock = Clock::manual(planned.at);
        let key = &self.plan.stories[planned.ticket].scenario.key;
        let done = self.step(&then, number, planned, progress).await;
        done.with_context(|| format!("the demo's scenario {key} was refused at {:?}", planned.step))
    }

    fn person(&self, by: Option<usize>) -> Option<&Principal> {
        self.known.people.get(by?)?.as_ref()
    }

    async fn step(
        &self,
        kernel: &Kernel,
        number: usize,
        planned: &Planned,
        mut progress: Progress,
    ) -> anyhow::Result<Progress> {
        let story = &self.plan.stories[planned.ticket];
        let person = self.person(planned.by);
        let agent = || person.context("nobody does this step");
        let code = progress.code.as_str();
        match &planned.step {
            Step::Arrive => {
                let mut incoming = self.incoming(story, number, story.channel, &story.scenario.text, person, kernel)?;
                incoming.subject =
                    if has_subject(story.channel) { story.scenario.subject.clone() } else { String::new() };
                if person.is_some() {
                    incoming.subject.clone_from(&story.scenario.subject);
                }
                let taken = Intake::new(kernel).take_in(incoming).await?;
                taken.code().clone_into(&mut progress.code);
            }
            Step::Contact { channel, text } => {
                let mut incoming = self.incoming(story, number, *channel, text, person, kernel)?;
                if *channel == Channel::Email {
                    incoming.subject = format!("Re: {} [{}]", story.scenario.subject, codes::grouped(code));
                }
                incoming.thread.proven = Some((progress.code.clone(), None));
                Intake::new(kernel).take_in(incoming).await?;
            }
            Step::Take => drop(assign::take(kernel, agent()?, code, None).await?),
            Step::Classify => {
                let category = &story.scenario.category;
                let to =
                    Classification { category: Some(category.clone()), kind: Some(kind_of(category)), subject: None };
                classify(kernel, agent()?, code, None, to).await?;
            }
            Step::Note { text } => drop(note::note(kernel, agent()?, code, text, Vec::new()).await?),
            Step::Reply { text, sheet, spoken, then } => {
                let then = match then {
                    After::Wait => Then::Wait,
                    After::Close(outcome) => Then::Close(Closing { outcome: *outcome, sheet: sheet.clone() }),
                };
                if let (Some(seen), Some(sheet)) = (self.seen, sheet) {
                    looking::read_for(kernel, seen, code, sheet).await?;
                }
                let way = spoken.map_or(Way::Email, Way::Spoken);
                let answer = Reply { text: text.clone(), sheet: sheet.clone(), files: Vec::new(), way, then };
                reply(kernel, agent()?, code, None, answer).await?;
            }
            Step::Refer { unit, kind, question } => {
                if let (Some(seen), Some(sheet)) = (self.seen, &story.scenario.sheet) {
                    looking::read_for(kernel, seen, code, sheet).await?;
                }
                let leg_kind = LegKind::from_text(kind).with_context(|| format!("no kind of leg {kind}"))?;
                let referral = Referral { unit: unit.clone(), kind: leg_kind, question: question.clone() };
                let (_, leg) = refer(kernel, agent()?, code, None, referral).await?;
                progress.leg = (leg.id, leg.number, unit.clone());
            }
            Step::LegAnswer { text, external_code } => {
                self.unit_writes(kernel, person, &progress, text, external_code, Meaning::Answer).await?;
            }
            Step::LegProgress { text } => {
                self.unit_writes(kernel, person, &progress, text, "", Meaning::Progress).await?;
            }
            Step::LegReturn { reason } => {
                // Who has no account is phoned, and an agent writes the reason down.
                let on_phone = self.known.people.iter().flatten().find(|p| p.role.as_str() == "agent");
                let who = person.or(on_phone);
                let why =
                    NotOurs { reason: reason.clone(), signed: self.unit_name(&progress.leg.2), ..NotOurs::default() };
                let door = Door::account(who.context("no agent")?, code, progress.leg.1);
                match return_leg::return_leg(kernel, &door, why.clone()).await {
                    // The unit's days are over: it says so on the phone, and an agent gives it back for it.
                    Err(network::LegError::RefuseLate { .. }) => {
                        let door = Door::account(on_phone.context("no agent")?, code, progress.leg.1);
                        return_leg::return_leg(kernel, &door, why).await?;
                    }
                    done => drop(done?),
                }
            }
            Step::Close { outcome, sheet } => {
                close(kernel, agent()?, code, None, Closing { outcome: *outcome, sheet: sheet.clone() }).await?;
            }
            Step::Reopen => drop(reopen::reopen(kernel, agent()?, code, None).await?),
            Step::HandOver { unit, reason } => {
                // In the past of the demo both units had agreed; only a supervisor's word moves it at once.
                let agreed = Principal { role: Role::Supervisor, ..agent()?.clone() };
                drop(hand_over::hand_over(kernel, &agreed, code, None, unit, reason).await?)
            }
            Step::TakeOver { unit, reason } => {
                drop(hand_over::take_over(kernel, agent()?, code, None, unit, reason).await?)
            }
        }
        Ok(progress)
    }

    fn incoming(
        &self,
        story: &Story<'_>,
        number: usize,
        channel: Channel,
        text: &str,
        written_by: Option<&Principal>,
        kernel: &Kernel,
    ) -> anyhow::Result<Incoming> {
        let citizen = &self.plan.citizens[story.citizen];
        let town = &self.data.organisation.town;
        let category = &story.scenario.category;
        let (from, to) = match channel {
            Channel::Email | Channel::Web | Channel::Pec => (citizen.email.as_str(), town.email.as_str()),
            Channel::Phone | Channel::Voicemail | Channel::Sms | Channel::Fax => {
                (citizen.phone.as_str(), town.toll_free.as_str())
            }
            Channel::Letter | Channel::Counter => ("", ""),
        };
        let mut identifiers = citizen.identifiers();
        // What they came with counts first.
        identifiers.sort_by_key(|i: &Identifier| i.raw != from);
        let domain = citizen.email.rsplit('@').next().unwrap_or_default();
        let owner = self.known.units.get(&story.unit).copied();
        Ok(Incoming {
            channel,
            raw: RawSource::Fresh {
                account: "demo".to_owned(),
                external_id: number.to_string(),
                body: Some(text.as_bytes().to_vec()),
                blob: None,
                size: i64::try_from(text.len())?,
            },
            identifiers,
            evidence: Evidence::Vouched,
            notices: String::new(),
            paper: None,
            name: citizen.name.clone(),
            from_address: from.to_owned(),
            to_address: to.to_owned(),
            subject: String::new(),
            text: text.to_owned(),
            quoted: String::new(),
            html: None,
            files: Vec::new(),
            automatic: None,
            message_id: (channel == Channel::Email).then(|| format!("demo.{number}@{domain}")),
            dedupe_key: None,
            thread: ThreadHints::default(),
            kind: if story.classified { kind_of(category) } else { RequestKind::Information },
            answered: None,
            sheet: None,
            category_id: if story.classified { self.known.categories.get(category).copied() } else { None },
            owner_unit_id: owner.with_context(|| format!("no unit {}", story.unit))?,
            forwards: false,
            registered_by: written_by.and_then(|p| p.user_id),
            language: story.scenario.language.clone(),
            happened_at: kernel.now(),
            actor: written_by.map_or(Actor::Citizen, |p| p.actor.clone()),
        })
    }

    fn unit_name(&self, slug: &str) -> String {
        self.data.organisation.unit(slug).map(|u| u.name.it.clone()).unwrap_or_default()
    }

    /// A unit writes on its leg: its referent on the page of an account, the others by mail.
    async fn unit_writes(
        &self,
        kernel: &Kernel,
        referent: Option<&Principal>,
        progress: &Progress,
        text: &str,
        external_code: &str,
        meaning: Meaning,
    ) -> anyhow::Result<()> {
        let (leg, number, ref unit) = progress.leg;
        if let Some(referent) = referent {
            let written = Written {
                text: text.to_owned(),
                files: Vec::new(),
                external_code: external_code.to_owned(),
                signed: referent.name.clone(),
                key: String::new(),
                meaning,
                ..Written::default()
            };
            answer::write(kernel, &Door::account(referent, &progress.code, number), written).await?;
            return Ok(());
        }
        let now = kernel.now();
        let contact = NewContact {
            channel: "email",
            from_name: self.unit_name(unit),
            from_address: self.data.organisation.unit(unit).map(|u| u.email.clone()).unwrap_or_default(),
            body: text.to_owned(),
            happened_at: now,
            created_at: now,
            ..NewContact::default()
        };
        let message = LegMessage { contact, files: Vec::new(), external_code: external_code.to_owned(), meaning };
        let write = kernel.db.write(move |tx| Box::pin(answer::receive_answer(tx, leg, message, Actor::Leg(leg), now)));
        write.await?;
        Ok(())
    }
}

const fn has_subject(channel: Channel) -> bool {
    matches!(channel, Channel::Email | Channel::Web | Channel::Pec | Channel::Letter)
}

/// What requests of a class mostly are.
fn kind_of(category: &str) -> RequestKind {
    let (area, topic) = category.split_once('/').unwrap_or((category, ""));
    match (area, topic) {
        ("urp", "reclami") | ("tributi", "accertamenti") => RequestKind::Complaint,
        ("strade" | "reti", _)
        | ("ambiente", "mancata-raccolta" | "verde" | "rumore" | "animali" | "aria" | "disinfestazione" | "amianto")
        | ("mobilita", "polizia-locale" | "viabilita")
        | ("imprese-edilizia", "abusi-edilizi") => RequestKind::Report,
        ("urp", "accesso-atti" | "accesso-civico")
        | ("mobilita", "contrassegno-disabili" | "ztl" | "passi-carrabili")
        | ("sociale", "casa" | "assistenza-domiciliare")
        | ("stato-civile", "matrimonio" | "trascrizioni") => RequestKind::Application,
        ("dpc", topic) if topic.starts_with("eventi-") => RequestKind::Report,
        _ => RequestKind::Information,
    }
}
