//! What a document learns from the questions that it answered: the words that people use for it and that it does not
//! have itself, without what is personal in them.
//!
//! Words with digits, addresses and the names of who asked are left out, and so is what only one person wrote, unless
//! some text that everyone reads has the word: nothing that tells one person from another gets into an index. Nor do
//! greetings, thanks and signatures ([`courtesies`]), which everybody writes.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::analysis::{fold, is_stop_word, split, stem};
use crate::search::own_words;
use crate::{Lang, courtesies};

/// Bytes of a question that are read.
const MOST_BYTES: usize = 8 * 1024;
/// Words that a document learns, those that most people used; a word counts up to so many people.
const MOST_WORDS: usize = 120;
const MOST_PEOPLE: usize = 6;
/// So many people make a word common property.
const ENOUGH_PEOPLE: usize = 2;

/// A question that a document answered.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asked, by the caller's number.
    pub person: i64,
    /// Names and addresses of who asked, which are not learnt.
    pub names: &'a str,
    /// What was asked: words or a whole message, whose quoted lines and signature are left out.
    pub text: &'a str,
}

/// What one document learns, in one language.
///
/// ```
/// use knowledge_base::{Lang, lessons::{Lesson, Question}};
///
/// let mut lesson = Lesson::new(Lang::It);
/// lesson.add(&Question { person: 1, names: "Anna Verdi", text: "Ho perso il tesserino. Anna Verdi, 333 1234567" });
/// lesson.add(&Question { person: 2, names: "Ugo Neri", text: "Mi hanno rubato il tesserino sul tram" });
/// let no_other_text = |_: &str| false;
/// assert_eq!(lesson.words("Furto o perdita della carta d'identità", no_other_text), "tesserino tesserino");
/// ```
#[derive(Debug)]
pub struct Lesson {
    lang: Lang,
    /// By stem: the word as it was first written, and the people who did.
    words: HashMap<String, (String, BTreeSet<i64>)>,
}

impl Lesson {
    /// Nothing is learnt yet.
    pub fn new(lang: Lang) -> Self {
        Self { lang, words: HashMap::new() }
    }

    /// Takes the words of a question in.
    pub fn add(&mut self, question: &Question<'_>) {
        let names = fold(question.names);
        let names: HashSet<&str> = split(&names, None).map(|word| word.text).collect();
        let text = own_words(&question.text[..question.text.floor_char_boundary(MOST_BYTES)]);
        let plain = |line: &str| line.split_whitespace().filter(|run| !is_address(run)).collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = text.lines().map(plain).collect();
        for word in courtesies::what_matters(&lines.join("\n"), self.lang) {
            let personal = names.contains(word.as_str()) || word.chars().any(char::is_numeric);
            if personal || word.len() < 3 || is_stop_word(&word, self.lang) {
                continue;
            }
            let known = self.words.entry(stem(&word, self.lang)).or_insert_with(|| (word, BTreeSet::new()));
            known.1.insert(question.person);
        }
    }

    /// Leaves a word out, in all its forms.
    pub fn forget(&mut self, word: &str) {
        let folded = fold(word);
        for word in split(&folded, Some(self.lang)) {
            self.words.remove(&stem(word.text, self.lang));
        }
    }

    /// The words that a document with these texts of its `own` learns, each as often as people used it. Of the words of
    /// a single person only those count that are `common`: see [`Index::has_word`](crate::Index::has_word).
    pub fn words(&self, own: &str, common: impl Fn(&str) -> bool) -> String {
        let folded = fold(own);
        let own: HashSet<String> = split(&folded, Some(self.lang)).map(|word| stem(word.text, self.lang)).collect();
        let mut words: Vec<(usize, &str)> = self
            .words
            .iter()
            .filter(|(stem, _)| !own.contains(*stem))
            .filter(|(_, (word, people))| people.len() >= ENOUGH_PEOPLE || common(word))
            .map(|(_, (word, people))| (people.len().min(MOST_PEOPLE), word.as_str()))
            .collect();
        words.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        words.truncate(MOST_WORDS);
        words.iter().flat_map(|(people, word)| std::iter::repeat_n(*word, *people)).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a run of letters is an address of the web or of a mailbox.
fn is_address(run: &str) -> bool {
    run.contains('@') || run.contains("://") || run.starts_with("www.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(questions: &[(i64, &str, &str)], own: &str, common: &[&str]) -> String {
        let mut lesson = Lesson::new(Lang::It);
        for (person, names, text) in questions {
            lesson.add(&Question { person: *person, names, text });
        }
        lesson.words(own, |word| common.contains(&word))
    }

    #[test]
    fn words_of_two_people_are_learnt_and_one_who_repeats_is_one() {
        let questions = [(1, "", "Il badge, il badge!"), (1, "", "Ancora il badge"), (2, "", "Tessere e cartellini")];
        assert_eq!(learnt(&questions, "", &[]), "");
        assert_eq!(learnt(&[questions[0], (2, "", "BADGE perso")], "", &[]), "badge badge");
    }

    #[test]
    fn a_word_that_was_left_out_is_learnt_in_no_form() {
        let mut lesson = Lesson::new(Lang::It);
        for person in 1..=2 {
            lesson.add(&Question { person, names: "", text: "tessere e cartellini" });
        }
        lesson.forget("Cartellino");
        assert_eq!(lesson.words("", |_| false), "tessere tessere");
    }

    #[test]
    fn words_that_the_texts_have_are_learnt_of_one_and_own_ones_never() {
        let questions = [(1, "", "bolletta del nido per Giada"), (2, "", "retta del nido")];
        assert_eq!(learnt(&questions, "Iscrizione ai nidi", &["bolletta"]), "bolletta");
    }

    #[test]
    fn nothing_that_tells_who_asked_is_learnt() {
        let text =
            "Sono Anna Verdi, anna.verdi@example.org, 333-1234567, RSSMRA85T10A562S, www.annaverdi.example\n> Anna";
        let questions = [(1, "Anna Verdi", text), (2, "Anna Verdi anna@example.org", text)];
        assert_eq!(learnt(&questions, "", &[]), "");
    }

    #[test]
    fn courtesies_are_not_learnt_however_many_people_write_them() {
        let of =
            |name: &str| format!("Buongiorno,\nho perso il badge. Grazie.\n\nCordiali saluti\n{name}\nvia Roma 12");
        let texts = [of("Anna Verdi"), of("Ugo Neri")];
        let questions = [(1, "", texts[0].as_str()), (2, "", texts[1].as_str())];
        let common = ["buongiorno", "saluti", "grazie", "roma", "via", "anna"];
        assert_eq!(learnt(&questions, "", &common), "badge badge perso perso");
    }

    #[test]
    fn the_words_of_most_people_are_kept_when_there_are_many() {
        let letters: Vec<char> = ('a'..='z').collect();
        let word = |n: usize| format!("zz{}{}xq", letters[n / 26], letters[n % 26]);
        let all: Vec<String> = (0..MOST_WORDS + 50).map(word).collect();
        let all = all.join(" ");
        let rare = [(1, "", all.as_str()), (2, "", all.as_str())];
        let often: Vec<(i64, &str, &str)> = (3..20).map(|person| (person, "", "zzzzqq")).collect();
        let words = learnt(&[&rare[..], &often].concat(), "", &[]);
        assert!(words.starts_with("zzzzqq zzzzqq zzzzqq zzzzqq zzzzqq zzzzqq zzaaxq"));
        assert_eq!(words.split(' ').collect::<HashSet<_>>().len(), MOST_WORDS);
    }
}
