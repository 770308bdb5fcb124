//! Invented citizens: names of the list in random combinations, addresses in a reserved domain, numbers of a
//! range that no operator has.
use std::collections::HashSet;

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use unicode_normalization::UnicodeNormalization;

use super::data::Names;
use crate::people::Identifier;

const DOMAINS: [&str; 4] = ["posta.example", "casella.example", "lettera.example", "mail.example"];
/// Of each list of first names the last ten, and of the surnames the last twenty, are of foreign origin.
const FOREIGN_FIRST: usize = 10;
const FOREIGN_LAST: usize = 20;

/// Which first names fit a citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Female,
    Male,
}

impl Sex {
    /// What a text says about who it comes from, if anything: the first hint counts.
    pub fn told_by(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let first = |words: &[&str]| words.iter().filter_map(|w| text.find(w)).min();
        match (first(&FEMALE), first(&MALE)) {
            (None, None) => None,
            (Some(her), Some(him)) if him < her => Some(Self::Male),
            (Some(_), _) => Some(Self::Female),
            (None, Some(_)) => Some(Self::Male),
        }
    }
}

const FEMALE: [&str; 14] = [
    "signora",
    "una mamma",
    "la mamma chiede",
    "la cittadina",
    "una ragazza",
    "la figlia",
    "una nonna",
    "mio marito",
    "ex compagno",
    "trasferita",
    "sono stata ",
    "sono andata",
    "mi sono sposata",
    "sono incinta",
];
const MALE: [&str; 14] = [
    "signore",
    "un papà",
    "il cittadino",
    "un ragazzo",
    "il figlio",
    "un nonno",
    "il titolare",
    "mia moglie",
    "ex moglie",
    "trasferito",
    "sono stato ",
    "sono andato",
    "mi sono sposato",
    "il dirigente",
];

/// Somebody who contacts the town.
#[derive(Debug, Clone)]
pub struct Citizen {
    pub name: String,
    pub sex: Sex,
    pub email: String,
    pub phone: String,
}

impl Citizen {
    /// How the centre recognises them when they give an address and a number.
    pub fn identifiers(&self) -> Vec<Identifier> {
        [Identifier::email(&self.email), Identifier::phone(&self.phone)].into_iter().flatten().collect()
    }
}

/// Makes citizens, none twice.
#[derive(Debug)]
pub struct Registry<'a> {
    names: &'a Names,
    given: HashSet<String>,
    pub citizens: Vec<Citizen>,
}

impl<'a> Registry<'a> {
    /// An empty registry.
    pub fn new(names: &'a Names) -> Self {
        Self { names, given: HashSet::new(), citizens: Vec::new() }
    }

    /// A new citizen; answers the place in the list.
    pub fn add(&mut self, sex: Option<Sex>, rng: &mut StdRng) -> usize {
        let sex = sex.unwrap_or(if rng.random_bool(0.55) { Sex::Female } else { Sex::Male });
        let first = match sex {
            Sex::Female => &self.names.first_names_f,
            Sex::Male => &self.names.first_names_m,
        };
        let foreign = rng.random_bool(0.12);
        let pick = |list: &[String], tail: usize, rng: &mut StdRng| {
            let (home, abroad) = list.split_at(list.len().saturating_sub(tail));
            (if foreign { abroad } else { home }).choose(rng).cloned().unwrap_or_default()
        };
        let mut name = String::new();
        for _ in 0..50 {
            name = format!("{} {}", pick(first, FOREIGN_FIRST, rng), pick(&self.names.surnames, FOREIGN_LAST, rng));
            if self.given.insert(name.clone()) {
                break;
            }
        }
        let place = self.citizens.len();
        let domain = DOMAINS.choose(rng).copied().unwrap_or(DOMAINS[0]);
        let separator = if rng.random_bool(0.7) { "." } else { "_" };
        // The number makes the address unique whatever the name.
        let email = format!("{}{}@{domain}", plain(&name, separator), 10 + place);
        let phone = format!("+39 399 {:03} {:04}", 100 + place, rng.random_range(0..10_000));
        self.citizens.push(Citizen { name, sex, email, phone });
        place
    }
}

/// A name as it stands in an address: no accents, no spaces, no apostrophes.
fn plain(name: &str, separator: &str) -> String {
    let letters = |part: &str| part.nfd().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    name.split(' ').map(letters).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_the_local_part_of_an_address() {
        assert_eq!(plain("Nicolò D'Arrò", "."), "nicolo.darro");
        assert_eq!(plain("Maria De Luca", "_"), "maria_de_luca");
    }

    #[test]
    fn what_the_agent_wrote_tells_who_called() {
        assert_eq!(Sex::told_by("La signora chiede"), Some(Sex::Female));
        assert_eq!(Sex::told_by("Il signore chiede"), Some(Sex::Male));
        assert_eq!(Sex::told_by("Il figlio di una signora invalida chiede"), Some(Sex::Male));
        assert_eq!(Sex::told_by("Buongiorno, vorrei"), None);
    }
}
