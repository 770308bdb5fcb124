//! A sheet a line, as the API knows it.
use super::attached::Forms;
use super::{Entry, Wrong};
use crate::knowledge::model::SheetDraft;

/// The line of a sheet.
pub fn write(sheet: &SheetDraft) -> String {
    let mut line = serde_json::to_string(sheet).unwrap_or_default();
    line.push('\n');
    line
}

/// Reads lines; empty ones do not count.
pub fn read(text: &str) -> Vec<Entry> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(place, line)| Entry {
            file: String::new(),
            line: place + 1,
            forms: Forms::default(),
            content: serde_json::from_str(line).map(Box::new).map_err(Wrong::syntax),
        })
        .collect()
}
