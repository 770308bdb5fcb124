//! A message made of pages.

use super::code::Mark;
use super::reader::PageRead;
use crate::email::text::{subject_codes, topic};
use crate::{CodeEvidence, Inbound, Notice, Paper, PaperCode, PaperPage, SubjectCode};

/// Longest text kept, in bytes.
const TEXT_LIMIT: usize = 512 << 10;
/// Longest subject, in characters.
const SUBJECT_LIMIT: usize = 200;
/// Most tracking codes kept of one message.
const CODE_LIMIT: usize = 16;
/// Words after which a tracking code is printed on what we send.
const CODE_WORDS: [&str; 2] = ["codice della pratica", "tracking code"];
/// Words before the subject of a letter.
const SUBJECT_WORDS: [&str; 2] = ["oggetto:", "subject:"];

/// The pages of one message, as far as they could be read.
pub(crate) struct Pages<'a> {
    /// Pages in it, read or not.
    pub count: usize,
    /// What was read.
    pub read: &'a [PageRead],
}

/// Puts what the pages say into a message.
pub(crate) fn fill(message: &mut Inbound, pages: &Pages<'_>) {
    let (mut letters, mut weight) = (0, 0);
    let mut text = String::new();
    let mut paper = Paper { pages: pages.count, ..Paper::default() };
    let mut printed = Vec::new();
    let mut notice = |notice: Notice| {
        if !message.notices.contains(&notice) {
            message.notices.push(notice);
        }
    };
    for (number, page) in (1..).zip(pages.read) {
        for mark in &page.marks {
            match mark {
                Mark::Tracking(code) => add(&mut paper.codes, code, CodeEvidence::Symbol, number),
                Mark::Foreign(text) if !paper.barcodes.contains(text) => paper.barcodes.push(text.clone()),
                _ => {}
            }
        }
        paper.read.push(paper_page(page, text.len()));
        let Some(read) = &page.text else {
            notice(Notice::TextNotRead);
            continue;
        };
        letters += read.letters;
        weight += read.weight;
        printed.extend(printed_codes(&read.text).into_iter().map(|code| (code, number)));
        if !read.text.is_empty() {
            text.push_str(if text.is_empty() { "" } else { "\n\n" });
            text.push_str(&read.text);
        }
    }
    if pages.count > pages.read.len() {
        notice(if pages.read.is_empty() { Notice::TextNotRead } else { Notice::PagesNotRead });
    }
    if text.len() > TEXT_LIMIT {
        text.truncate(text.floor_char_boundary(TEXT_LIMIT));
        notice(Notice::TextCut);
    }
    // Words are read with mistakes: beside a symbol they could only say something else.
    if paper.codes.is_empty() {
        for (code, number) in printed {
            add(&mut paper.codes, &code, CodeEvidence::Words, number);
        }
    }
    paper.codes.truncate(CODE_LIMIT);
    paper.confidence = (letters > 0).then(|| (weight / letters).min(100) as u8);
    if message.subject.is_empty() {
        message.subject = subject(&text);
    }
    message.topic = topic(&message.subject).to_owned();
    message.subject_codes = paper.codes.iter().map(|found| found.code.clone()).collect();
    for code in subject_codes(&message.subject) {
        if !message.subject_codes.contains(&code) {
            message.subject_codes.push(code);
        }
    }
    message.reply_text.clone_from(&text);
    message.text = text;
    message.paper = Some(paper);
}

/// The page by itself; `before` bytes of text came with the pages before it.
pub(super) fn paper_page(page: &PageRead, before: usize) -> PaperPage {
    let Some(read) = &page.text else {
        return PaperPage::default();
    };
    let room = read.text.floor_char_boundary(TEXT_LIMIT.saturating_sub(before));
    PaperPage {
        text: Some(read.text[..room].to_owned()),
        confidence: read.confidence(),
        doubtful: read.doubtful.iter().copied().filter(|(_, end)| *end <= room).collect(),
    }
}

fn add(codes: &mut Vec<PaperCode>, code: &SubjectCode, evidence: CodeEvidence, page: usize) {
    if !codes.iter().any(|known| known.code == *code) {
        codes.push(PaperCode { code: code.clone(), evidence, page });
    }
}

/// What follows one of some words, on the same line.
fn after<'a>(line: &'a str, words: &[&str]) -> Option<&'a str> {
    let lower = line.to_ascii_lowercase();
    let end = words.iter().find_map(|word| lower.find(word).map(|at| at + word.len()))?;
    line.get(end..)
}

/// Codes in the words of a page: any nine letters have the shape of a code, so only what stands where we print it.
fn printed_codes(text: &str) -> Vec<SubjectCode> {
    let rests = text.lines().filter_map(|line| after(line, &CODE_WORDS));
    rests.flat_map(|rest| subject_codes(rest.get(..rest.floor_char_boundary(24)).unwrap_or(rest))).collect()
}

/// The subject as a letter writes it.
fn subject(text: &str) -> String {
    let rest = text.lines().find_map(|line| after(line, &SUBJECT_WORDS)).unwrap_or_default();
    rest.trim().chars().take(SUBJECT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChannelKind;
    use crate::paper::Recognised;

    #[test]
    fn codes_count_where_we_print_them() {
        let text = "Al municipio\nOggetto: buca in via Po\n\nCodice della pratica: 7K3-M9P-QR2 Pagina 1\nserramanico";
        let read = Recognised { text: text.into(), letters: 10, weight: 905, doubtful: vec![(3, 12)] };
        let foreign = Mark::Foreign("698712345678".into());
        let pages = [PageRead { marks: vec![foreign], text: Some(read), blank: false }, PageRead::default()];
        let mut message = Inbound::new(ChannelKind::Letter, "x", b"x");
        fill(&mut message, &Pages { count: 3, read: &pages });
        let paper = message.paper.unwrap_or_default();
        assert_eq!((paper.pages, paper.confidence), (3, Some(90)));
        assert_eq!(paper.barcodes, ["698712345678"]);
        let codes: Vec<_> = paper.codes.iter().map(|c| (c.code.code.as_str(), c.evidence, c.page)).collect();
        assert_eq!(codes, [("7K3M9PQR2", CodeEvidence::Words, 1)]);
        assert_eq!(paper.read.len(), 2);
        assert_eq!((paper.read[0].confidence, &paper.read[0].doubtful[..]), (Some(90), &[(3, 12)][..]));
        assert_eq!(paper.read[1], PaperPage::default());
        assert_eq!(message.subject, "buca in via Po");
        assert_eq!(message.subject_codes.len(), 1);
        assert_eq!(message.notices, [Notice::TextNotRead, Notice::PagesNotRead]);
    }
}
