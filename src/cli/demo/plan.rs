//! What happens in the demo, decided before anything is written: which citizen asks what on which channel,
//! who works on it, and when each step is done. The same seed and the same instant give the same plan.
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};

use super::calendar::{DAY, OpeningHours};
use super::citizens::{Citizen, Registry, Sex};
use super::data::{DemoData, Scenario};
use super::story::{Ending, Teller};
use crate::kernel::time::Instant;
use crate::tickets::{Channel, Outcome};

/// Tickets of the demo.
pub const TICKETS: usize = 300;

/// How many tickets end how. The closed ones give a strict front-office closure rate of 84 % and a wide one
/// of 95 %.
const ENDINGS: [(Ending, usize); 16] = [
    (Ending::Untouched, 12),
    (Ending::InWork, 8),
    (Ending::InWorkAsScripted, 3),
    (Ending::ReopenedByCitizen, 2),
    (Ending::LegAnswered, 2),
    (Ending::AsksFirst, 4),
    (Ending::WaitsAsScripted, 4),
    (Ending::WithUnit, 7),
    (Ending::WithOtherBody, 5),
    (Ending::AnsweredAfterUnit, 27),
    (Ending::AnsweredAfterOtherBody, 13),
    (Ending::AnsweredTwice, 6),
    (Ending::Duplicate, 4),
    (Ending::Withdrawn, 3),
    (Ending::NoAnswerNeeded, 4),
    (Ending::Answered, 196),
];

const SEED: u64 = 34_120;
/// Share of tickets from citizens who were there before.
const RETURNING: f64 = 0.18;
/// Share of written requests that arrive after closing.
const EVENING: f64 = 0.22;

/// One thing that is done.
#[derive(Debug, Clone)]
pub enum Step {
    /// The first contact.
    Arrive,
    /// A further contact of the citizen; an agent who is given writes it down.
    Contact { channel: Channel, text: String },
    Take,
    Classify,
    Note { text: String },
    /// `spoken` is the channel of a spoken answer; without it a letter goes by mail.
    Reply { text: String, sheet: Option<String>, spoken: Option<Channel>, then: After },
    Refer { unit: String, kind: String, question: String },
    LegAnswer { text: String, external_code: String },
    LegProgress { text: String },
    LegReturn { reason: String },
    Close { outcome: Outcome, sheet: Option<String> },
    Reopen,
    HandOver { unit: String, reason: String },
    TakeOver { unit: String, reason: String },
}

/// What a reply does to the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Wait,
    Close(Outcome),
}

/// A step before it has its instant.
#[derive(Debug, Clone)]
pub struct Line {
    /// Open seconds since the step before.
    pub gap: i64,
    /// Whether it may happen after closing.
    pub evening: bool,
    /// Place in the list of users; `None` for what comes from outside.
    pub by: Option<usize>,
    pub step: Step,
}

/// A step with its instant and its ticket.
#[derive(Debug, Clone)]
pub struct Planned {
    pub at: Instant,
    pub ticket: usize,
    pub by: Option<usize>,
    pub step: Step,
}

/// A ticket before it exists.
#[derive(Debug)]
pub struct Story<'a> {
    pub scenario: &'a Scenario,
    /// Place in [`Plan::citizens`].
    pub citizen: usize,
    pub channel: Channel,
    /// Slug of the unit that owns it first.
    pub unit: String,
    /// Whether the class is known on arrival: chosen on the form, or by the agent who writes it down.
    pub classified: bool,
}

/// All that happens, in the order of time.
#[derive(Debug)]
pub struct Plan<'a> {
    pub citizens: Vec<Citizen>,
    pub stories: Vec<Story<'a>>,
    pub steps: Vec<Planned>,
}

/// A weighted pack of scenarios; each is dealt as often as it weighs before any comes again.
struct Pack<'a> {
    all: Vec<&'a Scenario>,
    left: Vec<&'a Scenario>,
}

impl<'a> Pack<'a> {
    fn new(data: &'a DemoData, fits: impl Fn(&Scenario) -> bool) -> Self {
        let all = data.scenarios.iter().filter(|s| fits(s)).flat_map(|s| std::iter::repeat_n(s, s.weight)).collect();
        Self { all, left: Vec::new() }
    }

    fn deal(&mut self, rng: &mut StdRng, fits: impl Fn(&Scenario) -> bool) -> Option<&'a Scenario> {
        if !self.left.iter().any(|s| fits(s)) {
            self.left.extend(&self.all);
            self.left.shuffle(rng);
        }
        let place = self.left.iter().position(|s| fits(s))?;
        Some(self.left.remove(place))
    }
}

