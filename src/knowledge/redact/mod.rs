//! Taking personal data out of a text, so that an answer to one citizen can become a sheet for all, and a comment can be
//! read by all editors. No I/O.
//!
//! Two things are removed: whatever is known of the person, in any spelling, and whatever looks like personal data by
//! its form. Too much is removed rather than too little: each removal leaves a mark, an editor reads every one of them,
//! and a sheet with a placeholder in it cannot be submitted.
mod codes;
mod known;
mod patterns;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::ops::Range;

pub use known::Known;
use text::Text;

use crate::kernel::language::Language;

/// What a placeholder begins and ends with; nobody types these by chance.
const OPEN: char = '\u{27E6}';
const CLOSE: char = '\u{27E7}';

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Name,
    Email,
    FiscalCode,
    Iban,
    Plate,
    Address,
    /// Day of birth.
    Birth,
    /// Tracking code, protocol number, number of a file.
    Code,
    /// After codes: what is said to be a file's number may look like a telephone's.
    Phone,
    /// A long number of unknown meaning.
    Number,
}

impl What {
    const ALL: [Self; 10] = [
        Self::Name,
        Self::Email,
        Self::FiscalCode,
        Self::Iban,
        Self::Plate,
        Self::Address,
        Self::Birth,
        Self::Code,
        Self::Phone,
        Self::Number,
    ];

    const fn key(self) -> &'static str {
        match self {
            Self::Name => "redacted-name",
            Self::Email => "redacted-email",
            Self::Phone => "redacted-phone",
            Self::FiscalCode => "redacted-fiscal-code",
            Self::Iban => "redacted-iban",
            Self::Plate => "redacted-plate",
            Self::Address => "redacted-address",
            Self::Birth => "redacted-birth",
            Self::Code => "redacted-code",
            Self::Number => "redacted-number",
        }
    }

    /// As a placeholder and a summary name it.
    pub fn label(self, language: Language) -> String {
        language.text(self.key())
    }
}

/// Who wrote a text: streets in a citizen's are where they live, those in an answer are offices unless the citizen
/// named them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    Citizen,
    Office,
}

/// A part of a text that must go.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    range: Range<usize>,
    what: What,
}

/// A text without personal data; placeholders are in a language.
pub fn redact(text: &str, known: &Known, author: Author, language: Language) -> String {
    let read = Text::read(text);
    let mut spans = known.find(&read);
    spans.extend(patterns::find(&read, known, author));
    replaced(text, spans, |what| format!("{OPEN}{}{CLOSE}", what.label(language)))
}

/// What stands in a comment where personal data was.
pub const TAKEN_OUT: &str = "[…]";

/// A comment by somebody unknown without what looks personal by its form. Streets stay: they are where something is.
pub fn anonymous(text: &str) -> String {
    let spans = patterns::find(&Text::read(text), &Known::default(), Author::Office);
    replaced(text, spans, |_| TAKEN_OUT.to_owned())
}

fn replaced(text: &str, spans: Vec<Span>, mark: impl Fn(What) -> String) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for span in joined(text, spans) {
        clean.push_str(&text[at..span.range.start]);
        clean.push_str(&mark(span.what));
        at = span.range.end;
    }
    clean.push_str(&text[at..]);
    clean
}

/// How many placeholders of each kind texts have.
pub fn count<'a>(texts: impl IntoIterator<Item = &'a str> + Clone, language: Language) -> BTreeMap<What, usize> {
    let of = |what: &What| {
        let mark = format!("{OPEN}{}{CLOSE}", what.label(language));
        texts.clone().into_iter().map(|text| text.matches(&mark).count()).sum::<usize>()
    };
    What::ALL.iter().map(|what| (*what, of(what))).filter(|(_, n)| *n > 0).collect()
}

/// Whether a text still has a placeholder.
pub fn has_placeholder(text: &str) -> bool {
    text.contains(OPEN) || text.contains(CLOSE)
}

/// Spans in order, those that touch or overlap made one: first and last name are one placeholder.
fn joined(text: &str, mut spans: Vec<Span>) -> Vec<Span> {
    // Of two names for one part the more telling one comes first: a fiscal code is also a code.
    spans.sort_by_key(|s| (s.range.start, std::cmp::Reverse(s.range.end), s.what));
    let mut all: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter(|s| !s.range.is_empty()) {
        if let Some(last) = all.last_mut() {
            let overlaps = span.range.start < last.range.end;
            let between = text.get(last.range.end..span.range.start).unwrap_or_default();
            let beside = span.what == last.what && !between.contains('\n') && between.trim().is_empty();
            if overlaps || beside {
                last.range.end = last.range.end.max(span.range.end);
                continue;
            }
        }
        all.push(span);
    }
    all
}
