//! The conformance data set: a year of a real civil protection contact centre, 23,549 requests in 22 classes of which
//! 79.1 % were closed at the front office, beside a town's citizens' desk with 84.25 %. Every request goes through
//! the same use cases as the demo's; what a buyer sees on the supervision page are counts of it, and nothing else.
use std::collections::HashMap;

use anyhow::Context;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::calendar::OpeningHours;
use super::citizens::Registry;
use super::data::{DemoData, Scenario, ScenarioLeg};
use super::plan::{Plan, Planned, Story, lay_out, start_of};
use super::story::{Ending, Teller};
use crate::cli::simulate::words::Grammar;

/// Closed at the front office, of ten thousand: the civil protection contact centre.
const CIVIL_PROTECTION: u64 = 7_910;
/// The same of the citizens' desk.
const TOWN: u64 = 8_425;
/// Requests of the town beside those of the classes: the source gives its rate and not its number.
const TOWN_REQUESTS: u64 = 4_000;
/// Slug of the unit that plays the civil protection contact centre.
pub const CENTRE: &str = "contact-centre";
/// Of the citizens' desk.
pub const DESK: &str = "sportello-municipio";
/// Share of citizens who were there before.
const RETURNING: f64 = 0.25;
const SEED: u64 = 23_549;

/// By which channels each service is reached, of a hundred.
const CENTRE_CHANNELS: [(&str, u32); 6] =
    [("phone", 58), ("email", 22), ("web", 13), ("pec", 4), ("fax", 1), ("sms", 2)];
const TOWN_CHANNELS: [(&str, u32); 5] = [("counter", 34), ("phone", 34), ("email", 18), ("web", 12), ("letter", 2)];

/// What a year is made of.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    /// One request in so many.
    pub scale: u64,
    pub seed: u64,
    /// Requests of the town at a scale of one.
    pub town: u64,
    /// Closed at the front office, of ten thousand: of the classes, and of the town.
    pub front: [u64; 2],
}

impl Mix {
    /// The year of the source documents.
    pub const fn source(scale: u64) -> Self {
        Self { scale, seed: SEED, town: TOWN_REQUESTS, front: [CIVIL_PROTECTION, TOWN] }
    }
}

/// A request of the year before it is told.
#[derive(Debug)]
pub struct Request {
    pub scenario: Scenario,
    ending: Ending,
}

impl Request {
    /// Whether it ends at the front office, without any unit that answers.
    pub fn ends_in_front(&self) -> bool {
        self.ending == Ending::Answered
    }
}

/// How many requests of each class there are at a scale of one to `scale`, in the order of the classification. They
/// add up to the scaled total: what is left over by rounding goes to the largest remainders.
pub fn counts(data: &DemoData, scale: u64) -> Vec<(&str, u64)> {
    let scale = scale.max(1);
    let known = data.organisation.categories.iter().filter_map(|c| Some((c.slug.as_str(), c.count? as u64)));
    let all: Vec<(&str, u64)> = known.collect();
    let total = share(all.iter().map(|(_, n)| n).sum(), 1, scale);
    let mut scaled: Vec<(&str, u64)> = all.iter().map(|(slug, n)| (*slug, n / scale)).collect();
    let mut by_remainder: Vec<usize> = (0..all.len()).collect();
    by_remainder.sort_by_key(|&at| std::cmp::Reverse(all[at].1 % scale));
    let missing = total.saturating_sub(scaled.iter().map(|(_, n)| n).sum());
    for &at in by_remainder.iter().take(usize::try_from(missing).unwrap_or(0)) {
        scaled[at].1 += 1;
    }
    scaled
}

/// `part` of `whole` of these, rounded.
pub const fn share(number: u64, part: u64, whole: u64) -> u64 {
    (number * part + whole / 2) / whole
}

/// How many of the classes' requests, and of the town's, are closed at the front office at this scale.
pub fn closed_in_front(data: &DemoData, scale: u64) -> [(u64, u64); 2] {
    closed_in_front_of(data, Mix::source(scale))
}

/// As [`closed_in_front`], of any year.
pub fn closed_in_front_of(data: &DemoData, mix: Mix) -> [(u64, u64); 2] {
    let centre = counts(data, mix.scale).iter().map(|(_, n)| n).sum();
    let town = share(mix.town, 1, mix.scale.max(1));
    [(centre, share(centre, mix.front[0], 10_000)), (town, share(town, mix.front[1], 10_000))]
}

