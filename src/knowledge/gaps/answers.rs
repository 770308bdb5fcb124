//! Whether a sheet answers what was searched for. A search shows the nearest sheets whatever is typed, and their scores
//! compare within one search only; so a sheet answers when it has half of the words, or what they were meant to be. No I/O.
use std::collections::BTreeSet;

use knowledge_base::analysis::tokens;

use crate::kernel::language::Language;
use crate::knowledge::index::lang;
use crate::knowledge::model::Sheet;

/// Letters of a word from which on one of them may be wrong, and from which on the rest may be missing.
const TYPO: usize = 5;
const HALF_TYPED: usize = 3;

/// Whether a sheet has at least half of the words of a search that mean something; without any, whatever was found
/// answers.
pub fn answers(typed: &str, language: Language, sheet: &Sheet, internal: bool) -> bool {
    if tokens(typed, lang(language)).is_empty() {
        return true;
    }
    // Words of one language are looked for in each text as that text's language cuts them.
    sheet.texts.iter().any(|text| {
        let asked: BTreeSet<String> = tokens(typed, lang(text.language)).into_iter().collect();
        let mut has: BTreeSet<String> = BTreeSet::new();
        let public = [&text.title, &text.question, &text.summary, &text.public_text, &text.fee];
        let agents = [&text.internal_text, &text.reply];
        for part in public.into_iter().chain(text.sections.all()).chain(agents.into_iter().filter(|_| internal)) {
            has.extend(tokens(part, lang(text.language)));
        }
        for line in text.keywords.iter().chain(&text.requirements) {
            has.extend(tokens(line, lang(text.language)));
        }
        let found = asked.iter().filter(|word| has.contains(*word) || has.iter().any(|h| is_meant(word, h))).count();
        found * 2 >= asked.len() && found > 0
    })
}

/// Whether a word was probably meant to be another: half-typed, or with one letter wrong.
fn is_meant(typed: &str, word: &str) -> bool {
    let length = typed.chars().count();
    (length >= HALF_TYPED && word.starts_with(typed)) || (length >= TYPO && differs_by_one(typed, word))
}

/// Whether one letter was changed, left out, added, or swapped with the next.
fn differs_by_one(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[same..], &b[same..]);
    let swapped = x.len() == y.len() && x.len() >= 2 && x[0] == y[1] && x[1] == y[0] && x[2..] == y[2..];
    swapped
        || match x.len().cmp(&y.len()) {
            std::cmp::Ordering::Equal => x.is_empty() || x[1..] == y[1..],
            std::cmp::Ordering::Less => y[1..] == *x,
            std::cmp::Ordering::Greater => x[1..] == *y,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Instant;
    use crate::knowledge::details::Details;
    use crate::knowledge::model::{Audience, Maturity, SheetText};

    fn sheet() -> Sheet {
        let text = SheetText {
            title: "Ritiro dei rifiuti ingombranti".to_owned(),
            public_text: "Mobili e frigoriferi a domicilio.".to_owned(),
            internal_text: "Chiamare il deposito.".to_owned(),
            ..SheetText::empty(Language::Italian)
        };
        Sheet {
            id: 1,
            code: "AMB-01".to_owned(),
            number: 101,
            category: None,
            unit: None,
            audience: Audience::Public,
            maturity: Maturity::Whole,
            version: 1,
            updated_at: Instant(0),
            retired_at: None,
            details: Details::default(),
            texts: vec![text],
        }
    }

    fn citizen(typed: &str) -> bool {
        answers(typed, Language::Italian, &sheet(), false)
    }

    #[test]
    fn a_sheet_answers_with_half_of_the_words_however_they_are_typed() {
        for typed in
            ["rifiuti ingombranti", "INGOMBRANTI", "ritiro frigorifero vecchio", "ingomb", "ingobmranti", "frigorifri"]
        {
            assert!(citizen(typed), "{typed}");
        }
        for typed in ["monopattino elettrico", "rifiuti tossici industriali", "zibaldone", "deposito"] {
            assert!(!citizen(typed), "{typed}");
        }
        assert!(answers("deposito", Language::Italian, &sheet(), true), "agents read internal texts");
        assert!(citizen("il di per"), "words without meaning ask nothing");
    }
}
