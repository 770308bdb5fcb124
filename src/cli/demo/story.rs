//! How one ticket goes from its first contact to its ending.
use anyhow::Context;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::calendar::DAY;
use super::citizens::Citizen;
use super::data::{DemoData, Scenario, ScenarioLeg};
use super::plan::{After, Line, Step};
use crate::kernel::language::Language;
use crate::tickets::model::is_courtesy;
use crate::tickets::{Channel, Outcome};

/// Slug of the unit that answers the phone and reads the mail.
const CENTRE: &str = "contact-centre";

/// Where a history stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It came a moment ago, whatever the hour.
    JustArrived,
    /// Nobody has looked at it.
    Untouched,
    InWork,
    /// As the scenario tells.
    InWorkAsScripted,
    /// Closed, and open again because the citizen wrote.
    ReopenedByCitizen,
    /// The unit has answered; the citizen has not been told yet.
    LegAnswered,
    /// The citizen was asked for something.
    AsksFirst,
    WaitsAsScripted,
    WithUnit,
    WithOtherBody,
    AnsweredAfterUnit,
    AnsweredAfterOtherBody,
    /// Closed, reopened by the citizen, closed again.
    AnsweredTwice,
    Duplicate,
    Withdrawn,
    NoAnswerNeeded,
    /// Answered by another unit, which was given the relation.
    HandedOver,
    /// Answered by the level above, which took the relation over.
    TakenOver,
    Answered,
}

/// A history without its instants.
#[derive(Debug)]
pub struct Told {
    pub channel: Channel,
    /// Slug of the unit that owns the ticket first.
    pub unit: String,
    pub classified: bool,
    pub lines: Vec<Line>,
}

/// Tells histories from scenarios.
#[derive(Debug)]
pub struct Teller<'a> {
    data: &'a DemoData,
}

/// Who works on it, how it came, and slug of the unit that owns it first.
struct Desk {
    channel: Channel,
    agent: usize,
    unit: String,
}

/// A history while it is told.
struct Tale<'t> {
    data: &'t DemoData,
    scenario: &'t Scenario,
    citizen: &'t Citizen,
    channel: Channel,
    agent: usize,
    lines: Vec<Line>,
}

impl<'a> Teller<'a> {
    pub const fn new(data: &'a DemoData) -> Self {
        Self { data }
    }

    fn agents(&self, works_at: impl Fn(&str) -> bool) -> Vec<usize> {
        let users = self.data.organisation.users.iter().enumerate();
        users
            .filter(|(_, u)| u.role == "agent" && u.units.iter().any(|unit| works_at(unit)))
            .map(|(place, _)| place)
            .collect()
    }

    /// Tells how a scenario goes until an ending.
    ///
    /// # Errors
    /// When the scenario lacks what the ending needs.
    pub fn tell(
        &self,
        scenario: &Scenario,
        ending: Ending,
        citizen: &Citizen,
        rng: &mut StdRng,
    ) -> anyhow::Result<Told> {
        let channel =
            Channel::from_text(&scenario.channel).with_context(|| format!("no channel {}", scenario.channel))?;
        let at_counter = channel == Channel::Counter;
        let agents = self.agents(|unit| (unit == CENTRE) != at_counter);
        let agent = agents.choose(rng).copied().context("the demo has no agent for a channel")?;
        let units = &self.data.organisation.users[agent].units;
        let unit = if at_counter { units.iter().find(|u| *u != CENTRE).cloned() } else { None };
        let unit = unit.unwrap_or_else(|| CENTRE.to_owned());
        self.told(scenario, ending, citizen, Desk { channel, agent, unit }, rng)
    }

    /// The same at a desk of its own, which every channel reaches.
    ///
    /// # Errors
    /// As [`Teller::tell`].
    pub fn tell_at(
        &self,
        unit: &str,
        scenario: &Scenario,
        ending: Ending,
        citizen: &Citizen,
        rng: &mut StdRng,
    ) -> anyhow::Result<Told> {
        let channel =
            Channel::from_text(&scenario.channel).with_context(|| format!("no channel {}", scenario.channel))?;
        let agents = self.agents(|own| own == unit);
        let agent = agents.choose(rng).copied().with_context(|| format!("nobody works at {unit}"))?;
        self.told(scenario, ending, citizen, Desk { channel, agent, unit: unit.to_owned() }, rng)
    }

