//! A text as passages of a few words: the question is in one of them, not in the greetings.

use std::collections::HashMap;

use crate::Lang;
use crate::analysis::{Word, fold, is_stop_word, split};

/// Bytes of a text that are read.
const MOST_BYTES: usize = 64 * 1024;
/// Bytes of a subject that are read.
const MOST_SUBJECT: usize = 1024;
/// Words of a text that are read, stop words included.
const MOST_WORDS: usize = 600;
/// Words of a passage, stop words included.
const PASSAGE: usize = 18;
/// How far apart the passages of a long sentence begin.
const STEP: usize = 3;
/// Where that would make more passages than this, they begin further apart.
const MOST_PARTS: usize = 60;
/// A shorter line was ended by its writer and not by a mail program.
const WRAPPED_LINE: usize = 60;

/// The words of a text and the passages they stand in.
#[derive(Debug, Default)]
pub(crate) struct Passages {
    /// Distinct words that carry meaning; all of them when none does.
    pub words: Vec<String>,
    /// Whether no word of the text carries meaning alone.
    pub only_stop_words: bool,
    /// Number in `words` of the last word, when the text ends within it.
    pub half_typed: Option<usize>,
    pub list: Vec<Passage>,
}

/// A sentence or a part of a long one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// Numbers of its words in `Passages::words`, in their order.
    pub words: Vec<usize>,
    /// Whether it is a question or the subject.
    pub asks: bool,
}

/// Whether the last word of a text is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastWord {
    Whole,
    HalfTyped,
}

impl Passages {
    /// The passages of a text, and of its subject where it has one.
    /// Unless `cut`, all of the text is one.
    pub fn of(subject: &str, text: &str, lang: Lang, last: LastWord, cut: bool) -> Self {
        let subject = fold(&subject[..subject.floor_char_boundary(MOST_SUBJECT)]);
        let folded = fold(&text[..text.floor_char_boundary(MOST_BYTES)]);
        let ends_within_word = last == LastWord::HalfTyped && folded.ends_with(char::is_alphanumeric);
        let heading: Vec<Word> = split(without_reply_marks(&subject), Some(lang)).take(MOST_WORDS).collect();
        let words: Vec<Word> = split(&folded, Some(lang)).take(MOST_WORDS).collect();
        let half_typed = words.last().filter(|word| ends_within_word && word.end() == folded.len()).copied();
        let mut passages = Self::default();
        let carries = |word: &Word| half_typed == Some(*word) || !is_stop_word(word.text, lang);
        passages.only_stop_words = !heading.iter().chain(&words).any(carries);
        let mut numbers = HashMap::new();
        for part in parts(&heading) {
            passages.add(part, true, &mut numbers, lang, None);
        }
        if !cut && !words.is_empty() {
            passages.add(&words, is_marked(&folded, &words), &mut numbers, lang, half_typed);
            return passages;
        }
        for sentence in sentences(&folded, &words, lang) {
            let marked = is_marked(&folded, sentence);
            for part in parts(sentence) {
                let question = marked || (part[0].start == sentence[0].start && begins_asking(part, lang));
                passages.add(part, question, &mut numbers, lang, half_typed);
            }
        }
        passages
    }

    fn add<'a>(
        &mut self,
        part: &[Word<'a>],
        asks: bool,
        numbers: &mut HashMap<&'a str, usize>,
        lang: Lang,
        half_typed: Option<Word<'a>>,
    ) {
        let mut passage = Passage { words: Vec::new(), asks };
        for word in part {
            let half_typed = half_typed == Some(*word);
            if !half_typed && !self.only_stop_words && is_stop_word(word.text, lang) {
                continue;
            }
            let number = *numbers.entry(word.text).or_insert_with(|| {
                self.words.push(word.text.to_owned());
                self.words.len() - 1
            });
            if half_typed {
                self.half_typed = Some(number);
            }
            passage.words.push(number);
        }
        if !passage.words.is_empty() {
            self.list.push(passage);
        }
    }
}

/// A folded subject without what mail programs put before it.
fn without_reply_marks(subject: &str) -> &str {
    let mut rest = subject.trim_start();
    while let Some((mark, after)) = rest.split_once(':')
        && ["re", "r", "rif", "fw", "fwd", "i", "inoltro", "oggetto", "subject"].contains(&mark.trim_end())
    {
        rest = after.trim_start();
    }
    rest
}

/// Words between full stops, question marks, blank lines and the ends of short lines; asking begins anew.
fn sentences<'a, 'b>(folded: &str, words: &'b [Word<'a>], lang: Lang) -> Vec<&'b [Word<'a>]> {
    let mut sentences = Vec::new();
    let mut begin = 0;
    for at in 1..words.len() {
        let between = &folded[words[at - 1].end()..words[at].start];
        if ends_sentence(folded, words[at - 1].end(), between) || asks(&words[at..], lang) {
            sentences.push(&words[begin..at]);
            begin = at;
        }
    }
    if begin < words.len() {
        sentences.push(&words[begin..]);
    }
    sentences
}

