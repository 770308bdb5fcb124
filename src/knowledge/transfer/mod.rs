//! Sheets in and out in numbers: as a table (CSV), a line of JSON each, or Markdown files with a TOML head. What
//! is exported imports again as it was; an import is wholly done or, when a line is wrong, not at all.
pub mod api;
pub mod export;
pub mod import;
pub mod jsonl;
pub mod markdown;
pub(super) mod pages;
pub mod table;

use serde::Serialize;
use utoipa::ToSchema;

use super::model::SheetDraft;
use crate::kernel::names::stored_enum;

stored_enum! {
    /// How sheets are written in a file.
    Format {
        /// A row each.
        Csv = "csv",
        /// A JSON object a line.
        Jsonl = "jsonl",
        /// Markdown with a TOML head between lines of `+++`, one after the other or a file each.
        Markdown = "markdown",
    }
}

impl Format {
    /// The format that a file's name promises.
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "md" | "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }

    /// What follows the dot of a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Markdown => "md",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// Reads sheets from a text.
    pub fn read(self, text: &str) -> Vec<Entry> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self {
            Self::Csv => table::read(text),
            Self::Jsonl => jsonl::read(text),
            Self::Markdown => markdown::read(text),
        }
    }

    /// Writes sheets as a text.
    pub fn write(self, sheets: &[SheetDraft]) -> String {
        match self {
            Self::Csv => table::write(sheets),
            Self::Jsonl => sheets.iter().map(jsonl::write).collect(),
            Self::Markdown => sheets.iter().map(markdown::write).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// A sheet as it was read, or why it could not be.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Name of the file; empty when there is only one.
    pub file: String,
    /// The line it begins on, from 1.
    pub line: usize,
    pub content: Result<Box<SheetDraft>, Wrong>,
}

/// A field and what is wrong with it: a code, or the words of a parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub field: String,
    pub wrong: String,
}

impl Wrong {
    fn syntax(words: impl ToString) -> Self {
        Self { field: "syntax".to_owned(), wrong: words.to_string() }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineFault {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    pub line: usize,
    /// Code of the sheet; empty when it could not be read.
    pub code: String,
    /// The field, or `syntax`.
    pub field: String,
    /// A code such as `required`, or the words of the parser.
    pub wrong: String,
}