/// Plans the demo over some opening hours.
///
/// # Errors
/// When the demo's files lack a scenario that is needed.
pub fn plan<'a>(data: &'a DemoData, hours: &OpeningHours) -> anyhow::Result<Plan<'a>> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let is_decisive = |s: &Scenario| s.refer.as_ref().is_some_and(|leg| leg.kind != "knowledge");
    let is_external = |s: &Scenario| s.refer.as_ref().is_some_and(|leg| data.organisation.is_external(&leg.unit));
    let mut front = Pack::new(data, |s| !is_decisive(s) && !matches!(s.outcome.as_str(), "open" | "waiting"));
    let mut inside = Pack::new(data, |s| is_decisive(s) && !is_external(s));
    let mut outside = Pack::new(data, |s| is_decisive(s) && is_external(s));
    let mut open = Pack::new(data, |s| s.outcome == "open");
    let mut waiting = Pack::new(data, |s| s.outcome == "waiting");
    let mut registry = Registry::new(&data.names);
    let teller = Teller::new(data);
    let (mut stories, mut steps) = (Vec::new(), Vec::new());
    for ending in ENDINGS.iter().flat_map(|(ending, n)| std::iter::repeat_n(*ending, *n)) {
        let written = |s: &Scenario| matches!(s.channel.as_str(), "email" | "web" | "sms");
        let scenario = match ending {
            Ending::InWorkAsScripted => open.deal(&mut rng, |_| true),
            Ending::WaitsAsScripted => waiting.deal(&mut rng, |_| true),
            Ending::WithUnit | Ending::AnsweredAfterUnit | Ending::LegAnswered => inside.deal(&mut rng, |_| true),
            Ending::WithOtherBody | Ending::AnsweredAfterOtherBody => outside.deal(&mut rng, |_| true),
            Ending::Untouched | Ending::AsksFirst | Ending::Duplicate | Ending::Withdrawn | Ending::NoAnswerNeeded => {
                front.deal(&mut rng, written)
            }
            Ending::InWork | Ending::ReopenedByCitizen | Ending::AnsweredTwice | Ending::Answered => front.deal(&mut rng, |_| true),
        };
        let scenario = scenario.ok_or_else(|| anyhow::anyhow!("the demo has no scenario that ends as {ending:?}"))?;
        let citizen = choose_citizen(&mut registry, scenario, &mut rng);
        let told = teller.tell(scenario, ending, &registry.citizens[citizen], &mut rng)?;
        let start = start_of(ending, &told.lines, hours, &mut rng);
        let ticket = stories.len();
        for (at, line) in lay_out(start, told.lines, hours, &mut rng) {
            steps.push(Planned { at, ticket, by: line.by, step: line.step });
        }
        stories.push(Story { scenario, citizen, channel: told.channel, unit: told.unit, classified: told.classified });
    }
    // The sort is stable: steps of one ticket keep their order.
    steps.sort_by_key(|s| s.at);
    Ok(Plan { citizens: registry.citizens, stories, steps })
}

fn choose_citizen(registry: &mut Registry<'_>, scenario: &Scenario, rng: &mut StdRng) -> usize {
    let sex = Sex::told_by(&scenario.text);
    let known: Vec<usize> = (0..registry.citizens.len()).filter(|&c| sex.is_none_or(|s| registry.citizens[c].sex == s)).collect();
    // Only some come back, and those more than once.
    match known.get(..known.len() / 8).unwrap_or_default().choose(rng) {
        Some(&citizen) if rng.random_bool(RETURNING) => citizen,
        _ => registry.add(sex, rng),
    }
}

/// The open second at which a history begins, so that it ends as far from now as its ending wants.
fn start_of(ending: Ending, lines: &[Line], hours: &OpeningHours, rng: &mut StdRng) -> i64 {
    let evenings = i64::try_from(lines.iter().filter(|l| l.evening).count()).unwrap_or(0);
    let length = lines.iter().map(|l| l.gap).sum::<i64>() + evenings * DAY + 120;
    let latest = (hours.total() - length).max(1);
    let age = |from: i64, to: i64, rng: &mut StdRng| (latest - rng.random_range(from..to)).max(0);
    match ending {
        Ending::Untouched => (hours.total() - rng.random_range(300..DAY * 3 / 2)).max(0),
        Ending::InWork | Ending::InWorkAsScripted | Ending::ReopenedByCitizen | Ending::LegAnswered => age(60, DAY * 5 / 2, rng),
        Ending::AsksFirst | Ending::WaitsAsScripted => age(3600, 5 * DAY, rng),
        Ending::WithUnit | Ending::WithOtherBody => age(DAY / 3, 7 * DAY, rng),
        Ending::AnsweredAfterUnit
        | Ending::AnsweredAfterOtherBody
        | Ending::AnsweredTwice
        | Ending::Duplicate
        | Ending::Withdrawn
        | Ending::NoAnswerNeeded
        | Ending::Answered => rng.random_range(0..latest),
    }
}

/// Gives each step its instant.
fn lay_out(start: i64, lines: Vec<Line>, hours: &OpeningHours, rng: &mut StdRng) -> Vec<(Instant, Line)> {
    let mut cursor = start;
    let mut placed = Vec::with_capacity(lines.len());
    for line in lines {
        cursor += line.gap;
        let evening = if line.evening && rng.random_bool(EVENING) {
            hours.after_closing(cursor, rng.random_range(900..5 * 3600))
        } else {
            None
        };
        let at = match evening {
            Some((at, next)) => {
                cursor = next + rng.random_range(120..3600);
                at
            }
            None => hours.instant(cursor),
        };
        placed.push((at, line));
    }
    placed
}