fn ends_sentence(folded: &str, at: usize, between: &str) -> bool {
    if between.contains(['?', '!', ';']) {
        return true;
    }
    if between.contains('.') && between.contains(char::is_whitespace) {
        return true;
    }
    let Some(newline) = between.find('\n') else {
        return false;
    };
    let line = folded[..at].rfind('\n').map_or(at, |before| at - before);
    between[newline + 1..].contains('\n') || between.contains(['>', '*', '•']) || line < WRAPPED_LINE
}

/// The sentence itself, or overlapping parts of a long one.
fn parts<'a, 'b>(sentence: &'b [Word<'a>]) -> Vec<&'b [Word<'a>]> {
    let step = STEP.max(sentence.len() / MOST_PARTS);
    let mut parts = Vec::new();
    if sentence.is_empty() {
        return parts;
    }
    let mut begin = 0;
    loop {
        let end = sentence.len().min(begin + PASSAGE);
        parts.push(&sentence[begin..end]);
        if end == sentence.len() {
            return parts;
        }
        begin += step;
    }
}

/// Whether a sentence ends with a question mark.
fn is_marked(folded: &str, sentence: &[Word<'_>]) -> bool {
    let rest = sentence.last().map_or("", |last| &folded[last.end()..]);
    rest.chars().take_while(|c| !c.is_alphanumeric()).any(|c| c == '?')
}

/// Whether words begin as questions do, for those who leave the mark out.
fn begins_asking(words: &[Word<'_>], lang: Lang) -> bool {
    let openings: &[&str] = match lang {
        Lang::It => &[
            "come", "dove", "quando", "quanto", "quanti", "quante", "chi", "cosa", "perche", "quale", "quali", "posso",
            "devo",
        ],
        Lang::En => &[
            "how", "where", "when", "what", "who", "which", "why", "can", "could", "do", "does", "is", "are", "should",
            "may",
        ],
    };
    asks(words, lang) || words.first().is_some_and(|word| openings.contains(&word.text))
}

/// Whether the words begin as people do when they come to the point.
fn asks(words: &[Word<'_>], lang: Lang) -> bool {
    let phrases: &[&[&str]] = match lang {
        Lang::It => &[
            &["vorrei"],
            &["volevo"],
            &["vorremmo"],
            &["volevamo"],
            &["chiedo"],
            &["chiediamo"],
            &["desidero"],
            &["desideravo"],
            &["potrei", "sapere"],
            &["mi", "serve"],
            &["ho", "bisogno"],
        ],
        Lang::En => &[
            &["i", "would", "like"],
            &["i", "like", "to"],
            &["i", "want"],
            &["i", "wanted"],
            &["i", "need"],
            &["we", "would", "like"],
            &["could", "you"],
            &["can", "you"],
            &["please", "tell"],
        ],
    };
    phrases.iter().any(|phrase| {
        phrase.len() <= words.len() && phrase.iter().zip(words).all(|(wanted, word)| *wanted == word.text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passages(text: &str) -> Vec<Vec<String>> {
        let passages = Passages::of("", text, Lang::It, LastWord::Whole, true);
        passages.list.iter().map(|p| p.words.iter().map(|n| passages.words[*n].clone()).collect()).collect()
    }

    #[test]
    fn sentences_part_at_marks_and_short_lines_but_not_inside_numbers() {
        assert_eq!(passages("Marca 16.00 euro? Grazie\nMario Rossi").len(), 3);
        assert_eq!(passages("a").len(), 1);
        assert_eq!(passages("").len(), 0);
    }

    #[test]
    fn a_line_wrapped_by_a_mail_program_goes_on() {
        let text = "Buongiorno, mi dite per favore quali documenti servono per avere\nla carta elettronica";
        assert_eq!(passages(text).len(), 1);
    }

    #[test]
    fn long_sentences_become_overlapping_passages_that_cover_every_word() {
        let words: Vec<String> = (0..50).map(|n| format!("parola{n}")).collect();
        let found = passages(&words.join(" "));
        assert!(found.iter().all(|p| p.len() <= PASSAGE));
        assert!(words.iter().all(|word| found.iter().any(|p| p.contains(word))));
    }

    #[test]
    fn a_half_typed_stop_word_is_kept() {
        let typed = Passages::of("", "carta d'id", Lang::It, LastWord::HalfTyped, true);
        assert_eq!(typed.half_typed.map(|n| typed.words[n].as_str()), Some("id"));
        let typed = Passages::of("", "documenti con", Lang::It, LastWord::HalfTyped, true);
        assert_eq!(typed.half_typed.map(|n| typed.words[n].as_str()), Some("con"));
        assert_eq!(Passages::of("", "documenti ", Lang::It, LastWord::HalfTyped, true).half_typed, None);
    }

    #[test]
    fn a_subject_is_a_passage_that_asks_without_its_reply_marks() {
        let found = Passages::of("Re: R: Cambio residenza", "Grazie.", Lang::It, LastWord::Whole, true);
        assert_eq!(found.words, ["cambio", "residenza", "grazie"]);
        assert!(found.list[0].asks && !found.list[1].asks);
        assert_eq!(Passages::of("Fwd: ", "", Lang::It, LastWord::Whole, true).list, []);
    }

    #[test]
    fn a_text_of_stop_words_keeps_them() {
        let text = Passages::of("", "chi siamo", Lang::It, LastWord::Whole, true);
        assert!(text.only_stop_words);
        assert_eq!(text.words, ["chi", "siamo"]);
    }
}
