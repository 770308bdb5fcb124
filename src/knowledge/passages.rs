//! Where a sheet answers: the passage of its texts that does, its words marked.
use knowledge_base::{Answer, Passage};
use pulldown_cmark::{Event, Options, Parser, TagEnd};
use serde::Serialize;

use super::model::SheetText;
use super::search::Reader;

/// About how much of a text is shown, in bytes.
const MOST: usize = 260;

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PassagePiece)]
pub struct Piece {
    pub text: String,
    /// Whether it is one of the words that answer.
    pub found: bool,
}

/// The passage of a sheet's text that answers best, in pieces; empty when its words are in title and keywords
/// only. What only agents read is shown to agents alone.
pub(super) fn passage(answer: &Answer, text: &SheetText, reader: Reader) -> Vec<Piece> {
    let mut texts = vec![plain(&text.public_text), text.requirements.join("\n"), text.summary.clone()];
    texts.extend(text.sections.all().map(|section| plain(section)));
    if reader == Reader::Agent {
        texts.push(plain(&text.internal_text));
    }
    let mut best: Option<(&String, Passage)> = None;
    for text in &texts {
        if let Some(found) = answer.passage(text, MOST)
            && best.as_ref().is_none_or(|(_, best)| found.weight > best.weight)
        {
            best = Some((text, found));
        }
    }
    best.map_or_else(Vec::new, |(text, found)| pieces(text, &found))
}

fn pieces(text: &str, passage: &Passage) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = if text[..passage.range.start].ends_with(char::is_whitespace) || passage.range.start == 0 {
        String::new()
    } else {
        "… ".to_owned()
    };
    let mut at = passage.range.start;
    for mark in &passage.marks {
        plain.push_str(&one_line(&text[at..mark.start]));
        if !plain.is_empty() {
            pieces.push(Piece { text: std::mem::take(&mut plain), found: false });
        }
        pieces.push(Piece { text: text[mark.clone()].to_owned(), found: true });
        at = mark.end;
    }
    plain.push_str(&one_line(&text[at..passage.range.end]));
    if !plain.is_empty() {
        pieces.push(Piece { text: plain, found: false });
    }
    pieces
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

/// The words of a Markdown text, one block a line.
fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::TableCell) => text.push_str("; "),
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead,
            ) => {
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_markdown_are_not_shown() {
        let text = plain("# Costi\n\nLa **marca** da\nbollo [costa](https://x.example) 16 euro.\n\n- una\n- due");
        assert_eq!(text, "Costi\nLa marca da bollo costa 16 euro.\nuna\ndue\n");
        assert!(!plain("<script>alert(1)</script>").contains('<'));
    }

    #[test]
    fn a_passage_is_one_line_of_pieces() {
        let text = "Prima.\nLa carta\ncosta 22 euro.";
        let found = Passage { range: 7..text.len(), marks: vec![10..15, 16..21], weight: 1.0 };
        let shown = pieces(text, &found);
        let joined: String =
            shown.iter().map(|p| if p.found { format!("[{}]", p.text) } else { p.text.clone() }).collect();
        assert_eq!(joined, "La [carta] [costa] 22 euro.");
    }
}
