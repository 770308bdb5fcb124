//! Codes and numbers that name a person, a thing of theirs or a file: fiscal codes, accounts, plates, files.
use super::patterns::span;
use super::text::Text;
use super::{Span, What};
use crate::kernel::codes::TrackingCode;

/// Words before the number of a file.
const FILES: [&str; 12] = [
    "cartella",
    "codice",
    "fascicolo",
    "matricola",
    "pratica",
    "prot",
    "protocollo",
    "sinistro",
    "targa",
    "targata",
    "targato",
    "verbale",
];
/// What stands between such a word and its number.
const NUMBERED: [&str; 8] = ["n", "no", "nr", "num", "numero", "di", "il", "e"];

/// Sixteen letters and digits in the order of a fiscal code, digits also as letters (omocodia).
pub(super) fn fiscal_code(text: &Text<'_>, place: usize) -> Option<Span> {
    let (last, _) = text.joined(place, 6).find(|(_, joined)| is_fiscal_code(joined))?;
    Some(span(text, place, last, What::FiscalCode))
}

fn is_fiscal_code(joined: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || matches!(b, b'l'..=b'n' | b'p'..=b'v');
    let fits = |(place, b): (usize, u8)| match place {
        0..=5 | 8 | 11 | 15 => b.is_ascii_lowercase(),
        _ => digit(b),
    };
    joined.len() == 16 && joined.bytes().enumerate().all(fits) && joined.bytes().any(|b| b.is_ascii_digit())
}

/// An account number, its check right or of Italian length.
pub(super) fn iban(text: &Text<'_>, place: usize) -> Option<Span> {
    let first = &text.words[place].folded;
    let begins = first.len() >= 4
        && first.bytes().take(2).all(|b| b.is_ascii_lowercase())
        && first.bytes().skip(2).take(2).all(|b| b.is_ascii_digit());
    if !begins {
        return None;
    }
    let is_iban = |joined: &str| {
        let plausible = (15..=34).contains(&joined.len()) && joined.bytes().all(|b| b.is_ascii_alphanumeric());
        plausible && (checks(joined) || (joined.starts_with("it") && joined.len() == 27))
    };
    let found = text.joined(place, 10).filter(|(_, joined)| is_iban(joined)).last();
    found.map(|(last, _)| span(text, place, last, What::Iban))
}

/// ISO 7064, mod 97-10.
fn checks(iban: &str) -> bool {
    let turned = iban.bytes().skip(4).chain(iban.bytes().take(4));
    let rest = turned.fold(0_u32, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b.saturating_sub(b'a')) + 10) % 97,
    });
    rest == 1
}

pub(super) fn plate(text: &Text<'_>, place: usize) -> Option<Span> {
    let shape: fn(&str) -> String =
        |joined| joined.bytes().map(|b| if b.is_ascii_digit() { '0' } else { 'a' }).collect();
    let upper = |last: usize| text.words[place..=last].iter().all(|w| w.upper);
    let found = text.joined(place, 3).find(|(last, joined)| match shape(joined).as_str() {
        "aa000aa" => *last == place || upper(*last),
        "aa00000" => upper(*last),
        _ => false,
    });
    found.map(|(last, _)| span(text, place, last, What::Plate))
}

/// Nine symbols that check, with a digit or in groups of three.
pub(super) fn tracking_code(text: &Text<'_>, place: usize) -> Option<Span> {
    let found = text.joined(place, 3).find(|(last, joined)| {
        let dashed = last - place == 2 && (place..*last).all(|w| text.gap(w) == "-");
        let single = *last == place && joined.bytes().any(|b| b.is_ascii_digit());
        (dashed || single) && joined.chars().count() == 9 && TrackingCode::parse(joined).is_ok()
    });
    found.map(|(last, _)| span(text, place, last, What::Code))
}

/// `prot. n. 1234/2026`, `verbale 4567`.
pub(super) fn file_number(text: &Text<'_>, place: usize) -> Option<Span> {
    let word = text.words[place].folded.as_str();
    if !FILES.contains(&word) {
        return None;
    }
    let mut first = place + 1;
    while text.words.get(first).is_some_and(|w| NUMBERED.contains(&w.folded.as_str())) && first < place + 4 {
        first += 1;
    }
    let is_plate = word.starts_with("targ");
    if !is_plate && !text.words.get(first)?.has_digit() {
        return None;
    }
    let mut last = first;
    // A plate is written in up to three parts, a number goes on after a stroke or a dash.
    let goes_on = |last: usize| {
        let gap = text.gap(last);
        let parts = is_plate && gap == " " && text.words[last].upper && last < first + 2;
        parts || matches!(gap, "/" | "-" | ".") || gap == " / "
    };
    while last + 1 < text.words.len() && goes_on(last) && text.words[last + 1].range.len() <= 12 {
        last += 1;
    }
    let written: String = text.words[first..=last].iter().map(|w| w.folded.as_str()).collect();
    let digits = written.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3).then(|| span(text, first, last, if is_plate { What::Plate } else { What::Code }))
}
