//! The label that says under which number a document is registered.

use super::code::Symbol;
use super::font::Weight::{Bold, Regular};
use super::sheet::{Sheets, wrap};

/// Width and height of the label, in millimetres: a common size of label printers.
const SIZE: (f32, f32) = (89.0, 36.0);

/// What a label says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Name of the administration.
    pub agency: String,
    /// Lines below it, the first in bold: number and day, register, whatever else.
    pub lines: Vec<String>,
    /// What its code says.
    pub code: String,
    /// Title of the file.
    pub title: String,
    /// Language of the text.
    pub language: String,
}

/// The label as a PDF of its own size.
#[must_use]
pub fn stamp(stamp: &Stamp) -> Vec<u8> {
    let mut sheets = Sheets::of(SIZE);
    sheets.begin();
    let column = SIZE.0 - 34.0;
    let mut y = 7.0;
    for line in wrap(Regular, 8.0, column, &stamp.agency).iter().take(2) {
        sheets.text(0, Regular, 8.0, (4.0, y), line);
        y += 3.6;
    }
    y += 2.0;
    for (n, line) in stamp.lines.iter().enumerate() {
        let (weight, size) = if n == 0 { (Bold, 12.0) } else { (Regular, 8.0) };
        for line in wrap(weight, size, column, line).iter().take(2) {
            if y < SIZE.1 - 2.0 {
                sheets.text(0, weight, size, (4.0, y), line);
            }
            y += if n == 0 { 5.4 } else { 3.8 };
        }
    }
    if let Some(symbol) = Symbol::qr(&stamp.code) {
        sheets.symbol(0, &symbol, (SIZE.0 - 28.0, 5.0), 24.0);
    }
    sheets.finish(&stamp.title, if stamp.language == "en" { "en" } else { "it" })
}
