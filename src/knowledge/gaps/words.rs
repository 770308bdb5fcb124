//! What was searched for, in normal form and without anything personal. No I/O.
//!
//! The words of a search go into a table that many may read for long. So it keeps plain words only: whatever has a
//! digit, an address, what stands where a name would, and given names with what follows them are left out.
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use knowledge_base::Lang;
use knowledge_base::analysis::{fold, tokens};

use crate::kernel::language::Language;

/// Given names that are frequent in Italy, folded, a line each.
static GIVEN_NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("given_names.txt").lines().filter(|l| !l.is_empty()).collect());

/// Words before the name of a person.
const TITLES: [&str; 16] = [
    "sig",
    "signor",
    "signora",
    "signore",
    "dott",
    "dottor",
    "dottoressa",
    "avv",
    "ing",
    "geom",
    "arch",
    "prof",
    "don",
    "mr",
    "mrs",
    "ms",
];
/// Words that are kept of one search.
const MOST: usize = 6;
/// Letters of the longest word there is any use for.
const LONGEST: usize = 30;

/// The words of a search, folded, sorted, each once; `None` when nothing is left that says anything.
pub fn normal(text: &str, language: Language) -> Option<String> {
    let language = super::super::index::lang(language);
    let written: Vec<&str> = text.split_whitespace().collect();
    // A text in capitals only says nothing by them.
    let shouted = !text.chars().any(char::is_lowercase);
    let mut words: BTreeSet<String> = BTreeSet::new();
    let mut skip = 0;
    for (place, token) in written.iter().enumerate() {
        let is_plain = !token.contains(|c: char| matches!(c, '@' | '_') || c.is_numeric())
            && !token.contains("://")
            && !token.starts_with("www.");
        let folded = fold(token);
        let bare: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let is_title = bare.first().is_some_and(|w| TITLES.contains(w));
        let is_name = bare.iter().any(|w| GIVEN_NAMES.contains(w));
        if is_title || is_name {
            // The surname too, and after a title first name and surname.
            skip = if is_title { 2 } else { 1 };
            continue;
        }
        let says_something = bare.iter().any(|w| !tokens(w, language).is_empty());
        if skip > 0 && says_something {
            skip -= 1;
            continue;
        }
        let looks_like_name =
            !shouted && capital(token) && (place > 0 || written.get(1).is_some_and(|next| capital(next)));
        if !is_plain || looks_like_name {
            continue;
        }
        words.extend(bare.into_iter().filter(|w| is_word(w, language)).map(str::to_owned));
    }
    let kept: Vec<String> = words.into_iter().take(MOST).collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

fn capital(token: &str) -> bool {
    let letters = token.trim_start_matches(|c: char| !c.is_alphanumeric());
    let mut chars = letters.chars();
    // An abbreviation such as IMU or SPID is no name.
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_some_and(char::is_lowercase)
}

/// Whether a word consists of letters and carries meaning.
fn is_word(word: &str, language: Lang) -> bool {
    let length = word.chars().count();
    (3..=LONGEST).contains(&length) && word.chars().all(char::is_alphabetic) && !tokens(word, language).is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn italian(text: &str) -> String {
        normal(text, Language::Italian).unwrap_or_default()
    }

    #[test]
    fn the_same_question_has_the_same_words() {
        assert_eq!(italian("Bonus per il monopattino"), "bonus monopattino");
        assert_eq!(italian("monopattino: BONUS?"), "bonus monopattino");
        assert_eq!(italian("IMU seconda casa"), "casa imu seconda");
        assert_eq!(italian("il la per"), "");
    }

    #[test]
    fn nothing_that_looks_personal_is_kept() {
        assert_eq!(italian("pratica ABC-12D-EFG"), "pratica");
        assert_eq!(italian("certificato Mario Rossi"), "certificato");
        assert_eq!(italian("Mario Rossi certificato"), "certificato");
        assert_eq!(italian("certificato di mario rossi"), "certificato");
        assert_eq!(italian("rssmra85t10a562s bonus"), "bonus");
        assert_eq!(italian("m.rossi@example.it 333 1234567 bonus"), "bonus");
        assert_eq!(italian("signora Zwierkowska residenza"), "");
        assert_eq!(italian("multa via Garibaldi"), "multa via");
        assert_eq!(italian("333 1234567"), "");
    }

    proptest! {
        #[test]
        fn words_are_letters_only_few_and_in_order(text: String) {
            let Some(words) = normal(&text, Language::Italian) else { return Ok(()) };
            let list: Vec<&str> = words.split(' ').collect();
            prop_assert!(list.len() <= MOST && list.is_sorted());
            prop_assert!(list.iter().all(|w| w.chars().all(char::is_alphabetic)), "{}", words);
        }
    }
}
