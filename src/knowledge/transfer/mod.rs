//! Sheets in and out in numbers: as a table (CSV), a line of JSON each, or Markdown files with a TOML head, also a
//! folder of them, whose attached forms lie beside them, or that folder in a zip. What is exported imports again as it was; an import is wholly done or, when a line is wrong, not at all.
pub mod api;
mod archive;
pub mod attached;
pub mod export;
pub mod import;
pub mod jsonl;
pub mod markdown;
pub(super) mod pages;
pub mod table;

use serde::Serialize;
use utoipa::ToSchema;

use self::attached::Forms;
use super::model::SheetDraft;
use crate::kernel::Kernel;
use crate::kernel::names::stored_enum;
use crate::kernel::problem::{Kind, Problem};

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

stored_enum! {
    /// A file that holds sheets: a text, or an archive of texts.
    FileKind {
        Csv = "csv",
        Jsonl = "jsonl",
        Markdown = "markdown",
        /// A folder with a Markdown file for each sheet.
        Zip = "zip",
    }
}

impl FileKind {
    /// The kind that a file's name promises.
    pub fn of_name(name: &str) -> Option<Self> {
        if name.to_lowercase().ends_with(".zip") {
            return Some(Self::Zip);
        }
        Format::of_name(name).and_then(|format| Self::from_text(format.as_str()))
    }

    const fn text(self) -> Option<Format> {
        match self {
            Self::Csv => Some(Format::Csv),
            Self::Jsonl => Some(Format::Jsonl),
            Self::Markdown => Some(Format::Markdown),
            Self::Zip => None,
        }
    }

    /// What follows the dot of a file's name.
    pub const fn extension(self) -> &'static str {
        match self.text() {
            Some(format) => format.extension(),
            None => "zip",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self.text() {
            Some(format) => format.media_type(),
            None => "application/zip",
        }
    }

    /// Reads the sheets of a file; `name` is what its faults are told under, empty when there is only one text.
    pub fn read(self, bytes: &[u8], name: &str) -> Vec<Entry> {
        let Some(format) = self.text() else { return archive::read(bytes, name) };
        let Ok(text) = std::str::from_utf8(bytes) else {
            let content = Err(Wrong { field: "syntax".to_owned(), wrong: "not_utf8".to_owned() });
            return vec![Entry { file: name.to_owned(), line: 1, content, forms: Forms::default() }];
        };
        format.read(text).into_iter().map(|entry| Entry { file: name.to_owned(), ..entry }).collect()
    }

    /// Writes sheets as a file; one that holds a folder has the `forms` of theirs too.
    ///
    /// # Errors
    /// When there is more than an archive holds.
    pub fn write(self, sheets: &[SheetDraft], forms: &Forms) -> Result<Vec<u8>, zip::result::ZipError> {
        match self.text() {
            Some(format) => Ok(format.write(sheets).into_bytes()),
            None => archive::write(sheets, forms),
        }
    }
}

/// The kind and bytes of a file, read where that may take its time.
///
/// # Errors
/// When the work could not be done at all.
async fn read_file(kind: FileKind, bytes: bytes::Bytes, name: String) -> Result<Vec<Entry>, Problem> {
    tokio::task::spawn_blocking(move || kind.read(&bytes, &name)).await.map_err(broken)
}

/// All sheets as a file.
///
/// # Errors
/// As [`FileKind::write`].
async fn write_file(kernel: &Kernel, kind: FileKind, sheets: Vec<SheetDraft>) -> Result<Vec<u8>, Problem> {
    let forms = if kind == FileKind::Zip { Forms::of(kernel, &sheets).await? } else { Forms::default() };
    tokio::task::spawn_blocking(move || kind.write(&sheets, &forms)).await.map_err(broken)?.map_err(broken)
}

fn broken(e: impl ToString) -> Problem {
    Problem::new(Kind::Internal, "internal", e.to_string())
}

/// A sheet as it was read, or why it could not be.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Name of the file; empty when there is only one.
    pub file: String,
    /// The line it begins on, from 1.
    pub line: usize,
    pub content: Result<Box<SheetDraft>, Wrong>,
    /// The forms that it names, as far as they came with it.
    pub forms: Forms,
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
