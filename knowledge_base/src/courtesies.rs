//! Greetings, thanks and signatures: what people write around what they ask. The words are data, a file for each
//! language.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::Lang;
use crate::analysis::{fold, is_stop_word, split};

const ITALIAN: &str = include_str!("courtesies/it.txt");
const ENGLISH: &str = include_str!("courtesies/en.txt");

/// Most words of a name behind a closing.
const NAME_WORDS: usize = 3;
/// A line of a signature has no more words.
const LINE_WORDS: usize = 8;

/// What one language says out of courtesy.
struct Courtesies {
    lang: Lang,
    /// As they are written: stems would take «salute» with «saluti».
    words: HashSet<String>,
    phrases: Vec<Vec<String>>,
    /// What lines that end a message begin with, and whether a name may follow.
    closings: Vec<(Vec<String>, bool)>,
}

static OF_LANGUAGES: LazyLock<[Courtesies; 2]> =
    LazyLock::new(|| [Courtesies::read(ITALIAN, Lang::It), Courtesies::read(ENGLISH, Lang::En)]);

/// The folded words of a message that say what it is about, as they stand in it.
pub(crate) fn what_matters(text: &str, lang: Lang) -> Vec<String> {
    let [italian, english] = &*OF_LANGUAGES;
    let known = match lang {
        Lang::It => italian,
        Lang::En => english,
    };
    let lines: Vec<String> = text.lines().map(fold).collect();
    let lines: Vec<(&str, Vec<&str>)> = lines
        .iter()
        .map(|line| (line.as_str(), split(line, Some(lang)).map(|word| word.text).collect::<Vec<_>>()))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    let is_signature =
        |rest: &[(&str, Vec<&str>)]| rest.iter().all(|(line, words)| words.len() <= LINE_WORDS && !line.contains('?'));
    // The first line is never the end, however polite.
    let end = (1..lines.len()).find(|n| known.closes(&lines[*n].1) && is_signature(&lines[n + 1..]));
    let asked = &lines[..end.unwrap_or(lines.len())];
    asked.iter().flat_map(|(_, words)| known.without(words)).map(str::to_owned).collect()
}

impl Courtesies {
    fn read(data: &str, lang: Lang) -> Self {
        let mut read = Self { lang, words: HashSet::new(), phrases: Vec::new(), closings: Vec::new() };
        let mut part = "";
        for line in data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if line.starts_with('[') {
                part = line;
                continue;
            }
            let (line, is_named) = line.strip_suffix(" *").map_or((line, false), |line| (line, true));
            let folded = fold(line);
            let words: Vec<String> = split(&folded, Some(lang)).map(|word| word.text.to_owned()).collect();
            match part {
                "[words]" => read.words.extend(words),
                "[phrases]" => read.phrases.push(words),
                _ => read.closings.push((words, is_named)),
            }
        }
        // Of two phrases that begin alike the longer one is meant.
        read.phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        read
    }

    /// The words of a line that are no courtesy.
    fn without<'w>(&self, words: &[&'w str]) -> Vec<&'w str> {
        let mut left = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            match self.phrases.iter().find(|phrase| begins(&words[at..], phrase)) {
                Some(phrase) => at += phrase.len(),
                None => {
                    if !self.words.contains(*word) {
                        left.push(*word);
                    }
                    at += 1;
                }
            }
        }
        left
    }

    /// Whether a line ends what was asked.
    fn closes(&self, words: &[&str]) -> bool {
        let rest = self.without(words).into_iter().filter(|word| !is_stop_word(word, self.lang)).count();
        let closes = |(closing, is_named): &(Vec<String>, bool)| {
            begins(words, closing) && rest <= if *is_named { NAME_WORDS } else { 0 }
        };
        self.closings.iter().any(closes)
    }
}

fn begins(words: &[&str], phrase: &[String]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, other)| word == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str, lang: Lang) -> String {
        what_matters(text, lang).join(" ")
    }

    #[test]
    fn greetings_thanks_and_signatures_are_left_out_in_both_languages() {
        let italian = "Tessera\nBuongiorno gentile ufficio,\nho perso il tesserino. Per favore, dove lo rifaccio?\n\
            Grazie mille e cordiali saluti\nAnna Verdi\nvia Roma 12, Valdoria\ntel. casa";
        assert_eq!(left(italian, Lang::It), "tessera ufficio ho perso il tesserino dove lo rifaccio");
        let english = "Dear Sir or Madam,\nI lost my library card. Thank you in advance for your help.\n\n\
            Kind regards,\nJohn Smith\nElm Street 5";
        assert_eq!(left(english, Lang::En), "or i lost my library card for your help");
    }

    #[test]
    fn thanks_in_the_middle_of_a_message_end_nothing() {
        let text = "Rimborso\nGrazie\nPerò il modulo che mi avete mandato ieri non si apre con nessun programma";
        assert!(left(text, Lang::It).ends_with("non si apre con nessun programma"));
        assert_eq!(left("Domanda\nGrazie\nQuanto costa la mensa?", Lang::It), "domanda quanto costa la mensa");
        assert_eq!(left("Grazie\nmodulo", Lang::It), "modulo", "the first line is no end");
        let named = "Multa\nSaluti da chi ha pagato due volte la stessa multa del parcheggio\nper errore";
        assert!(left(named, Lang::It).ends_with("per errore"), "more than a name stands behind it");
    }

    #[test]
    fn words_that_are_courtesy_only_in_a_phrase_are_learnt_elsewhere() {
        assert_eq!(left("Lista di attesa del nido\nbuoni pasto", Lang::It), "lista di attesa del nido buoni pasto");
        assert_eq!(left("In attesa di un vostro riscontro, buona giornata", Lang::It), "");
        assert_eq!(left("Tessera sanitaria e salute, saluti", Lang::It), "tessera sanitaria e salute");
        assert_eq!(left("How do I forward a day pass?", Lang::En), "how do i forward a day pass");
    }

    #[test]
    fn every_entry_of_the_data_is_read() {
        for (data, courtesies) in [ITALIAN, ENGLISH].iter().zip(&*OF_LANGUAGES) {
            let entries = data.lines().filter(|l| !l.trim().is_empty() && !l.starts_with(['#', '['])).count();
            assert!(courtesies.words.len() > 10 && courtesies.phrases.len() > 20 && courtesies.closings.len() > 10);
            assert_eq!(courtesies.words.len() + courtesies.phrases.len() + courtesies.closings.len(), entries);
            assert!(courtesies.phrases.iter().chain(courtesies.closings.iter().map(|c| &c.0)).all(|p| !p.is_empty()));
        }
    }
}
