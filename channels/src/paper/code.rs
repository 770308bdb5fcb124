//! Codes on paper: ours, as a QR that a scan reads back, and bar codes of others.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rxing::qrcode::common::ErrorCorrectionLevel;
use rxing::qrcode::encoder::qrcode_encoder;
use rxing::{BarcodeFormat, DecodeHints};

use super::program::Bounds;
use super::{Gray, Programs};
use crate::SubjectCode;
use crate::email::text::subject_codes;

/// What our own codes begin with. Capital letters keep the QR small.
const OURS: &str = "SPORTELLO:";
/// What stands on a sheet that divides a batch; no tracking code has a U.
const SEPARATOR: &str = "NUOVA BUSTA";
/// Most codes taken from one page.
const CODE_LIMIT: usize = 16;
/// Longest code of others that is kept, in characters.
const LENGTH_LIMIT: usize = 200;

/// What a code on a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// This page divides a batch.
    Separator,
    /// We printed it for this ticket.
    Tracking(SubjectCode),
    /// Somebody else's, as read.
    Foreign(String),
}

/// The text of the code on a separator sheet.
#[must_use]
pub fn separator_text() -> String {
    format!("{OURS}{SEPARATOR}")
}

/// The text of the code on a letter or cover page. A `link` makes it useful to the citizen's telephone too.
#[must_use]
pub fn tracking_text(code: &str, link: &str) -> String {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    if link.is_empty() { format!("{OURS}{code}") } else { format!("{link}#{OURS}{code}") }
}

impl Mark {
    /// What the text of a code means.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let ours = text.rsplit_once(OURS).filter(|(before, _)| before.is_empty() || before.ends_with('#'));
        match ours {
            Some((_, SEPARATOR)) => Self::Separator,
            Some((_, code)) if subject_codes(code).len() == 1 => subject_codes(code).swap_remove(0).into(),
            _ => Self::Foreign(text.chars().filter(|c| !c.is_control()).take(LENGTH_LIMIT).collect()),
        }
    }
}

impl From<SubjectCode> for Mark {
    fn from(code: SubjectCode) -> Self {
        Self::Tracking(code)
    }
}

/// A square of dark and light fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Fields in a row.
    pub side: usize,
    /// Whether each is dark, row by row.
    pub dark: Vec<bool>,
}

impl Symbol {
    /// The QR code of a text; `None` when it is longer than one holds.
    #[must_use]
    pub fn qr(text: &str) -> Option<Self> {
        let code = qrcode_encoder::encode(text, ErrorCorrectionLevel::M).ok()?;
        let matrix = code.getMatrix().as_ref()?;
        let side = matrix.getWidth() as usize;
        let field = |n: usize| matrix.get((n % side) as u32, (n / side) as u32) == 1;
        Some(Self { side, dark: (0..side * side).map(field).collect() })
    }
}

/// What all codes on a page say, each once. Halving the page and parting black from white makes codes readable that
/// noise hides.
#[must_use]
pub fn read(small: &Gray) -> Vec<Mark> {
    marks(&detect(small.black_and_white()))
}

/// The same by a second program, which reads more kinds and blurred ones, for a page on which nothing was found.
#[must_use]
pub fn read_again(small: &Gray, programs: &Programs) -> Vec<Mark> {
    let bounds = Bounds { time: Duration::from_secs(20), output: 64 << 10 };
    let words = ["-q", "--nodbus", "--raw", "-"].map(OsStr::new);
    // It ends with an error when it finds nothing.
    let found = programs.run("zbarimg", &words, &small.to_pgm(), bounds).unwrap_or_default();
    marks(&String::from_utf8_lossy(&found).lines().map(str::to_owned).collect::<Vec<_>>())
}

fn marks(texts: &[String]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for mark in texts.iter().filter(|t| !t.trim().is_empty()).map(|t| Mark::of(t.trim())) {
        if marks.len() < CODE_LIMIT && !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    marks
}

fn detect(page: Gray) -> Vec<String> {
    let formats = HashSet::from([BarcodeFormat::QR_CODE, BarcodeFormat::CODE_128]);
    let mut hints = DecodeHints { PossibleFormats: Some(formats), TryHarder: Some(true), ..DecodeHints::default() };
    let (Ok(width), Ok(height)) = (u32::try_from(page.width), u32::try_from(page.height)) else {
        return Vec::new();
    };
    // A page that the reader cannot bear is a page without codes.
    let found = catch_unwind(AssertUnwindSafe(|| {
        rxing::helpers::detect_multiple_in_luma_with_hints(page.pixels, width, height, &mut hints)
    }));
    let found = found.ok().and_then(Result::ok).unwrap_or_default();
    found.iter().map(|code| code.getText().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_ours_are_told_from_others() {
        assert_eq!(Mark::of(&separator_text()), Mark::Separator);
        let ours = Mark::Tracking(SubjectCode { code: "7K3M9PQR2".into(), leg: None });
        assert_eq!(Mark::of(&tracking_text("7K3-M9P-QR2", "")), ours);
        assert_eq!(Mark::of(&tracking_text("7K3-M9P-QR2", "https://cc.example/sportello/pratica/x?a=b")), ours);
        assert_eq!(Mark::of("698712345678"), Mark::Foreign("698712345678".into()));
        assert!(matches!(Mark::of("https://evil.example/SPORTELLO:7K3M9PQR2"), Mark::Foreign(_)));
        assert!(matches!(Mark::of("SPORTELLO:troppo"), Mark::Foreign(_)));
    }
}
