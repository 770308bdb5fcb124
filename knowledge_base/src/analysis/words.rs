use crate::Lang;

/// Longer runs of letters are cut: they are encoded data, not words.
const LONGEST_WORD: usize = 40;

/// A word of a folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// The folded word.
    pub text: &'a str,
    /// Where it begins in the folded text, in bytes.
    pub start: usize,
}

impl Word<'_> {
    /// Where it ends in the folded text, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Words that lose their vowel before an apostrophe and mean nothing then.
const ELIDED: &[&str] = &[
    "l", "un", "d", "c", "m", "t", "s", "v", "n", "gl", "all", "agl", "dall", "dagl", "dell", "degl", "nell", "negl",
    "sull", "sugl", "coll", "cogl", "quell", "quegl", "quest", "bell", "sant", "com", "dov", "cos", "quant", "tutt",
    "senz", "anch", "mezz", "nient", "neanch", "nessun", "ciascun", "qualcun", "alcun",
];

/// What English leaves after an apostrophe.
const CLITICS: &[&str] = &["s", "t", "m", "d", "re", "ve", "ll"];

/// The words of a folded text. With a language, its elisions are taken off;
/// without one, both sides of an apostrophe are words.
pub(crate) fn split(folded: &str, lang: Option<Lang>) -> impl Iterator<Item = Word<'_>> {
    runs(folded).filter(move |word| match lang {
        None => true,
        Some(Lang::It) => !(ELIDED.contains(&word.text) && elides(&folded[word.end()..])),
        Some(Lang::En) => !(CLITICS.contains(&word.text) && folded[..word.start].ends_with('\'')),
    })
}

/// Whether what follows is an apostrophe and then a word.
fn elides(rest: &str) -> bool {
    rest.strip_prefix('\'').is_some_and(|next| next.starts_with(char::is_alphanumeric))
}

/// Runs of letters and digits, none longer than `LONGEST_WORD`.
fn runs(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let start = at + rest.find(char::is_alphanumeric)?;
        let run = &text[start..];
        let len = run
            .char_indices()
            .enumerate()
            .find(|(n, (_, c))| *n == LONGEST_WORD || !c.is_alphanumeric())
            .map_or(run.len(), |(_, (byte, _))| byte);
        at = start + len;
        Some(Word { text: &text[start..at], start })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, lang: Option<Lang>) -> Vec<&str> {
        split(text, lang).map(|word| word.text).collect()
    }

    #[test]
    fn names_keep_both_sides_of_their_apostrophe_without_a_language() {
        assert_eq!(words("d'angelo, dell'aquila", None), ["d", "angelo", "dell", "aquila"]);
    }

    #[test]
    fn a_very_long_run_is_cut_into_bounded_words() {
        let run = "a".repeat(100);
        assert!(words(&run, Some(Lang::It)).iter().all(|word| word.len() <= LONGEST_WORD));
    }

    #[test]
    fn positions_are_those_of_the_folded_text() {
        let text = "l'acqua è 東京!";
        assert!(split(text, Some(Lang::It)).all(|word| &text[word.start..word.end()] == word.text));
    }
}