/// The requests of the year, in no order of time.
///
/// # Errors
/// When the demo's files lack a class.
pub fn requests(data: &DemoData, scale: u64) -> anyhow::Result<Vec<Request>> {
    requests_of(data, Mix::source(scale))
}

/// As [`requests`], of any year.
///
/// # Errors
/// As [`requests`].
pub fn requests_of(data: &DemoData, mix: Mix) -> anyhow::Result<Vec<Request>> {
    let scale = mix.scale;
    let grammar = Grammar::read()?;
    let mut rng = StdRng::seed_from_u64(mix.seed);
    let [(centre, front), (town, town_front)] = closed_in_front_of(data, mix);
    let not_competent = |slug: &str| data.organisation.categories.iter().any(|c| c.slug == slug && c.not_competent);
    let counts = counts(data, scale);
    // Who belongs elsewhere is told so at the front office: the others share the referrals.
    let referable = counts.iter().filter(|(slug, _)| !not_competent(slug)).map(|(_, n)| n).sum::<u64>();
    let mut spread = Spread::new(centre - front, referable);
    let mut all = Vec::new();
    for (slug, number) in counts {
        let models: Vec<&Scenario> =
            data.scenarios.iter().filter(|s| s.category == slug && s.reply.is_some()).collect();
        for n in 0..number {
            let model = models.choose(&mut rng).with_context(|| format!("the demo has no scenario of {slug}"))?;
            let refers = !not_competent(slug) && spread.next();
            let (subject, text) = grammar.of_class(slug, &data.names.streets, &mut rng).unwrap_or_default();
            let mut scenario = retold(model, format!("{slug}-{n}"), channel(&CENTRE_CHANNELS, &mut rng), subject, text);
            let ending = settle(data, &mut scenario, refers, &mut rng)?;
            all.push(Request { scenario, ending });
        }
    }
    let mut spread = Spread::new(town - town_front, town);
    // A desk of the town refers to the town's own offices.
    let inside = |s: &&Scenario| s.refer.as_ref().is_none_or(|leg| !data.organisation.is_external(&leg.unit));
    let own_unit = |s: &&Scenario| {
        let unit = data.organisation.categories.iter().find(|c| c.slug == s.category).and_then(|c| c.unit.as_deref());
        unit.is_some_and(|unit| !data.organisation.is_external(unit))
    };
    let desk = data.scenarios.iter().filter(|s| is_of_the_town(s)).filter(inside).filter(own_unit);
    let desk: Vec<&Scenario> = desk.collect();
    for n in 0..town {
        let model = desk.choose_weighted(&mut rng, |s| s.weight).context("the demo has no scenario of the town")?;
        let (subject, text) = (model.subject.clone(), model.text.clone());
        let mut scenario =
            retold(model, format!("{}-{n}", model.key), channel(&TOWN_CHANNELS, &mut rng), subject, text);
        let refers = spread.next();
        let ending = settle(data, &mut scenario, refers, &mut rng)?;
        all.push(Request { scenario, ending });
    }
    Ok(all)
}

fn is_of_the_town(scenario: &Scenario) -> bool {
    !scenario.category.starts_with("dpc/") && scenario.language == "it" && scenario.reply.is_some()
}

/// Spreads some marks evenly over many places.
struct Spread {
    marks: u64,
    places: u64,
    at: u64,
}

impl Spread {
    const fn new(marks: u64, places: u64) -> Self {
        Self { marks, places, at: 0 }
    }

    const fn next(&mut self) -> bool {
        let (before, after) = (self.at * self.marks / self.places, (self.at + 1) * self.marks / self.places);
        self.at += 1;
        after > before
    }
}

