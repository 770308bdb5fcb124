//! The place of a text that answers a search, with the words that do.
use knowledge_base::Lang;
use knowledge_base::analysis::tokens;

/// A piece of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether it is one of the words looked for.
    pub found: bool,
}

/// Characters shown before and after the first word found: a list shows one line of some sixty.
const BEFORE: usize = 30;
const AFTER: usize = 140;

/// The surroundings of the first word of `text` whose stem is among `stems`; the beginning of the text when
/// only other fields have them.
pub fn of(text: &str, stems: &[String]) -> Vec<Piece> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let answers = |word: &str| tokens(word, Lang::It).iter().any(|stem| stems.contains(stem));
    let first = words(&line).find(|(start, end)| answers(&line[*start..*end])).map_or(0, |(start, _)| start);
    let from = back(&line, first, BEFORE);
    let to = forward(&line, first, AFTER);
    let shown = &line[from..to];
    let mut pieces = Vec::new();
    let mut plain = if from > 0 { "… ".to_owned() } else { String::new() };
    let mut at = 0;
    for (start, end) in words(shown) {
        if !answers(&shown[start..end]) {
            continue;
        }
        plain.push_str(&shown[at..start]);
        if !plain.is_empty() {
            pieces.push(Piece { text: std::mem::take(&mut plain), found: false });
        }
        pieces.push(Piece { text: shown[start..end].to_owned(), found: true });
        at = end;
    }
    plain.push_str(&shown[at..]);
    if to < line.len() {
        plain.push_str(" …");
    }
    if !plain.is_empty() {
        pieces.push(Piece { text: plain, found: false });
    }
    pieces
}

/// The words of a text by where they begin and end.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while rest.next_if(|(_, c)| !c.is_alphanumeric()).is_some() {}
        let (start, first) = rest.next()?;
        let mut end = start + first.len_utf8();
        while let Some((at, c)) = rest.next_if(|(_, c)| c.is_alphanumeric()) {
            end = at + c.len_utf8();
        }
        Some((start, end))
    })
}

/// About `count` characters before a place, at the beginning of a word.
fn back(line: &str, at: usize, count: usize) -> usize {
    let Some((start, _)) = line[..at].char_indices().rev().nth(count) else { return 0 };
    line[start..at].find(' ').map_or(start, |space| start + space + 1)
}

/// About `count` characters after a place, at the end of a word.
fn forward(line: &str, at: usize, count: usize) -> usize {
    let Some((length, _)) = line[at..].char_indices().nth(count) else { return line.len() };
    line[at..at + length].rfind(' ').map_or(at + length, |space| at + space)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(pieces: &[Piece]) -> String {
        pieces.iter().map(|p| if p.found { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    }

    #[test]
    fn the_words_looked_for_are_marked_in_every_form() {
        let stems = tokens("lampioni qualita", Lang::It);
        let text = "Buongiorno,\nil lampione è spento. La qualità della luce…";
        assert_eq!(joined(&of(text, &stems)), "Buongiorno, il [lampione] è spento. La [qualità] della luce…");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_word() {
        let text = format!("{} lampione {}", "prima ".repeat(100), "dopo ".repeat(100));
        let shown = joined(&of(&text, &tokens("lampione", Lang::It)));
        assert!(shown.starts_with("… prima") && shown.contains("[lampione]") && shown.ends_with("dopo …"), "{shown}");
        assert!(shown.chars().count() < 230);
    }

    proptest! {
        #[test]
        fn any_text_can_be_cut(text: String, word: String) {
            let pieces = of(&text, &tokens(&word, Lang::It));
            prop_assert!(pieces.iter().all(|p| !p.text.is_empty()));
        }
    }
}
