//! From text to words, the same way when a text is stored and when it is looked for.
//!
//! Folding makes `Perché`, `PERCHE` and `perche'` one word, whichever Unicode
//! form they arrive in. Splitting takes elided articles off (`dell'acqua` is
//! `acqua`). Stems join the forms of a word; stop words carry no meaning alone.

mod stop_words;
mod tokenizer;
mod words;

pub use tokenizer::{ENGLISH, FOLDED, ITALIAN, register};
pub(crate) use words::{Word, split};

use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::Lang;

/// Lower case, compatibility forms resolved (NFKC), accents removed, typographic apostrophes made `'`.
///
/// Punctuation and spaces stay. Folding twice changes nothing more.
///
/// ```
/// use knowledge_base::analysis::fold;
/// assert_eq!(fold("Perché l’UNITÀ?"), "perche l'unita?");
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        // Most letters of an Italian text are ASCII, whose folding is cheap. Accents that stand by themselves after
        // one are taken off, so that nothing is ever joined to it.
        let ascii = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        folded.extend(rest[..ascii].chars().map(|c| c.to_ascii_lowercase()));
        rest = &rest[ascii..];
        let other = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        fold_letters(&rest[..other], &mut folded);
        rest = &rest[other..];
    }
    folded
}

/// Folds letters of any script.
fn fold_letters(text: &str, folded: &mut String) {
    let letters = text
        .chars()
        .map(apostrophe)
        .nfkd()
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .nfc();
    for c in letters {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            c => folded.push(apostrophe(c)),
        }
    }
}

/// The accents people type after the letter count as apostrophes.
const fn apostrophe(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' | '\u{02B9}' | '\u{2032}' | '\u{00B4}' | '\u{FF07}' => '\'',
        c => c,
    }
}

/// The stems that carry meaning in `text`, in their order: folded, elisions split, stop words left out.
///
/// ```
/// use knowledge_base::{Lang, analysis::tokens};
/// assert_eq!(tokens("L'iscrizione all'anagrafe", Lang::It), tokens("iscrizioni anagrafe", Lang::It));
/// ```
pub fn tokens(text: &str, lang: Lang) -> Vec<String> {
    split(&fold(text), Some(lang))
        .filter(|word| !is_stop_word(word.text, lang))
        .map(|word| stem(word.text, lang))
        .collect()
}

/// The stem of one folded word.
pub(crate) fn stem(word: &str, lang: Lang) -> String {
    let algorithm = match lang {
        Lang::It => Algorithm::Italian,
        Lang::En => Algorithm::English,
    };
    Stemmer::new(algorithm).stem(word).into_owned()
}

/// Whether a folded word only holds a sentence together.
pub(crate) fn is_stop_word(word: &str, lang: Lang) -> bool {
    stop_words::contains(word, lang)
}

/// The four-letter pieces of a folded word, its ends marked: what survives a misspelling.
pub(crate) fn grams(word: &str) -> Vec<String> {
    let letters: Vec<char> = std::iter::once('_').chain(word.chars()).chain(std::iter::once('_')).collect();
    if letters.len() <= GRAM {
        return vec![letters.into_iter().collect()];
    }
    letters.windows(GRAM).map(|piece| piece.iter().collect()).collect()
}

const GRAM: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_fold_in_every_unicode_form() {
        for text in ["perché", "perche\u{301}", "PERCHÉ", "perchè", "perche"] {
            assert_eq!(fold(text), "perche");
        }
        assert_eq!(fold("qualità ﬁne ＡＢＣ Straße"), "qualita fine abc strasse");
    }

    #[test]
    fn folding_twice_changes_nothing_more() {
        for text in ["İstanbul", "½ dell’età", "한국어", "Ǆ", "perche´", "שָׁלוֹם"] {
            assert_eq!(fold(&fold(text)), fold(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn a_text_folds_as_its_letters_do(text in "[a-zA-Z '\u{300}\u{301}àÈœİıßΣςﬁＡ한ᄒ\u{1161}½]{0,12}") {
            let mut whole = String::new();
            fold_letters(&text, &mut whole);
            proptest::prop_assert_eq!(fold(&text), whole);
        }
    }

    #[test]
    fn elided_articles_leave_the_word_under_both_apostrophes() {
        for text in ["dell'acqua", "dell’acqua", "DELL’ACQUA", "l'acqua", "all'acqua", "un'acqua", "c'acqua"] {
            assert_eq!(tokens(text, Lang::It), tokens("acqua", Lang::It), "{text}");
        }
    }

    #[test]
    fn an_apostrophe_written_for_an_accent_is_not_an_elision() {
        assert_eq!(tokens("citta' e qualita'", Lang::It), tokens("città e qualità", Lang::It));
    }

    #[test]
    fn stop_words_are_left_out_and_single_letters_that_mean_something_stay() {
        assert_eq!(tokens("come si fa per il", Lang::It), Vec::<String>::new());
        assert_eq!(tokens("patente C", Lang::It), ["patent", "c"]);
        assert_eq!(tokens("what is the", Lang::En), Vec::<String>::new());
        assert_eq!(tokens("I don't", Lang::En), Vec::<String>::new());
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        assert_eq!(tokens("certificati", Lang::It), tokens("certificato", Lang::It));
        assert_eq!(tokens("residences", Lang::En), tokens("residence", Lang::En));
        assert_eq!(tokens("citizen's card", Lang::En), tokens("citizens card", Lang::En));
    }

    #[test]
    fn grams_mark_the_ends_of_a_word() {
        assert_eq!(grams("carta"), ["_car", "cart", "arta", "rta_"]);
        assert_eq!(grams("io"), ["_io_"]);
        assert_eq!(grams("a"), ["_a_"]);
    }
}