fn channel(shares: &[(&'static str, u32)], rng: &mut StdRng) -> &'static str {
    shares.choose_weighted(rng, |(_, share)| *share).map_or("phone", |(name, _)| name)
}

/// The same request in other words, by another channel.
fn retold(model: &Scenario, key: String, channel: &str, subject: String, text: String) -> Scenario {
    Scenario {
        key,
        channel: channel.to_owned(),
        category: model.category.clone(),
        language: model.language.clone(),
        subject,
        text,
        sheet: model.sheet.clone(),
        outcome: if model.outcome == "not_competent" { "not_competent" } else { "answered" }.to_owned(),
        reply: model.reply.clone(),
        refer: model.refer.clone(),
        note: None,
        follow_up: None,
        follow_up_reply: None,
        weight: 1,
    }
}

/// Whether it ends at the front office, or after somebody else was asked.
fn settle(data: &DemoData, scenario: &mut Scenario, refers: bool, rng: &mut StdRng) -> anyhow::Result<Ending> {
    if !refers {
        scenario.refer = None;
        return Ok(Ending::Answered);
    }
    let asked = scenario.refer.take().filter(|leg| leg.kind != "knowledge");
    let leg = match asked {
        Some(leg) => leg,
        None => {
            let categories = &data.organisation.categories;
            let unit = categories.iter().find(|c| c.slug == scenario.category).and_then(|c| c.unit.clone());
            let phrases = &data.phrases.referred;
            ScenarioLeg {
                unit: unit.with_context(|| format!("no unit for {}", scenario.category))?,
                kind: "competence".to_owned(),
                question: phrases.question.choose(rng).cloned().unwrap_or_default(),
                answer: phrases.answer.choose(rng).cloned().unwrap_or_default(),
            }
        }
    };
    let outside = data.organisation.is_external(&leg.unit);
    scenario.refer = Some(leg);
    scenario.outcome = "answered".to_owned();
    Ok(if outside { Ending::AnsweredAfterOtherBody } else { Ending::AnsweredAfterUnit })
}

/// Lays the requests out over the year.
///
/// # Errors
/// When a request cannot be told to its end.
pub fn plan<'a>(data: &'a DemoData, requests: &'a [Request], hours: &OpeningHours) -> anyhow::Result<Plan<'a>> {
    let mut rng = StdRng::seed_from_u64(SEED + 1);
    let mut registry = Registry::new(&data.names);
    let teller = Teller::new(data);
    let (mut stories, mut steps) = (Vec::with_capacity(requests.len()), Vec::new());
    for (request, ticket) in requests.iter().zip(0..) {
        let known = registry.citizens.len();
        let citizen = if known > 0 && rng.random_bool(RETURNING) {
            rng.random_range(0..known)
        } else {
            let place = registry.add(None, &mut rng);
            registry.citizens[place].phone = format!("+39 399 {place:07}");
            place
        };
        let unit = if request.scenario.category.starts_with("dpc/") { CENTRE } else { DESK };
        let who = &registry.citizens[citizen];
        let told = teller.tell_at(unit, &request.scenario, request.ending, who, &mut rng)?;
        let start = start_of(request.ending, &told.lines, hours, &mut rng);
        for (at, line) in lay_out(start, told.lines, hours, &mut rng) {
            steps.push(Planned { at, ticket, by: line.by, step: line.step });
        }
        stories.push(Story {
            scenario: &request.scenario,
            citizen,
            channel: told.channel,
            unit: told.unit,
            classified: told.classified,
        });
    }
    steps.sort_by_key(|s| s.at);
    Ok(Plan { citizens: registry.citizens, stories, steps })
}

/// Requests by class, for whoever compares.
pub fn by_class(requests: &[Request]) -> HashMap<&str, u64> {
    let mut counts = HashMap::new();
    for request in requests {
        *counts.entry(request.scenario.category.as_str()).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_has_the_counts_and_rates_of_its_source() {
        let data = DemoData::read().unwrap();
        let requests = requests(&data, 1).unwrap();
        let counts = by_class(&requests);
        let of = |slug: &str| counts.get(slug).copied().unwrap_or(0);
        assert_eq!(counts.iter().filter(|(slug, _)| slug.starts_with("dpc/")).map(|(_, n)| n).sum::<u64>(), 23_549);
        assert_eq!(
            [
                of("dpc/eventi-sismici"),
                of("dpc/non-competenza"),
                of("dpc/rischio-nucleare"),
                of("dpc/eventi-trasporti")
            ],
            [6_204, 1_043, 8, 1]
        );
        let [(centre, front), (town, town_front)] = closed_in_front(&data, 1);
        assert_eq!(((front * 1_000 + centre / 2) / centre, town_front * 10_000 / town), (791, 8_425));
        let in_front = |civil: bool| {
            let own = requests.iter().filter(|r| r.scenario.category.starts_with("dpc/") == civil);
            own.filter(|r| r.ending == Ending::Answered).count() as u64
        };
        assert_eq!((in_front(true), in_front(false)), (front, town_front));
    }

    #[test]
    fn a_scaled_year_adds_up() {
        let data = DemoData::read().unwrap();
        for scale in [1, 7, 50, 1_000] {
            let total: u64 = counts(&data, scale).iter().map(|(_, n)| n).sum();
            assert_eq!(total, share(23_549, 1, scale), "1/{scale}");
        }
        let mut spread = Spread::new(3, 10);
        assert_eq!((0..10).filter(|_| spread.next()).count(), 3);
    }
}
