//! Who contacts the administration and in which words: citizens of the demo's names, bodies of the class, openings
//! and closings as people write them. The same seed gives the same contacts in whatever order they are asked for.
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;

use super::options::{Topics, Traffic};
use crate::cli::demo::citizens::{Citizen, Registry};
use crate::cli::demo::data::{self, DemoData, Names};

/// `requests.toml`
#[derive(Debug, Deserialize)]
pub struct Grammar {
    opening: Vec<String>,
    closing: Vec<String>,
    when: Vec<String>,
    who: Vec<String>,
    again: Vec<String>,
    #[serde(rename = "class")]
    classes: Vec<Class>,
}

#[derive(Debug, Deserialize)]
struct Class {
    slug: String,
    subject: Vec<String>,
    body: Vec<String>,
}

/// What a citizen wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Slug of its category.
    pub category: String,
    pub subject: String,
    /// Opening, body and closing.
    pub text: String,
    /// The body alone, for channels without room.
    pub short: String,
}

/// Everybody who may contact the administration.
#[derive(Debug)]
pub struct Town {
    demo: DemoData,
    grammar: Grammar,
    seed: u64,
    topics: Topics,
    numbers: Vec<String>,
    /// Categories with how often they come.
    weights: Vec<(Topic, usize)>,
}

#[derive(Debug, Clone, Copy)]
enum Topic {
    /// Place in the classes of the grammar.
    Class(usize),
    /// Place in the scenarios of the demo.
    Scenario(usize),
}

