//! Sheets as a table: a row each, a column for each field and language. Lists have an item a line; offices and
//! forms are JSON.
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::attached::Forms;
use super::{Entry, Wrong};
use crate::kernel::language::Language;
use crate::knowledge::model::{SheetDraft, lines};

/// Columns of the sheet as a whole.
const WHOLE: [&str; 13] = [
    "code",
    "number",
    "category",
    "unit",
    "audience",
    "maturity",
    "route",
    "referent",
    "term_days",
    "review_on",
    "until",
    "offices",
    "forms",
];
/// Columns of each language, after `it_` and `en_`.
const TEXT: [&str; 15] = [
    "title",
    "question",
    "summary",
    "public_text",
    "requirements",
    "fee",
    "reply",
    "phone_text",
    "internal_text",
    "keywords",
    "addressed_to",
    "obtained",
    "deadlines",
    "further",
    "conditions",
];

fn columns() -> Vec<String> {
    let texts = Language::ALL.iter().flat_map(|l| TEXT.iter().map(move |t| format!("{}_{t}", l.as_str())));
    WHOLE.iter().map(|c| (*c).to_owned()).chain(texts).collect()
}

/// A cell that a spreadsheet would run as a formula begins with an apostrophe instead.
fn guarded(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\'']) { format!("'{text}") } else { text }
}

fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\'']) => rest,
        _ => text,
    }
}

/// Sheets with their head line.
pub fn write(sheets: &[SheetDraft]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = columns();
    // Writing into memory does not fail.
    drop(writer.write_record(&columns));
    for sheet in sheets {
        let values = serde_json::to_value(sheet).unwrap_or_default();
        let row = columns.iter().map(|column| guarded(cell(&values, column)));
        drop(writer.write_record(row.collect::<Vec<_>>()));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn cell(sheet: &Value, column: &str) -> String {
    let value = match column.split_once('_').filter(|(lang, _)| Language::from_tag(lang).is_some()) {
        Some((lang, field)) => {
            let texts = sheet["texts"].as_array();
            let text = texts.and_then(|texts| texts.iter().find(|t| t["lang"] == lang));
            text.map_or(&Value::Null, |t| &t[field])
        }
        None => &sheet[column],
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// Reads a table; columns may come in any order, and those it does not know are an error of the first line.
pub fn read(text: &str) -> Vec<Entry> {
    let semicolons = text.lines().next().is_some_and(|head| head.matches(';').count() > head.matches(',').count());
    let delimiter = if semicolons { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let known = columns();
    let entry = |line, content: Result<SheetDraft, Wrong>| Entry {
        file: String::new(),
        line,
        content: content.map(Box::new),
        forms: Forms::default(),
    };
    let head: Vec<String> = match reader.headers() {
        Ok(head) => head.iter().map(|h| h.trim().to_lowercase()).collect(),
        Err(e) => return vec![entry(1, Err(Wrong::syntax(e)))],
    };
    if let Some(column) = head.iter().find(|h| !known.contains(h)) {
        return vec![entry(1, Err(Wrong { field: column.clone(), wrong: "unknown".to_owned() }))];
    }
    let mut entries = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
                let cells = head.iter().map(String::as_str).zip(record.iter().map(unguarded)).collect();
                entries.push(entry(line, sheet(&cells)));
            }
            Err(e) => {
                let line = e.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
                entries.push(entry(line, Err(Wrong::syntax(e))));
            }
        }
    }
    entries
}

fn sheet(cells: &HashMap<&str, &str>) -> Result<SheetDraft, Wrong> {
    let get = |column: &str| cells.get(column).copied().unwrap_or_default();
    let mut sheet = Map::new();
    for column in WHOLE {
        let text = get(column).trim();
        if text.is_empty() {
            continue;
        }
        let value = match column {
            "number" | "term_days" => text.parse::<i64>().map(Value::from).map_err(|_| invalid(column))?,
            "offices" | "forms" => serde_json::from_str(text).map_err(|_| invalid(column))?,
            _ => Value::from(text),
        };
        sheet.insert(column.to_owned(), value);
    }
    let mut texts = Vec::new();
    for language in Language::ALL {
        let lang = language.as_str();
        let mut text = Map::from_iter([("lang".to_owned(), json!(lang))]);
        for field in TEXT {
            let value = get(&format!("{lang}_{field}"));
            if value.is_empty() {
                continue;
            }
            let value = match field {
                "requirements" | "keywords" => json!(lines(value)),
                _ => json!(value.replace("\r\n", "\n")),
            };
            text.insert(field.to_owned(), value);
        }
        if text.len() > 1 {
            text.entry("title").or_insert_with(|| json!(""));
            texts.push(Value::Object(text));
        }
    }
    for required in ["code", "audience", "maturity"] {
        if !sheet.contains_key(required) {
            return Err(Wrong { field: required.to_owned(), wrong: "required".to_owned() });
        }
    }
    sheet.insert("texts".to_owned(), texts.into());
    serde_json::from_value(Value::Object(sheet)).map_err(Wrong::syntax)
}

fn invalid(field: &str) -> Wrong {
    Wrong { field: field.to_owned(), wrong: "invalid".to_owned() }
}
