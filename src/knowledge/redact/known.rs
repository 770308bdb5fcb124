//! What is known of a person, found in a text in any spelling.
use std::collections::BTreeSet;

use knowledge_base::analysis::fold;

use super::patterns;
use super::text::{Text, compact};
use super::{Span, What};

/// Words of names that mean nothing by themselves.
pub(super) const PARTICLES: [&str; 25] = [
    "al", "am", "ben", "bin", "da", "dal", "dalla", "das", "de", "degli", "dei", "del", "della", "delle", "der", "di",
    "dos", "du", "el", "la", "le", "li", "lo", "van", "von",
];
/// Shorter values would be found by chance.
const SHORTEST: usize = 5;
/// A name within a longer word with digits, as in `rossi84`.
const WITHIN: usize = 4;

/// What must not remain of a person, and what may although it looks personal.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Words of names, folded.
    names: BTreeSet<String>,
    /// Whole names without spaces, and values of identifiers, folded.
    values: BTreeSet<(What, String)>,
    /// Streets with their numbers, folded and without spaces.
    streets: BTreeSet<String>,
    /// Addresses and numbers of offices.
    keep: BTreeSet<String>,
}

impl Known {
    /// A name of theirs, as it is written.
    pub fn name(&mut self, name: &str) {
        let words: Vec<String> =
            fold(name).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        let strong: Vec<&String> = words.iter().filter(|w| !PARTICLES.contains(&w.as_str())).collect();
        // «Mario Rossi» is also `rossimario` and `mario.rossi`.
        if strong.len() > 1 {
            let forward: String = words.concat();
            let backward: String = words.iter().rev().map(String::as_str).collect();
            for whole in [forward, backward].into_iter().filter(|w| w.chars().count() > SHORTEST) {
                self.values.insert((What::Name, whole));
            }
        }
        self.names.extend(words);
    }

    /// A number, an address, a code of theirs; `kind` as identifiers are stored.
    pub fn identifier(&mut self, kind: &str, value: &str) {
        let what = match kind {
            "email" | "pec" => What::Email,
            "phone" | "fax" => What::Phone,
            "fiscal_code" => What::FiscalCode,
            _ => What::Code,
        };
        let mut bare = compact(value);
        if what == What::Phone {
            // With and without the country's prefix, however it is written.
            bare = bare.strip_prefix("0039").or_else(|| bare.strip_prefix("39")).unwrap_or(&bare).to_owned();
        }
        if what == What::Email
            && let Some((local, _)) = value.split_once('@')
            && compact(local).chars().count() > SHORTEST
        {
            // Mostly their name, as `ada.bruni`.
            self.values.insert((What::Name, compact(local)));
        }
        if bare.chars().count() >= SHORTEST {
            self.values.insert((what, bare));
        }
    }

    /// A postal address of theirs, in lines.
    pub fn address(&mut self, lines: &str) {
        for line in lines.lines().map(compact).filter(|l| l.chars().count() >= SHORTEST) {
            self.values.insert((What::Address, line));
        }
        self.learn_streets(lines);
    }

    /// Streets that the citizen names are theirs, also where an answer repeats them.
    pub fn learn_streets(&mut self, text: &str) {
        let read = Text::read(text);
        self.streets.extend(patterns::streets(&read).into_iter().map(|range| compact(&text[range])));
    }

    /// A number or address of an office: it stays, unless it is the person's.
    pub fn keep(&mut self, value: &str) {
        self.keep.insert(compact(value));
        let bare = compact(value);
        if let Some(national) = bare.strip_prefix("0039").or_else(|| bare.strip_prefix("39")) {
            self.keep.insert(national.to_owned());
        }
    }

    pub(super) fn may_stay(&self, text: &str) -> bool {
        let bare = compact(text);
        let national = bare.strip_prefix("0039").or_else(|| bare.strip_prefix("39")).unwrap_or(&bare);
        self.keep.contains(&bare) || self.keep.contains(national)
    }

    pub(super) fn is_street(&self, text: &str) -> bool {
        self.streets.contains(&compact(text))
    }

    /// All that is known, wherever it stands.
    pub(super) fn find(&self, text: &Text<'_>) -> Vec<Span> {
        let mut spans = Vec::new();
        for (what, value) in &self.values {
            let letters: Vec<char> = value.chars().collect();
            spans.extend(text.find(&letters).into_iter().map(|range| Span { range, what: *what }));
        }
        for (place, word) in text.words.iter().enumerate() {
            if self.is_name(word) {
                let first = self.with_what_precedes(text, place);
                spans.push(Span { range: text.range(first, place), what: What::Name });
            }
        }
        spans
    }

    fn is_name(&self, word: &super::text::Word) -> bool {
        let folded = word.folded.as_str();
        if self.names.contains(folded) {
            let weak = PARTICLES.contains(&folded);
            // «Li» is a name and «li» is not; particles go with the name they belong to.
            return !weak && (folded.chars().count() > 2 || word.capital);
        }
        let within = |name: &String| name.chars().count() >= WITHIN && folded.contains(name.as_str());
        word.has_digit() && self.names.iter().any(within)
    }

    /// The initial or the particles before a name: `M. Rossi`, `De Luca`.
    fn with_what_precedes(&self, text: &Text<'_>, place: usize) -> usize {
        let mut first = place;
        while first > 0 {
            let (before, gap) = (&text.words[first - 1], text.gap(first - 1));
            let initial = before.upper && before.folded.chars().count() == 1 && gap.starts_with('.');
            let known = before.capital && self.names.contains(&before.folded);
            if !(text.is_close(first - 1) && !gap.contains('\n') && (initial || known)) {
                break;
            }
            first -= 1;
        }
        first
    }
}