impl Grammar {
    /// The embedded file.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read() -> anyhow::Result<Self> {
        data::read("requests.toml")
    }

    /// Subject and body of a class.
    pub fn of_class(&self, slug: &str, streets: &[String], rng: &mut StdRng) -> Option<(String, String)> {
        let class = self.classes.iter().find(|c| c.slug == slug)?;
        let body = class.body.choose(rng)?;
        let body = self.filled(body, streets, rng);
        Some((class.subject.choose(rng)?.clone(), capital(&body)))
    }

    fn filled(&self, text: &str, streets: &[String], rng: &mut StdRng) -> String {
        let pick = |list: &[String], rng: &mut StdRng| list.choose(rng).cloned().unwrap_or_default();
        let (street, when, who) = (pick(streets, rng), pick(&self.when, rng), pick(&self.who, rng));
        let number = rng.random_range(1..160).to_string();
        let pairs = [("{street}", street), ("{when}", when), ("{who}", who), ("{number}", number)];
        pairs.iter().fold(text.to_owned(), |text, (slot, value)| text.replace(slot, value))
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The streets of the demo's town.
pub fn streets(names: &Names) -> &[String] {
    &names.streets
}

impl Town {
    /// The town of the demo.
    ///
    /// # Errors
    /// When the embedded files are malformed.
    pub fn new(traffic: &Traffic) -> anyhow::Result<Self> {
        let (demo, grammar) = (DemoData::read()?, Grammar::read()?);
        let counts = |slug: &str| demo.organisation.categories.iter().find(|c| c.slug == slug).and_then(|c| c.count);
        let classes = grammar.classes.iter().enumerate();
        let classes = classes.map(|(at, c)| (Topic::Class(at), counts(&c.slug).unwrap_or(1)));
        // First person only: what agents note down of a call is not what a citizen writes.
        let written = |channel: &str| matches!(channel, "email" | "web" | "sms");
        let scenarios = demo.scenarios.iter().enumerate();
        let scenarios = scenarios
            .filter(|(_, s)| written(&s.channel) && s.language == "it" && !s.category.starts_with("dpc/"))
            // As much of the town as of civil protection, whose counts are those of a year.
            .map(|(at, s)| (Topic::Scenario(at), s.weight * 100));
        let weights = match traffic.topics {
            Topics::All => classes.chain(scenarios).collect(),
            Topics::Town => scenarios.collect(),
            Topics::CivilProtection => classes.collect(),
        };
        let (seed, topics, numbers) = (traffic.seed, traffic.topics, traffic.from_numbers.clone());
        Ok(Self { demo, grammar, seed, topics, numbers, weights })
    }

    /// Chance of the contact of this number, for what is its own affair.
    pub fn chance(&self, number: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number))
    }

    /// Number that citizens call and write to.
    pub fn toll_free(&self) -> String {
        self.demo.organisation.town.toll_free.replace(' ', "")
    }

    /// Who makes the contact of this number. About one in five has been there before.
    pub fn citizen(&self, number: u64) -> Citizen {
        let mut rng = self.chance(number);
        let returns = number > 10 && rng.random_bool(0.2);
        let number = if returns { rng.random_range(0..number) } else { number };
        let mut registry = Registry::new(&self.demo.names);
        registry.add(None, &mut self.chance(number));
        let mut citizen = registry.citizens.remove(0);
        // Unique by the contact and the seed, in the range that no operator has.
        let own = self.seed.wrapping_mul(7_919).wrapping_add(number);
        citizen.phone = match usize::try_from(number).ok().and_then(|n| self.numbers.get(n % self.numbers.len().max(1)))
        {
            Some(given) => given.clone(),
            None => format!("+39399{:07}", own % 10_000_000),
        };
        citizen.email = citizen.email.replacen('@', &format!(".{own}@"), 1);
        citizen
    }

    /// What the contact of this number is about.
    pub fn wish(&self, number: u64, name: &str) -> Wish {
        let mut rng = self.chance(number ^ 0x5757_5757);
        let streets = streets(&self.demo.names);
        let topic = self.weights.choose_weighted(&mut rng, |(_, weight)| *weight).map(|(topic, _)| *topic);
        let (category, subject, body) = match topic {
            Ok(Topic::Scenario(at)) => {
                let scenario = &self.demo.scenarios[at];
                let street = streets.choose(&mut rng).cloned().unwrap_or_default();
                let body = format!("{} Abito in {street} {}.", scenario.text.trim(), rng.random_range(1..160));
                (scenario.category.clone(), scenario.subject.clone(), body)
            }
            Ok(Topic::Class(at)) => {
                let slug = self.grammar.classes[at].slug.clone();
                let (subject, body) = self.grammar.of_class(&slug, streets, &mut rng).unwrap_or_default();
                (slug, subject, body)
            }
            // The files are embedded and never without topics.
            Err(_) => (String::new(), format!("{:?}", self.topics), String::new()),
        };
        let pick = |list: &[String], rng: &mut StdRng| list.choose(rng).cloned().unwrap_or_default();
        let opening =
            if matches!(topic, Ok(Topic::Class(_))) { pick(&self.grammar.opening, &mut rng) } else { String::new() };
        let closing = pick(&self.grammar.closing, &mut rng).replace("{name}", name);
        let text = [opening.as_str(), &body, &closing].into_iter().filter(|part| !part.is_empty());
        Wish { category, subject, text: text.collect::<Vec<_>>().join("\n\n"), short: body.clone() }
    }

    /// What a citizen writes back later.
    pub fn again(&self, number: u64) -> String {
        let mut rng = self.chance(number ^ 0xa9a9);
        let text = self.grammar.again.choose(&mut rng).cloned().unwrap_or_default();
        self.grammar.filled(&text, streets(&self.demo.names), &mut rng)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        traffic: Traffic,
    }

    fn town(line: &[&str]) -> Town {
        let line = ["x"].iter().chain(line);
        Town::new(&Line::parse_from(line).traffic).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_citizens_and_words() {
        let (one, two, other) = (town(&["--seed", "7"]), town(&["--seed", "7"]), town(&["--seed", "8"]));
        let tell = |town: &Town, n: u64| {
            let citizen = town.citizen(n);
            format!("{citizen:?} {:?} {}", town.wish(n, &citizen.name), town.again(n))
        };
        for number in [40, 3, 11] {
            assert_eq!(tell(&one, number), tell(&two, number));
        }
        assert_ne!(tell(&one, 3), tell(&other, 3));
        let texts: Vec<String> = (0..400).map(|n| one.wish(n, "Anna").text).collect();
        assert!(texts.iter().all(|t| !t.contains(['{', '}'])), "a slot was left open");
    }

    #[test]
    fn classes_come_in_their_real_proportions() {
        let town = town(&["--topics", "civil-protection"]);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for number in 0..4000 {
            *counts.entry(town.wish(number, "").category).or_default() += 1;
        }
        // 6,204 and 5,066 of 23,549.
        let share = |slug: &str| f64::from(counts.get(slug).copied().unwrap_or(0)) / 4000.0;
        assert!((share("dpc/eventi-sismici") - 0.263).abs() < 0.03, "{counts:?}");
        assert!((share("dpc/eventi-meteo-idrogeologici") - 0.215).abs() < 0.03, "{counts:?}");
    }

    #[test]
    fn given_numbers_are_used_in_turn() {
        let town = town(&["--from-numbers", "+393331111111,+393332222222"]);
        let used: std::collections::BTreeSet<String> = (0..10).map(|n| town.citizen(n).phone).collect();
        assert_eq!(used.into_iter().collect::<Vec<_>>(), ["+393331111111", "+393332222222"]);
    }
}