    fn told(
        &self,
        scenario: &Scenario,
        ending: Ending,
        citizen: &Citizen,
        desk: Desk,
        rng: &mut StdRng,
    ) -> anyhow::Result<Told> {
        let Desk { channel, agent, unit } = desk;
        let registered = matches!(channel, Channel::Phone | Channel::Counter | Channel::Letter);
        let classified = registered || (channel == Channel::Web && rng.random_bool(0.6));
        let mut tale = Tale { data: self.data, scenario, citizen, channel, agent, lines: Vec::new() };
        tale.add(0, registered.then_some(agent), Step::Arrive);
        tale.lines[0].evening = !registered;
        if !matches!(ending, Ending::JustArrived | Ending::Untouched) && !registered {
            tale.add(rng.random_range(600..DAY / 2), Some(agent), Step::Take);
            if !classified {
                tale.add(rng.random_range(15..90), Some(agent), Step::Classify);
            }
        }
        tale.go_on(ending, rng)?;
        Ok(Told { channel, unit, classified, lines: tale.lines })
    }
}

impl Tale<'_> {
    fn go_on(&mut self, ending: Ending, rng: &mut StdRng) -> anyhow::Result<()> {
        match ending {
            Ending::JustArrived | Ending::Untouched => {}
            Ending::InWork => {
                if rng.random_bool(0.5) {
                    let text = self.one_of(&self.data.phrases.notes.pending, rng);
                    self.act(120..1800, Step::Note { text }, rng);
                }
            }
            Ending::InWorkAsScripted => self.note(rng),
            Ending::AsksFirst => {
                let text = self.data.phrases.ask.get(self.language()).to_owned();
                self.letter(&text, None, After::Wait, rng);
            }
            Ending::WaitsAsScripted => {
                self.note(rng);
                let text = self.reply_text()?;
                let sheet = self.scenario.sheet.clone();
                self.letter(&text, sheet, After::Wait, rng);
            }
            Ending::WithUnit | Ending::WithOtherBody => {
                self.refer(self.leg()?, rng);
                if rng.random_bool(0.3) {
                    let text = self.one_of(&self.data.phrases.progress.text, rng);
                    self.add_after(DAY / 4..DAY, self.referent_of(&self.leg()?.unit), Step::LegProgress { text }, rng);
                }
                if rng.random_bool(0.3) {
                    self.chase(rng);
                }
            }
            Ending::LegAnswered => self.refer_and_answer(rng)?,
            Ending::AnsweredAfterUnit | Ending::AnsweredAfterOtherBody => {
                if ending == Ending::AnsweredAfterUnit && rng.random_bool(0.15) {
                    self.refer_wrongly(rng)?;
                }
                self.refer_and_answer(rng)?;
                self.note(rng);
                self.answer(rng)?;
            }
            Ending::HandedOver | Ending::TakenOver => {
                self.change_hands(ending, rng);
                self.answer(rng)?;
            }
            Ending::Answered => {
                self.note(rng);
                if let Some(leg) = self.scenario.refer.clone() {
                    self.refer(leg, rng);
                }
                self.answer(rng)?;
            }
            Ending::ReopenedByCitizen | Ending::AnsweredTwice => {
                let text = self.reply_text()?;
                let sheet = self.scenario.sheet.clone();
                self.reply(&text, sheet, After::Close(self.outcome()), rng);
                let exchange = self.data.phrases.reopen.choose(rng).context("no phrase to reopen")?;
                self.citizen_writes(&exchange.text, rng);
                if ending == Ending::AnsweredTwice {
                    self.letter(&exchange.reply, None, After::Close(Outcome::Answered), rng);
                }
            }
            Ending::Duplicate => {
                let text = self.data.phrases.notes.duplicate.clone();
                self.act(30..300, Step::Note { text }, rng);
                self.act(5..30, Step::Close { outcome: Outcome::Duplicate, sheet: None }, rng);
            }
            Ending::Withdrawn => {
                self.citizen_writes(&self.data.phrases.withdrawn.text, rng);
                let text = self.data.phrases.notes.withdrawn.clone();
                self.act(300..7200, Step::Note { text }, rng);
                self.act(5..30, Step::Close { outcome: Outcome::Withdrawn, sheet: None }, rng);
            }
            Ending::NoAnswerNeeded => {
                let text = self.data.phrases.notes.no_answer.clone();
                self.act(30..300, Step::Note { text }, rng);
                self.act(5..30, Step::Close { outcome: Outcome::NoAnswerNeeded, sheet: None }, rng);
            }
        }
        Ok(())
    }

    fn add(&mut self, gap: i64, by: Option<usize>, step: Step) {
        self.lines.push(Line { gap, evening: false, by, step });
    }

    fn add_after(&mut self, gap: std::ops::Range<i64>, by: Option<usize>, step: Step, rng: &mut StdRng) {
        let gap = rng.random_range(gap);
        self.add(gap, by, step);
    }

    fn act(&mut self, gap: std::ops::Range<i64>, step: Step, rng: &mut StdRng) {
        self.add_after(gap, Some(self.agent), step, rng);
    }

    fn one_of(&self, texts: &[String], rng: &mut StdRng) -> String {
        texts.choose(rng).cloned().unwrap_or_default()
    }

    fn language(&self) -> Language {
        Language::from_tag(&self.scenario.language).unwrap_or(Language::Italian)
    }

    fn outcome(&self) -> Outcome {
        if self.scenario.outcome == "not_competent" { Outcome::NotCompetent } else { Outcome::Answered }
    }

    fn reply_text(&self) -> anyhow::Result<String> {
        self.scenario.reply.clone().with_context(|| format!("the scenario {} has no reply", self.scenario.key))
    }

    fn leg(&self) -> anyhow::Result<ScenarioLeg> {
        self.scenario.refer.clone().with_context(|| format!("the scenario {} has no leg", self.scenario.key))
    }

    /// The account of a unit's referent, if one has any.
    fn referent_of(&self, unit: &str) -> Option<usize> {
        let users = &self.data.organisation.users;
        users.iter().position(|u| u.role == "referent" && u.units.iter().any(|own| own == unit))
    }

    fn note(&mut self, rng: &mut StdRng) {
        let text = match &self.scenario.note {
            Some(text) => text.clone(),
            None if rng.random_bool(0.06) => self.one_of(&self.data.phrases.notes.general, rng),
            None => return,
        };
        self.act(60..900, Step::Note { text }, rng);
    }

    /// The relation goes to another unit, and somebody there takes it.
    fn change_hands(&mut self, ending: Ending, rng: &mut StdRng) {
        let (users, phrases) = (&self.data.organisation.users, &self.data.phrases);
        let (by, unit, step) = if ending == Ending::TakenOver {
            let (unit, reason) = ("sportello".to_owned(), phrases.take_over.reason.clone());
            (users.iter().position(|u| u.role == "supervisor"), unit.clone(), Step::TakeOver { unit, reason })
        } else {
            let (unit, reason) = ("sportello-municipio".to_owned(), phrases.hand_over.reason.clone());
            (Some(self.agent), unit.clone(), Step::HandOver { unit, reason })
        };
        self.add_after(300..3600, by, step, rng);
        let works_there = |role: &str| matches!(role, "agent" | "supervisor");
        let there = users.iter().position(|u| works_there(&u.role) && u.units.contains(&unit));
        self.agent = there.unwrap_or(self.agent);
        self.act(600..DAY / 3, Step::Take, rng);
    }

    fn refer(&mut self, leg: ScenarioLeg, rng: &mut StdRng) {
        self.act(180..1200, Step::Refer { unit: leg.unit, kind: leg.kind, question: leg.question }, rng);
    }

    fn refer_and_answer(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        let leg = self.leg()?;
        let referent = self.referent_of(&leg.unit);
        self.refer(leg.clone(), rng);
        if rng.random_bool(0.12) {
            self.chase(rng);
        }
        // Other bodies keep their own code for it.
        let external_code = if self.data.organisation.is_external(&leg.unit) {
            format!(
                "{}-{:05}",
                leg.unit.chars().take(3).collect::<String>().to_uppercase(),
                rng.random_range(100..99_999)
            )
        } else {
            String::new()
        };
        self.add_after(DAY / 3..DAY * 9 / 2, referent, Step::LegAnswer { text: leg.answer, external_code }, rng);
        Ok(())
    }

    fn refer_wrongly(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        let (leg, wrong) = (self.leg()?, &self.data.phrases.returned);
        if leg.unit != wrong.unit {
            self.refer(ScenarioLeg { unit: wrong.unit.clone(), ..leg }, rng);
            let reason = self.one_of(&wrong.reason, rng);
            self.add_after(DAY / 4..DAY * 3 / 2, self.referent_of(&wrong.unit), Step::LegReturn { reason }, rng);
        }
        Ok(())
    }

    /// The citizen calls to ask how things stand; an agent writes it down.
    fn chase(&mut self, rng: &mut StdRng) {
        let text = self.one_of(&self.data.phrases.chase.text, rng);
        self.act(DAY / 4..DAY, Step::Contact { channel: Channel::Phone, text }, rng);
    }

    fn citizen_writes(&mut self, text: &str, rng: &mut StdRng) {
        let gap = rng.random_range(3600..2 * DAY);
        let step = Step::Contact { channel: Channel::Email, text: text.to_owned() };
        self.lines.push(Line { gap, evening: true, by: None, step });
    }

    /// Answers, with what the citizen writes back.
    fn answer(&mut self, rng: &mut StdRng) -> anyhow::Result<()> {
        let (text, sheet, close) = (self.reply_text()?, self.scenario.sheet.clone(), After::Close(self.outcome()));
        let back = self.scenario.follow_up.as_deref().filter(|_| rng.random_bool(0.7));
        match (back, self.scenario.follow_up_reply.as_deref()) {
            (None, _) => self.reply(&text, sheet, close, rng),
            (Some(back), None) if is_courtesy(back) => {
                self.reply(&text, sheet, close, rng);
                self.citizen_writes(back, rng);
            }
            (Some(back), None) => {
                self.letter(&text, sheet.clone(), After::Wait, rng);
                self.citizen_writes(back, rng);
                self.act(300..7200, Step::Close { outcome: self.outcome(), sheet }, rng);
            }
            (Some(back), Some(again)) => {
                self.reply(&text, sheet, close, rng);
                self.citizen_writes(back, rng);
                if is_courtesy(back) {
                    // Thanks wake nobody: an agent who reads them sees that more is wanted.
                    self.act(600..7200, Step::Reopen, rng);
                }
                self.letter(again, None, After::Close(Outcome::Answered), rng);
            }
        }
        Ok(())
    }

    /// Answers as the citizen asked: by voice, or by mail.
    fn reply(&mut self, text: &str, sheet: Option<String>, then: After, rng: &mut StdRng) {
        let spoken = match self.channel {
            Channel::Counter => Some(Channel::Counter),
            Channel::Phone | Channel::Letter | Channel::Sms | Channel::Voicemail | Channel::Fax => Some(Channel::Phone),
            Channel::Email | Channel::Web | Channel::Pec => None,
        };
        if spoken.is_none() {
            return self.letter(text, sheet, then, rng);
        }
        self.act(60..420, Step::Reply { text: text.to_owned(), sheet, spoken, then }, rng);
    }

    /// Answers by mail, with greeting and signature.
    fn letter(&mut self, text: &str, sheet: Option<String>, then: After, rng: &mut StdRng) {
        let agent = &self.data.organisation.users[self.agent].name;
        let form = self.data.phrases.letter.get(self.language());
        let text = form.replace("{name}", &self.citizen.name).replace("{agent}", agent).replace("{text}", text);
        self.act(180..1500, Step::Reply { text, sheet, spoken: None, then }, rng);
    }
}
