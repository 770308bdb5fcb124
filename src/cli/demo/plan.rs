//! What happens in the demo, decided before anything is written: which citizen asks what on which channel,
//! who works on it, and when each step is done. The same seed and the same instant give the same plan.
use jiff::SignedDuration;
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
const ENDINGS: [(Ending, usize); 19] = [
    (Ending::JustArrived, 3),
    (Ending::Untouched, 9),
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
    (Ending::HandedOver, 4),
    (Ending::TakenOver, 2),
    (Ending::Answered, 190),
];

const SEED: u64 = 34_120;
/// Share of tickets from citizens who were there before.
const RETURNING: f64 = 0.18;
/// Tickets that one citizen has at most.
const VISITS: usize = 4;
/// Share of written requests that arrive after closing.
const EVENING: f64 = 0.22;

/// One thing that is done.
#[derive(Debug, Clone)]
pub enum Step {
    /// The first contact.
    Arrive,
    /// A further contact of the citizen; an agent who is given writes it down.
    Contact {
        channel: Channel,
        text: String,
    },
    Take,
    Classify,
    Note {
        text: String,
    },
    /// `spoken` is the channel of a spoken answer; without it a letter goes by mail.
    Reply {
        text: String,
        sheet: Option<String>,
        spoken: Option<Channel>,
        then: After,
    },
    Refer {
        unit: String,
        kind: String,
        question: String,
    },
    LegAnswer {
        text: String,
        external_code: String,
    },
    LegProgress {
        text: String,
    },
    LegReturn {
        reason: String,
    },
    Close {
        outcome: Outcome,
        sheet: Option<String>,
    },
    Reopen,
    HandOver {
        unit: String,
        reason: String,
    },
    TakeOver {
        unit: String,
        reason: String,
    },
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
            Ending::JustArrived
            | Ending::Untouched
            | Ending::AsksFirst
            | Ending::Duplicate
            | Ending::Withdrawn
            | Ending::NoAnswerNeeded => front.deal(&mut rng, written),
            Ending::HandedOver | Ending::TakenOver => front.deal(&mut rng, |s| s.channel != "counter"),
            Ending::InWork | Ending::ReopenedByCitizen | Ending::AnsweredTwice | Ending::Answered => {
                front.deal(&mut rng, |_| true)
            }
        };
        let scenario = scenario.ok_or_else(|| anyhow::anyhow!("the demo has no scenario that ends as {ending:?}"))?;
        let citizen = choose_citizen(&mut registry, &stories, scenario, &mut rng);
        let told = teller.tell(scenario, ending, &registry.citizens[citizen], &mut rng)?;
        let start = start_of(ending, &told.lines, hours, &mut rng);
        let ticket = stories.len();
        for (mut at, line) in lay_out(start, told.lines, hours, &mut rng) {
            if ending == Ending::JustArrived {
                // Whatever the hour, something came in a moment ago.
                at = hours.now().minus(SignedDuration::from_secs(rng.random_range(600..5 * 3600)));
            }
            steps.push(Planned { at, ticket, by: line.by, step: line.step });
        }
        stories.push(Story { scenario, citizen, channel: told.channel, unit: told.unit, classified: told.classified });
    }
    // The sort is stable: steps of one ticket keep their order.
    steps.sort_by_key(|s| s.at);
    Ok(Plan { citizens: registry.citizens, stories, steps })
}

fn choose_citizen(registry: &mut Registry<'_>, stories: &[Story<'_>], scenario: &Scenario, rng: &mut StdRng) -> usize {
    let sex = Sex::told_by(&scenario.text);
    let visits = |citizen: usize| stories.iter().filter(|s| s.citizen == citizen).count();
    // Only one in four ever comes back, and then perhaps more than once.
    let fits = |c: &usize| sex.is_none_or(|s| registry.citizens[*c].sex == s) && visits(*c) < VISITS;
    let known: Vec<usize> = (0..registry.citizens.len()).step_by(4).filter(fits).collect();
    match known.choose(rng) {
        Some(&citizen) if rng.random_bool(RETURNING) => citizen,
        _ => registry.add(sex, rng),
    }
}

/// The open second at which a history begins, so that it ends as far from now as its ending wants.
pub(super) fn start_of(ending: Ending, lines: &[Line], hours: &OpeningHours, rng: &mut StdRng) -> i64 {
    let evenings = i64::try_from(lines.iter().filter(|l| l.evening).count()).unwrap_or(0);
    let length = lines.iter().map(|l| l.gap).sum::<i64>() + evenings * DAY + 120;
    let latest = (hours.total() - length).max(1);
    let age = |from: i64, to: i64, rng: &mut StdRng| (latest - rng.random_range(from..to)).max(0);
    match ending {
        Ending::JustArrived | Ending::Untouched => (hours.total() - rng.random_range(300..DAY * 3 / 2)).max(0),
        Ending::InWork | Ending::InWorkAsScripted | Ending::ReopenedByCitizen | Ending::LegAnswered => {
            age(60, DAY * 5 / 2, rng)
        }
        Ending::AsksFirst | Ending::WaitsAsScripted => age(3600, 5 * DAY, rng),
        Ending::WithUnit | Ending::WithOtherBody => age(DAY / 3, 7 * DAY, rng),
        Ending::AnsweredAfterUnit
        | Ending::AnsweredAfterOtherBody
        | Ending::AnsweredTwice
        | Ending::Duplicate
        | Ending::Withdrawn
        | Ending::NoAnswerNeeded
        | Ending::HandedOver
        | Ending::TakenOver
        | Ending::Answered => rng.random_range(0..latest),
    }
}

/// Gives each step its instant.
pub(super) fn lay_out(start: i64, lines: Vec<Line>, hours: &OpeningHours, rng: &mut StdRng) -> Vec<(Instant, Line)> {
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn the_same_instant_gives_the_same_plan_and_none_of_it_is_in_the_future() {
        let data = DemoData::read().unwrap();
        let zone = TimeZone::get("Europe/Rome").unwrap();
        // A Monday in working hours, a Sunday evening, a morning after a holiday.
        for now in ["2026-03-02T08:00:00Z", "2026-11-22T21:30:00Z", "2026-04-07T06:10:00Z"] {
            let now = Instant::parse(now).unwrap();
            let from = now.zoned(&zone).date().saturating_sub(jiff::Span::new().days(89));
            let hours = OpeningHours::new(&zone, from, now, "06-01");
            let first = plan(&data, &hours).unwrap();
            assert_eq!(first.stories.len(), TICKETS);
            assert_eq!(format!("{first:?}"), format!("{:?}", plan(&data, &hours).unwrap()));
            let begins = date(2025, 1, 1).to_zoned(zone.clone()).unwrap().timestamp().into();
            assert!(first.steps.iter().all(|s| s.at <= now && s.at > begins));
            for ticket in 0..TICKETS {
                let mut steps = first.steps.iter().filter(|s| s.ticket == ticket);
                assert!(matches!(steps.next().unwrap().step, Step::Arrive), "ticket {ticket} begins with its contact");
            }
        }
    }
}
